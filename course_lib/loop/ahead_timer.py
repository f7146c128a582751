"""A `threading.Timer` where no thread can be started: its function is called when it is time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .ahead_thread import AheadThread
from .lengths import nanoseconds
from .recorder import RESUMED

if TYPE_CHECKING:
    from .ahead_threads import AheadThreads


class AheadTimer(AheadThread):
    """The one thread that can wait for others: whether they cancel it, nobody asks it before."""

    def __init__(self, threads: AheadThreads, timer: Any, next_call: Any, lane: Any) -> None:
        super().__init__(threads, timer, next_call)
        self._timer = timer
        self._is_set = False
        self._lane = lane
        timer.cancel = self.cancel

    def cancel(self) -> None:
        """What `cancel` of the timer does."""
        self._timer.finished.set()
        if self._is_set and not self.is_over:
            self.wake_up()

    def go_on(self) -> None:
        """The first time, begin to wait; the second time, call the function or end."""
        self.turn = None
        if self._is_set and not self._timer.finished.is_set():
            super().go_on()
        elif self._is_set or self._timer.finished.is_set():
            self.recorder.note(self._lane, self.now(), None)
            self.is_over = True
            self.threads.has_ended(self)
        else:
            self._is_set = True
            self.actor = self._lane
            self.recorder.note(self._lane, self.now(), RESUMED, self.now())
            self.recorder.log.extend((self._lane, self.now(), "timer", None, 0))
            self.threads.plan(self, self.now() + nanoseconds(self._timer.interval))


def is_timer(thread: threading.Thread) -> bool:
    """Whether it waits, and then calls, as Python's own do."""
    return isinstance(thread, threading.Timer) and type(thread).run is threading.Timer.run


def ring(timer: Any) -> Any:
    """What it does when it is time."""

    def work() -> None:
        timer.function(*timer.args, **timer.kwargs)
        timer.finished.set()

    return work
