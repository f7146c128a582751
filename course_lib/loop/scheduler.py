"""The part of an event loop that decides who runs next, and logs each turn.

One scheduler serves both clocks, so that a program makes the same turns on either.
Timers that are due at the same moment fire in the order in which they were set, and sets of tasks
have a fixed order, so a program on the virtual clock does the same on every machine.
"""

from __future__ import annotations

import asyncio
import heapq
import weakref
from asyncio import base_events, events
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from heapq import heappop, heappush
from math import ulp
from sys import _getframe
from types import CoroutineType, MethodType
from typing import TYPE_CHECKING, Any, NoReturn

from ..trace import SECOND
from . import stuck
from .lengths import FOREVER, nanoseconds
from .recorder import BLOCKED, EVENT_LOOP, RESUMED, Recorder
from .stuck import (
    FEW_ROUNDS,
    LOOKS_EACH,
    MORE_ROUNDS,
    MOST_LOOKS,
    MOST_ROUNDS,
    MOST_TURNS,
    Stuck,
)
from .tasks import TASKS, Future, Guest, Task, has_begun, name_of, reason
from .time_keeper import here
from .waits import EDGE, FUTURES_END, known, line_of_error, look, own_frame
from .ways_out import show_way_out

if TYPE_CHECKING:
    from .threads import ThreadsOfRun
    from .watch import Watch

_QUIET = {  # code of asyncio whose futures nobody else ever holds
    id(call.__code__)
    for call in (
        *(asyncio.Queue.get, asyncio.Queue.put, asyncio.Event.wait, asyncio.Condition.wait),
        *(asyncio.Lock.acquire, asyncio.Semaphore.acquire),
    )
}
_EAGER = getattr(asyncio, "eager_task_factory", None)  # from Python 3.12 on
_TASK_METHODS = {"cancel"}  # methods of a task that others queue; all else a task queues is a turn


def is_awaited(timer: tuple[int, int, Any]) -> bool:
    """Whether somebody still waits for a timer: neither the sleep nor the time limit is over."""
    _, sequence, who = timer
    return bool(who.nap == sequence if type(who) is Task else not who._cancelled)


class _InOrder(weakref.WeakKeyDictionary[Any, None]):
    """A set of what is alive, in the order in which it came; asyncio's own has none."""

    def add(self, member: Any) -> None:
        self[member] = None

    def discard(self, member: Any) -> None:
        self.pop(member, None)


class _Closed:
    """Stands where a closed loop had its turns."""

    def append(self, turn: Any) -> NoReturn:
        raise RuntimeError("Event loop is closed")

    def __len__(self) -> int:
        return 0


class _Nobody:
    """Stands for a task where none has had a turn."""

    slept_in: Any = None


