"""Waiting for ever is an error, which names who waits for what, and where."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from course_lib import Stuck, run

CLOCKS = ("virtual", "live")


def lines_of(main: Callable[[], Any], clock: Any = "virtual") -> list[str]:
    """What Stuck says of each task, the lines counted from the first of `main`."""
    with pytest.raises(Stuck) as caught:
        run(main, clock=clock)
    first = main.__code__.co_firstlineno
    told = []
    for line in str(caught.value).splitlines()[1:]:
        text, _, number = line.strip().partition(" on line ")
        told.append(f"{text}, {int(number) - first}" if number else text)
    return told


@pytest.mark.parametrize("clock", CLOCKS)
def test_each_waiting_task_is_named(clock: Any) -> None:
    """Lane, reason and line of every task that waits."""

    async def main() -> None:
        async def worker(queue: asyncio.Queue[int]) -> None:
            while True:
                await queue.get()

        queue: asyncio.Queue[int] = asyncio.Queue()
        event, future = asyncio.Event(), asyncio.get_running_loop().create_future()
        waiter = asyncio.create_task(event.wait(), name="the guest")
        async with asyncio.TaskGroup() as group:
            group.create_task(worker(queue))
            group.create_task(worker(queue))
            await asyncio.sleep(0.01)
            await asyncio.gather(future, waiter)

    assert lines_of(main, clock) == [
        "main waits for gather, 12",
        "the guest waits for event",
        "worker 1 waits for queue get, 3",
        "worker 2 waits for queue get, 3",
    ]


def test_when_it_got_stuck_is_said() -> None:
    """The first line says the time, and the trace shows what was done until then."""

    async def main() -> None:
        await asyncio.sleep(90 * 60)
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="every task waits at 90 min, and nothing will") as caught:
        run(main)
    assert caught.value.trace.duration == 5400


@pytest.mark.parametrize("clock", CLOCKS)
def test_two_locks_taken_crosswise(clock: Any) -> None:
    """The oldest deadlock of all: each holds what the other wants."""

    async def main() -> None:
        async def take(first: asyncio.Lock, second: asyncio.Lock) -> None:
            async with first:
                await asyncio.sleep(0.01)
                async with second:
                    pass

        fork, knife = asyncio.Lock(), asyncio.Lock()
        await asyncio.gather(take(fork, knife), take(knife, fork))

    told = lines_of(main, clock)
    assert told == [
        "main waits for gather, 8",
        "take 1 waits for lock, 4",
        "take 2 waits for lock, 4",
    ]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_sleep_without_end(clock: Any) -> None:
    """To sleep for ever is to wait for ever."""

    async def main() -> None:
        await asyncio.sleep(float("inf"))

    assert lines_of(main, clock) == ["main waits for sleep, 1"]


def test_waiting_again_after_cancellation() -> None:
    """A task that takes no notice of its cancellation is named like any other."""

    async def main() -> None:
        async def stubborn() -> None:
            try:
                await asyncio.sleep(9)
            except asyncio.CancelledError:
                await asyncio.Semaphore(0).acquire()

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        task.cancel()
        await task

    assert lines_of(main) == ["main waits for task, 10", "stubborn waits for semaphore, 5"]


def test_stuck_while_cleaning_up() -> None:
    """A background task that will not end is Stuck, where main itself was done."""

    async def main() -> Any:
        async def stubborn() -> None:
            try:
                await asyncio.sleep(9)
            finally:
                await asyncio.Barrier(2).wait()

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        return task

    assert "stubborn waits for barrier, 5" in lines_of(main)


def test_after_being_stuck_a_new_run_works() -> None:
    """Nothing of a stuck run is left for the next one."""
    with pytest.raises(Stuck):
        run(asyncio.Event().wait())
    assert run(asyncio.sleep(1, "fine")).result == "fine"
