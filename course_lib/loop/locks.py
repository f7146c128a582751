"""Locks that wait on the virtual clock, and with them all that Python builds on locks.

`threading`'s conditions, events, semaphores and barriers, `queue`'s queues and the futures of
`concurrent.futures` wait by acquiring a lock. So where `threading` makes its locks of the class
below, each of them waits on the clock of the run, and lets the other threads of the run go on.
The state is in a real lock, so outside a run such a lock is one like any other.
"""

from __future__ import annotations

import _thread
import queue
import sys
import threading
from collections import deque
from contextlib import suppress
from itertools import islice
from threading import TIMEOUT_MAX
from types import FrameType
from typing import Any

from .lengths import FOREVER, nanoseconds
from .time_keeper import VirtualKeeper, virtual_here
from .waits import own_frame

_allocate_lock = _thread.allocate_lock
RealLock = type(_allocate_lock())
_real_rlock = threading.RLock
_real_notify = threading.Condition.notify
_RealSimpleQueue = queue.SimpleQueue
_REASONS = {  # what the student called → what the thread waits for
    "AheadThread.join": "thread",
    "AheadThreads.shutdown": "threads",
    "Barrier.wait": "barrier",
    "Condition.wait": "condition",
    "Condition.wait_for": "condition",
    "Event.wait": "event",
    "Executor.map.<locals>.result_iterator": "futures",
    "Future.exception": "future",
    "Future.result": "future",
    "Queue.get": "queue get",
    "Queue.join": "queue join",
    "Queue.put": "queue put",
    "Semaphore.acquire": "semaphore",
    "_join": "thread",
    "ThreadPoolExecutor.shutdown": "threads",
    "Timer.run": "timer",
    "_PySimpleQueue.get": "queue get",
    "_each_that_ends": "futures",
    "wait": "futures",
}


class _LockKind(type):
    """`isinstance` takes real locks for locks, too."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, RealLock) or super().__instancecheck__(value)


class Lock(metaclass=_LockKind):
    """A lock for which threads of a virtual run wait in line, first come, first served."""

    def __new__(cls, real: Any = None) -> Any:
        """Outside a virtual run, a real one."""
        return _allocate_lock() if real is None and virtual_here() is None else super().__new__(cls)

    def __init__(self, real: Any = None) -> None:
        self.real: Any = _allocate_lock() if real is None else real
        self._line: deque[VirtualKeeper] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait on the run's clock, until it is free or `timeout` seconds are over.

        A century is never over. What is no number of seconds is refused as by a real lock.
        """
        keeper = virtual_here()
        if keeper is None or not blocking or not (timeout == -1 or 0 <= timeout <= TIMEOUT_MAX):
            return bool(self.real.acquire(blocking, timeout))
        keeper.has_locked = True
        if self._can_have() and self.real.acquire(False):
            return True
        return self._wait(keeper, timeout)

    def _can_have(self) -> bool:
        """Whether nobody was here before."""
        return not self._line

    def _wait(self, keeper: VirtualKeeper, timeout: float) -> bool:
        length = FOREVER if timeout == -1 else nanoseconds(timeout)
        until = None if length == FOREVER else keeper.now() + length
        reason, frame = _what_for(sys._getframe(2))
        self._line.append(keeper)
        try:
            with keeper.waiting(reason, frame):
                while self._line[0] is not keeper or not self.real.acquire(False):
                    if until is not None and keeper.now() >= until:
                        return False
                    keeper.stand_by(until)
                return True
        finally:
            self._line.remove(keeper)
            if self._line:  # in case it was free while only this thread was asked
                self._line[0].wake_up()

    def release(self) -> None:
        """Free it, for whoever is first in line."""
        self.real.release()
        with suppress(IndexError):
            self._line[0].wake_up()

    def locked(self) -> bool:
        """Whether somebody has it."""
        return bool(self.real.locked())

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return repr(self.real)

    def _at_fork_reinit(self) -> None:
        self.real._at_fork_reinit()


def _what_for(frame: FrameType | None) -> tuple[str, FrameType | None]:
    """What the student's code called, in words, and its frame."""
    own = own_frame(frame)
    reason = "lock"
    while frame is not None and frame is not own:
        reason = _REASONS.get(frame.f_code.co_qualname, reason)
        frame = frame.f_back
    return reason, own


def allocate_lock() -> Any:
    """`threading`'s own name for its Lock."""
    return Lock()


def rlock(*args: Any, **options: Any) -> Any:
    """`threading.RLock`: in a virtual run, the one that is written in Python, on a Lock."""
    if virtual_here() is None:
        return _real_rlock(*args, **options)
    return threading._PyRLock(*args, **options)  # type: ignore[attr-defined]


class _QueueKind(type):
    """`isinstance` takes all simple queues for one."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, _RealSimpleQueue | queue._PySimpleQueue)  # type: ignore[attr-defined]


class SimpleQueue(metaclass=_QueueKind):
    """`queue.SimpleQueue`: in a virtual run, the one that is written in Python, on Locks."""

    def __new__(cls) -> Any:
        """A simple queue of either kind."""
        return _RealSimpleQueue() if virtual_here() is None else queue._PySimpleQueue()  # type: ignore[attr-defined]

    def __class_getitem__(cls, item: Any) -> Any:
        return _RealSimpleQueue[item]


def _notify(condition: threading.Condition, n: int = 1) -> None:
    """`Condition.notify`, by which a queue or an event wakes a thread: is it one of the run's?"""
    keeper = virtual_here()
    if keeper is not None:
        woken = islice(condition._waiters, n)  # type: ignore[attr-defined]
        keeper.threads.handed_over |= any(type(lock) is RealLock for lock in woken)
    _real_notify(condition, n)


def pairs() -> list[tuple[Any, Any]]:
    """What `threading` and `queue` make, and what stands in for it."""
    found: list[tuple[Any, Any]]
    found = [(threading.Lock, Lock), (_real_rlock, rlock), (_RealSimpleQueue, SimpleQueue)]
    found.append((_real_notify, _notify))
    if _allocate_lock is not threading.Lock:  # from Python 3.13 on, which has a class for it
        found.append((_allocate_lock, allocate_lock))
    return found
