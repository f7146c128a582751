"""One thread where none can be started, as in a browser: done at once, and played back in time.

What it does is done from the beginning to the end, on a clock that is put forward at each of its
sleeps. What it logged, printed and asked of the loop meanwhile is kept, and comes up when the
clock has really come there; so does what it gave back. The trace is that of a real thread.
Only what it shares with others can tell: they see what it did too early, and it sees nothing that
they do while it sleeps. For others it cannot wait at all.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future as CallFuture
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .lengths import nanoseconds
from .parked import parked_loop
from .threads import is_of_a_pool, is_the_students, on_the_clock
from .virtual_thread import Abandoned, VirtualThread
from .waits import EDGE, known, line_at, on_line

if TYPE_CHECKING:
    from .ahead_threads import AheadThreads
    from .virtual import VirtualLoop

MOST_SLEEPS = 10_000  # of a call: then it is one that goes on till others tell it to end
WHY = (
    "Where Python has one thread only, as in a browser, a call in a thread is made from its "
    "beginning to its end before anybody else goes on"
)
ON_YOUR_OWN = "on your own computer this program runs: python3 start.py"


class Part(NamedTuple):
    """What a thread did between two of its sleeps."""

    log: list[Any]
    turns: list[Any]
    printed: str
    actor: Any
    until_ns: int
    refusal: str


class Call(NamedTuple):
    """Something for the thread to do, and who hears what came of it."""

    work: Callable[[], Any]
    lane: Any
    future: CallFuture[Any]
    end: Callable[[], None] = lambda: None


class AheadThread(VirtualThread):
    """A thread of a virtual run that is made ahead of its time, a call after the other."""

    threads: AheadThreads
    loop: VirtualLoop

    def __init__(
        self,
        threads: AheadThreads,
        thread: threading.Thread,
        next_call: Callable[[AheadThread], Call | None],
    ) -> None:
        super().__init__(threads, thread)
        self.is_daemon = thread.daemon
        self._next_call = next_call
        self._call: Call | None = None
        self._outcome: tuple[Any, BaseException | None] = (None, None)
        self._parts: deque[Part] = deque()
        self._printed = StringIO()
        self._is_refused = False
        self._is_students = is_the_students(thread)  # later it may have forgotten
        self._pretend()

    def _pretend(self) -> None:
        """Let the thread look like one that was started."""
        thread: Any = self.thread
        with on_the_clock(None):  # no lock that the program takes
            thread._started.set()
        thread._ident = threading.get_ident()
        thread.is_alive = lambda: not self.is_over
        thread.join = self.join

    def join(self, timeout: float | None = None) -> None:
        """What `join` of the thread does."""
        if not self.is_over:
            self.threads.join(self.thread, timeout)

    # Ahead of time ---------------------------------------------------------------------------

    def _make(self, call: Call) -> None:
        """Do all of it; its parts are to be played."""
        self._call, self.has_locked = call, False
        with self.loop.ahead_of_time(), self._being_this_thread(), redirect_stdout(self._printed):
            try:
                with self.lane(call.lane):
                    result = call.work()
                self._outcome = (result, None)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits it
                self._outcome = (None, error)
            if not self._is_refused:
                self._end_part(self.now())
        if self.has_locked and len(self._parts) > 1 and not self._is_refused:
            lane = self.loop.recorder.lanes()[call.lane]
            note = f"{lane} uses a lock or a queue, which may be early or late here. {WHY}"
            self.loop.notes.append(f"{note}; {ON_YOUR_OWN}")

    @contextmanager
    def _being_this_thread(self) -> Iterator[None]:
        """As far as Python can tell: there is no other loop, and this thread is the current one."""
        active: dict[int, threading.Thread] = threading._active  # type: ignore[attr-defined]
        number = threading.get_ident()
        before = active[number]
        active[number] = self.thread
        try:
            with parked_loop(), on_the_clock(self):
                yield
        finally:
            active[number] = before

    def _end_part(self, until_ns: int, refusal: str = "") -> None:
        """Keep what was done since the last sleep, and put the clock forward."""
        log, turns = self.loop.take_away()
        printed = self._printed.getvalue()
        self._printed.seek(0)
        self._printed.truncate()
        self._parts.append(Part(log, turns, printed, self.actor, until_ns, refusal))
        self.loop.pass_until(until_ns)

    def _sleep(self, seconds: float) -> None:
        if self._is_refused:
            raise Abandoned
        if len(self._parts) >= MOST_SLEEPS:
            self._refuse(f"has slept {MOST_SLEEPS:,} times and still goes on")
        self._end_part(self.now() + nanoseconds(seconds))

    def stand_by(self, until_ns: int | None) -> NoReturn:
        """It would wait for others, and they cannot go on."""
        if self._is_refused:
            raise Abandoned
        reason, code, offset = self.waits_for or ("others", None, 0)
        self._refuse(f"waits for {reason}{on_line(line_at(code, offset))}")

    def _refuse(self, what: str) -> NoReturn:
        """Go no further; the run ends when its clock comes here."""
        lane = self.loop.recorder.lanes().get(self.actor, "a thread")
        self._end_part(self.now(), f"{lane} {what}. {WHY}, and so cannot wait for them; ")
        self._is_refused = True
        raise Abandoned

    # In its time -----------------------------------------------------------------------------

    def go_on(self) -> None:
        """Play the next part; after the last one of a call, go on with the next call at once."""
        self.turn = None
        while self._parts or self._has_begun():
            if not self._play():
                return
        if self.is_over:
            self.threads.has_ended(self)

    def _has_begun(self) -> bool:
        """Whether there was another call to make."""
        call = self._next_call(self)
        if call is not None:
            self._make(call)
        return call is not None

    def _play(self) -> bool:
        """Let the next part be seen; whether the call has ended with it."""
        part = self._parts.popleft()
        self.loop.bring_back(part.log, part.turns)
        self.actor = part.actor
        if part.printed:
            sys.stdout.write(part.printed)
        if part.refusal:
            self.threads.give_up(self, part.refusal + ON_YOUR_OWN)
        if self._parts:
            self.threads.plan(self, part.until_ns)
            return False
        self._tell()
        return True

    def _tell(self) -> None:
        """Hand over what came of the call."""
        call, self._call = self._call, None
        (result, error), self._outcome = self._outcome, (None, None)
        if call is not None:
            call.end()
            if error is None:
                call.future.set_result(result)
            else:
                call.future.set_exception(error)

    def is_missed(self) -> bool:
        """Whether Python itself would wait for its end: it is in a call, or does the student's."""
        if is_of_a_pool(self.thread):
            return bool(self.actor)
        return not self.is_daemon and self._is_students

    def abandon(self) -> None:
        """Play nothing any more; where it is in a lane, that ends here."""
        self.is_over = True
        self._parts.clear()
        if self.turn is not None:
            self.turn._cancelled = True
        if self.actor:
            self.recorder.note(self.actor, self.now(), None)
        if self._call is not None:
            self._outcome = (None, Abandoned())
            self._tell()


known[id(AheadThread._make.__code__)] = EDGE
