"""Tasks and futures whose sets have the same order in every run."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
import weakref
from collections.abc import Callable
from contextvars import Context
from types import AsyncGeneratorType
from typing import TYPE_CHECKING, Any

from .waits import is_helper, reason_of

if TYPE_CHECKING:
    from .scheduler import Scheduler

TASKS = (asyncio.Task, asyncio.tasks._PyTask)
_STOCK_NAME = re.compile(r"Task-\d+|None")  # what asyncio calls a task that nobody named


class Future(asyncio.Future):  # type: ignore[type-arg]
    """A future whose hash is a number, so that a set of them has the same order in every run."""

    __slots__ = ("serial",)
    serial: int
    who = "a future"  # in a sentence about its error

    def set_exception(self, exception: Any, /) -> None:
        """End it with an error, of which somebody may never be told."""
        super().set_exception(exception)
        self.get_loop().has_failed(self, self.who)

    def __hash__(self) -> int:
        try:
            return self.serial
        except AttributeError:
            loop = self.get_loop()
            self.serial = loop.next_number() ^ loop.set_order
            return self.serial


class Task(asyncio.Task):  # type: ignore[type-arg]
    """A task whose hash is by its number: a set of tasks has the same order in every run.

    While it sleeps (`asyncio.sleep`), `nap` is the sequence number of the timer that will wake it
    for its next `turn`, in its `context`; while it is awake, `nap` is 0.
    """

    __slots__ = (
        "context",
        "coroutine",
        "is_asked",
        "loop",
        "nap",
        "serial",
        "slept_in",
        "turn",
        "waited_by",
        "why",
    )
    context: Context
    turn: Callable[[], None]
    was_asleep = False  # when it was asked to end, for which it has had no turn yet
    is_taken_back = False  # that it was asked to end in its sleep, which it is told all the same

    def __init__(self, coroutine: Any, *, serial: int, loop: Scheduler, **options: Any) -> None:
        self.serial = serial
        self.loop = loop
        self.coroutine = coroutine
        self.nap = 0
        # What was looked up when it rested last: code of the student's in which it slept, code of
        # a library's by which the task's own function waited, and for what.
        self.slept_in: Any = None
        self.waited_by: Any = None
        self.why = ""
        self.is_asked = False  # to end, at this very moment
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self.serial ^ self.loop.set_order

    def set_name(self, value: object, /) -> None:
        """Name it; `asyncio.create_task` of 3.11 does so after the task is made."""
        super().set_name(value)
        self.loop.recorder.names[self.serial] = (str(value), False)

    def cancel(self, msg: Any = None) -> bool:
        """Ask the task to end; one that sleeps, or waits in a circle, is woken for it."""
        if self.is_asked:  # by a task that it waits for itself: asyncio would go round for ever
            return False
        if not self._must_cancel:
            self.was_asleep = bool(self.nap)
        elif self.was_asleep:  # as in asyncio, where the sleep would be over: the first word counts
            msg = self._cancel_message
        self.is_taken_back = False
        self.is_asked = True
        try:
            asked = super().cancel(msg)
        finally:
            self.is_asked = False
        if self.nap:
            self.loop.wake(self)
        elif asked and self._must_cancel and self._fut_waiter is not None:
            _free(self, self._fut_waiter)
        return asked

    def uncancel(self) -> int:
        """Take a cancellation back; from Python 3.13 on it is not told of it, unless it slept."""
        was_asked = self._must_cancel
        left = super().uncancel()
        self.is_taken_back = was_asked and self.was_asleep and not self._must_cancel
        return left


class _Nothing:
    """All that the wake-up of a task asks of the future that it waited for."""

    def result(self) -> None:
        return None


def _free(task: Task, waiter: Any) -> None:
    """Let a task that is asked to end, by a future that will not pass it on, wait no longer."""
    if waiter.done():  # its wake-up is queued
        return
    for wake_up, context in list(getattr(waiter, "_callbacks", None) or ()):
        if getattr(wake_up, "__self__", None) is task:
            waiter.remove_done_callback(wake_up)
            task.loop.call_soon(wake_up, _Nothing(), context=context)
    if not isinstance(waiter, TASKS):  # a gather, which nobody will ask for its end
        waiter.add_done_callback(lambda waiter: waiter.cancelled() or waiter.exception())


class Guest:
    """A task of a class that is not ours, from a task factory or made by hand, as a lane.

    Its number is below 0: it does not sleep in our quick way, and a set of such has no order.
    """

    nap = 0
    slept_in = waited_by = None
    why = ""

    def __init__(self, task: Any, serial: int) -> None:
        self.serial = serial
        self.turn: Any = None
        self._task = weakref.ref(task)

    @property
    def coroutine(self) -> Any:
        """What it runs; None once that has ended."""
        return None if self.done() else self._task().get_coro()  # type: ignore[union-attr]

    def done(self) -> bool:
        """Whether it has ended."""
        task = self._task()
        return task is None or bool(task.done())

    def name_given(self) -> str | None:
        """The name that somebody gave it, also when it was made already; None if asyncio did."""
        task = self._task()
        name = "None" if task is None else str(task.get_name())
        return None if _STOCK_NAME.fullmatch(name) else name

    def __getattr__(self, name: str) -> Any:
        """What the loop asks of any task: what it waits for, and how it failed."""
        return getattr(self._task(), name, None)


def has_begun(coroutine: Any) -> bool:
    """Whether it has had a turn already, as in tasks of an eager factory."""
    is_one = inspect.iscoroutine(coroutine)
    return not is_one or inspect.getcoroutinestate(coroutine) != inspect.CORO_CREATED


def reason(task: Any) -> str:
    """What a task waits for that no frame of asyncio tells of."""
    return reason_of(task._fut_waiter)


def name_of(coroutine: Any) -> str:
    """What a lane is called after its coroutine; "" for helpers of asyncio's that nobody made.

    A generator that is closed has its own name, and so has an object that is awaited as a task.
    """
    frame = getattr(coroutine, "gi_frame", None) or getattr(coroutine, "cr_frame", None)
    name = getattr(coroutine, "__name__", "")
    if name == "_wrap_awaitable" and frame is not None:
        return name_of(frame.f_locals["awaitable"])
    if name:
        return "" if frame is not None and is_helper(frame.f_code) else str(name)
    for inner in gc.get_referents(coroutine):
        if isinstance(inner, AsyncGeneratorType):
            return inner.__name__
    return type(coroutine).__name__
