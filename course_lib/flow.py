"""From a coroutine to a trace.

async def serve(table):
    with span("take order", lane=table):
        await asyncio.sleep(60)

trace = run(main)                   # virtual: instant, the same every time
trace = run(main, clock="live")     # the same code on the real clock
"""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import reprlib
import threading
from collections.abc import Callable, Coroutine
from numbers import Real
from types import TracebackType
from typing import Any, Literal

from .loop.clock import LOOPS
from .loop.endless import close_for_ever
from .loop.lengths import CENTURY
from .loop.parked import parked_loop
from .loop.recorder import ENTER, LEAVE, MARK, SEND, Noted
from .loop.scheduler import Scheduler
from .loop.stand_ins import stand_ins
from .loop.stuck import Stuck
from .loop.time_keeper import clock_here, here, in_runs
from .loop.ways_out import show_way_out
from .trace import SECOND, Trace

VIRTUAL = LOOPS["virtual"]
Main = Callable[[], Coroutine[Any, Any, Any]] | Coroutine[Any, Any, Any]


def run(main: Main, *, clock: Literal["virtual", "live"] = "virtual") -> Trace:
    """Run a coroutine to its end, and give the trace of what it did.

    `main` is a coroutine function without arguments, or a coroutine. On the virtual clock a sleep
    costs no time and the trace is the same on every machine; on the live clock the same program
    takes its time. Works in a script and in a notebook cell, whose own loop rests meanwhile.
    A set of tasks or futures has one order, too; a set of queues, or of objects of your own, has
    another each time, as everywhere in Python: keep them in a list or a dict.

    Inside, every clock of Python tells the time of the run: what counts seconds begins at 0, and on
    the virtual clock the calendar begins on 15 January 2027 at 8:00 in UTC, the 1,800,000,000th
    second of 1970. Only `process_time` and `thread_time` go on counting real work. A function of
    `time` that your program holds by a name, an attribute, a default argument or in a short list
    or dict is the run's, too. Out of reach are one in a tuple, a set or a longer list, one that is
    itself an argument of `main`, a method `now` of your own kind of datetime that is older than
    the run, one deep in a library's object or in a big one, and libraries that ask the system
    themselves (SQLite's CURRENT_TIMESTAMP, numpy's "now", `uuid1`): these stay real.

    An exception in `main` comes out of `run`; the trace so far is its attribute `trace`.
    Raises Stuck when every task waits and nothing can wake one; RuntimeError inside another run;
    TypeError or ValueError for a `main` or `clock` that is none.
    """
    __tracebackhide__ = True
    if not isinstance(clock, str) or clock not in LOOPS:
        raise ValueError(f'there is no clock {clock!r}; take clock="virtual" or clock="live"')
    return run_on(LOOPS[clock], main)


def run_on(make_loop: Callable[[], Scheduler], main: Main, *, caller: str = "run") -> Trace:
    """Run a coroutine as `run` does, on a loop that the caller makes.

    This is how whoever wants to see more than a trace looks on: `run` itself knows nothing of it.
    `caller` is the function that the reader has called, and that errors name.
    Raises what `run` raises; an error that comes out of a run has the attribute `trace`.
    """
    __tracebackhide__ = True
    if clock_here() is not None:
        if inspect.iscoroutine(main):
            main.close()
        raise RuntimeError(f"{caller}() was called inside another run: await the coroutine instead")
    coroutine = _coroutine(main, caller)
    loop = make_loop()
    try:
        with parked_loop(), stand_ins(coroutine.cr_frame.f_globals, _held_by(coroutine)):
            result = drive(loop, coroutine)
    except BaseException as error:
        show_way_out(error)
        vars(error)["trace"] = _trace(loop)  # also where an error is frozen
        if isinstance(error, Stuck):  # its message says where; frames of the loop would not
            raise error.with_traceback(None) from None
        raise
    return _trace(loop, result)


def _coroutine(main: Any, caller: str) -> Coroutine[Any, Any, Any]:
    if inspect.iscoroutine(main):
        if inspect.getcoroutinestate(main) != inspect.CORO_CREATED:
            raise RuntimeError(
                f"the coroutine {main.__name__}() was already awaited, and a coroutine runs only "
                f"once: give {caller} the function, {main.__name__} without brackets, or call it "
                "anew"
            )
        return main
    name = getattr(main, "__name__", reprlib.repr(main))
    if inspect.isgenerator(main) or inspect.isasyncgen(main) or inspect.isasyncgenfunction(main):
        raise TypeError(f"{caller} needs a coroutine; {name} is a generator: take its `yield` out")
    if not inspect.iscoroutinefunction(main):
        raise TypeError(
            f"{caller} needs a function that begins with `async def`, or a call of one; "
            f"{_instead(main) or f'{name} is of type {type(main).__name__}'}"
        )
    try:
        inspect.signature(main).bind()
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: {error}; call it yourself, {caller}({name}(…))") from None
    coroutine: Coroutine[Any, Any, Any] = main()
    return coroutine


