"""The part of an event loop that decides who runs next, and logs each turn.

One scheduler serves both clocks, so that a program makes the same turns on either.
Timers that are due at the same moment fire in the order in which they were set, and sets of tasks
have a fixed order, so a program on the virtual clock does the same on every machine.
"""

from __future__ import annotations

import asyncio
import heapq
import types
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from heapq import heappop, heappush
from sys import _getframe
from typing import TYPE_CHECKING, Any, NoReturn

from ..trace import SECOND, unit_for
from .recorder import BLOCKED, EVENT_LOOP, RESUMED, Recorder
from .time_keeper import here
from .waits import EDGE, OWN, known, line_at, look, own_frame, reason_of

if TYPE_CHECKING:
    from .threads import ThreadsOfRun

_stock_sleep = asyncio.sleep


CENTURY = 3.2e9  # seconds; whoever sleeps longer sleeps for ever
FOREVER = 1 << 62  # nanoseconds
_QUIET = {  # code of asyncio whose futures nobody else ever holds
    id(call.__code__)
    for call in (
        *(asyncio.Queue.get, asyncio.Queue.put, asyncio.Event.wait, asyncio.Condition.wait),
        *(asyncio.Lock.acquire, asyncio.Semaphore.acquire),
    )
}
_TASK_METHODS = {"cancel"}  # methods of a task that others queue; all else a task queues is a turn


class Stuck(RuntimeError):  # noqa: N818 - what happened, in the words of the course
    """Every task waits for another, and no timer will ever wake one of them."""


class Future(asyncio.Future):  # type: ignore[type-arg]
    """A future whose hash is a number, so that a set of them has the same order in every run."""

    __slots__ = ("serial",)
    serial: int

    def __hash__(self) -> int:
        try:
            return self.serial
        except AttributeError:
            self.serial = self.get_loop().next_number()
            return self.serial


class Task(asyncio.Task):  # type: ignore[type-arg]
    """A task whose hash is its number, so that a set of tasks has the same order in every run.

    While it sleeps (`asyncio.sleep`), `nap` is the sequence number of the timer that will wake it
    for its next `turn`, in its `context`; while it is awake, `nap` is 0.
    """

    __slots__ = ("context", "coroutine", "loop", "nap", "serial", "turn")
    context: Context
    turn: Callable[[], None]

    def __init__(self, coroutine: Any, *, serial: int, loop: Scheduler, **options: Any) -> None:
        self.serial = serial
        self.loop = loop
        self.coroutine = coroutine
        self.nap = 0
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self.serial

    def set_name(self, value: object, /) -> None:
        """Name it; `asyncio.create_task` of 3.11 does so after the task is made."""
        super().set_name(value)
        self.loop.recorder.names[self.serial] = (str(value), False)

    def cancel(self, msg: Any = None) -> bool:
        """Ask the task to end; one that sleeps is woken for it."""
        asked = super().cancel(msg)
        if self.nap:
            self.loop.wake(self)
        return asked


@types.coroutine
def _pause() -> Iterator[None]:
    """Hand over to the loop; asyncio takes a bare yield for "queue my next turn"."""
    yield


async def sleep(delay: float, result: Any = None) -> Any:
    """`asyncio.sleep` for tasks of a Scheduler: the task itself is the timer.

    The original makes a future, a handle and a turn more for each sleep, at twice the cost.
    """
    loop = here.clock  # get_running_loop would ask the system for a process id
    # Another thread, while a run goes on in this one; or a task of another kind.
    if not isinstance(loop, Scheduler) or not loop.actor:
        return await _stock_sleep(delay, result)
    if delay > 0:
        now = loop.now() if loop.live else loop._now
        loop.nap_until = now + (round(delay * SECOND) if delay < CENTURY else FOREVER)
        if loop.recording:
            frame: Any = _getframe(1)
            code = frame.f_code
            if known.get(id(code), "") is OWN:  # as nearly always; a call would cost more
                loop.log((loop.actor, now, "sleep", code, frame.f_lasti))
            elif (frame := own_frame(frame)) is not None:
                loop.log((loop.actor, now, "sleep", frame.f_code, frame.f_lasti))
            else:
                loop.log((loop.actor, now, "sleep", None, 0))
    elif not delay <= 0:  # as in asyncio, a sleep until a moment that is over ends at once
        raise ValueError(f"asyncio.sleep({delay!r}): give a number of seconds")
    await _pause()
    return result


