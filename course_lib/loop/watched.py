"""A virtual loop that tells an onlooker of each turn, for the film of a run.

It makes the same turns as `VirtualLoop`, which knows nothing of it and pays nothing for it: here
whatever is called back is wrapped before it is queued.
"""

from __future__ import annotations

import sys
from asyncio import events, isfuture
from collections.abc import Callable
from operator import itemgetter
from types import FrameType
from typing import Any, NoReturn, Protocol

from .scheduler import Scheduler
from .tasks import TASKS, Task
from .virtual import VirtualLoop
from .virtual_thread import Turn, VirtualThread

FEW_JUMPS = 1_000  # of the clock, while what a film does not show is asked to end
Waiter = Any
"""Who can have a turn: a Task or the Guest of one, a handle of asyncio's, or a VirtualThread."""


class Onlooker(Protocol):
    """What a WatchedLoop tells."""

    def made(self, who: Waiter) -> None:
        """A task was made."""

    def begins(self, who: Waiter) -> None:
        """Its turn begins."""

    def ends(self, who: Waiter) -> None:
        """Its turn has ended; it sleeps, waits or is over."""

    def cleans_up(self) -> None:
        """The coroutine of the run has ended, and what it left was asked to end, too."""

    def is_over(self) -> None:
        """The run gives up, or has ended: what follows is none of the program's."""


class _TaskTurn:
    """A turn of a task, between two words to the onlooker; else as what it wraps."""

    __slots__ = ("__name__", "__self__", "_turn", "_who")

    def __init__(self, turn: Callable[..., Any], who: Waiter) -> None:
        self.__self__ = turn.__self__  # type: ignore[attr-defined]
        self.__name__ = getattr(turn, "__name__", "")
        self._turn = turn
        self._who = who

    def __call__(self, *args: Any) -> None:
        loop = self.__self__.get_loop()
        loop.begins(self._who, sys._getframe(1))
        try:
            self._turn(*args)
        finally:
            loop.ends(self._who)
            # Else the frames of an error would keep its task alive; asyncio's Handle does so, too.
            del self


class _Tells:
    """What runs a callback, between two words to the onlooker."""

    __slots__ = ()
    _loop: WatchedLoop

    def _run(self) -> None:
        self._loop.begins(self, sys._getframe(1))
        try:
            super()._run()  # type: ignore[misc]
        finally:
            self._loop.ends(self)

    def cancel(self) -> None:
        super().cancel()  # type: ignore[misc]
        self._loop.handle_cancelled()


class _Handle(_Tells, events.Handle):
    __slots__ = ()


class _TimerHandle(_Tells, events.TimerHandle):
    __slots__ = ()


