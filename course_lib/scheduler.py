"""The part of an event loop that decides who runs next, and logs each turn.

One scheduler serves both clocks, so that a program makes the same turns on either.
Timers that are due at the same moment fire in the order in which they were set, and sets of tasks
have a fixed order, so a program on the virtual clock does the same on every machine.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
import types
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from typing import Any, NoReturn

from .recorder import EVENT_LOOP, Recorder
from .trace import SECOND, unit_for
from .waits import look, own_line, reason_of

_stock_sleep = asyncio.sleep
CENTURY = 3.2e9  # seconds; whoever sleeps longer sleeps for ever
FOREVER = 1 << 62  # nanoseconds
_TASK_METHODS = {"cancel"}  # methods of a task that others queue; all else a task queues is a turn


class Stuck(RuntimeError):  # noqa: N818 - what happened, in the words of the course
    """Every task waits for another, and no timer will ever wake one of them."""


class Task(asyncio.Task):  # type: ignore[type-arg]
    """A task whose hash is its number, so that a set of tasks has the same order in every run.

    `nap` is the sequence number of the timer that ends its `asyncio.sleep`; 0 while it is awake.
    """

    __slots__ = ("loop", "nap", "serial")

    def __init__(self, coroutine: Any, *, serial: int, loop: Scheduler, **options: Any) -> None:
        self.serial = serial
        self.loop = loop
        self.nap = 0
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self.serial

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
    loop = asyncio.get_running_loop()
    if not isinstance(loop, Scheduler):  # another thread's, while a run goes on in this one
        return await _stock_sleep(delay, result)
    if not delay >= 0:
        raise ValueError(f"asyncio.sleep({delay!r}): time cannot go back; give seconds from 0")
    if delay:
        loop.nap_until = loop.now() + (round(delay * SECOND) if delay < CENTURY else FOREVER)
        if loop.recording:
            loop.nap_line = own_line(sys._getframe(1))
    await _pause()
    return result


def nanoseconds(seconds: float) -> int:
    """Whole nanoseconds; a century and more counts as for ever."""
    return round(seconds * SECOND) if seconds < CENTURY else FOREVER


class Scheduler(asyncio.BaseEventLoop):
    """Runs tasks in turns and logs each turn; a subclass says how time goes by.

    A timer is (due, sequence, handle, None, None), or for a task that sleeps
    (due, sequence, task, its next turn, the turn's context).
    """

    live = False
    noise_ns = 0  # a live clock shows the computer's own noise, a virtual one has none

    def __init__(self, *, record: bool = True) -> None:
        super().__init__()
        self.recorder = Recorder(noise_ns=self.noise_ns)
        self.recording = record
        self.actor: Any = EVENT_LOOP  # who is running
        self.end_ns = 0  # when the run ended
        self.nap_until = 0  # set by a task that is about to sleep: when it wants to be woken
        self.nap_line: int | None = None  # and the line on which it sleeps
        self._now = 0  # on the live clock: at the last look
        self._woken = 0  # when what happens now became due: the time its consequences are ready
        self._timers: list[tuple[int, int, Any, Any, Any]] = []
        self._sequence = 0
        self._turns: deque[tuple[Any, Any, Any, int, Task | None]] = deque()
        self._tasks_made = 0
        self._cancelled_timers = 0

    # How time goes by ------------------------------------------------------------------------

    def now(self) -> int:
        """Nanoseconds since the run began."""
        return self._now

    def time(self) -> float:
        """Seconds since the run began."""
        return self.now() / SECOND

    def _wait_until(self, due_ns: int | None) -> None:
        """Let time go by until a timer is due; 0: do not wait; None: no timer is set."""
        raise NotImplementedError

    def _sleep_blocking(self, duration_ns: int) -> None:
        """Let time go by while no task can run."""
        raise NotImplementedError

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep, logged: it holds the loop."""
        start = self.now()
        self._sleep_blocking(nanoseconds(seconds))
        end = self._woken = self.now()
        self.recorder.log.append((self.actor, "blocked", start, end, line))
        if self.actor == EVENT_LOOP:
            self.recorder.log.append((EVENT_LOOP, end, None, None))

    # What asyncio asks of a loop -------------------------------------------------------------

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> Task:  # type: ignore[override]
        """A task that is a lane of the trace; named after its coroutine unless told otherwise."""
        self._check_closed()
        self._tasks_made += 1
        serial = self._tasks_made
        made_up = getattr(coro, "__name__", "task")
        name = options.pop("name", None)
        self.recorder.names[serial] = (name, False) if name else (made_up, True)
        return Task(coro, serial=serial, loop=self, name=name or made_up, **options)

    def call_soon(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """Queue a callback; the turns of tasks are queued bare, all else in a handle."""
        if context is not None:
            task = getattr(callback, "__self__", None)
            if type(task) is Task:
                if self.nap_until:
                    self._sequence = task.nap = sequence = self._sequence + 1
                    timer = (self.nap_until, sequence, task, callback, context)
                    heapq.heappush(self._timers, timer)
                    self.nap_until = 0
                    return None
                if getattr(callback, "__name__", "") not in _TASK_METHODS:
                    self._turns.append((callback, args, context, self._woken, task))
                    return None
        handle = events.Handle(callback, args, self, context)
        self._turns.append((handle, None, None, self._woken, None))
        return handle

    def call_soon_threadsafe(
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

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back after `delay` seconds, rounded to a nanosecond."""
        return self._timer(self.now() + nanoseconds(delay), callback, args, context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> events.TimerHandle:
        """Call back at `when` seconds after the start of the run."""
        return self._timer(nanoseconds(when), callback, args, context)

    def _timer(
        self, due: int, callback: Callable[..., Any], args: Any, context: Context | None
    ) -> events.TimerHandle:
        self._check_closed()
        handle = events.TimerHandle(due / SECOND, callback, args, self, context)
        handle._scheduled = True
        self._sequence += 1
        heapq.heappush(self._timers, (due, self._sequence, handle, None, None))
        return handle

    def _timer_handle_cancelled(self, handle: events.TimerHandle) -> None:
        """Sweep the heap, in place, when most of it is cancelled time limits."""
        self._cancelled_timers += 1
        if self._cancelled_timers > 100 and self._cancelled_timers * 2 > len(self._timers):
            self._timers[:] = [t for t in self._timers if t[3] is not None or not t[2]._cancelled]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    def wake(self, task: Task) -> None:
        """Queue the next turn of a task that sleeps; its timer will find it gone."""
        turn = next(timer for timer in self._timers if timer[1] == task.nap)
        task.nap = 0
        self._turns.append((turn[3], (), turn[4], self.now(), task))

    def _process_events(self, event_list: Any) -> None:
        """Sockets have nothing to say here; a live loop's selector overrides it."""

    # The scheduler ---------------------------------------------------------------------------

    def _run_once(self) -> None:
        """Round after round until somebody stops the loop.

        A round: what was queued before it, then the timers that were due when it began.
        """
        turns, timers, live = self._turns, self._timers, self.live
        while not self._stopping:
            count = len(turns)
            if live or not count:
                self._let_time_pass(wait=not count)
            now, newest = self._now, self._sequence
            for _ in range(count):
                turn, args, context, self._woken, task = turns.popleft()
                if task is not None:
                    self._turn(task, turn, args, context)
                elif not turn._cancelled:
                    turn._run()
            while timers and timers[0][0] <= now and timers[0][1] <= newest:
                self._woken, sequence, waiter, turn, context = heapq.heappop(timers)
                if turn is None:
                    waiter._scheduled = False
                    if not waiter._cancelled:
                        waiter._run()
                elif waiter.nap == sequence:
                    waiter.nap = 0
                    self._turn(waiter, turn, (), context)

    def _let_time_pass(self, *, wait: bool) -> None:
        timers = self._timers
        while timers:
            due, sequence, waiter, turn, _ = timers[0]
            over = waiter._cancelled if turn is None else waiter.nap != sequence
            if not over:
                break
            heapq.heappop(timers)
        else:
            due = FOREVER
        if not wait:
            due = 0
        self._wait_until(due if due < FOREVER else None)

    def _turn(self, task: Task, turn: Callable[..., None], args: Any, context: Context) -> None:
        """One turn of a task, logged: when it could run, when it did, what it waits for now."""
        if not self.recording:
            context.run(turn, *args)
            return
        log, serial = self.recorder.log, task.serial
        if self.live:
            self._now = self.now()
        if self._now != self._woken:
            log.append((serial, "resumed", self._now, self._woken))
            self._woken = self._now
        self.actor = serial
        context.run(turn, *args)
        self.actor = EVENT_LOOP
        if self.live:
            self._now = self.now()
        if task.nap:
            log.append((serial, self._now, "sleep", self.nap_line))
            return
        self.nap_until = 0  # in case somebody drove a sleep by hand
        if task.done():
            self._note_name(task)
            log.append((serial, self._now, None, None))
        else:
            log.append((serial, self._now, *self.waits_for(task)))

    def _note_name(self, task: Task) -> None:
        """A name may be given after a task is made (`asyncio.create_task` does so in 3.11)."""
        if task.get_name() != self.recorder.names[task.serial][0]:
            self.recorder.names[task.serial] = (task.get_name(), False)

    def waits_for(self, task: Task) -> tuple[str, int | None]:
        """What a suspended task waits for, and on which line of the student's code."""
        if task.nap:
            return "sleep", None
        reason, line = look(task.get_coro())
        return reason or reason_of(task._fut_waiter), line  # type: ignore[attr-defined]

    def stuck(self) -> NoReturn:
        """Raise Stuck with the name of each waiting task, what it waits for, and where."""
        tasks: list[Task] = sorted(asyncio.all_tasks(self), key=hash)  # type: ignore[arg-type]
        for task in tasks:
            self._note_name(task)
        lanes = self.recorder.lanes()
        lines = [
            f"every task waits at {unit_for(self.now()).text(self.now())}, "
            "and nothing will ever wake one of them:"
        ]
        for task in tasks:
            reason, line = self.waits_for(task)
            where = f" on line {line}" if line else ""
            lines.append(f"  {lanes[task.serial]} waits for {reason}{where}")
        raise Stuck("\n".join(lines))
