"""Threads on the clock of a run.

`asyncio.to_thread` and executors take real threads. On the virtual clock they run one at a time,
each only while the loop stands still, and hand over whenever they sleep: so the order in which
they run is always the same, and three sleeps of 0.3 s in three threads take 0.3 s.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from .recorder import BLOCKED, RESUMED
from .scheduler import Future
from .time_keeper import here

if TYPE_CHECKING:
    from .scheduler import Scheduler

MOST_THREADS = 32  # of the default executor; stock asyncio takes the machine's cores + 4
LOOK_EVERY = 0.75  # real seconds: a thread that did nothing between two looks is held up
IDLE = 0.05  # share of a processor; a program that takes less does nothing
_real_sleep = time.sleep
_cpu_seconds = time.process_time


class ThreadFuture(Future):
    """What a task awaits while a thread works for it."""


class Abandoned(BaseException):
    """Ends a thread whose run is over."""


class Worker:
    """One call in a thread, as a lane of the trace."""

    def __init__(self, loop: Scheduler, number: int, call: Callable[[], Any]) -> None:
        self.loop = loop
        self.number = number
        self.call = call
        self.actor = f"thread {number}"
        self.recorder = loop.recorder
        self.recorder.names.setdefault(self.actor, (self.actor, False))
        self.live = loop.live
        self.now = loop.now

    def work(self) -> Any:
        """Make the call and log it, in the thread."""
        here.clock = self
        self.recorder.note(self.actor, self.now(), RESUMED, self.now())
        try:
            return self.call()
        finally:
            here.clock = None
            self.recorder.note(self.actor, self.now(), None)

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep, logged: it holds this thread, and nobody else."""
        start = self.now()
        self._sleep(seconds)
        self.recorder.note(self.actor, start, BLOCKED, (self.now(), line))

    def _sleep(self, seconds: float) -> None:
        raise NotImplementedError


class VirtualWorker(Worker):
    """A thread that runs only while the loop waits for it."""

    def __init__(
        self, owner: VirtualThreads, number: int, call: Callable[[], Any], future: Future
    ) -> None:
        super().__init__(owner.loop, number, call)
        self.owner = owner
        self.future = future
        self.over = False
        self._last_look: tuple[Any, float] = (None, 0.0)
        self._go = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._main, name=self.actor, daemon=True)
        self._thread.start()

    def _main(self) -> None:
        self._go.acquire()
        outcome: tuple[Any, BaseException | None] = (None, None)
        try:
            if not self.over:
                outcome = (self.work(), None)
        except BaseException as error:  # noqa: BLE001 - it is raised in the task that awaits it
            outcome = (None, error)
        self.outcome = outcome
        self.over = True
        self._back.release()

    def _sleep(self, seconds: float) -> None:
        if self.over:
            raise Abandoned
        self.loop.call_later(seconds, self.resume)
        self._back.release()
        self._go.acquire()
        if self.over:
            raise Abandoned

    def resume(self) -> None:
        """Let the thread run, in the loop's thread, till it sleeps or ends."""
        if self.over:
            return
        self._go.release()
        while not self._back.acquire(timeout=LOOK_EVERY):
            if self._is_held_up():
                self._give_up()
                return
        if self.over:
            self._thread.join()
            self._hand_over()

    def _hand_over(self) -> None:
        self.owner.ended(self)
        if self.future.cancelled():
            return
        result, error = self.outcome
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)

    def _is_held_up(self) -> bool:
        """Whether the thread waits for something real: since the last look it did not compute."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        place = frame and (id(frame), frame.f_lasti)
        before, seconds = self._last_look
        self._last_look = (place, _cpu_seconds())
        return before == place and _cpu_seconds() - seconds < IDLE * LOOK_EVERY

    def _give_up(self) -> None:
        self.over = True
        self.owner.ended(self)
        if not self.future.cancelled():
            self.future.set_exception(
                RuntimeError(
                    f"{self.actor} waits for something real (a lock, a queue, another thread, the "
                    "network), which the virtual clock cannot see: a thread may only compute and "
                    'time.sleep; else run(…, clock="live")'
                )
            )

    def abandon(self) -> None:
        """End the thread, whose run is over, at its sleep; one that computes goes on to there."""
        self.over = True
        self._go.release()
        self._thread.join(LOOK_EVERY)


class LiveWorker(Worker):
    """A thread that runs at the same time as the loop."""

    def _sleep(self, seconds: float) -> None:
        _real_sleep(seconds)


class VirtualThreads:
    """The threads of one virtual run: at most as many at once as their executor has."""

    def __init__(self, loop: Scheduler) -> None:
        self.loop = loop
        self.working: dict[int, VirtualWorker] = {}  # by number
        self._executor_of: dict[int, Executor | None] = {}
        self._busy: defaultdict[Executor | None, int] = defaultdict(int)
        self._waiting: defaultdict[Executor | None, deque[Any]] = defaultdict(deque)
        self._one_ended = ThreadFuture(loop=loop)

    def submit(self, executor: Executor | None, call: Callable[[], Any]) -> asyncio.Future[Any]:
        """Start a call in a thread as soon as its executor has one free."""
        if isinstance(executor, ProcessPoolExecutor):
            raise RuntimeError(
                "processes do not run on the virtual clock: take threads "
                '(asyncio.to_thread), or run(…, clock="live")'
            )
        future = ThreadFuture(loop=self.loop)
        self._waiting[executor].append((call, future))
        self.loop.call_soon(self._start, executor)
        return future

    def _start(self, executor: Executor | None) -> None:
        most = getattr(executor, "_max_workers", MOST_THREADS)
        waiting = self._waiting[executor]
        while waiting and self._busy[executor] < most:
            call, future = waiting.popleft()
            if future.cancelled():
                continue
            number = free_number(self.working)
            self._busy[executor] += 1
            self._executor_of[number] = executor
            worker = VirtualWorker(self, number, call, future)
            self.working[number] = worker
            worker.resume()

    def ended(self, worker: VirtualWorker) -> None:
        """A thread is free again."""
        del self.working[worker.number]
        executor = self._executor_of.pop(worker.number)
        self._busy[executor] -= 1
        self.loop.call_soon(self._start, executor)
        if not self._one_ended.done():
            self._one_ended.set_result(None)

    async def all_ended(self) -> None:
        """Wait for the threads, also for those whose tasks no longer do."""
        while self.working:
            self._one_ended = ThreadFuture(loop=self.loop)
            await self._one_ended

    def abandon(self) -> None:
        """End all threads: the run is over."""
        for worker in self.working.values():
            worker.abandon()
        self.working.clear()
        self._waiting.clear()


def free_number(taken: Any) -> int:
    """The lowest number from 1 that is not taken: how lanes of threads are named."""
    return next(number for number in range(1, len(taken) + 2) if number not in taken)
