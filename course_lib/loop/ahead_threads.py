"""The threads of a virtual run where none can be started, as in a browser.

The loop plays them back a part at a time, in the order in which real ones would have their turns.
"""

from __future__ import annotations

import concurrent.futures.thread
import functools
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future as CallFuture
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from .ahead_thread import AheadThread, Call
from .ahead_timer import AheadTimer, is_timer, ring
from .threads import on_the_clock, real_shutdown, real_submit
from .virtual_thread import Abandoned, VirtualThread
from .virtual_threads import VirtualThreads

if TYPE_CHECKING:
    from .virtual import VirtualLoop

_logger = logging.getLogger("concurrent.futures")  # which says the same of its own threads


class AheadThreads(VirtualThreads):
    """The threads of one run, each of which is made ahead of its time."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(loop)
        self._crews: WeakKeyDictionary[ThreadPoolExecutor, _Crew] = WeakKeyDictionary()

    def start(self, thread: threading.Thread) -> None:
        """Start a thread; its first turn comes after what the loop has to do already."""
        with on_the_clock(None):  # no lock that the program takes
            told: CallFuture[Any] = CallFuture()
            told.add_done_callback(functools.partial(_tell_as_python_does, thread))
        lane = self.new_actor(thread)
        calls = deque([Call(ring(thread) if is_timer(thread) else thread.run, lane, told)])

        def next_call(keeper: AheadThread) -> Call | None:
            keeper.is_over = not calls
            return calls.popleft() if calls else None

        if is_timer(thread):
            self.begin(AheadTimer(self, thread, next_call, lane))
        else:
            self.begin(AheadThread(self, thread, next_call))

    def begin(self, keeper: AheadThread) -> None:
        """Queue the first turn of a thread."""
        self.alive[keeper.thread] = keeper
        self.plan(keeper, self.loop.now())

    def join(self, thread: threading.Thread, timeout: float | None) -> None:
        """Wait until a thread is over; of one that is, Python knows nothing."""
        if thread in self.alive:
            super().join(thread, timeout)

    def submit(self, pool: ThreadPoolExecutor, call: Callable[[], Any]) -> CallFuture[Any]:
        """Let a thread of the pool's crew make a call; a pool that is shut down refuses."""
        if pool._shutdown:
            return real_submit(pool, call)
        if pool not in self._crews:
            self._crews[pool] = _Crew(self, pool)
        return self._crews[pool].submit(call)

    def shutdown(self, pool: ThreadPoolExecutor, *, wait: bool, cancel_futures: bool) -> None:
        """Close the pool to new calls; its crew goes home after the last."""
        real_shutdown(pool, wait=False, cancel_futures=cancel_futures)
        if pool in self._crews:
            self._crews[pool].send_home(cancel=cancel_futures)
            for thread in self._crews[pool].threads if wait else ():
                self.join(thread, None)

    def calls_of(self, pool: ThreadPoolExecutor) -> list[CallFuture[Any]]:
        """The calls that the pool has not ended yet."""
        return list(self._crews[pool].calls) if pool in self._crews else []

    def give_up(self, keeper: VirtualThread, why: str = "") -> NoReturn:
        """A thread would have to wait for others: the run ends."""
        del self.alive[keeper.thread]
        self.abandon()
        raise RuntimeError(why)

    def end_pools(self) -> None:
        """The calls that still wait for a thread are not made any more."""
        for crew in self._crews.values():
            crew.send_home(cancel=True)


class _Crew:
    """The threads that make a pool's calls, and the calls that wait for one."""

    def __init__(self, threads: AheadThreads, pool: ThreadPoolExecutor) -> None:
        self.threads: list[threading.Thread] = []
        self.calls: dict[CallFuture[Any], Callable[[], Any]] = {}  # not ended yet
        self._of_run = threads
        self._pool: Any = pool
        self._line: deque[CallFuture[Any]] = deque()
        self._idle: deque[AheadThread] = deque()
        self._is_going_home = False

    def submit(self, work: Callable[[], Any]) -> CallFuture[Any]:
        """A call for whoever is free, or comes new."""
        future: CallFuture[Any] = CallFuture()
        self.calls[future] = work
        future.add_done_callback(self.calls.pop)
        self._line.append(future)
        if self._idle:
            self._wake(self._idle.popleft())
        elif len(self.threads) < self._pool._max_workers:
            name = f"{self._pool._thread_name_prefix}_{len(self.threads)}"
            thread = threading.Thread(target=concurrent.futures.thread._worker, name=name)
            self.threads.append(thread)
            first = deque(self._initializer())
            self._of_run.begin(
                AheadThread(self._of_run, thread, lambda keeper: self._next(keeper, first))
            )
        return future

    def send_home(self, *, cancel: bool) -> None:
        """Nothing comes after what waits in line, or with `cancel` after what is under way."""
        self._is_going_home = True
        for future in list(self._line) if cancel else ():
            future.cancel()
        while self._idle:
            self._wake(self._idle.popleft())

    def _wake(self, keeper: AheadThread) -> None:
        self._of_run.plan(keeper, self._of_run.loop.now())

    def _next(self, keeper: AheadThread, first: deque[Call]) -> Call | None:
        """The next call for a thread that is free; without one it waits, or goes home."""
        if first:
            return first.popleft()
        while self._line:
            future = self._line.popleft()
            if future.set_running_or_notify_cancel():
                return self._numbered(self.calls[future], future)
        keeper.is_over = self._is_going_home
        if not keeper.is_over:
            self._idle.append(keeper)
        return None

    def _numbered(self, work: Callable[[], Any], future: CallFuture[Any]) -> Call:
        number = self._of_run.take_number()
        end = functools.partial(self._of_run.free_number, number)
        return Call(work, self._of_run.lane_of_call(number), future, end)

    def _initializer(self) -> list[Call]:
        """What each thread has to do first, if the pool was made with such."""
        pool = self._pool
        if hasattr(pool, "_create_worker_context"):  # from Python 3.14 on
            context = pool._create_worker_context()
            work = context.initialize if context.initializer is not None else None
        else:
            work = pool._initializer and functools.partial(pool._initializer, *pool._initargs)
        if work is None:
            return []
        future: CallFuture[Any] = CallFuture()
        future.add_done_callback(self._break_if_it_failed)
        return [self._numbered(work, future)]

    def _break_if_it_failed(self, future: CallFuture[Any]) -> None:
        if (error := future.exception()) is not None:
            _logger.critical("Exception in initializer:", exc_info=error)
            self._pool._initializer_failed()
            for waiting in list(self._line):
                waiting.set_exception(
                    concurrent.futures.thread.BrokenThreadPool(self._pool._broken)
                )
            self._line.clear()


def _tell_as_python_does(thread: threading.Thread, told: CallFuture[Any]) -> None:
    error = told.exception()
    if error is not None and not isinstance(error, Abandoned):
        args = (type(error), error, error.__traceback__, thread)
        threading.excepthook(threading.ExceptHookArgs(args))
