"""Threads on the virtual clock, of which one at a time goes on.

Each goes on only while the loop stands still, until it sleeps, waits or ends; so the order in
which they go on is always the same, and three sleeps of 0.3 s in three threads take 0.3 s.
Where the loop itself blocks, time goes by for the threads all the same.
"""

from __future__ import annotations

import copy
import functools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future as CallFuture
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from .lengths import FOREVER
from .stuck import GaveUp
from .threads import (
    NO_PROCESSES,
    ThreadsOfRun,
    end_processes_of,
    feeds_a_queue,
    is_of_a_pool,
    is_of_multiprocessing,
    on_the_clock,
    real_join,
    real_shutdown,
    real_start,
    real_submit,
)
from .time_keeper import here
from .virtual_thread import Turn, VirtualThread
from .waits import line_at, on_line

if TYPE_CHECKING:
    from .virtual import VirtualLoop


class VirtualThreads(ThreadsOfRun):
    """The threads of one virtual run."""

    loop: VirtualLoop

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(loop)
        self.alive: dict[threading.Thread, VirtualThread] = {}
        self.lost: set[threading.Thread] = set()  # given up, and perhaps never over
        self.over = False
        self.goes_on: threading.Thread | None = None  # None: the loop's own
        self._order = count()
        self._pools: WeakKeyDictionary[ThreadPoolExecutor, ThreadPoolExecutor] = WeakKeyDictionary()
        self._calls: WeakKeyDictionary[ThreadPoolExecutor, set[CallFuture[Any]]]
        self._calls = WeakKeyDictionary()

    # What the program asks for ---------------------------------------------------------------

    def start(self, thread: threading.Thread) -> None:
        """Start a thread; its first turn comes after what the loop has to do already."""
        if is_of_multiprocessing(thread):
            self._start_for_processes(thread)
            return
        keeper = VirtualThread(self, thread)
        run = thread.run if is_of_a_pool(thread) else self.in_lane(keeper, thread)
        thread.run = functools.partial(keeper.work, run)  # type: ignore[method-assign]
        daemon = keeper.is_daemon = thread.daemon
        thread._daemonic = True  # type: ignore[attr-defined]  # the end of Python waits for none
        with on_the_clock(None):
            try:
                real_start(thread)
            finally:
                thread._daemonic = daemon  # type: ignore[attr-defined]
        self.alive[thread] = keeper
        self.plan(keeper, self.loop.now())

    def _start_for_processes(self, thread: threading.Thread) -> None:
        """What feeds a queue waits for nobody, so it may go on beside the clock; others may not."""
        if not feeds_a_queue(thread):
            end_processes_of(thread)
            raise RuntimeError(NO_PROCESSES)
        with on_the_clock(None):
            real_start(thread)

    def join(self, thread: threading.Thread, timeout: float | None) -> None:
        """Wait until a thread is over; not for one that was given up, as that ends the run."""
        if thread in self.lost:
            return
        keeper = self.alive.get(thread)
        if keeper is None or keeper is here.clock:
            real_join(thread, timeout)  # which may refuse
        elif keeper.ended.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
            keeper.ended.release()

    def submit(self, pool: ThreadPoolExecutor, call: Callable[[], Any]) -> CallFuture[Any]:
        """Let a thread of the pool's twin make a call; a pool that is shut down refuses."""
        if pool._shutdown:
            return real_submit(pool, call)
        if pool not in self._pools:
            self._pools[pool] = self._twin(pool)
            self._calls[pool] = set()
        calls = self._calls[pool]
        future = real_submit(self._pools[pool], self._numbered_call(call))
        calls.add(future)
        future.add_done_callback(calls.discard)
        return future

    def shutdown(self, pool: ThreadPoolExecutor, *, wait: bool, cancel_futures: bool) -> None:
        """Close the pool and its twin to new calls."""
        for each in (pool, self._pools.get(pool)):
            if each is not None:
                real_shutdown(each, wait, cancel_futures=cancel_futures)

    def calls_of(self, pool: ThreadPoolExecutor) -> list[CallFuture[Any]]:
        """The calls that the pool has not ended yet."""
        return list(self._calls.get(pool, ()))

    def in_lane(self, keeper: VirtualThread, thread: threading.Thread) -> Callable[[], None]:
        """What the thread does, as a lane of its own."""
        run, actor = thread.run, self.new_actor(thread)

        def work() -> None:
            with keeper.lane(actor):
                keeper.hear_of_error(run)

        return work

    def _numbered_call(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def work(*args: Any) -> Any:
            keeper = here.clock
            if not isinstance(keeper, VirtualThread):
                return call(*args)
            with self.numbered(keeper):
                return call(*args)

        return work

    def _twin(self, pool: ThreadPoolExecutor) -> Any:
        """As wide a pool with the same initializer, whose threads belong to this run.

        A pool may be older than the run, and its threads in the middle of something.
        """
        twin: Any = copy.copy(pool)
        twin._work_queue = queue.SimpleQueue()
        twin._idle_semaphore = threading.Semaphore(0)
        twin._shutdown_lock = threading.Lock()
        twin._threads = set()
        if getattr(twin, "_initializer", None) is not None:
            twin._initializer = self._numbered_call(twin._initializer)
        return twin

    def who_goes_on(self) -> int:
        """The identity of the thread that goes on at the moment: the loop's or one of these."""
        thread = self.goes_on
        return (thread and thread.ident) or self.loop._thread_id  # type: ignore[attr-defined]

    # Whose turn it is ------------------------------------------------------------------------

    def plan(self, keeper: VirtualThread, due_ns: int) -> None:
        """Let it go on then, and no earlier."""
        if keeper.turn is not None:
            keeper.turn._cancelled = True
            keeper.turn = None
        if not keeper.is_over and due_ns < FOREVER:
            keeper.turn = Turn(keeper, max(due_ns, self.loop.now()), next(self._order))
            self.loop.queue_turn(keeper.turn)

    def step(self, until_ns: int | None) -> bool:
        """While the loop blocks: let the thread go on that is next, if it is due until then."""
        turns = (keeper.turn for keeper in self.alive.values() if keeper.turn is not None)
        turn = min(turns, key=lambda turn: (turn.due_ns, turn.order), default=None)
        if turn is None or (until_ns is not None and turn.due_ns > until_ns):
            return False
        turn._cancelled = True
        self.loop.pass_until(turn.due_ns)
        turn.thread.go_on()
        return True

    def has_ended(self, keeper: VirtualThread) -> None:
        """A thread is over: who joins it may go on."""
        del self.alive[keeper.thread]
        keeper.ended.release()

    def lines(self) -> list[str]:
        """For each thread that waits to be woken: its lane, for what it waits, and where."""
        lanes = self.loop.recorder.lanes()
        found = []
        for keeper in self.alive.values():
            if keeper.turn is None and keeper.actor and keeper.waits_for:
                reason, code, offset = keeper.waits_for
                where = on_line(line_at(code, offset))
                found.append(f"{lanes[keeper.actor]} waits for {reason}{where}")
        return found

    def going_on(self) -> list[str]:
        """For each thread that will have a turn: its lane."""
        lanes = self.loop.recorder.lanes()
        there = [one for one in self.alive.values() if one.turn is not None and one.actor]
        return [f"{lanes[one.actor]} goes on" for one in there]

    def give_up(self, keeper: VirtualThread) -> NoReturn:
        """A thread waits for something real: the run ends, and it is left to itself."""
        keeper.is_over = keeper.is_lost = True
        self.goes_on = None
        del self.alive[keeper.thread]
        self.lost.add(keeper.thread)
        keeper.leave_alone()
        self.abandon()
        lane = self.loop.recorder.lanes().get(keeper.actor, "a thread")
        why = (
            f"{lane} waits for something real (the network, a file, a lock that the run cannot "
            'see), which does not keep to the virtual clock: run(…, clock="live")'
        )
        self.loop.notes.append(why)  # a program that catches every error goes on without threads
        raise GaveUp(why)

    def abandon(self) -> None:
        """End all threads: the run is over."""
        self.end_pools()
        self.over = True
        lanes = self.loop.recorder.lanes()
        for keeper in list(self.alive.values()):
            if keeper.is_missed():
                self.loop.notes.append(
                    f"{lanes[keeper.actor]} was not over when the run was, and ended with it: "
                    "await or join it"
                )
            keeper.abandon()
        self.alive.clear()

    def end_pools(self) -> None:
        """End those threads of pools that have nothing to do."""
        with on_the_clock(self.loop):
            for twin in self._pools.values():
                real_shutdown(twin, wait=False, cancel_futures=True)
            for _ in range(2 * len(self.alive)):
                self.step(self.loop.now())
