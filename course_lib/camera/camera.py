"""What writes a film down: it hears of turns from a WatchedLoop, and of lines from Python."""

from __future__ import annotations

import asyncio
from types import FrameType
from typing import Any

from ..loop.recorder import EVENT_LOOP
from ..loop.tasks import has_begun, reason
from ..loop.waits import line_at, look
from ..loop.watched import WatchedLoop
from .cast import Cast
from .film import NOBODY, Kind, Step, Wait
from .others import others_awaited
from .printed import Printed
from .sources import Sources
from .things import Things
from .values import values_of

END = "the run ends, and cancels what is left"
MOST_ROUNDS = 1_000_000  # of a line that goes round by itself, `while True: pass`
RAISED_BY_PYTHON = (StopIteration, StopAsyncIteration, GeneratorExit)


class Full(asyncio.CancelledError):
    """Ends a task in the middle of its turn: the film is long enough."""


class Camera:
    """Writes steps. One is open until the next begins; then it is closed, with what there is."""

    def __init__(self, most_steps: int) -> None:
        self.most_steps = most_steps
        self.loop: WatchedLoop
        self.steps: list[Step] = []
        self.cast = Cast()
        self.sources = Sources()
        self.things = Things()
        self.printed = Printed()
        self.is_full = False
        self.rounds = 0  # of the line under way
        self._beyond = 0  # lines and rounds after the end of the film
        self._open: Step | None = None
        self._place: Any = None  # the frame of its line, as a number
        self._now_on = 0  # whose turn it is
        self._turn = 0
        self._is_in_turn = False
        self._has_lines = False  # in this turn
        self._is_off = False
        self._clock = 0
        self._version: tuple[int, ...] = ()
        self._ready: tuple[int, ...] = ()
        self._timers: tuple[tuple[int, int], ...] = ()

    def make_loop(self) -> WatchedLoop:
        """The loop of the run, made when it is clear that there will be one."""
        self.loop = WatchedLoop(self)
        return self.loop

    # What the loop tells ---------------------------------------------------------------------

    def made(self, who: Any) -> None:
        """A task was made, and has perhaps had its first turn at once."""
        if self._is_off:
            return
        place = self.cast.task(who.serial)
        if self._open is None:
            return
        if place not in self._open.made:
            self._open.made += (place,)
        if has_begun(who.coroutine):
            self._open.waits[place] = self._wait(who)

    def begins(self, who: Any) -> None:
        """A turn begins."""
        place = None if self._is_off else self.cast.place(who)
        if place is None:
            return
        self._close()
        if self.loop.now() > self._clock:
            self._jump(place)
        self._turn += 1
        self._now_on, self._has_lines, self._is_in_turn = place, False, True
        if not self.cast.actors[place].is_task:
            self._begin(Kind.LOOP)

    def ends(self, who: Any) -> None:
        """A turn has ended."""
        place = None if self._is_off else self.cast.place(who)
        if place is None:
            return
        self._now_on, is_task = place, self.cast.actors[place].is_task
        if is_task and self._open is None:  # without a line of the student's, like a library's
            self._begin(Kind.RESUME)
        if is_task and self._open is not None:
            self._open.waits[place] = self._wait(who)
        self._close()
        self._now_on, self._is_in_turn = 0, False

    def cleans_up(self) -> None:
        """What the program left behind is cancelled, and that is part of the film."""
        if not self._is_off:
            self._turn += 1
            self._now_on = self.cast.named(END)
            self._begin(Kind.LOOP)
            self._close()

    def is_over(self) -> None:
        """The film is over; that the run is cleaned up is no part of it."""
        self._close()
        self._is_off = True

    def _jump(self, first: int) -> None:
        """Nobody could go on: the clock has jumped to the timer of `first`."""
        self._turn += 1
        step = self._begin(Kind.JUMP)
        if step is not None:
            step.actor = 0
            self._close(first)

    # What Python tells -----------------------------------------------------------------------

    def line(self, frame: FrameType) -> None:
        """A line is about to run."""
        if self.is_full:
            self._insist()
        elif self._is_in_turn and not self._is_off:
            self._line(frame, Kind.LINE)
            self._has_lines = True

    def went_round(self) -> None:
        """The line under way begins anew, of which Python tells no line: perhaps for ever."""
        if self.is_full:
            self._insist()
        elif self._is_in_turn and not self._is_off:
            self.rounds += 1
            if self.rounds == MOST_ROUNDS:
                self._close()
                self._stop()
                raise Full

    def _insist(self) -> None:
        """The film is over, and the program goes on: it may clear up, and has swallowed its end
        if that has no end. Ended at each line, it is ended where it has swallowed the end before.
        """
        self._beyond += 1
        if self._beyond > MOST_ROUNDS:
            raise Full

    def resumed(self, frame: FrameType) -> None:
        """A task goes on; of the frames that do, the innermost counts, which comes last."""
        if self._is_in_turn and not (self._is_off or self._has_lines):
            if self._open is not None and self._open.kind is Kind.RESUME:
                self._open = None
            self._line(frame, Kind.RESUME)

    def raised(self, frame: FrameType, error: type[BaseException]) -> None:
        """An error is raised on the line under way, or thrown into a task that waited."""
        if not self._is_in_turn or self._is_off or issubclass(error, (*RAISED_BY_PYTHON, Full)):
            return
        if self._open is None:
            self._line(frame, Kind.RESUME)
        if self._open is not None:
            self._open.raised = self._open.raised or error.__name__

    def _line(self, frame: FrameType, kind: Kind) -> None:
        number = self.loop.actor
        if isinstance(number, int) and number != EVENT_LOOP:  # a task that began at once, too
            self._now_on = self.cast.task(number)
        if self._open is not None and self._place == id(frame):
            self._open.values = values_of(frame)
        self._close()
        self.things.look_for(frame)
        step = self._begin(kind, self.sources.place(frame.f_code), frame.f_lineno or 0)
        self._place = id(frame)
        if step is None:
            raise Full
        step.values = values_of(frame)

    # Writing ---------------------------------------------------------------------------------

    def _begin(self, kind: Kind, source: int = NOBODY, line: int = 0) -> Step | None:
        """Open a step; None where the film is long enough, and the loop takes no more turns."""
        if len(self.steps) >= self.most_steps:
            self._stop()
            return None
        self._place, self.rounds = None, 0
        self._open = Step(kind, self._turn, self._now_on, self._clock, source, line)
        return self._open

    def _stop(self) -> None:
        """The film is long enough, and the loop takes no more turns."""
        self.is_full = self._is_off = True
        self.loop.stop()

    def _close(self, *first: int) -> None:
        """End the step under way, with what there is now; `first` is ready before all others."""
        step, self._open = self._open, None
        if step is None:
            return
        step.end_ns = self._clock = self.loop.now()
        self._stand(step, *first)
        step.printed = self.printed.take()
        self._is_off = True  # a student's __repr__ is no part of the film
        step.states = self.things.states(self._now_on)
        self._is_off = False
        self.steps.append(step)

    def _stand(self, step: Step, *first: int) -> None:
        """Who can go on, and when who will; as before where nothing has changed."""
        version = self.loop.version()
        if version != self._version:
            self._version, place = version, self.cast.place
            ready, rings = self.loop.line()
            self._ready = tuple(n for who in ready if (n := place(who)) is not None)
            self._timers = tuple((due, n) for due, who in rings if (n := place(who)) is not None)
        step.ready, step.timers = (*first, *self._ready), self._timers

    def _coroutines(self) -> dict[int, Any]:
        """Of all tasks that have not ended, by their places in the cast."""
        tasks = self.loop.tasks_in_order()
        return {self.cast.task(self.loop.number_of(task)): task.get_coro() for task in tasks}

    def _wait(self, who: Any) -> Wait:
        """What a task waits for between its turns, or how it ended."""
        if who.done():
            if who.cancelled():
                return Wait("cancelled")
            error = who._exception  # its method would count as having been told of it
            return Wait("failed", error=type(error).__name__) if error else Wait("done")
        why, code, offset = look(who.coroutine)
        line = line_at(code, offset)
        return Wait(
            why or ("sleep" if who.nap else reason(who)),
            self.loop.rings_for(who),
            NOBODY if code is None else self.sources.place(code),
            line or 0,
            self.things.awaited(who.coroutine, self._coroutines),
            tuple(self.cast.task(one.serial) for one in others_awaited(who)),
        )