class WatchedLoop(VirtualLoop):
    """A virtual loop with an onlooker."""

    handles = (_Handle, _TimerHandle)

    def __init__(self, onlooker: Onlooker) -> None:
        super().__init__()
        self.onlooker = onlooker
        self._changes = 0  # to who can have a turn that no other number tells of
        self._left, self._newest, self._began = 0, 0, 0  # of the round, as `_run_once` has them
        self._main: Any = None

    # What it tells ---------------------------------------------------------------------------

    def begins(self, who: Waiter, frame: FrameType | None) -> None:
        """Somebody's turn begins, in a call from this frame."""
        self._changes += 1
        # The scheduler keeps them in local variables, for speed: read as a debugger reads them.
        while frame is not None and frame.f_code is not Scheduler._run_once.__code__:
            frame = frame.f_back
        if frame is not None:
            names = frame.f_locals
            self._left, self._newest, self._began = (
                names[name] for name in ("queued", "newest", "began")
            )
            if isinstance(names, dict):  # up to Python 3.12 a copy, which the frame would keep
                names.clear()
        self.onlooker.begins(who)

    def ends(self, who: Waiter) -> None:
        """Somebody's turn has ended."""
        self.onlooker.ends(who)

    def create_task(self, coro: Any, **options: Any) -> Any:
        """A task, of which the onlooker is told."""
        task = super().create_task(coro, **options)
        self._main = self._main or task
        if isinstance(task, TASKS):
            self.onlooker.made(task if type(task) is Task else self._guest(task))
        return task

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: Any = None
    ) -> Any:
        """Queue a callback; a turn of a task is wrapped, and a handle tells by itself."""
        task = getattr(callback, "__self__", None)
        if context is not None and isinstance(task, TASKS) and not _is_method(callback):
            who = task if type(task) is Task else self._guest(task)
            callback = _TaskTurn(callback, who)
        self._changes += 1
        return super().call_soon(callback, *args, context=context)

    def handle_cancelled(self) -> None:
        """A callback will not be made."""
        self._changes += 1

    def let_go_on(self, thread: VirtualThread) -> None:
        """The turn of a thread."""
        self.begins(thread, sys._getframe(1))
        super().let_go_on(thread)
        self.ends(thread)

    def pass_until(self, time_ns: int) -> None:
        """Time goes by while the loop blocks, and perhaps a thread has had its turn."""
        self._changes += 1
        super().pass_until(time_ns)

    def cut_short(self) -> None:
        """Called when the coroutine of the run is over, or something has come out of the loop."""
        super().cut_short()
        if self._main is None or not self._main.done():
            self.onlooker.is_over()
            self._jumps_left = FEW_JUMPS

    def run_until_complete(self, future: Any) -> Any:
        """Called for the coroutine of the run, and again to wait for what it left."""
        if self._main is not None and self._main.done() and isfuture(future):
            self.onlooker.cleans_up()
        return super().run_until_complete(future)

    def stuck(self) -> NoReturn:
        """The program ends here."""
        self.onlooker.is_over()
        super().stuck()

    def shutdown_asyncgens(self) -> Any:
        """The first thing after a run's last task; asyncio's own coroutine, as it has no lane."""
        self.onlooker.is_over()
        return super().shutdown_asyncgens()

    # What there is ---------------------------------------------------------------------------

    def version(self) -> tuple[int, ...]:
        """While this stays the same, so does `line`."""
        gone = self._cancelled_timers
        return (self._changes, self._sequence, self._now, len(self._turns), gone)

    def line(self) -> tuple[list[Waiter], list[tuple[int, Waiter]]]:
        """Who can go on, in the order in which the loop will take them; and when each timer will
        ring, and for whom, the next one first.
        """
        queued = [_waiter(turn, task) for turn, _, _, _, task in self._turns]
        timers = sorted(self._timers, key=itemgetter(0, 1))
        due_by_now = sum(due <= self._now for due, _, _ in timers)
        # The first that is none of this round's keeps all behind it waiting for the next one.
        of_others = (
            place
            for place, (due, number, _) in enumerate(timers[:due_by_now])
            if due > self._began or number > self._newest
        )
        of_round = next(of_others, due_by_now)
        by_moment = [(self._overdue.get(timer[1], timer[0]), *timer[1:]) for timer in timers]
        next_round = sorted(by_moment[of_round:due_by_now], key=itemgetter(0, 1))
        line = [
            *queued[: self._left],
            *_in_a_round(timers[:due_by_now], of_round, queued[self._left :]),
            *_in_a_round(next_round, len(next_round), []),
        ]
        rings = [(due, _sleeper(timer, number)) for due, number, timer in timers[due_by_now:]]
        there = [who for who in line if who is not None]
        return there, [(due, who) for due, who in rings if who is not None]

    def rings_for(self, who: Waiter) -> int:
        """When the timer of a task that sleeps will ring; -1 if it has none."""
        mine = (due for due, number, one in self._timers if one is who and number == who.nap)
        return next(mine, -1)


def _in_a_round(
    due: list[Any], number_of_them: int, queued: list[Waiter | None]
) -> list[Waiter | None]:
    """Who is called by so many timers, the first of all that are due; then the queue, behind which
    those stand who sleep, unless nobody else is there.
    """
    called: list[Waiter | None] = []
    for place, (_, number, timer) in enumerate(due[:number_of_them]):
        who = _sleeper(timer, number)
        if type(who) is Task and (queued or due[place + 1 :]):
            queued = [*queued, who]
        else:
            called.append(who)
    return called + queued


def _sleeper(timer: Any, number: int) -> Waiter | None:
    """Whose timer it is; None if it has been woken meanwhile, or does not want to be."""
    if type(timer) is Task:
        return timer if timer.nap == number else None
    return _waiter(timer, None)


def _waiter(turn: Any, task: Any) -> Waiter | None:
    """Whose turn it is; None for one that was cancelled."""
    if task is not None:
        return task
    if turn._cancelled:
        return None
    return turn.thread if isinstance(turn, Turn) else turn


def _is_method(callback: Any) -> bool:
    """Whether it is `task.cancel`, which others queue; all else that a task queues is its turn."""
    return getattr(callback, "__name__", "") == "cancel"