def nanoseconds(seconds: float) -> int:
    """Whole nanoseconds; a century and more counts as for ever."""
    return round(seconds * SECOND) if seconds < CENTURY else FOREVER


class Scheduler(asyncio.BaseEventLoop):
    """Runs tasks in turns and logs each turn; a subclass says how time goes by."""

    # What is touched at every turn lies in slots: BaseEventLoop has more attributes than Python
    # keeps in its quick way.
    __slots__ = (
        "_now",
        "_sequence",
        "_stopping",
        "_timers",
        "_turns",
        "_woken",
        "actor",
        "log",
        "nap_until",
        "recording",
    )
    threads: ThreadsOfRun
    live = False
    noise_ns = 0  # a live clock shows the computer's own noise, a virtual one has none

    def __init__(self, *, record: bool = True) -> None:
        super().__init__()
        self.recorder = Recorder(noise_ns=self.noise_ns)
        self.log = self.recorder.log.extend
        self.recording = record
        self.actor: Any = EVENT_LOOP  # who is running
        self.end_ns = 0  # when the run ended
        self.nap_until = 0  # set by a task that is about to sleep: when it wants to be woken
        self._now = 0  # on the live clock: at the last look
        self._woken = 0  # when what happens now became due: the time its consequences are ready
        self._timers: list[tuple[int, int, Any]] = []  # due, sequence, handle or sleeping task
        self._sequence = 0
        self._turns: deque[tuple[Any, Any, Any, int, Task | None]] = deque()
        self._numbers = 0
        self._cancelled_timers = 0

    @property
    def loop(self) -> Scheduler:
        """The loop that a time-keeper belongs to: this one."""
        return self

    # How time goes by ------------------------------------------------------------------------

    def now(self) -> int:
        """Nanoseconds since the run began."""
        return self._now

    def time(self) -> float:
        """Seconds since the run began."""
        return self.now() / SECOND

    def _wait(self) -> None:
        """On a live clock: wait until a timer is due or somebody calls; not if turns are queued."""

    def _sleep_blocking(self, duration_ns: int) -> None:
        """Let time go by while no task can run."""
        raise NotImplementedError

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep, logged: it holds the loop."""
        start = self.now()
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

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> Task:  # type: ignore[override, unused-ignore]
        """A task that is a lane of the trace; named after its coroutine unless told otherwise."""
        self._check_closed()
        serial = self.next_number()
        made_up = getattr(coro, "__name__", "task")
        name = options.pop("name", None)
        self.recorder.names[serial] = (str(name), False) if name else (made_up, True)
        options.pop("eager_start", None)  # of 3.14: a first turn is a turn like any other
        return Task(coro, serial=serial, loop=self, name=name or made_up, **options)

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """Queue a callback; the turns of tasks are queued bare, all else in a handle."""
        if context is not None:
            task = getattr(callback, "__self__", None)
            if type(task) is Task:
                if self.nap_until and not task._must_cancel:
                    self._sequence = task.nap = sequence = self._sequence + 1
                    task.turn, task.context = callback, context
                    if self.nap_until < FOREVER:
                        heappush(self._timers, (self.nap_until, sequence, task))
                    self.nap_until = 0
                    return None
                if getattr(callback, "__name__", "") not in _TASK_METHODS:
                    self._turns.append((callback, args, context, self._woken, task))
                    return None
        handle = events.Handle(callback, args, self, context)
        self._turns.append((handle, None, None, self._woken, None))
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """Queue a callback from another thread, and wake the loop."""
        self._check_closed()
        handle = events.Handle(callback, args, self, context)
        self._add_callback(handle)
        self._write_to_self()
        return handle

    def _add_callback(self, handle: events.Handle) -> None:
        """How a selector loop queues what a socket is ready for."""
        self._turns.append((handle, None, None, self.now(), None))

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back after `delay` seconds, rounded to a nanosecond."""
        return self._timer(self.now() + max(0, nanoseconds(delay)), callback, args, context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back at `when` seconds after the start of the run."""
        return self._timer(max(self.now(), nanoseconds(when)), callback, args, context)

    def _timer(
        self, due: int, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> events.TimerHandle:
        self._check_closed()
        handle = events.TimerHandle(due / SECOND, callback, args, self, context)
        if due < FOREVER:
            handle._scheduled = True
            self._sequence += 1
            heappush(self._timers, (due, self._sequence, handle))
        return handle

    def _timer_handle_cancelled(self, handle: events.TimerHandle) -> None:
        """Sweep the heap, in place, when most of it is cancelled time limits."""
        self._cancelled_timers += 1
        if self._cancelled_timers > 100 and self._cancelled_timers * 2 > len(self._timers):
            self._timers[:] = [t for t in self._timers if type(t[2]) is Task or not t[2]._cancelled]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    def wake(self, task: Task) -> None:
        """Queue the next turn of a task that sleeps; its timer will find it gone."""
        task.nap = 0
        self._turns.append((task.turn, (), task.context, self.now(), task))

    # The scheduler ---------------------------------------------------------------------------

    def _run_once(self) -> None:
        """Round after round until somebody stops the loop.

        A round, as in asyncio: what is queued, then the timers that are due. The log of a turn is
        written here and not by `note`: the call would cost a tenth.
        """
        turns, timers, live, recording = self._turns, self._timers, self.live, self.recording
        log, pop = self.log, heappop
        queued = 0  # turns of this round still to come
        newest = 0  # the last timer that was set before this round
        while queued or not self._stopping:
            if queued:
                queued -= 1
                turn, args, context, woken, task = turns.popleft()
            elif timers and (
                not (turns or live) or (timers[0][0] <= self._now and timers[0][1] <= newest)
            ):
                woken, sequence, task = pop(timers)
                if type(task) is Task:
                    if task.nap != sequence:
                        continue
                    task.nap = 0
                    turn, args, context = task.turn, None, task.context
                else:
                    if task._cancelled:
                        continue
                    task._scheduled = False
                    turn, task = task, None
                if woken > self._now:  # a virtual clock jumps, to a round of all that is due then
                    self._now, newest = woken, self._sequence
            else:
                self.actor, self._woken = EVENT_LOOP, self._now
                if live:
                    self._wait()
                elif not turns:
                    self.stuck()
                queued, newest = len(turns), self._sequence
                continue
            if task is None:
                self.actor, self._woken = EVENT_LOOP, woken
                if not turn._cancelled:
                    turn._run()
                continue
            if live:
                self._now = self.now()
            now = self._now
            self.actor = task.serial
            if woken != now and recording:
                log((task.serial, now, RESUMED, woken, 0))
            self._woken = now
            if args:
                context.run(turn, *args)
            else:
                context.run(turn)
            if recording and not task.nap:  # a sleep has logged itself
                self.nap_until = 0  # in case somebody drove a sleep by hand
                if live:
                    self._now = self.now()
                if task.done():
                    task.turn = None  # type: ignore[assignment]  # it points back to the task
                    log((task.serial, self._now, None, None, 0))
                else:
                    reason, code, offset = look(task.coroutine)
                    log((task.serial, self._now, reason or _reason(task), code, offset))

    def abandon_threads(self) -> None:
        """Real threads end by themselves."""

    def cut_short(self) -> None:
        """End the turn in which somebody interrupted the run; there is none after a normal end."""
        if self.actor != EVENT_LOOP and self.recording:
            self.recorder.note(self.actor, self.now(), None)
        self.actor = EVENT_LOOP

    def stuck(self) -> NoReturn:
        """Raise Stuck with the name of each waiting task, what it waits for, and where."""
        tasks: list[Any] = sorted(asyncio.all_tasks(self), key=hash)
        lanes = self.recorder.lanes()
        lines = [
            f"every task waits at {unit_for(self.now()).text(self.now())}, "
            "and nothing will ever wake one of them:"
        ]
        for task in tasks:
            reason, code, offset = look(task.get_coro())
            line = line_at(code, offset)
            where = f" on line {line}" if line else ""
            ours = type(task) is Task
            reason = "sleep" if ours and task.nap else reason or _reason(task)
            lane = lanes[task.serial] if ours else task.get_name()
            lines.append(f"  {lane} waits for {reason}{where}")
        raise Stuck("\n".join(lines))


known[id(Scheduler._run_once.__code__)] = EDGE


def _reason(task: Task) -> str:
    return reason_of(task._fut_waiter)
