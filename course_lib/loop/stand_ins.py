"""Functions of the standard library that keep to a run's clock while it goes on.

`time.sleep`, `time.monotonic`, `time.perf_counter` and `time.time` (and their `_ns` twins) ask the
run in whose thread they are called; in all other threads, and after the run, nothing is changed.
The same names that the student's own module imported (`from time import sleep`) are replaced too.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..trace import SECOND
from . import scheduler
from .time_keeper import clock_here
from .waits import own_frame


def _sleep(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def sleep(seconds: float, /) -> None:
        clock = clock_here()
        if clock is None:
            real(seconds)
            return
        if not seconds >= 0:
            raise ValueError(f"time.sleep({seconds!r}): time cannot go back; give seconds from 0")
        if seconds >= scheduler.CENTURY:
            raise ValueError(f"time.sleep({seconds!r}) would hold the loop for ever")
        frame = own_frame(sys._getframe(1))
        clock.block(seconds, frame and frame.f_lineno)

    return sleep


def _reading(real: Callable[[], Any], *, per_second: int, calendar: bool) -> Callable[[], Any]:
    """A clock's reading; the calendar (`time.time`) stays the real one on the live clock."""

    @functools.wraps(real)
    def read() -> Any:
        clock = clock_here()
        if clock is None or (calendar and clock.live):
            return real()
        return clock.now() if per_second == SECOND else clock.now() / SECOND

    return read


def _as_completed(real: Callable[..., Any]) -> Callable[..., Any]:
    """asyncio puts coroutines into a set before it starts them: any order. Start them first."""

    @functools.wraps(real)
    def as_completed(fs: Any, *, timeout: float | None = None) -> Any:
        if clock_here() is not None and not hasattr(fs, "__aiter__"):
            fs = [asyncio.ensure_future(f) for f in dict.fromkeys(fs)]
        return real(fs, timeout=timeout)

    return as_completed


def _wait_for(real: Callable[..., Any]) -> Callable[..., Any]:
    """Python 3.11 makes a task of its own for `wait_for`, which 3.12 does not: do as 3.12 does."""

    @functools.wraps(real)
    async def wait_for(fut: Any, timeout: float | None) -> Any:
        if clock_here() is None or (timeout is not None and timeout <= 0):
            return await real(fut, timeout)
        async with asyncio.timeout(timeout):
            return await fut

    return wait_for


def _stand_ins() -> dict[int, tuple[Any, Any]]:
    """id of each real function → (the real one, its stand-in)."""
    pairs: list[tuple[Any, Any]] = [
        (time.sleep, _sleep(time.sleep)),
        (asyncio.sleep, scheduler.sleep),
    ]
    pairs.append((asyncio.as_completed, _as_completed(asyncio.as_completed)))
    if sys.version_info < (3, 12):
        pairs.append((asyncio.wait_for, _wait_for(asyncio.wait_for)))
    for name in ("monotonic", "perf_counter", "time"):
        for suffix, per_second in (("", 1), ("_ns", SECOND)):
            real = getattr(time, name + suffix)
            stand_in = _reading(real, per_second=per_second, calendar=name == "time")
            pairs.append((real, stand_in))
    return {id(real): (real, stand_in) for real, stand_in in pairs}


_STAND_INS = _stand_ins()
_lock = threading.Lock()
_in_force: list[tuple[dict[str, Any], str, Any]] = []  # (namespace, name, the real function)
_runs = 0


def _put(namespace: dict[str, Any]) -> None:
    for name, value in list(namespace.items()):
        pair = _STAND_INS.get(id(value))
        if pair is not None and pair[0] is value:
            _in_force.append((namespace, name, value))
            namespace[name] = pair[1]


@contextmanager
def stand_ins(namespace: dict[str, Any]) -> Iterator[None]:
    """Put the stand-ins into `time`, `asyncio` and the student's namespace; at the end, back."""
    global _runs
    with _lock:
        _runs += 1
        for module in (time, asyncio, asyncio.tasks):
            _put(vars(module))
        _put(namespace)
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            if not _runs:
                for where, name, real in reversed(_in_force):
                    where[name] = real
                _in_force.clear()
