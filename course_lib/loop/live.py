"""The same event loop on the real clock, which waits for the next timer, and for the network."""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from collections.abc import Callable
from typing import Any

from ..trace import SECOND
from .executors import LoopWithExecutors
from .live_threads import LiveThreads
from .others import bare_threads, handlers_of_signals, others_who_could_act
from .recorder import BLOCKED
from .scheduler import is_awaited
from .threads import THREADS_START, real_sleep
from .watch import Watch

LONGEST_WAIT = 86_400.0  # seconds, a day: the system takes no month, and asyncio asks for no more
LIVE_NOISE = 2_000_000  # ns: shorter stretches are the computer's own doing
BETWEEN_LOOKS = 0.02  # seconds
LOOK_AGAIN = 0.5  # seconds: those who could have acted may be over by then
_real_now = time.perf_counter_ns


class LiveLoop(LoopWithExecutors, asyncio.SelectorEventLoop):
    """The same event loop on the real clock, which can wait for the network too."""

    noise_ns = LIVE_NOISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.live = True
        self._begin = _real_now()
        self.threads = LiveThreads(self)
        self.watch = Watch(lambda: self._thread_id)
        self._in_log = 0  # until when the turn that goes on is in the log
        self._threads_before = set(threading.enumerate())

    def now(self) -> int:
        """Nanoseconds since the loop was made."""
        return _real_now() - self._begin

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        """Queue a callback; what a task does late in a long turn is ready only then."""
        if self.actor:
            self._woken = self.now()
        return super().call_soon(callback, *args, context=context)

    def _wait(self) -> None:
        self.tell_real_time()  # of callbacks, which have no end of a turn
        seconds = 0.0
        if not self._turns:
            due = self._next_due()
            if due is None and self._is_deserted():
                real_sleep(BETWEEN_LOOKS)  # who was just about to act has acted by then
                if self._is_deserted() and not self._turns:
                    self.stuck()
            seconds = LOOK_AGAIN if due is None else max(0, due - self.now()) / SECOND
        self._wait_for_events(min(seconds, LONGEST_WAIT))
        self._now = self.now()

    def _wait_for_events(self, seconds: float) -> None:
        """Until a socket is ready or somebody calls. In a browser there is neither."""
        if THREADS_START:
            self._process_events(self._selector.select(seconds))
        else:
            real_sleep(seconds)

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep; that it holds the loop, nobody else has to find out."""
        self.tell_real_time()
        super().block(seconds, line)
        self.watch.take()

    def tell_real_time(self) -> None:
        """Log where the turn that goes on waited for something real, and held the loop."""
        for wait in self.watch.take():
            start, end = (round(t * SECOND) - self._begin for t in (wait.begin, wait.end))
            start = max(start, self._now, self._in_log)
            self.recorder.note(self.actor, start, BLOCKED, (end, wait.line, "something real"))
        self._in_log = self.now()

    def _end_of_turn(self, task: Any) -> None:
        """Log what it waited for in this turn, then what it waits for now."""
        self.tell_real_time()
        super()._end_of_turn(task)

    def _next_due(self) -> int | None:
        """When the next timer is due that somebody still waits for; None if there is none."""
        while self._timers:
            if is_awaited(self._timers[0]):
                return self._timers[0][0]
            heapq.heappop(self._timers)
        return None

    def _is_deserted(self) -> bool:
        """Whether no socket, no signal, no call in a thread and no other thread could wake it."""
        if not THREADS_START:
            return True
        sockets = len(self._selector.get_map()) - 1  # one is the loop's own, to be woken by
        calls = sockets or self.threads.calls
        others = others_who_could_act(self._threads_before) or bare_threads()
        return not (calls or others or self._awaits_signals())

    def _awaits_signals(self) -> bool:
        """Whether a signal would call a function of the student's, by the loop or by Python."""
        return bool(getattr(self, "_signal_handlers", ()) or handlers_of_signals())

    def _make_self_pipe(self) -> None:
        """A socket by which other threads wake the loop; in a browser nobody is there to do so."""
        if THREADS_START:
            super()._make_self_pipe()  # type: ignore[misc]

    def _close_self_pipe(self) -> None:
        if THREADS_START:
            super()._close_self_pipe()  # type: ignore[misc]

    def _write_to_self(self) -> None:
        if THREADS_START:
            super()._write_to_self()  # type: ignore[misc]

    def _sleep_blocking(self, duration_ns: int) -> None:
        real_sleep(duration_ns / SECOND)

    def close(self) -> None:
        """End the loop; its threads go on by themselves."""
        if not self.is_running():  # else asyncio refuses
            self.threads.leave_alone()
        super().close()
