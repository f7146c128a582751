"""From a run's log to spans: what is working, waiting, ready and blocked, and in which lane."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import Trace, run, span

Row = tuple[str, str, str, float, float]


def rows(trace: Trace) -> list[Row]:
    """Lane, label, kind, start and end of each span."""
    return [(s.lane, s.label, s.kind, s.start, s.end) for s in trace.spans]


def test_a_lane_that_was_left_waits_for_the_other() -> None:
    """A span in another lane: the lane it was called from waits for it, by name."""

    async def main() -> None:
        with span("serve", lane="waiter"):
            await asyncio.sleep(1)
            with span("cook", lane="kitchen"):
                await asyncio.sleep(2)
            await asyncio.sleep(3)

    trace = run(main)
    assert rows(trace) == [
        ("waiter", "serve", "working", 0, 1),
        ("waiter", "serve", "waiting", 1, 3),
        ("kitchen", "cook", "working", 1, 3),
        ("waiter", "serve", "working", 3, 6),
    ]
    assert trace.spans[1].reason == "cook in kitchen"


def test_a_span_inside_another_stays_in_its_lane() -> None:
    """Without a lane of its own an inner span is drawn where the outer one is, which is kept."""

    async def main() -> None:
        with span("serve", lane="waiter"), span("smile"):
            await asyncio.sleep(1)

    assert rows(run(main)) == [
        ("waiter", "serve", "working", 0, 1),
        ("waiter", "smile", "working", 0, 1),
    ]


def test_work_of_no_length_is_kept_when_it_has_a_name() -> None:
    """A named span of zero length is there; unnamed ones are not."""

    async def main() -> None:
        with span("blink"):
            pass

    assert rows(run(main)) == [("main", "blink", "working", 0, 0)]


def test_sleeps_one_after_another_are_one_piece_of_work() -> None:
    """Two sleeps in one span are one stretch; a wait between them cuts it."""

    async def main() -> None:
        with span("cook"):
            await asyncio.sleep(1)
            await asyncio.sleep(1)
            await asyncio.wait([asyncio.ensure_future(asyncio.sleep(1))])
            await asyncio.sleep(1)

    found = [row[2:] for row in rows(run(main)) if row[0] == "main"]
    assert found == [("working", 0, 2), ("waiting", 2, 3), ("working", 3, 4)]


def test_who_could_run_while_the_loop_is_held_is_ready() -> None:
    """While one task blocks, the other, whose sleep is over, is ready and not waiting."""

    async def tick() -> None:
        await asyncio.sleep(1)

    async def main() -> None:
        task = asyncio.create_task(tick())
        await asyncio.sleep(0)
        time.sleep(3)
        await task

    assert [row[1:] for row in rows(run(main)) if row[0] == "tick"] == [
        ("sleep", "waiting", 0, 1),
        ("loop busy", "ready", 1, 3),
    ]


def test_tasks_are_named_after_their_coroutines() -> None:
    """Made-up names are numbered when there are several; given names are left alone."""

    async def cook() -> None:
        await asyncio.sleep(1)

    async def main() -> None:
        late = asyncio.create_task(cook())
        late.set_name("Cy")
        names = [asyncio.create_task(cook(), name=name) for name in ("Ann", "cook", None, None)]
        await asyncio.gather(late, *names)

    assert run(main).lanes == ("main", "Cy", "Ann", "cook", "cook 1", "cook 2")


def test_a_span_may_end_in_another_task() -> None:
    """A generator left in the middle is closed elsewhere; other spans keep their names."""

    async def stream() -> AsyncIterator[int]:
        with span("stream"):
            await asyncio.sleep(1)
            yield 1

    async def main() -> None:
        async for _ in stream():
            break
        with span("after"):
            await asyncio.sleep(1)

    assert rows(run(main)) == [
        ("main", "stream", "working", 0, 1),
        ("main", "after", "working", 1, 2),
    ]


def test_spans_of_two_generators_may_cross() -> None:
    """Entered a, b and left a, b: each keeps its own label."""

    async def named(label: str) -> AsyncIterator[None]:
        with span(label, lane=label):
            yield
        yield

    async def main() -> None:
        a, b = named("a"), named("b")
        await anext(a)
        await asyncio.sleep(1)
        await anext(b)
        await asyncio.sleep(1)
        await anext(a)
        await asyncio.sleep(1)
        await anext(b)

    found = rows(run(main))
    assert [row for row in found if row[2] == "working"] == [
        ("a", "a", "working", 0, 1),
        ("b", "b", "working", 1, 3),
    ]


async def numbers(seconds: float) -> AsyncIterator[int]:
    """A generator that tidies up for a while."""
    try:
        yield 1
        yield 2
    finally:
        if seconds:
            await asyncio.sleep(seconds)


@pytest.mark.parametrize("seconds", [0, 2])
def test_a_generator_is_closed_in_a_lane_of_its_own(seconds: float) -> None:
    """Dropped or left to the end of the run, it has its own name, and a lane if it takes time."""

    async def main() -> Any:
        async for _ in numbers(seconds):
            break
        gc.collect()
        await asyncio.sleep(1)
        left = numbers(seconds)
        await anext(left)
        return left

    trace = run(main)
    assert trace.lanes == (("main", "numbers 1", "numbers 2") if seconds else ("main",))
    assert [s.start for s in trace.spans if s.lane != "main"] == ([0, 1] if seconds else [])


def test_generators_that_are_left_are_closed_in_the_order_in_which_they_began() -> None:
    """asyncio keeps them in a set without order."""
    closed: list[int] = []

    async def count(number: int) -> AsyncIterator[int]:
        try:
            yield number
        finally:
            closed.append(number)

    async def main() -> Any:
        left = [count(number) for number in range(50)]
        for generator in reversed(left):
            await anext(generator)
        return left

    run(main)
    assert closed == list(reversed(range(50)))


def test_what_is_awaited_as_a_task_lends_its_name() -> None:
    """An object with `__await__` is a lane of that name, and no helper of asyncio's."""

    class Order:
        def __await__(self) -> Any:
            return asyncio.sleep(1).__await__()

    async def main() -> None:
        await asyncio.gather(Order(), Order())

    assert run(main).lanes == ("main", "Order 1", "Order 2")


