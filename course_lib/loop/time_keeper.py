"""Who keeps the time in this thread: a run's loop, or a thread of the run's own."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AbstractContextManager
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from .recorder import Recorder
    from .scheduler import Scheduler
    from .threads import ThreadsOfRun


class TimeKeeper(Protocol):
    """Says what time it is in a run, lets time go by, and knows the log to write to."""

    live: bool
    """Whether its clock is the real one."""
    actor: Any
    """Who is running now, as the log calls it."""

    @property
    def loop(self) -> Scheduler:
        """The loop whose run it belongs to; a loop's own time-keeper is the loop itself."""

    @property
    def threads(self) -> ThreadsOfRun:
        """The threads of the run."""

    @property
    def recorder(self) -> Recorder:
        """Keeps the log of the run."""

    def now(self) -> int:
        """Nanoseconds since the run began."""

    def block(self, seconds: float, line: int | None) -> None:
        """Let time go by in which this thread does nothing, and log on which line it does so."""


class VirtualKeeper(TimeKeeper, Protocol):
    """One on the virtual clock, where only one thread of the run goes on at a time."""

    has_locked: bool
    """Whether it has taken a lock of the run's."""

    def stand_by(self, until_ns: int | None) -> None:
        """Let others go on, till somebody wakes this thread, but not for longer than until then."""

    def wake_up(self) -> None:
        """Let this thread go on, as soon as it is its turn; called by others."""

    def waiting(self, reason: str, frame: FrameType | None) -> AbstractContextManager[None]:
        """Log that meanwhile this thread waits for something, and on which line of the student."""


class Here(threading.local):
    """The time-keeper of each thread; None where no run goes on."""

    clock: TimeKeeper | None = None
    number: int | None = None
    """Of the lane of the last call in this thread."""


here = Here()
in_runs: set[int] = set()
"""Identities of the threads in which a loop runs, and of the one that watches them: none of them
acts on another run."""


def clock_here() -> TimeKeeper | None:
    """The time-keeper of this thread; None outside a run.

    Also None where a thread of the run has a loop of its own (`asyncio.run`), on the real clock.
    """
    clock = here.clock
    if clock is None or asyncio._get_running_loop() in (None, clock.loop):
        return clock
    return None


def virtual_here() -> VirtualKeeper | None:
    """The same where the clock is the virtual one; else None."""
    clock = clock_here()
    return None if clock is None or clock.live else cast(VirtualKeeper, clock)
