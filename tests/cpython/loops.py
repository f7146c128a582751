"""CPython's tests ask asyncio for loops in many ways: each of them gives the virtual loop."""

from __future__ import annotations

import asyncio
import importlib
import signal
from asyncio import base_events
from typing import Any

from course_lib.loop.clock import VirtualLoop
from course_lib.loop.lengths import nanoseconds
from course_lib.loop.threads import on_the_clock


class Loop(VirtualLoop):
    """The virtual loop, taken for each of asyncio's own: what it is given to select with rests."""

    def __init__(self, *_: Any) -> None:
        super().__init__()

    def run_forever(self) -> None:
        """Keep the time of this thread meanwhile, as in a run."""
        with on_the_clock(self):
            super().run_forever()

    def run_in_executor(self, *args: Any) -> Any:  # type: ignore[override]
        """In this loop's threads, also where it does not run yet."""
        with on_the_clock(self):
            return super().run_in_executor(*args)

    def advance_time(self, seconds: float) -> None:
        """Of the tests' own loop: let time go by."""
        self._sleep_blocking(nanoseconds(seconds))

    def add_signal_handler(self, number: int, *details: Any) -> None:  # type: ignore[override]
        """Some tests set up a watcher of child processes; there are none to watch."""
        if number != signal.SIGCHLD:
            super().add_signal_handler(number, *details)

    def remove_signal_handler(self, _: int) -> bool:
        """As above: there is nothing to remove."""
        return True


def put_in_place() -> None:
    """From now on asyncio makes no other loop. For a process that ends with the tests."""
    asyncio.DefaultEventLoopPolicy._loop_factory = Loop  # type: ignore[attr-defined]
    for name in ("BaseEventLoop", "SelectorEventLoop", "EventLoop"):
        setattr(asyncio, name, Loop)
    base_events.BaseEventLoop = Loop  # type: ignore[misc]
    utils: Any = importlib.import_module("test.test_asyncio.utils")
    utils.TestLoop = Loop
