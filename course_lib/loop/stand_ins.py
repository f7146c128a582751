"""Functions of the standard library that keep to a run's clock while it goes on.

Each asks the run in whose thread it is called; in all other threads, and after the run, nothing
is changed. While a run goes on, they stand wherever the real ones stood (see `reach`): in the
modules of the standard library that tell the time or wait, in every library, and in every module
of the student's, whether it was there before or is imported during the run.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import timeit
from collections.abc import Callable
from typing import Any

from . import beside, calls, clocks, dates, locks, sleep, threads
from .exchange import Exchange
from .time_keeper import clock_here


def _as_completed(real: Callable[..., Any]) -> Callable[..., Any]:
    """asyncio puts coroutines into a set before it starts them: any order. Start them first."""

    @functools.wraps(real)
    def as_completed(fs: Any, *, timeout: float | None = None) -> Any:
        if clock_here() is not None and not asyncio.isfuture(fs) and not asyncio.iscoroutine(fs):
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


def _autorange(real: Callable[..., Any]) -> Callable[..., Any]:
    """It calls more and more often until the calls take 0.2 s, which they never would."""

    @functools.wraps(real)
    def autorange(timer: timeit.Timer, callback: Any = None) -> Any:
        keeper = clock_here()
        if keeper is not None and not keeper.live:
            raise RuntimeError(
                "timeit measures how long code takes, and on the virtual clock code takes no "
                'time: measure outside of the run, or with run(main, clock="live")'
            )
        return real(timer, callback)

    return autorange


def _flush(real: Callable[..., Any]) -> Callable[..., Any]:
    """What is written waits for a thread of the kernel's, which is on no run's clock: so do we."""

    @functools.wraps(real)
    def flush(stream: Any) -> None:
        with threads.on_the_clock(None):
            real(stream)

    return flush


def _pairs() -> list[tuple[Any, Any]]:
    """Each real function or class, and what stands in for it."""
    found = clocks.pairs() + dates.pairs() + locks.pairs() + threads.pairs() + calls.pairs()
    found += beside.pairs()
    found.append((asyncio.sleep, sleep.sleep))
    found.append((asyncio.as_completed, _as_completed(asyncio.as_completed)))
    if sys.version_info < (3, 12):
        found.append((asyncio.wait_for, _wait_for(asyncio.wait_for)))
    found.append((timeit.Timer.autorange, _autorange(timeit.Timer.autorange)))
    if "ipykernel.iostream" in sys.modules:
        stream = sys.modules["ipykernel.iostream"].OutStream
        found.append((stream.flush, _flush(stream.flush)))
    return found


stand_ins = Exchange(_pairs()).of_a_run