def test_no_helper_of_asyncio_has_a_lane() -> None:
    """To start a process takes a task that nobody made."""

    async def main() -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
        await process.wait()

    assert run(main, clock="live").lanes == ("main",)


def test_the_lane_of_a_lost_task_ends_where_it_was_lost() -> None:
    """A task that nobody holds, and that waits for what nobody holds, is taken away."""

    async def wait() -> None:
        await asyncio.sleep(1)
        await asyncio.Event().wait()  # and no bare future, for which a thread might be

    async def main() -> None:
        asyncio.create_task(wait())  # noqa: RUF006
        await asyncio.sleep(3)
        gc.collect()
        await asyncio.sleep(4)

    found = [row[1:] for row in rows(run(main)) if row[0] == "wait"]
    assert found == [("sleep", "waiting", 0, 1), ("event", "waiting", 1, 3)]


Step = tuple[Any, ...]
seconds = st.integers(0, 3)
simple = st.one_of(
    st.tuples(st.just("sleep"), seconds),
    st.tuples(st.just("block"), seconds),
    st.tuples(st.sampled_from(["put", "get", "lock"])),
    st.tuples(st.just("thread"), seconds),
)
step = st.one_of(simple, st.tuples(st.just("span"), st.lists(simple, max_size=3)))
programs = st.lists(st.lists(step, max_size=5), min_size=1, max_size=4)


def perform(program: list[list[Step]], lives: dict[str, tuple[float, float]]) -> Callable[[], Any]:
    """Tasks with names of their own; `lives` gets when each was made and when it ended."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        lock = asyncio.Lock()
        loop = asyncio.get_running_loop()

        async def do(what: str, *arguments: Any) -> None:
            if what == "sleep":
                await asyncio.sleep(arguments[0])
            elif what == "block":
                time.sleep(arguments[0])
            elif what == "put":
                await queue.put(0)
            elif what == "get":
                await queue.get()
            elif what == "thread":
                await asyncio.to_thread(time.sleep, arguments[0])
            elif what == "lock":
                async with lock:
                    await asyncio.sleep(1)
            else:
                with span("work"):
                    for step in arguments[0]:
                        await do(*step)

        async def life(name: str, todo: list[Step]) -> None:
            try:
                for step in todo:
                    await do(*step)
            finally:
                lives[name] = (0.0, loop.time())

        tasks = [
            asyncio.create_task(life(f"task {n}", todo), name=f"task {n}")
            for n, todo in enumerate(program)
        ]
        await asyncio.wait(tasks, timeout=500)

    return main


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(programs)
def test_every_moment_of_a_task_is_told_once(program: list[list[Step]]) -> None:
    """A task's spans never overlap, leave no gap, and add up to its life."""
    lives: dict[str, tuple[float, float]] = {}
    trace = run(perform(program, lives))
    for name, (begin, end) in lives.items():
        told = [(s.start, s.end) for s in trace.spans if s.lane == name and s.duration]
        assert all(before[1] == after[0] for before, after in pairwise(told)), trace
        assert (told[0][0], told[-1][1]) == (begin, end) if told else begin == end
        kinds = ("working", "waiting", "ready", "blocked")
        total = sum(trace.total(name, kind) for kind in kinds) if name in trace.lanes else 0
        assert total == end - begin


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(programs)
def test_the_same_program_gives_the_same_trace(program: list[list[Step]]) -> None:
    """Two runs are equal, whatever they do."""
    assert run(perform(program, {})) == run(perform(program, {}))
