"""Who keeps the time in this thread: a run's loop, or a thread of the run's own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .recorder import Recorder


class TimeKeeper(Protocol):
    """Says what time it is in a run, lets time go by, and knows the log to write to."""

    live: bool
    """Whether its clock is the real one."""
    actor: Any
    """Who is running now, as the log calls it."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop whose run it belongs to; a loop's own time-keeper is the loop itself."""

    @property
    def recorder(self) -> Recorder:
        """Keeps the log of the run."""

    def now(self) -> int:
        """Nanoseconds since the run began."""

    def block(self, seconds: float, line: int | None) -> None:
        """Let time go by in which this thread does nothing, and log on which line it does so."""


class Here(threading.local):
    """The time-keeper of each thread; None where no run goes on."""

    clock: TimeKeeper | None = None


here = Here()


def clock_here() -> TimeKeeper | None:
    """The time-keeper of this thread; None outside a run.

    Also None where a thread of the run has a loop of its own (`asyncio.run`), on the real clock.
    """
    clock = here.clock
    if clock is None or asyncio._get_running_loop() in (None, clock.loop):
        return clock
    return None
