"""Threads of a run on the live clock, which run at the same time as its loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future as CallFuture
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .recorder import Recorder
from .threads import (
    NO_THREADS,
    THREADS_START,
    ThreadOfRun,
    ThreadsOfRun,
    is_of_a_pool,
    on_the_clock,
    real_start,
    real_submit,
    tell_of_error,
)
from .waits import is_helper

if TYPE_CHECKING:
    from .scheduler import Scheduler


class LiveThreads(ThreadsOfRun):
    """Threads that run at the same time as the loop."""

    def __init__(self, loop: Scheduler) -> None:
        super().__init__(loop)
        self.calls: set[CallFuture[Any]] = set()  # in pools, of processes too: not ended yet
        self._keepers: list[ThreadOfRun] = []

    def start(self, thread: threading.Thread) -> None:
        """Start a thread; it knows the run, as long as that goes on."""
        if not THREADS_START:
            raise RuntimeError(NO_THREADS)
        if is_of_a_pool(thread) or _is_of_asyncio(thread):
            real_start(thread)
            return
        run, actor = thread.run, self.new_actor(thread)

        def work() -> None:
            with self._keeping() as keeper, keeper.lane(actor):
                try:
                    run()
                except BaseException:  # noqa: BLE001 - it belongs to the thread
                    tell_of_error(thread)

        thread.run = work  # type: ignore[method-assign]
        real_start(thread)

    def submit(self, pool: ThreadPoolExecutor, call: Callable[[], Any]) -> CallFuture[Any]:
        """Let one of a pool's threads make a call."""

        def work() -> Any:
            with self._keeping() as keeper, self.numbered(keeper):
                return call()

        return self.outstanding(real_submit(pool, work))

    def outstanding(self, future: CallFuture[Any]) -> CallFuture[Any]:
        """A call that will wake somebody when it ends."""
        self.calls.add(future)
        future.add_done_callback(self.calls.discard)
        return future

    @contextmanager
    def _keeping(self) -> Iterator[ThreadOfRun]:
        keeper = ThreadOfRun(self)
        self._keepers.append(keeper)
        try:
            with on_the_clock(keeper):
                yield keeper
        finally:
            self._keepers.remove(keeper)

    def leave_alone(self) -> None:
        """The run is over: what its threads go on to do is no longer a part of it."""
        for keeper in list(self._keepers):
            keeper.recorder = Recorder()


def _is_of_asyncio(thread: threading.Thread) -> bool:
    """Whether asyncio began it for itself, as to wait for the end of a process."""
    code = getattr(getattr(thread, "_target", None), "__code__", None)
    return code is not None and is_helper(code)