class Scheduler(asyncio.BaseEventLoop):
    """Runs tasks in turns and logs each turn; a subclass says how time goes by."""

    # What is touched at every turn lies in slots: BaseEventLoop has more attributes than Python
    # keeps in its quick way.
    __slots__ = (
        "_debug",
        "_now",
        "_reached",
        "_sequence",
        "_stopping",
        "_timers",
        "_turns",
        "_waited_for",
        "_woken",
        "actor",
        "has_others",
        "live",
        "log",
        "nap_until",
        "recording",
        "task",
    )
    threads: ThreadsOfRun
    watch: Watch
    live: bool  # whether time goes by on its own
    set_order = 0  # of tasks and futures: -1 turns their hashes, so that the newest come first
    handles: tuple[Any, Any] = (events.Handle, events.TimerHandle)  # what holds a callback
    noise_ns = 0  # a live clock shows the computer's own noise, a virtual one has none
    # A library that makes loops re-entrant changes these in the class of the loop that it finds.
    run_forever = asyncio.BaseEventLoop.run_forever
    run_until_complete = asyncio.BaseEventLoop.run_until_complete
    _nest_patched = True  # nest_asyncio takes this class for changed, and leaves it as it is

    def __init__(self, *, record: bool = True) -> None:
        super().__init__()
        self.recorder = Recorder(noise_ns=self.noise_ns)
        self.log = self.recorder.log.extend
        self.recording = record
        self.live = False
        self.actor: Any = EVENT_LOOP  # who is running
        self._nobody = _Nobody()
        self.task: Any = self._nobody  # whose turn it is, or was last
        self.has_others = False  # threads that are none of the run's, and might act
        self.end_ns = 0  # when the run ended
        self.notes: list[str] = []  # sentences about what the log cannot say
        self.asked_for: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        """The processes that were asked for and were not over: since when."""
        self.nap_until = 0  # set by a task that is about to sleep: when it wants to be woken
        self._now = 0  # on the live clock: at the last look
        self._reached = 0.0  # the latest time, in seconds, that somebody was to wait for
        self._waited_for: dict[int, float] = {}  # the same for tasks that rest till then
        self._looks = 0  # at the clock while it stood still, last at this moment:
        self._looked_at = 0
        self._woken = 0  # when what happens now became due: the time its consequences are ready
        self._timers: list[tuple[int, int, Any]] = []  # due, sequence, handle or sleeping task
        # Timers that were over when they were set, by their sequence: the moment that they are for.
        # They are due when they are set, and are lined up by their moment when a round begins.
        self._overdue: dict[int, int] = {}
        self._set_at: dict[int, int] = {}  # of those that are lined up: when they were set
        self._sequence = 0
        self._turns: Any = self._ready  # turn, arguments, context, when woken, task
        self._numbers = 0
        self._cancelled_timers = 0
        self._reserved = 0  # the number of the task that a factory makes at this moment
        self._guests: weakref.WeakKeyDictionary[Any, Guest] = weakref.WeakKeyDictionary()
        # Who had an error of which nobody had been told, and errors that were logged.
        self._failed: list[tuple[Any, weakref.ref[Any]]] = []
        self._told: list[tuple[Any, str, int | None]] = []
        # The same of calls in pools, and of what threads ask of the loop: each by a key of its own.
        self.failed_elsewhere: dict[object, tuple[Any, str, int | None]] = {}
        self._asyncgens: Any = _InOrder()

    @property
    def loop(self) -> Scheduler:
        """The loop that a time-keeper belongs to: this one."""
        return self

    # How time goes by ------------------------------------------------------------------------

    def now(self) -> int:
        """Nanoseconds since the run began."""
        return self._now

    def read(self) -> int:
        """The same for whoever looks at a clock: too often at one moment is an error, Stuck."""
        if self.live or self._looked_at != self._now:
            self._looked_at, self._looks = self._now, 0
        self._looks += 1
        if self._looks > MOST_LOOKS and self._looks > LOOKS_EACH * self._numbers:
            keeper, frame = here.clock or self, own_frame(_getframe(1))
            line = frame and frame.f_lineno
            raise Stuck(stuck.looks_at_the_clock(self, keeper.actor, line))
        return self.now()

    def time(self) -> float:
        """Seconds since the run began.

        Time moves by whole nanoseconds, and what is waited for may lie between two of them. Where
        it has come, this shows no less, so that nobody sees that he is a fraction too early.
        """
        self.read()
        return self._seconds()

    def _seconds(self) -> float:
        now = self.now() if self.live else self._now
        waited_for = self._waited_for.get(self.actor)
        if waited_for is not None and waited_for * SECOND < now + 1:
            del self._waited_for[self.actor]
            if waited_for > self._reached:  # max would take twice the time, at every uneven sleep
                self._reached = waited_for
        seconds = now / SECOND
        return seconds if seconds > self._reached else self._reached

    def rounded_down(self, delay: float, length_ns: int) -> int:
        """The length of a rest that is a little longer than these whole nanoseconds."""
        if delay - length_ns / SECOND > 4 * ulp(delay):  # no mere last bits, as of 0.1 * 3
            self._waited_for[self.actor] = self._seconds() + delay
        return length_ns or 1

    def _wait(self) -> None:
        """On a live clock: wait until a timer is due or somebody calls; not if turns are queued."""

    def _before_jump(self) -> bool:
        """Make sure that nobody else would have acted by then; whether somebody has, just now."""
        return False

    def _could_be_woken(self) -> bool:
        """Wait for what no timer tells of, if there is such; whether there was."""
        return False

    def _sleep_blocking(self, duration_ns: int) -> None:
        """Let time go by while no task can run."""
        raise NotImplementedError

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep, logged: it holds the loop."""
        start = self.now() if seconds else self.read()
        self._sleep_blocking(nanoseconds(seconds))
        end = self._woken = self.now()
        self.recorder.note(self.actor, start, BLOCKED, (end, line, "time.sleep"))

    # What asyncio asks of a loop -------------------------------------------------------------

    def next_number(self) -> int:
        """The hash of the next task or future."""
        self._numbers += 1
        return self._numbers

    def create_future(self) -> asyncio.Future[Any]:
        """A future; a plain one, which is faster, where nobody can put it into a set."""
        if id(_getframe(1).f_code) in _QUIET:
            return asyncio.Future(loop=self)
        return Future(loop=self)

    def create_task(  # type: ignore[override, unused-ignore]
        self, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> Any:
        """A task that is a lane of the trace; named after its coroutine unless told otherwise."""
        self._check_closed()
        factory = self._task_factory
        if factory is not None and factory is not _EAGER:
            return self._made_by_factory(coro, options)
        serial, made_up, name = self.next_number(), name_of(coro), options.pop("name", None)
        self.recorder.names[serial] = (str(name), False) if name else (made_up, True)
        options |= {"serial": serial, "loop": self, "name": name or made_up or None}
        if not (options.pop("eager_start", False) or factory):
            return Task(coro, **options)
        with self._at_once(serial):
            task = Task(coro, eager_start=True, **options)
        if self.recording and not task.nap:
            self._end_of_turn(task)
        return task

    def _made_by_factory(self, coro: Any, options: dict[str, Any]) -> Any:
        """A task of whatever class the factory takes, traced as a guest."""
        before, self._reserved = self._reserved, -self.next_number()
        try:
            with self._at_once(self._reserved):
                task: Any = super().create_task(coro, **options)
                guest = self._guest(task, coro) if isinstance(task, TASKS) else None
        finally:
            self._reserved = before
        if guest is not None and self.recording and has_begun(coro):
            self._end_of_turn(guest)
        return task

    @contextmanager
    def _at_once(self, actor: int) -> Iterator[None]:
        """A first turn inside the turn of whoever makes the task, which it holds up."""
        before, start = self.actor, self.now()
        self.actor = actor
        try:
            yield
        finally:
            self.actor = before
            if self.now() > start:
                self.recorder.note(before, start, BLOCKED, (self.now(), None, "a task that began"))

    def _guest(self, task: Any, coro: Any = None) -> Guest:
        guest = self._guests.get(task)
        if guest is None:
            serial, self._reserved = self._reserved or -self.next_number(), 0
            guest = self._guests[task] = Guest(task, serial)
            self.recorder.names[serial] = (name_of(coro or task.get_coro()), True)
        return guest

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """Queue a callback; the turns of tasks are queued bare, all else in a handle."""
        if context is not None:
            try:
                task = callback.__self__  # getattr would be one more call
            except AttributeError:
                task = None
            if type(task) is Task:
                # By hand, one may go on after a sleep has begun, and wake others before it pauses.
                if self.nap_until and task.serial == self.actor and not task._must_cancel:
                    self._sequence = task.nap = sequence = self._sequence + 1
                    task.turn, task.context = callback, context
                    if self.nap_until < FOREVER:
                        heappush(self._timers, (self.nap_until, sequence, task))
                    self.nap_until = 0
                    return None
                if type(callback) is not MethodType or callback.__name__ not in _TASK_METHODS:
                    self._turns.append((callback, args, context, self._woken, task))
                    return None
            elif isinstance(task, TASKS) and getattr(callback, "__name__", "") not in _TASK_METHODS:
                self._turns.append((callback, args, context, self._woken, self._guest(task)))
                return None
        handle = self._handle(callback, args, context, "call_soon")
        self._turns.append((handle, None, None, self._woken, None))
        return handle

    def _handle(
        self, callback: Any, args: Any, context: Context | None, method: str, when: Any = None
    ) -> Any:
        """What holds a callback; in debug mode, what asyncio looks at then is looked at."""
        if self._debug:
            if method != "call_soon_threadsafe":
                self._check_thread()
            self._check_callback(callback, method)
        if when is None:
            handle = self.handles[0](callback, args, self, context)
        else:
            handle = self.handles[1](when, callback, args, self, context)
        while handle._source_traceback and handle._source_traceback[-1].filename == __file__:
            del handle._source_traceback[-1]
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """Queue a callback from another thread, and wake the loop."""
        self._check_closed()
        handle = self._handle(callback, args, context, "call_soon_threadsafe")
        self._add_callback(handle)
        self._write_to_self()
        return handle

    def _add_callback(self, handle: events.Handle) -> None:
        """How a selector loop queues what a socket is ready for."""
        if not handle._cancelled:
            self._turns.append((handle, None, None, self.now(), None))

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back after `delay` seconds; if that is more than 0, after a nanosecond at least."""
        if delay is None:
            raise TypeError("delay must not be None")
        due = self.now() + nanoseconds(delay)
        return self._timer(due, self._seconds() + delay, "call_later", callback, args, context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back at `when` seconds after the start of the run, by `loop.time()` never before.

        The moment is the nearest whole nanosecond; `time` shows `when` itself there.
        """
        if when is None:
            raise TypeError("when cannot be None")
        due = nanoseconds(when)
        if due <= self.now() and when > self._seconds():
            due = self.now() + 1
        return self._timer(due, when, "call_at", callback, args, context)

    def _timer(
        self, due: int, when: float, method: str, callback: Any, args: Any, context: Context | None
    ) -> events.TimerHandle:
        self._check_closed()
        handle: events.TimerHandle = self._handle(callback, args, context, method, when)
        if due < FOREVER:
            handle._scheduled = True
            self._sequence += 1
            if due < self._now:
                self._overdue[self._sequence], due = due, self._now
            heappush(self._timers, (due, self._sequence, handle))
        return handle

    def _line_up(self) -> None:
        """A round begins: put timers that were over when they were set before all later ones."""
        timers, due = self._timers, []
        while timers and timers[0][0] <= self._now:
            due.append(heappop(timers))
        self._set_at.clear()
        for when, sequence, who in due:
            if sequence in self._overdue:
                self._set_at[sequence], when = when, self._overdue[sequence]
            heappush(timers, (when, sequence, who))
        self._overdue.clear()

    def _timer_handle_cancelled(self, handle: events.TimerHandle) -> None:
        self._one_is_gone()

    def _one_is_gone(self) -> None:
        """Sweep the heap, in place, when most of it is timers for which nobody waits any more."""
        self._cancelled_timers += 1
        if self._cancelled_timers > 100 and self._cancelled_timers * 2 > len(self._timers):
            self._timers[:] = [timer for timer in self._timers if is_awaited(timer)]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    def wake(self, task: Task) -> None:
        """Queue the next turn of a task that sleeps; its timer will find it gone."""
        task.nap = 0
        self._turns.append((task.turn, (), task.context, self.now(), task))
        self._one_is_gone()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Told of errors that nobody awaits, and of tasks that were lost: their lanes end then."""
        task, error = context.get("task") or context.get("future"), context.get("exception")
        if error is not None:
            show_way_out(error)
            who = self.number_of(task) or getattr(task, "who", EVENT_LOOP)
            self._told.append((who, type(error).__name__, line_of_error(error)))
        elif isinstance(task, TASKS) and not task.done():
            self.recorder.note(self.number_of(task), self.now(), None)
        super().call_exception_handler(context)

    # The scheduler ---------------------------------------------------------------------------

    def _run_once(self) -> None:
        """Round after round until somebody stops the loop, and a single one if it does not run.

        A round, as in asyncio: what is queued, then the timers that are due. The log of a turn is
        written here and not by `note`: the call would cost a tenth.
        """
        turns, timers, live, recording = self._turns, self._timers, self.live, self.recording
        log, pop, single = self.log, heappop, not self.is_running()
        overdue, set_at = self._overdue, self._set_at
        if overdue:
            self._line_up()
        # Turns and timers of this round, which were due when it began: what somebody who blocks the
        # loop makes late has its turn after all that is queued by then.
        queued, newest, began = len(turns), self._sequence, self.now()
        # And how many rounds and turns there were at this moment, and rounds that were too many.
        moment = rounds = taken = beyond = 0
        while True:
            if queued:
                queued -= 1
                turn, args, context, woken, task = turns.popleft()
            elif timers and (
                timers[0][1] <= newest
                if (due := timers[0][0]) <= began
                else not (turns or live or self._stopping or due <= self._now)
            ):
                if self.has_others and due > self._now and self._before_jump():
                    continue
                woken, sequence, task = pop(timers)
                if type(task) is Task:
                    if task.nap != sequence:
                        continue
                    task.nap = 0
                    if woken > began:  # a virtual clock jumps, to a round of all that is due then
                        turn = None  # whom nobody holds any more is gone before
                        self._now = now = began = woken
                        newest = self._sequence
                    else:
                        now = self._now
                    if turns or (timers and timers[0][0] <= now):
                        # As in asyncio: all who are due are woken before any of them goes on, also
                        # by a time limit.
                        turns.append((task.turn, (), task.context, woken, task))
                        continue
                    turn, args, context = task.turn, None, task.context
                else:
                    if task._cancelled:
                        continue
                    turn, task = task, None
                    turn._scheduled = False
                    if set_at:
                        woken = set_at.pop(sequence, woken)
                    if turn._when > self._reached:
                        self._reached = turn._when
                    if woken > began:
                        self._now = began = woken
                        newest = self._sequence
            else:
                self.actor, self._woken = EVENT_LOOP, self._now
                if self._stopping or single:
                    self.task = self._nobody
                    return
                if live:
                    turn = task = None  # whom nobody holds any more is gone before the wait
                    self._wait()
                    rounds = taken = 0  # time goes by
                elif moment != self._now:
                    moment, rounds, taken = self._now, 0, 0
                elif not (turns or timers or self._could_be_woken()):
                    self.stuck()
                if overdue:
                    self._line_up()
                queued, newest, began = len(turns), self._sequence, self._now
                rounds += 1
                taken += queued
                if rounds > MOST_ROUNDS or (taken > MOST_TURNS and rounds > FEW_ROUNDS):
                    turning, beyond = self._due(), beyond + 1
                    if beyond > MORE_ROUNDS or any(
                        stuck.is_the_students(*turn) for turn in turning
                    ):
                        raise Stuck(stuck.time_stands_still(self, turning))
                continue
            if live:
                self._now = self.now()
            now = self._now
            if task is None:
                self.actor, self._woken = EVENT_LOOP, woken
                if not turn._cancelled:
                    turn._run()
            else:
                self.task, self.actor = task, task.serial
                if woken != now and recording:
                    log((task.serial, now, RESUMED, woken, 0))
                self._woken = now
                try:
                    if args:
                        context.run(turn, *args)
                    else:
                        context.run(turn)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:  # noqa: BLE001 - of asyncio itself, not of the task
                    self._broken(turn, error)
                if recording and not task.nap:  # a sleep has logged itself
                    self._end_of_turn(task)
            if self._debug:
                self._tell_if_slow(now, turn)

    def _due(self) -> list[tuple[Any, Any]]:
        """Who has a turn at this moment: its callback, and its task if it is one's."""
        due = [(turn, task) for turn, _, _, _, task in self._turns]
        for _, _, who in sorted(timer for timer in self._timers if timer[0] <= self._now):
            due.append((None, who) if type(who) is Task else (who, None))
        return due

    def _broken(self, turn: Any, error: BaseException) -> None:
        message = f"Exception in callback {turn!r}"
        self.call_exception_handler({"message": message, "exception": error})

    def _tell_if_slow(self, start: int, turn: Any) -> None:
        """In debug mode: asyncio's own warning of a turn that held the loop."""
        seconds = (self.now() - start) / SECOND
        if seconds >= self.slow_callback_duration:
            handle = turn if isinstance(turn, events.Handle) else events.Handle(turn, (), self)
            told = base_events._format_handle(handle)
            base_events.logger.warning("Executing %s took %.3f seconds", told, seconds)

    def _end_of_turn(self, task: Any) -> None:
        """Log that a task has ended, or what it waits for and where."""
        self.nap_until = 0  # in case somebody drove a sleep by hand
        if self.live:
            self._now = self.now()
        now = self._now
        if type(task) is Guest and (name := task.name_given()):
            self.recorder.names[task.serial] = (name, False)
        if not task.done():
            self._log_wait(task, now)
            return
        self.log((task.serial, now, None, None, 0))
        task.turn = None  # it points back to the task
        self.task = self._nobody  # who is told of an error that nobody awaits is told at once
        if task._log_traceback:
            self.has_failed(task, task.serial)

    def has_failed(self, future: Any, who: int | str) -> None:
        """Called when it ends with an error: who it is in the log, or in a sentence."""
        self._failed.append((who, weakref.ref(future)))

    def _log_wait(self, task: Any, now: int) -> None:
        """What a task waits for, and where; most wait again as they did before."""
        outer = task.coroutine
        inner: Any = outer.cr_await if type(outer) is CoroutineType else None
        simple = type(inner) is CoroutineType and type(inner.cr_await) is FUTURES_END
        if simple and inner.cr_code is task.waited_by:
            self.log((task.serial, now, task.why, outer.cr_code, outer.cr_frame.f_lasti))
            return
        why, code, offset = look(outer)
        self.log((task.serial, now, why or reason(task), code, offset))
        if simple and why and code is outer.cr_code:
            task.waited_by, task.why = inner.cr_code, why

    def abandon_threads(self) -> None:
        """Real threads end by themselves."""

    def tell_real_time(self) -> None:
        """Say where code waited for something real."""

    def cut_short(self) -> None:
        """End the turn in which somebody interrupted the run; there is none after a normal end."""
        if self.actor != EVENT_LOOP and self.recording:
            self.recorder.note(self.actor, self.now(), None)
        self.actor, self.task = EVENT_LOOP, self._nobody

    def close(self) -> None:
        """End the loop: from now on it takes no turns."""
        super().close()
        self._timers.clear()
        self._turns = _Closed()

    # Who there is ----------------------------------------------------------------------------

    def number_of(self, task: Any) -> int:
        """The number by which the log knows a task; 0 if it does not."""
        if type(task) is Task:
            return task.serial
        guest = self._guests.get(task) if isinstance(task, TASKS) else None
        return guest.serial if guest is not None else EVENT_LOOP

    def tasks_in_order(self) -> list[Any]:
        """All tasks that have not ended, in the order in which they were made."""
        return sorted(asyncio.all_tasks(self), key=lambda task: abs(self.number_of(task)))

    def errors_untold(self) -> list[tuple[Any, str, int | None]]:
        """Who ended with which error on which line, where nobody has awaited it."""
        found = list(self._told)
        for who, future in self._failed:
            if (one := future()) is not None and one._log_traceback:
                error = one._exception
                found.append((who, type(error).__name__, line_of_error(error)))
        return found + list(self.failed_elsewhere.values())

    def stuck(self) -> NoReturn:
        """Raise Stuck with the name of each waiting task, what it waits for, and where."""
        raise Stuck(stuck.nobody_moves(self))


known[id(Scheduler._run_once.__code__)] = EDGE
