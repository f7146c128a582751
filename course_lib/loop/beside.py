"""What goes on beside a run, and no sleep on the virtual clock waits for.

A signal's timer may be a guard of the program against itself, and a process may only be looked at.
So nothing of it is refused: a note says that it does not keep to the clock.
"""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from .time_keeper import virtual_here
from .waits import is_own_code

BESIDE = 'which does not keep to the virtual clock: use clock="live"'


def _noted(real: Any, what: str, when: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """It, with a note where the student's own line calls it; `when` knows its words and answer."""

    @functools.wraps(real)
    def call(*words: Any, **options: Any) -> Any:
        answer, keeper, frame = real(*words, **options), virtual_here(), sys._getframe(1)
        if keeper is not None and is_own_code(frame.f_code) and when(words, answer):
            note = f"line {frame.f_lineno} {what}, {BESIDE}"
            if note not in keeper.loop.notes:
                keeper.loop.notes.append(note)
        return answer

    return call


def pairs() -> list[tuple[Any, Any]]:
    """The functions that set a signal's timer; some systems have none."""
    found: list[tuple[Any, Any]] = []
    rings = "lets a signal come"
    if hasattr(signal, "setitimer"):
        is_set = lambda words, _: words[0] == signal.ITIMER_REAL and words[1] > 0  # noqa: E731
        found.append((signal.setitimer, _noted(signal.setitimer, rings, is_set)))
        found.append((signal.alarm, _noted(signal.alarm, rings, lambda words, _: words[0] > 0)))
    return found


def _asked(kind: type, name: str, what: str) -> tuple[type, str, Any, Any]:
    real = getattr(kind, name)
    return kind, name, real, _noted(real, what, lambda _, answer: answer is None)


PROCESSES = [
    _asked(subprocess.Popen, "poll", "asks for a process"),  # and it is not over
    _asked(BaseProcess, "start", "begins a process"),
]
"""By class and method: who deals with processes, and the same with a note."""
