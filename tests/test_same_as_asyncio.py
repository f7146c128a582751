"""Programs do on the virtual clock what they do on asyncio's own loop, at the same times."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import sys
import time
import types
from asyncio import events
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.flow import drive
from course_lib.loop.clock import VirtualLoop
from course_lib.loop.stand_ins import stand_ins

Step = tuple[Any, ...]
Program = list[list[Step]]


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: lets the loop's clock jump by as much as asyncio wanted to sleep."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("asyncio itself would wait for ever")
        self.now += max(timeout, 0)
        return super().select(0)


class _Timer(events.TimerHandle):
    """Of equal moments, the one that was set first comes first: asyncio's heap gives no order."""

    numbers = itertools.count()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.number = next(self.numbers)

    def __lt__(self, other: Any) -> bool:
        return bool((self._when, self.number) < (other._when, other.number))  # type: ignore[attr-defined]


class StockLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop and sleep, on a virtual time that only this test has."""

    def __init__(self) -> None:
        super().__init__(_JumpingSelector())

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Any = None
    ) -> events.TimerHandle:
        """As asyncio's own, with another class for the handle."""
        handle = _Timer(when, callback, args, self, context)
        heapq.heappush(self._scheduled, handle)  # type: ignore[attr-defined]
        handle._scheduled = True  # type: ignore[attr-defined]
        return handle

    def time(self) -> float:
        return float(self._selector.now)  # type: ignore[attr-defined]

    def block(self, seconds: float) -> None:
        """What `time.sleep` does: time goes by, and nobody has a turn."""
        self._selector.now += seconds  # type: ignore[attr-defined]


