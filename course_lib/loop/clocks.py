"""What Python's clocks say inside a run: the time of the run, whichever of them is asked.

On the virtual clock the calendar begins at EPOCH. On the live clock `monotonic` and
`perf_counter` begin at 0, and the calendar is the real one. What counts the processor's work
(`process_time`, `thread_time`) tells nothing of a run's time, and stays real on both.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable
from typing import Any

from ..trace import SECOND
from .lengths import CENTURY
from .time_keeper import clock_here, virtual_here
from .waits import own_frame

EPOCH = 1_800_000_000  # seconds since 1970: the morning of 15 January 2027, 8:00 in UTC
_ELAPSED = """
CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW CLOCK_MONOTONIC_RAW_APPROX CLOCK_BOOTTIME CLOCK_HIGHRES
CLOCK_UPTIME CLOCK_UPTIME_RAW CLOCK_UPTIME_RAW_APPROX
"""
ELAPSED_CLOCKS = {getattr(time, name) for name in _ELAPSED.split() if hasattr(time, name)}
CALENDAR_CLOCKS = {
    getattr(time, name) for name in ("CLOCK_REALTIME", "CLOCK_TAI") if hasattr(time, name)
}
_WORK = "CLOCK_PROCESS_CPUTIME_ID CLOCK_THREAD_CPUTIME_ID CLOCK_PROF"
WORK_CLOCKS = {getattr(time, name) for name in _WORK.split() if hasattr(time, name)}
if sys.platform == "linux":  # linux/time.h has clocks that `time` has no name for
    CALENDAR_CLOCKS |= {5, 8}  # CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM
    ELAPSED_CLOCKS |= {6, 9}  # CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME_ALARM


def elapsed_here() -> int | None:
    """Nanoseconds since the run of this thread began; None outside a run."""
    keeper = clock_here()
    return None if keeper is None else keeper.loop.read()


def seconds_here() -> float | None:
    """The same in seconds, and no less than what somebody has waited for."""
    keeper = clock_here()
    return None if keeper is None else keeper.loop.time()


def calendar_here() -> int | None:
    """Nanoseconds since 1970 on a run's virtual clock; None where the calendar is the real one."""
    keeper = clock_here()
    return None if keeper is None or keeper.live else EPOCH * SECOND + keeper.loop.read()


def calendar_seconds_here() -> float | None:
    """The same in seconds."""
    time_ns = calendar_here()
    return None if time_ns is None else time_ns / SECOND


_Start: Any = int if sys.version_info >= (3, 13) else float  # nanoseconds, or seconds
_BEGIN = EPOCH * SECOND if _Start is int else EPOCH


class StartOfLogging(_Start):  # type: ignore[misc]
    """From when `logging` counts in `relativeCreated`: on a virtual clock, from the run's begin.

    In all else it is the number that it was before.
    """

    def __rsub__(self, created: float) -> Any:
        return created - (_Start(self) if virtual_here() is None else _BEGIN)


def _sleep(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def sleep(seconds: float, /) -> None:
        keeper = clock_here()
        if keeper is None:
            real(seconds)
            return
        if not seconds >= 0:
            raise ValueError(f"time.sleep({seconds!r}): time cannot go back; give seconds from 0")
        if seconds >= CENTURY:
            raise ValueError(f"time.sleep({seconds!r}) would hold the loop for ever")
        frame = own_frame(sys._getframe(1))
        keeper.block(seconds, frame and frame.f_lineno)

    return sleep


def _reading(real: Callable[[], Any], here: Callable[[], Any]) -> Callable[[], Any]:
    @functools.wraps(real)
    def read() -> Any:
        found = here()
        return real() if found is None else found

    return read


def _clock_gettime(
    real: Callable[[int], Any], elapsed: Callable[[], Any], calendar: Callable[[], Any]
) -> Callable[[int], Any]:
    @functools.wraps(real)
    def clock_gettime(clk_id: int, /) -> Any:
        found = None
        if clk_id in ELAPSED_CLOCKS:
            found = elapsed()
        elif clk_id in CALENDAR_CLOCKS:
            found = calendar()
        if found is None:
            found = real(clk_id)  # which says what is no clock
            if clk_id not in CALENDAR_CLOCKS | ELAPSED_CLOCKS and virtual_here() is not None:
                _refuse_a_stranger(clk_id)
        return found

    return clock_gettime


def _refuse_a_stranger(clk_id: int) -> None:
    """A clock of which nobody knows what it tells; one that counts work is let pass.

    Those of another process or thread have numbers below 0 (`pthread_getcpuclockid`). So have
    Linux's devices, whose last two bits are set.
    """
    if clk_id in WORK_CLOCKS or (clk_id < 0 and clk_id & 3 != 3):
        return
    raise RuntimeError(
        f"clock {clk_id} is real, and does not keep to the virtual clock: ask for "
        'time.CLOCK_MONOTONIC or time.CLOCK_REALTIME, or run(main, clock="live")'
    )


def _of_now(real: Callable[[Any], Any]) -> Callable[..., Any]:
    """`localtime`, `gmtime` and `ctime`: without seconds, or with None, they take now."""

    @functools.wraps(real)
    def of_now(seconds: float | None = None, /) -> Any:
        time_ns = calendar_here() if seconds is None else None
        return real(seconds if time_ns is None else time_ns / SECOND)

    return of_now


def _written_now(real: Callable[..., Any], *, formatted: int) -> Callable[..., Any]:
    """`asctime(t)` and `strftime(format, t)`: without the last argument, they take now."""
    local_time = time.localtime

    @functools.wraps(real)
    def written_now(*args: Any) -> Any:
        time_ns = calendar_here() if len(args) == formatted else None
        return real(*args) if time_ns is None else real(*args, local_time(time_ns / SECOND))

    return written_now


def pairs() -> list[tuple[Any, Any]]:
    """Each function of `time` that tells or lets go by the time, and its stand-in."""
    found: list[tuple[Any, Any]] = [
        (time.sleep, _sleep(time.sleep)),
        (time.asctime, _written_now(time.asctime, formatted=0)),
        (time.strftime, _written_now(time.strftime, formatted=1)),
    ]
    found += [(real, _of_now(real)) for real in (time.localtime, time.gmtime, time.ctime)]
    ways = {"": (seconds_here, calendar_seconds_here), "_ns": (elapsed_here, calendar_here)}
    for suffix, (elapsed, calendar) in ways.items():
        for name in ("monotonic", "perf_counter"):
            real = getattr(time, name + suffix)
            found.append((real, _reading(real, elapsed)))
        real = getattr(time, "time" + suffix)
        found.append((real, _reading(real, calendar)))
        if hasattr(time, "clock_gettime"):  # Windows has none
            real = getattr(time, "clock_gettime" + suffix)
            found.append((real, _clock_gettime(real, elapsed, calendar)))
    return found
