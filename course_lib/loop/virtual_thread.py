"""One thread on the virtual clock: a real one, which goes on only while all others stand still."""

from __future__ import annotations

import _thread
import concurrent.futures.thread
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from .lengths import nanoseconds
from .locks import Lock
from .recorder import RESUMED
from .threads import ThreadOfRun, is_of_a_pool, is_the_students, real_join, tell_of_error
from .time_keeper import clock_here, here
from .watch import frames_now

if TYPE_CHECKING:
    from .virtual_threads import VirtualThreads

LOOK_EVERY = 0.75  # real seconds: a thread that did nothing between two looks is held up
MOST_TOLD = 1_000  # times that its run is over: who swallows even that stands still for ever
IDLE = 0.05  # share of a processor; a program that takes less does nothing
_cpu_seconds = time.process_time
_allocate_lock = _thread.allocate_lock


class Abandoned(BaseException):
    """Ends a thread whose run is over."""


class Turn:
    """A thread's place among the callbacks of the loop: when the loop comes to it, it goes on."""

    __slots__ = ("_cancelled", "_scheduled", "_when", "due_ns", "order", "thread")

    def __init__(self, thread: VirtualThread, due_ns: int, order: int) -> None:
        self.thread = thread
        self.due_ns = due_ns
        self.order = order
        self._cancelled = False
        self._scheduled = True
        self._when = 0.0

    def _run(self) -> None:
        self.thread.threads.loop.let_go_on(self.thread)


class VirtualThread(ThreadOfRun):
    """A thread of a virtual run, which stands still while any other of the run goes on."""

    threads: VirtualThreads

    def __init__(self, threads: VirtualThreads, thread: threading.Thread) -> None:
        super().__init__(threads)
        self.thread = thread
        self.turn: Turn | None = None  # None: it goes on, or waits to be woken
        self.waits_for: tuple[str, CodeType | None, int] | None = None
        self.is_over = self.is_lost = self.is_daemon = self.has_locked = False
        self.ended = Lock(_held())  # held while it lives: who joins it waits for this
        self._go = _held()
        self._back = _held()
        self._told = 0  # that its run is over
        self._last_look: tuple[Any, float] = (None, 0.0)

    # In the thread itself --------------------------------------------------------------------

    def work(self, run: Callable[[], None]) -> None:
        """What the thread does instead of `run`: that, when it is its turn, on the clock."""
        self._go.acquire()
        here.clock = self
        try:
            if not self.threads.over:
                self.hear_of_error(run)
        finally:
            here.clock = None
            self.is_over = True
            self._back.release()

    def hear_of_error(self, run: Callable[[], None]) -> None:
        """Tell of its error, unless that is the end of the run."""
        try:
            run()
        except BaseException:  # noqa: BLE001 - it belongs to the thread
            if not (self.threads.over or self.is_lost):
                with suppress(Abandoned):  # whoever hears of it may sleep
                    tell_of_error(self.thread)

    def stand_by(self, until_ns: int | None) -> None:
        """Let the others go on; the loop comes back here."""
        if not (self.threads.over or self.is_lost):
            if until_ns is not None:
                self.threads.plan(self, until_ns)
            self._back.release()
            self._go.acquire()
        if self.threads.over or self.is_lost:
            self._told += 1
            if self._told > MOST_TOLD:
                _held().acquire()
            raise Abandoned

    def _sleep(self, seconds: float) -> None:
        self.stand_by(self.now() + nanoseconds(seconds))

    @contextmanager
    def waiting(self, reason: str, frame: FrameType | None) -> Iterator[None]:
        """Log a wait, unless this thread has no lane at the moment."""
        code, offset = (frame.f_code, frame.f_lasti) if frame is not None else (None, 0)
        self.waits_for = (reason, code, offset)
        if self.actor:
            self.recorder.log.extend((self.actor, self.now(), reason, code, offset))
        try:
            yield
        finally:
            self.waits_for = None
            if self.actor:
                self.recorder.note(self.actor, self.now(), RESUMED, self.now())

    # In other threads ------------------------------------------------------------------------

    def wake_up(self) -> None:
        """Let it go on when it is its turn."""
        keeper = clock_here()
        if keeper is not None and keeper.loop is self.loop:
            self.threads.plan(self, self.now())
        else:  # in a thread that is none of the run's, and goes on when it likes
            self.loop.call_soon_threadsafe(self.threads.plan, self, self.now())

    def go_on(self) -> None:
        """In the loop's thread: let it go on till it sleeps, waits or ends."""
        self.turn = None
        self.threads.goes_on = self.thread
        self._go.release()
        while not self._back.acquire(timeout=LOOK_EVERY):
            if self._is_held_up():
                self.threads.give_up(self)
        self.threads.goes_on = None
        if self.is_over:
            real_join(self.thread)
            self.threads.has_ended(self)

    def _is_held_up(self) -> bool:
        """Whether the thread waits for something real: since the last look it did not compute."""
        frame = frames_now().get(self.thread.ident or 0)
        place = frame and (id(frame), frame.f_lasti)
        before, seconds = self._last_look
        self._last_look = (place, _cpu_seconds())
        return before == place and _cpu_seconds() - seconds < IDLE * LOOK_EVERY

    def is_missed(self) -> bool:
        """Whether Python itself would wait for its end: it is in a call, or does the student's."""
        if is_of_a_pool(self.thread):
            return bool(self.actor)
        return not self.is_daemon and is_the_students(self.thread)

    def abandon(self) -> None:
        """End it, at its sleep or wait; one that computes goes on to there."""
        self._go.release()
        real_join(self.thread, LOOK_EVERY)
        if self.thread.is_alive():
            self.leave_alone()

    def leave_alone(self) -> None:
        """Let the end of Python not wait for it."""
        concurrent.futures.thread._threads_queues.pop(self.thread, None)  # type: ignore[attr-defined]


def _held() -> Any:
    lock = _allocate_lock()
    lock.acquire()
    return lock
