"""A watch over real time: where a run waits for something real, which its clock does not see.

A thread beside the runs looks now and then at the line that each of them is on. Where one stands
still there, and the process uses no processor, it waits for something real: the network, a file, a
lock. A busy computer is no wait: there a program wants the processor, and gets a share of it.

On a virtual clock it also looks for a turn that does not end: perhaps it asks again and again for
what cannot come before it waits. Whether it does, or computes, no watch can see, so it is told. The
processor's time is that of all threads: one that stands still lets others compute, and is let be.
"""

from __future__ import annotations

import _thread
import dis
import gc
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NamedTuple

from .time_keeper import in_runs
from .waits import own_frame

LOOK_EVERY = 0.025  # real seconds
IDLE = 0.05  # share of a processor; who takes less does nothing
BUSY = 10.0  # real seconds of one turn, after which somebody is told
SHARE = 0.2  # of a processor; who takes more does not only wait
LOST = 5.0  # real seconds between two looks: the whole computer was asleep
GOES_ON = (
    f"line {{line}} has gone on for {BUSY:.0f} s of real time, in which the virtual clock stands "
    "still and nobody else goes on. If it computes, all is well; if it asks again and again "
    "whether something has happened, let it wait: time.sleep(0.1), a join, an event or a queue; or "
    'run(…, clock="live")\n'
)
LINGER = 40  # looks for which the thread waits for another run before it ends
_start_new_thread = _thread.start_new_thread
_real_now = time.perf_counter
_real_sleep = time.sleep
_processor_seconds = time.process_time


def frames_now() -> dict[int, FrameType]:
    """The frame of each thread by its identity.

    Python 3.11 may collect garbage while it makes them, and holds a lock of the interpreter: if
    what is collected lets another thread go on, and that one needs the lock, both wait for ever.
    So may the end of Python, when this thread is one that it does not wait for.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if collects:
            gc.enable()


class Wait(NamedTuple):
    """A time in which the watched thread stood still."""

    line: int
    """Of the student's code."""
    begin: float
    """Real seconds, on the clock of `perf_counter`; it was not earlier, but may be a look later."""
    end: float


class Watch:
    """Watches one thread at a time: the one that `whom` names by its identity."""

    def __init__(self, whom: Callable[[], int], turns: Callable[[], Any] | None = None) -> None:
        """`turns` gives another value after each turn; without it, a long one is let be."""
        self._whom = whom
        self._turns = turns
        # What it gave last, since when, and the processor's seconds then.
        self._turn: tuple[Any, float, float] = (None, 0.0, 0.0)
        self._waits: list[Wait] = []
        self._place: Any = None  # where the thread was at the last look
        self._looked = 0.0  # when that was
        self._moved = 0.0  # and when it was last seen to move
        self._since = (0.0, 0.0)  # when it was first seen there, and the processor's seconds then
        self._begin = 0.0  # the look before that: it came there after it
        self._line: int | None = None  # of the wait that goes on

    def begin(self) -> None:
        """Look from now on, where threads can be started; a browser's Python has none."""
        self._looked = _real_now()
        _rounds.watches.append(self)
        if not _rounds.go_on:
            _rounds.go_on = True
            with suppress(RuntimeError):
                _start_new_thread(_rounds.make, ())

    def end(self) -> None:
        """Look no more."""
        _rounds.watches.remove(self)

    def take(self) -> list[Wait]:
        """The waits since somebody asked, with the one that goes on, up to now."""
        self._end_wait(_real_now())
        taken, self._waits = self._waits, []
        self._place = None
        return taken

    def look(self) -> None:
        """One look, from another thread."""
        whom = self._whom()
        frame = frames_now().get(whom)
        now, seconds = _real_now(), _processor_seconds()
        place = (whom, id(frame), frame and frame.f_lasti)
        if place != self._place or _jumps_back(frame):
            self._moved = now
        if self._turns is not None:
            self._look_at_turn(self._turns(), frame, now, seconds)
        begin, used_then = self._since
        idle = seconds - used_then <= IDLE * (now - begin)
        if place != self._place or not idle or now - self._looked > LOST:
            self._end_wait(self._looked)
            self._since, self._begin = (now, seconds), self._looked
        elif self._line is None:
            own = own_frame(frame)
            self._line = own and own.f_lineno
        self._place, self._looked = place, now

    def _look_at_turn(self, turn: Any, frame: FrameType | None, now: float, seconds: float) -> None:
        """Say once on which line it goes on and on."""
        before, since, used = self._turn
        stands = now - self._moved > BUSY / 2
        if turn != before or stands or now - self._looked > LOST:
            self._turn = (turn, now, seconds)
        elif now - since > BUSY and seconds - used > SHARE * (now - since):
            own = own_frame(frame)
            if own is not None:
                self._turns = None
                # There is no stderr where Python has no window; others are closed, or full.
                with suppress(AttributeError, OSError, ValueError):
                    sys.stderr.write(GOES_ON.format(line=own.f_lineno))

    def _end_wait(self, now: float) -> None:
        if self._line is not None:
            self._waits.append(Wait(self._line, self._begin, now))
            self._line = None


def _jumps_back(frame: FrameType | None) -> bool:
    """Whether it is at the end of a loop: in a short one Python looks around nowhere else."""
    return frame is not None and "JUMP_BACKWARD" in dis.opname[frame.f_code.co_code[frame.f_lasti]]


class _Rounds:
    """One thread of the process looks at all runs; it ends when there has been none for a while."""

    def __init__(self) -> None:
        self.watches: list[Watch] = []
        self.go_on = False

    def make(self) -> None:
        """In a thread of its own, which nobody waits for."""
        without = 0
        in_runs.add(_thread.get_ident())  # whoever asks for its name makes it known to Python
        try:
            while self.go_on:
                _real_sleep(LOOK_EVERY)
                for watch in list(self.watches):
                    watch.look()
                without = 0 if self.watches else without + 1
                self.go_on = without < LINGER
        except BaseException:
            self.go_on = False  # the next run begins another
            raise
        finally:
            in_runs.discard(_thread.get_ident())


_rounds = _Rounds()
