"""Tasks of every making run on the clock, and each is a lane of the trace."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from course_lib import Trace, mark, run, span

CLOCKS = ("virtual", "live")
needs_eager = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Python 3.11 has no eager task factory"
)


def rows(trace: Trace, *lanes: str) -> list[tuple[str, str, float, float]]:
    """Lane, kind, start and end of the spans in these lanes."""
    return [(s.lane, s.kind, s.start, s.end) for s in trace.spans if s.lane in lanes]


class OwnTask(asyncio.Task):  # type: ignore[type-arg]
    """What a library makes of a task."""


def plain(loop: Any, coroutine: Any, **options: Any) -> Any:
    """A factory as in asyncio's manual."""
    return OwnTask(coroutine, loop=loop, **options)


def written_in_python(loop: Any, coroutine: Any, **options: Any) -> Any:
    """asyncio has a task in C, and one in Python."""
    return asyncio.tasks._PyTask(coroutine, loop=loop, **options)  # type: ignore[attr-defined]


def eager(loop: Any, coroutine: Any, **options: Any) -> Any:
    """A factory of one's own whose tasks begin at once."""
    return OwnTask(coroutine, loop=loop, eager_start=True, **options)


def eager_task_factory(loop: Any, coroutine: Any, **options: Any) -> Any:
    """asyncio's own."""
    return asyncio.eager_task_factory(loop, coroutine, **options)  # type: ignore[attr-defined]


if sys.version_info >= (3, 12):
    eager_task_factory = asyncio.eager_task_factory

FACTORIES = [
    plain,
    written_in_python,
    pytest.param(eager, marks=needs_eager),
    pytest.param(eager_task_factory, marks=needs_eager),
]


async def cook() -> str:
    await asyncio.sleep(0.01)
    with span("cook"):
        await asyncio.sleep(0.02)
    return "soup"


def with_factory(factory: Any, main: Callable[[], Any]) -> Callable[[], Any]:
    """The same main, with a factory for all tasks but its own."""

    async def kitchen() -> Any:
        asyncio.get_running_loop().set_task_factory(factory)
        return await main()

    return kitchen


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("factory", FACTORIES)
def test_a_factory_makes_the_tasks_and_each_is_a_lane(factory: Any, clock: Any) -> None:
    """They are what the factory gives, sleep on the clock, and are named and drawn as others."""

    async def main() -> list[Any]:
        tasks = [asyncio.create_task(cook()), asyncio.create_task(cook(), name="Ann")]
        made = factory(asyncio.get_running_loop(), asyncio.sleep(0))
        assert isinstance(tasks[0], type(made))
        return list(await asyncio.gather(*tasks, cook()))

    trace = run(with_factory(factory, main), clock=clock)
    assert trace.result == ["soup"] * 3
    assert {"cook 1", "Ann", "cook 2"} <= set(trace.lanes)
    if clock == "virtual":
        assert trace.duration == 0.03
        assert rows(trace, "cook 1") == [
            ("cook 1", "waiting", 0, 0.01),
            ("cook 1", "working", 0.01, 0.03),
        ]


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_factory_is_seen_by_groups_and_limits(factory: Any) -> None:
    """What asyncio builds of tasks is built of the factory's, and can be cancelled."""
    ended: list[str] = []

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError("burnt")

    async def long() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            ended.append(f"{asyncio.get_running_loop().time():g}")

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.create_task(long()), 0.5)
        async with asyncio.TaskGroup() as group:
            group.create_task(long())
            group.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        run(with_factory(factory, main))
    assert (ended, caught.value.trace.duration) == (["0.5", "1.5"], 1.5)  # type: ignore[attr-defined]


@needs_eager
@pytest.mark.parametrize("factory", [eager, eager_task_factory])
def test_an_eager_task_begins_inside_the_one_that_makes_it(factory: Any) -> None:
    """Its first turn is in its own lane, comes before its maker's next line, and holds it up."""
    order: list[str] = []

    async def begin() -> None:
        mark("begun")
        order.append("child")
        time.sleep(2)
        await asyncio.sleep(1)

    async def main() -> None:
        task = asyncio.create_task(begin())
        order.append("maker")
        await task

    async def ready() -> None:
        await asyncio.sleep(1)

    async def kitchen() -> None:
        other = asyncio.create_task(ready())
        await asyncio.sleep(0)
        asyncio.get_running_loop().set_task_factory(factory)
        await main()
        await other

    trace = run(kitchen)
    assert order == ["child", "maker"]
    assert [(m.lane, m.time) for m in trace.marks] == [("begin", 0)]
    assert rows(trace, "begin") == [("begin", "blocked", 0, 2), ("begin", "waiting", 2, 3)]
    assert rows(trace, "kitchen") == [("kitchen", "blocked", 0, 2), ("kitchen", "waiting", 2, 3)]
    assert rows(trace, "ready") == [("ready", "waiting", 0, 1), ("ready", "ready", 1, 2)]


@needs_eager
def test_an_eager_task_may_end_at_once() -> None:
    """It never was in the queue, and its result is there."""

    async def quick() -> str:
        mark("here")
        return "done"

    async def main() -> Any:
        asyncio.get_running_loop().set_task_factory(eager_task_factory)
        task = asyncio.create_task(quick())
        return task.done(), await task

    trace = run(main)
    assert trace.result == (True, "done")
    assert [m.lane for m in trace.marks] == ["quick"]


def test_a_task_made_by_hand_is_a_lane() -> None:
    """`asyncio.Task(…)` without the loop's help keeps to the clock, in a lane of its own."""

    async def main() -> None:
        await asyncio.gather(asyncio.Task(cook()), asyncio.Task(cook(), name="Bob"))

    trace = run(main)
    assert (trace.duration, trace.lanes) == (0.03, ("main", "cook", "Bob"))


def test_a_factory_may_be_taken_back() -> None:
    """None brings the loop's own tasks back."""

    async def main() -> list[bool]:
        loop = asyncio.get_running_loop()
        kinds = []
        for factory in (plain, None):
            loop.set_task_factory(factory)
            assert loop.get_task_factory() is factory
            kinds.append(type(asyncio.create_task(cook())) is OwnTask)
        return kinds

    assert run(main).result == [True, False]


def test_a_factory_that_fails_is_told() -> None:
    """Its error comes out where the task was to be made."""

    def broken(loop: Any, coroutine: Any, **_: Any) -> Any:
        coroutine.close()
        raise LookupError("no tasks today")

    async def main() -> None:
        asyncio.create_task(cook())  # noqa: RUF006

    with pytest.raises(LookupError, match="no tasks today"):
        run(with_factory(broken, main))


@pytest.mark.parametrize("factory", FACTORIES)
def test_tasks_of_a_factory_that_wait_for_ever_are_named(factory: Any) -> None:
    """Stuck knows them by their lanes, in the order in which they were made."""

    async def wait() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        await asyncio.gather(wait(), wait())

    with pytest.raises(RuntimeError) as caught:
        run(with_factory(factory, main))
    told = [line.strip() for line in str(caught.value).splitlines()[1:]]
    line = wait.__code__.co_firstlineno + 1
    assert told[1:] == [f"wait {n} waits for event on line {line}" for n in (1, 2)]
