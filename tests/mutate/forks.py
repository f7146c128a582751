"""Pieces of work, each in a fork of this process: what is loaded here is loaded there."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable, Iterable
from typing import Any

AT_ONCE = 2
MEMORY = 8 * 2**30  # bytes of addresses, so that no mutant can fill the machine's
PATIENCE = 300  # seconds of the clock beyond what the work should take, for machines that are busy


def each(works: Iterable[Callable[[], int]]) -> list[int]:
    """The status with which each ends, in their order; one that a signal ended is negative."""
    running: dict[int, int] = {}
    found: dict[int, int] = {}

    def wait() -> None:
        process, status = os.wait()
        found[running.pop(process)] = os.waitstatus_to_exitcode(status)

    for number, work in enumerate(works):
        if len(running) == AT_ONCE:
            wait()
        running[_fork(work)] = number
    while running:
        wait()
    return [found[number] for number in sorted(found)]


def told(work: Callable[[], Any]) -> Any:
    """What a piece of work gives, as far as JSON can hold it."""
    reader, writer = os.pipe()

    def tell() -> int:
        os.close(reader)
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            json.dump(work(), pipe)
        return 0

    process = _fork(tell)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(process, 0)
    return json.loads(text)


def limit(seconds: float) -> None:
    """Endless loops end at a limit of the processor's time, endless waits at one of the clock."""
    signal.setitimer(signal.ITIMER_PROF, 1 + 4 * seconds)
    signal.alarm(PATIENCE + int(100 * seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _fork(work: Callable[[], int]) -> int:
    """The number of a process that works in silence and ends with what the work returns."""
    process = os.fork()
    if process:
        return process
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    status = os.EX_SOFTWARE
    try:
        status = work()
    finally:
        os._exit(status)
