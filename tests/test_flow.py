"""`run` gives what a coroutine did, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from course_lib import mark, run, send, span
from course_lib.camera import record
from course_lib.trace import Arrow, Mark

CLOCKS = ("virtual", "live")


async def a_blink() -> str:
    await asyncio.sleep(0.01)
    return "done"


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("main", [a_blink, functools.partial(a_blink)], ids=["function", "partial"])
def test_a_function_is_called_and_run(main: Any, clock: Any) -> None:
    """`run` takes an async function and keeps what it returned, on both clocks."""
    assert run(main, clock=clock).result == "done"


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_coroutine_is_run(clock: Any) -> None:
    """`run` takes a coroutine too, and its trace lasts as long as its sleeps."""
    trace = run(a_blink(), clock=clock)
    assert (trace.result, trace.lanes) == ("done", ("a_blink",))
    assert 0.01 <= trace.duration < 0.3


def test_a_day_costs_no_time() -> None:
    """A virtual day is over in far less than a second."""
    begin = time.perf_counter()
    assert run(asyncio.sleep(86_400)).duration == 86_400
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize("clock", CLOCKS)
def test_an_error_comes_out_with_the_trace_so_far(clock: Any) -> None:
    """An exception in main propagates; its `trace` is what was done until then."""

    async def main() -> None:
        with span("cook"):
            await asyncio.sleep(0.01)
        raise LookupError("burnt")

    with pytest.raises(LookupError, match="burnt") as caught:
        run(main, clock=clock)
    assert "cook" in [s.label for s in caught.value.trace.spans]


def test_an_error_that_cannot_be_changed_has_a_trace_too() -> None:
    """The trace gets onto an exception that refuses new attributes."""

    class Frozen(Exception):  # noqa: N818
        def __setattr__(self, name: str, value: object) -> None:
            if not name.startswith("__"):
                raise AttributeError(name)

    async def main() -> None:
        await asyncio.sleep(2)
        raise Frozen

    with pytest.raises(Frozen) as caught:
        run(main)
    assert caught.value.trace.duration == 2


def test_an_exception_group_comes_out_whole() -> None:
    """What a TaskGroup raises is what `run` raises."""

    async def fail(seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise ValueError(seconds)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(1))
            group.create_task(fail(1))
            group.create_task(fail(5))

    with pytest.raises(ExceptionGroup) as caught:
        run(main)
    assert [error.args for error in caught.value.exceptions] == [(1,), (1,)]
    assert caught.value.trace.duration == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_ends_the_run_and_the_next_one_works(error: type[BaseException]) -> None:
    """Ctrl-C in the middle comes out of `run`; what it interrupted worked until then."""

    async def other() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(3)

    async def main() -> None:
        task = asyncio.create_task(other())
        await asyncio.sleep(1)
        with span("cook"):
            await asyncio.sleep(1)
            mark("now")
            raise error
        await task

    with pytest.raises(error) as caught:
        run(main)
    trace = caught.value.trace
    assert [s.end for s in trace.spans if s.label == "cook"] == [2]
    assert [m.time for m in trace.marks] == [2]
    assert not [s for s in trace.spans if s.lane == "main" and s.end > 2]
    assert trace.duration == 5
    assert run(a_blink).result == "done"


def test_what_main_leaves_behind_is_cancelled() -> None:
    """Background tasks end with main, as in `asyncio.run`, and may clean up first."""
    ended = []

    async def tick(name: str) -> None:
        try:
            while True:
                await asyncio.sleep(1)
        finally:
            await asyncio.sleep(0.5)
            ended.append((name, asyncio.get_running_loop().time()))

    async def main() -> set[Any]:
        tasks = {asyncio.create_task(tick(name)) for name in "ab"}
        await asyncio.sleep(2.25)
        return tasks

    trace = run(main)
    assert ended == [("a", 2.75), ("b", 2.75)]
    assert trace.duration == 2.75


def test_async_generators_are_closed() -> None:
    """A generator that nobody finished runs its `finally` before the run ends."""
    closed = []

    async def numbers() -> Any:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(1)
            closed.append("numbers")

    async def main() -> Any:
        generator = numbers()
        await anext(generator)
        return generator

    assert run(main).duration == 1
    assert closed == ["numbers"]


def test_context_variables_stay_inside() -> None:
    """What main sets in its context is not set outside."""
    colour = contextvars.ContextVar("colour", default="grey")

    async def main() -> str:
        seen = colour.get()
        colour.set("red")
        return seen

    assert (run(main).result, run(main).result, colour.get()) == ("grey", "grey", "grey")


def test_in_a_running_loop() -> None:
    """Inside a coroutine of plain asyncio `run` works, and that loop goes on afterwards."""

    async def outer() -> list[Any]:
        task = asyncio.current_task()
        before = asyncio.get_running_loop()
        inner = run(asyncio.sleep(5, "inner")).result
        await asyncio.sleep(0)
        return [inner, asyncio.current_task() is task, asyncio.get_running_loop() is before]

    assert asyncio.run(outer()) == ["inner", True, True]


def test_two_threads_may_each_have_a_run() -> None:
    """Runs in two threads at once do not see each other's time."""
    found = {}

    def work(seconds: int) -> None:
        async def main() -> float:
            for _ in range(seconds):
                await asyncio.sleep(1)
                time.sleep(0)
            return time.monotonic()

        found[seconds] = run(main).result

    threads = [threading.Thread(target=work, args=(n,)) for n in (300, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {300: 300, 200: 200}


@pytest.mark.parametrize("where", ["coroutine", "thread", "callback"])
def test_a_run_inside_a_run_is_refused(where: str) -> None:
    """A nested `run` says what to do instead, wherever in the run it is called."""
    found: list[str] = []

    def nested() -> None:
        with pytest.raises(RuntimeError) as caught:
            run(a_blink())
        found.append(str(caught.value))

    async def main() -> None:
        if where == "thread":
            await asyncio.to_thread(nested)
        elif where == "callback":
            asyncio.get_running_loop().call_soon(nested)
            await asyncio.sleep(1)
        else:
            nested()

    run(main)
    assert found == ["run() was called inside another run: await the coroutine instead"]


def test_an_error_nobody_awaited_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A fire-and-forget task that fails is logged as soon as in asyncio, asleep before or not."""

    async def fail(seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise ValueError("lost?")

    async def main() -> list[str]:
        asyncio.create_task(fail(0))  # noqa: RUF006
        asyncio.create_task(fail(1))  # noqa: RUF006
        await asyncio.sleep(2)
        return [record.message for record in caplog.records]

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        told = run(main).result
    assert len(told) == 2
    assert all("Task exception was never retrieved" in message for message in told)


@pytest.mark.parametrize("make", [run, record])
def test_who_fails_and_is_awaited_by_nobody_is_told_of_then(make: Callable[[Any], Any]) -> None:
    """Not when somebody next has a turn, be it a task or a callback; so also in a film."""
    told: list[tuple[str, float]] = []

    async def fail(seconds: float) -> None:
        await asyncio.sleep(seconds)
        raise ValueError(seconds)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, context: told.append((str(context["exception"]), loop.time()))
        )
        for seconds in (1, 2, 2, 4):
            asyncio.create_task(fail(seconds))  # noqa: RUF006
        loop.call_later(3, lambda: asyncio.create_task(fail(0)) and None)
        for moment in (3.5, 5):
            loop.call_later(moment, list)
        await asyncio.sleep(6)

    make(main)
    assert told == [("1", 1), ("2", 2), ("2", 2), ("0", 3), ("4", 4)]


def test_an_error_while_cleaning_up_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """A background task that fails when it is cancelled is logged, as in `asyncio.run`."""

    async def fail() -> None:
        try:
            await asyncio.sleep(9)
        finally:
            raise ValueError("while cleaning up")

    async def main() -> Any:
        task = asyncio.create_task(fail())
        await asyncio.sleep(1)
        return task

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        run(main)
    assert "an error in fail, which nobody awaited" in caplog.text


async def _needs(table: str) -> None:
    await asyncio.sleep(1)


async def _generator() -> Any:
    yield 1


def _used() -> Any:
    coroutine = a_blink()
    run(coroutine)
    return coroutine


def _future() -> Any:
    loop = asyncio.new_event_loop()
    loop.close()
    return loop.create_future()


BAD_MAINS: list[tuple[Any, type[Exception], str]] = [
    (_used, RuntimeError, r"a_blink\(\) was already awaited.*a_blink without brackets"),
    (lambda: 3, TypeError, "begins with `async def`.*; 3 is of type int"),
    (lambda: print, TypeError, "print is of type builtin_function_or_method"),
    (lambda: run(a_blink), TypeError, "a Trace tells of a run that is over, so give again"),
    (lambda: [a_blink, a_blink], TypeError, "several are awaited together inside it: await"),
    (_future, TypeError, "of one; what gather or create_task gives is made inside it"),
    (lambda: (n for n in "ab"), TypeError, "<genexpr> is a generator: take its `yield` out"),
    (lambda: _generator, TypeError, "_generator is a generator: take its `yield` out"),
    (lambda: _generator(), TypeError, "_generator is a generator: take its `yield` out"),
    (lambda: _needs, TypeError, r"argument: 'table'; call it yourself, run\(_needs\(…\)\)"),
    (lambda: functools.partial(_needs, chair=1), TypeError, "call it yourself"),
]


@pytest.mark.parametrize(("main", "error", "words"), BAD_MAINS)
def test_what_cannot_be_run_gets_a_sentence(main: Any, error: Any, words: str) -> None:
    """A `main` that is no fresh coroutine is named, with the way out."""
    with pytest.raises(error, match=words):
        run(main())


def test_an_unknown_clock_gets_a_sentence() -> None:
    """The two clocks there are get named."""
    with pytest.raises(ValueError, match="no clock 'real'; take clock=\"virtual\" or"):
        run(a_blink, clock="real")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: span(3), TypeError, "a label is a text, like 'table 1'; 3 is of type int"),
        (lambda: span("cook", lane=3), TypeError, "a lane is a text, .*3 is of type int"),
        (lambda: mark(None), TypeError, "a label is a text"),
        (lambda: mark("x", lane=b"y"), TypeError, "a lane is a text.*bytes"),
        (lambda: send("a", 2, "x"), TypeError, "a target is a text"),
        (lambda: send("a", "b", "x", takes=-1), ValueError, "cannot take -1 s"),
        (lambda: send("a", "b", "x", takes="1"), ValueError, "cannot take '1' s: give a number"),
        (lambda: run(a_blink, clock=[]), ValueError, r"no clock \[\]; take clock="),
        (lambda: send("a", "b", "x", takes=float("inf")), ValueError, "cannot take inf s"),
        (lambda: time.sleep(-1), ValueError, r"time.sleep\(-1\): time cannot go back"),
        (lambda: time.sleep(float("nan")), ValueError, r"time.sleep\(nan\)"),
        (lambda: time.sleep(float("inf")), ValueError, "would hold the loop for ever"),
    ],
)
def test_a_wrong_value_gets_a_sentence(call: Any, error: Any, words: str) -> None:
    """The value and the way out are in the message, and the error comes out of the run."""

    async def main() -> None:
        call()

    with pytest.raises(error, match=words):
        run(main)


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_sleep_until_a_moment_that_is_over_ends_at_once(clock: Any) -> None:
    """As in asyncio: a loop that keeps to its beat sleeps for what is left, also when late."""

    async def main() -> list[Any]:
        other = asyncio.create_task(asyncio.sleep(-0.5, "late"))
        return [await asyncio.sleep(-1, "at once"), other.done(), await other]

    trace = run(main, clock=clock)
    assert trace.result == ["at once", False, "late"]
    assert trace.duration == 0 or clock == "live"


def test_a_negative_number_that_stands_in_the_program_is_worth_a_note() -> None:
    """Once for a line; a length that was computed may well be negative."""

    async def main() -> None:
        for _ in range(2):
            await asyncio.sleep(-1)
        await asyncio.sleep(2 - asyncio.get_running_loop().time() - 3.5)

    line = inspect.getsourcelines(main)[1] + 2
    assert run(main).notes == (f"asyncio.sleep(-1) on line {line} ends at once",)


def test_a_loop_that_keeps_to_its_beat_catches_up() -> None:
    """`sleep(next - loop.time())`, late after one long turn: the beats after it are on time."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        beats = []
        for number in range(1, 6):
            await asyncio.sleep(number - loop.time())
            beats.append(loop.time())
            if number == 2:
                time.sleep(2.5)
        return beats

    assert run(main).result == [1, 2, 4.5, 4.5, 5]


def test_a_callback_for_a_moment_that_is_over_is_called_now() -> None:
    """Time does not go back for it, and the earliest comes first, as in asyncio."""

    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        called: list[tuple[str, float]] = []
        await asyncio.sleep(2)
        loop.call_later(0, lambda: called.append(("now", loop.time())))
        loop.call_later(-1, lambda: called.append(("a second ago", loop.time())))
        loop.call_at(1.5, lambda: called.append(("half a second ago", loop.time())))
        await asyncio.sleep(1)
        return [*called, ("end", loop.time())]

    assert run(main).result == [
        ("a second ago", 2),
        ("half a second ago", 2),
        ("now", 2),
        ("end", 3),
    ]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_sleep_of_no_number_gets_a_sentence(clock: Any) -> None:
    """asyncio would sleep for ever at NaN."""

    async def main() -> None:
        await asyncio.sleep(float("nan"))

    with pytest.raises(ValueError, match=r"asyncio.sleep\(nan\): give a number of seconds"):
        run(main, clock=clock)


def test_marks_and_messages_are_kept_with_their_times() -> None:
    """A mark stands in the lane its task is in; a message leaves now and arrives later."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, functools.partial(mark, "bell"))
        await asyncio.sleep(1)
        mark("one")
        with span("cook", lane="kitchen"):
            mark("two")
            mark("three", lane="table")
            send("kitchen", "table", "soup", takes=0.25)
            send(None, "table", "bread")
        send("table", None, "thanks")

    trace = run(main)
    assert trace.marks == (
        Mark("event loop", "bell", 500_000_000),
        Mark("main", "one", 1_000_000_000),
        Mark("kitchen", "two", 1_000_000_000),
        Mark("table", "three", 1_000_000_000),
    )
    assert trace.messages == (
        Arrow("kitchen", "table", "soup", 1_000_000_000, 1_250_000_000),
        Arrow("kitchen", "table", "bread", 1_000_000_000, 1_000_000_000),
        Arrow("table", "main", "thanks", 1_000_000_000, 1_000_000_000),
    )
    assert "event loop" not in [s.lane for s in trace.spans]


def test_outside_a_run_names_do_nothing() -> None:
    """`span`, `mark` and `send` outside a run are allowed and without effect."""
    with span("cook"):
        mark("x")
        send("a", "b", "x")


def test_twice_in_a_row_is_the_same() -> None:
    """Two runs of one program are equal values, texts included."""

    async def main() -> None:
        await asyncio.gather(a_blink(), asyncio.to_thread(time.sleep, 0.1), a_blink())

    first, second = run(main), run(main)
    assert first == second
    assert repr(first) == repr(second)