def play(program: Program, say: Callable[[str], None]) -> Callable[[], Any]:
    """A program of tasks, each a list of steps, that share one of everything."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        shared: dict[str, Any] = {
            "queue": asyncio.Queue(2),
            "lock": asyncio.Lock(),
            "semaphore": asyncio.Semaphore(2),
            "event": asyncio.Event(),
            "condition": asyncio.Condition(),
        }
        tasks: list[asyncio.Task[None]] = []
        numbers = itertools.count()

        def block(seconds: float) -> None:
            (loop.block if isinstance(loop, StockLoop) else time.sleep)(seconds)

        def call(number: int, then: Step) -> None:
            """What a callback does: it is told, and may block, set the event or set a timer."""
            say(f"{loop.time():.3f} callback {number}")
            what, *arguments = then
            if what == "block":
                block(*arguments)
            elif what == "set":
                shared["event"].set()
            elif what == "cancel":
                tasks[arguments[0] % len(tasks)].cancel()
            elif what == "later":
                loop.call_later(arguments[0], call, next(numbers), ("nothing",))

        async def steps(name: int, todo: list[Step]) -> None:
            for step in todo:
                what, *arguments = step
                try:
                    await do(what, *arguments)
                    outcome = "done"
                except TimeoutError:
                    outcome = "too late"
                except asyncio.CancelledError:
                    say(f"{loop.time():.3f} task {name}: {step} cancelled")
                    raise
                say(f"{loop.time():.3f} task {name}: {step} {outcome}")

        async def hold(what: str, seconds: float) -> None:
            async with shared[what]:
                await asyncio.sleep(seconds)

        async def do(what: str, *arguments: Any) -> None:
            if what == "sleep":
                await asyncio.sleep(arguments[0])
            elif what == "block":
                block(*arguments)
            elif what == "later":
                loop.call_later(arguments[0], call, next(numbers), arguments[1])
            elif what == "at":
                loop.call_at(arguments[0], call, next(numbers), arguments[1])
            elif what == "soon":
                loop.call_soon(call, next(numbers), arguments[0])
            elif what == "yield":
                await asyncio.sleep(0)
            elif what == "put":
                await shared["queue"].put(0)
            elif what == "get":
                await shared["queue"].get()
            elif what == "hold":
                await hold(*arguments)
            elif what == "set":
                shared["event"].set()
            elif what == "wait":
                await shared["event"].wait()
            elif what == "cancel":
                tasks[arguments[0] % len(tasks)].cancel()
            elif what == "limit":
                seconds, step = arguments
                async with asyncio.timeout(seconds):
                    await do(*step)
            elif what == "wait for":
                seconds, step = arguments
                await asyncio.wait_for(do(*step), seconds)
            elif what == "shield":
                await asyncio.shield(asyncio.sleep(arguments[0]))
            elif what == "group":
                async with asyncio.TaskGroup() as group:
                    for seconds in arguments[0]:
                        group.create_task(asyncio.sleep(seconds))
            elif what == "gather":
                await asyncio.gather(*[asyncio.sleep(seconds) for seconds in arguments[0]])

        tasks += [asyncio.create_task(steps(n, todo)) for n, todo in enumerate(program)]
        await asyncio.wait(tasks, timeout=1000)
        for task in tasks:  # in order: asyncio's own set of them has none
            task.cancel()
        await asyncio.wait(tasks)

    return main


Play = Callable[[Callable[[str], None]], Callable[[], Any]]


def on_stock(play: Play) -> list[str]:
    said: list[str] = []
    with asyncio.Runner(loop_factory=StockLoop) as runner:
        runner.run(play(said.append)())
    return said


def on_ours(play: Play) -> list[str]:
    said: list[str] = []
    with stand_ins(globals()):
        drive(VirtualLoop(), play(said.append)())
    return said


def stock(program: Program) -> list[str]:
    return on_stock(partial(play, program))


def ours(program: Program) -> list[str]:
    return on_ours(partial(play, program))


BITS = 24
# Before 3.12 asyncio's own wait_for made a task more, and a run does as 3.12 does.
LIMITS = ["limit", "wait for"] if sys.version_info >= (3, 12) else ["limit"]


def numbered(program: Program) -> Program:
    """Give every length a power of two of its own, so that no two deadlines are ever equal."""
    bit = iter(range(10_000))

    def own(step: Step) -> Step:
        return tuple(lengthen(value) for value in step)

    def lengthen(value: Any) -> Any:
        if isinstance(value, float):
            return value + 2.0 ** -(10 + next(bit) % BITS)
        if isinstance(value, tuple):
            return own(value)
        if isinstance(value, list):
            return [lengthen(v) for v in value]
        return value

    return [[own(step) for step in todo] for todo in program]


lengths = st.integers(1, 4).map(float)
plain = st.one_of(
    st.tuples(st.sampled_from(["sleep", "block"]), lengths),
    st.tuples(st.sampled_from(["put", "get", "set", "wait", "yield"])),
    st.tuples(st.just("hold"), st.sampled_from(["lock", "semaphore", "condition"]), lengths),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("shield"), lengths),
    st.tuples(st.sampled_from(["group", "gather"]), st.lists(lengths, min_size=1, max_size=3)),
)
step = st.one_of(plain, st.tuples(st.sampled_from(LIMITS), lengths, plain))
programs = st.lists(st.lists(step, min_size=1, max_size=5), min_size=1, max_size=4).map(numbered)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(programs)
def test_the_same_events_at_the_same_times(program: Program) -> None:
    """Sleeps, queues, locks, limits, groups and cancellation print the same lines in order.

    So do they where somebody blocks the loop: what is queued meanwhile comes before what is due.
    """
    assert ours(program) == stock(program)


whole = st.integers(0, 3).map(float)
moments = st.integers(-3, 6).map(float)
thens = st.one_of(
    st.just(("nothing",)),
    st.tuples(st.just("block"), whole),
    st.tuples(st.just("set")),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.just("later"), moments),
)
plain_at_once = st.one_of(
    st.tuples(st.sampled_from(["sleep", "block", "shield"]), whole),
    st.tuples(st.sampled_from(["put", "get", "set", "wait", "yield"])),
    st.tuples(st.just("hold"), st.sampled_from(["lock", "semaphore", "condition"]), whole),
    st.tuples(st.just("cancel"), st.integers(0, 3)),
    st.tuples(st.sampled_from(["group", "gather"]), st.lists(whole, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["later", "at"]), moments, thens),
    st.tuples(st.just("soon"), thens),
)
step_at_once = st.one_of(plain_at_once, st.tuples(st.sampled_from(LIMITS), moments, plain_at_once))
programs_at_once = st.lists(st.lists(step_at_once, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(programs_at_once)
def test_the_same_events_where_much_is_due_at_one_moment(program: Program) -> None:
    """Who wins of a sleep and a time limit, and which callback of those that are over comes first.

    The times are whole seconds, some of them before now, so that most of them are equal.
    """
    assert ours(program) == stock(program)


def with_times(program: Any) -> Play:
    """Each word of a program with its time before it."""

    def play(say: Callable[[str], None]) -> Callable[[], Any]:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            await program(lambda words: say(f"{loop.time():.3f} {words}"))

        return main

    return play


class Watched:
    """An awaitable that takes the steps of another by hand, and does something after each."""

    def __init__(self, coroutine: Any, after_each: Callable[[], Any]) -> None:
        self.steps = coroutine.__await__()
        self.after_each = after_each

    def __await__(self) -> Generator[Any, Any, None]:
        for step in self.steps:
            self.after_each()
            yield step


@types.coroutine
def rest_of(coroutine: Any, first: Any) -> Generator[Any, Any, None]:
    """What follows on a first step that was taken by hand, and that step."""
    yield first
    yield from coroutine


async def wakes_while_it_goes_to_sleep(say: Callable[[str], None]) -> None:
    async def sleep() -> None:
        for seconds in (3, 0, 2):
            await asyncio.sleep(seconds)
            say(f"slept for {seconds}")

    event = asyncio.Event()
    waiter = asyncio.create_task(event.wait())
    waiter.add_done_callback(lambda _: say("woken"))
    await asyncio.sleep(0)
    await Watched(sleep(), event.set)


async def makes_tasks_while_it_goes_to_sleep(say: Callable[[str], None]) -> None:
    async def child() -> None:
        say("child begins")
        await asyncio.sleep(1)
        say("child ends")

    made: list[asyncio.Task[None]] = []
    await Watched(asyncio.sleep(3), lambda: made.append(asyncio.create_task(child())))
    say("slept")


async def takes_the_first_step_early(say: Callable[[str], None]) -> None:
    async def sleep() -> None:
        await asyncio.sleep(2)
        say("slept")

    coroutine = sleep()
    first = coroutine.send(None)
    await asyncio.sleep(0.5)
    await rest_of(coroutine, first)


async def gives_a_sleep_up(say: Callable[[str], None]) -> None:
    coroutine = asyncio.sleep(5)
    coroutine.send(None)
    coroutine.close()
    await asyncio.sleep(0)
    say("went on")


@pytest.mark.parametrize(
    "program",
    [
        wakes_while_it_goes_to_sleep,
        makes_tasks_while_it_goes_to_sleep,
        takes_the_first_step_early,
        gives_a_sleep_up,
    ],
)
def test_a_sleep_whose_steps_somebody_takes_by_hand(program: Any) -> None:
    """It lasts as long as in asyncio, and is nobody else's."""
    said = on_ours(with_times(program))
    assert said
    assert said == on_stock(with_times(program))


async def hears_the_first_of_two_words(say: Callable[[str], None]) -> None:
    async def sleep() -> None:
        try:
            await asyncio.sleep(2)
        except asyncio.CancelledError as error:
            say(f"{error.args}")

    task = asyncio.create_task(sleep())
    await asyncio.sleep(1)
    task.cancel("first")
    task.cancel("second")
    await task
    say(f"{task.cancelling()}")


async def is_asked_and_asked_no_more(say: Callable[[str], None]) -> None:
    async def sleep() -> None:
        for _ in range(2):
            try:
                await asyncio.sleep(2)
                say("slept")
            except asyncio.CancelledError as error:
                say(f"{error.args}")

    task = asyncio.create_task(sleep())
    await asyncio.sleep(1)
    for _ in range(2):
        task.cancel("word")
        say(f"{task.uncancel()}")
        await asyncio.sleep(1)
    await task


@pytest.mark.parametrize("program", [hears_the_first_of_two_words, is_asked_and_asked_no_more])
def test_a_task_that_is_asked_to_end_in_its_sleep(program: Any) -> None:
    """Its sleep is over then, and what comes after is too late: also what takes it back."""
    assert on_ours(with_times(program)) == on_stock(with_times(program))