def _instead(main: Any) -> str:
    """What to do with the end of a program, with a part of one, or with several; or nothing."""
    if isinstance(main, Trace):
        return "a Trace tells of a run that is over, so give again what was run"
    if isinstance(main, asyncio.Future):
        return "what gather or create_task gives is made inside it, and awaited there"
    if isinstance(main, list | tuple | set):
        return "several are awaited together inside it: await asyncio.gather(a(), b())"
    return ""


def _held_by(coroutine: Coroutine[Any, Any, Any]) -> list[Any]:
    """Its function, which may be one inside another, and what it was called with."""
    return gc.get_referents(coroutine)


def drive(loop: Scheduler, coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What `asyncio.run` does, on this loop."""
    __tracebackhide__ = True
    here.clock = loop
    in_runs.add(threading.get_ident())
    loop.watch.begin()
    failed = True
    try:
        result = loop.run_until_complete(loop.create_task(coroutine))
        failed = False
        return result
    except KeyboardInterrupt:
        loop.abandon_threads()
        raise
    finally:
        loop.cut_short()
        try:
            _clean_up(loop)
        except Exception:
            if not failed:  # else the first error is the one to show
                raise
        finally:
            for task in loop.tasks_in_order():  # who would not end, of which Stuck has told
                task._log_destroy_pending = False
                close_for_ever(task)
            loop.tell_real_time()
            loop.watch.end()
            in_runs.discard(threading.get_ident())
            here.clock = None
            loop.end_ns = loop.now()
            loop.close()


def _clean_up(loop: Scheduler) -> None:
    """Cancel what the coroutine left behind, wait until it is gone, and say what went wrong."""
    left = loop.tasks_in_order()
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    for task in left:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            message = f"an error in {task.get_name()}, which nobody awaited, at the end of the run"
            loop.call_exception_handler({"message": message, "exception": error, "task": task})
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.recording = False  # threads log themselves; that we wait for them is no lane
    loop.run_until_complete(loop.shutdown_default_executor())


def _trace(loop: Scheduler, result: Any = None) -> Trace:
    read = functools.partial(loop.recorder.read, loop.end_ns)
    return Trace.later(read, duration_ns=loop.end_ns, result=result, notes=loop.notes)


class span:  # noqa: N801 - used like a statement
    """Name a piece of work: `with span("cook", lane="kitchen"): …`.

    What happens inside is drawn under that label, in that lane (the task's own unless told).
    A sleep inside it stands for the work itself and counts as working. While work goes on in
    another lane, the lane it was called from waits. Outside a run it does nothing.
    """

    __slots__ = ("label", "lane")

    def __init__(self, label: str, *, lane: str | None = None) -> None:
        self.label = _text("label", label)
        self.lane = _lane("lane", lane)

    def __enter__(self) -> None:
        _log(ENTER, self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _log(LEAVE, self)


def mark(label: str, *, lane: str | None = None) -> None:
    """Note a moment in a lane (the one the task is in unless told)."""
    _log(MARK, (_text("label", label), _lane("lane", lane)))


def send(source: str | None, target: str | None, label: str, *, takes: float = 0.0) -> None:
    """Draw an arrow between two lanes that leaves now and arrives `takes` seconds later.

    None is the lane that the task is in.
    It is a picture of a message and lets no time go by: that is for `asyncio.sleep` to do.
    """
    if isinstance(takes, bool) or not isinstance(takes, Real) or not 0 <= takes < CENTURY:
        raise ValueError(f"a message cannot take {takes!r} s: give a number of seconds from 0")
    clock = clock_here()
    received = (clock.now() if clock is not None else 0) + round(takes * SECOND)
    names = (_lane("source", source), _lane("target", target), _text("label", label))
    _log(SEND, (*names, received))


def _log(event: Noted, details: Any) -> None:
    clock = clock_here()
    if clock is not None:
        if clock.live and clock is clock.loop:
            clock.loop.tell_real_time()
        clock.recorder.note(clock.actor, clock.now(), event, details)


def _lane(name: str, value: Any) -> str | None:
    return None if value is None else _text(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(
            f"a {name} is a text, like 'table 1'; {value!r} is of type {type(value).__name__}"
        )
    return value
