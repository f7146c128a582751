"""Waiting for ever is an error, which names who waits for what, and where."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller
from typing import Any

import pytest

from course_lib import Stuck, run
from course_lib.loop import virtual

CLOCKS = ("virtual", "live")


def lines_of(main: Callable[[], Any], clock: Any = "virtual") -> list[str]:
    """What Stuck says of each task, the lines counted from the first of `main`."""
    with pytest.raises(Stuck) as caught:
        run(main, clock=clock)
    first = main.__code__.co_firstlineno
    told = []
    for line in str(caught.value).splitlines()[1:]:
        text, _, number = line.strip().partition(" on line ")
        told.append(f"{text.rstrip(',')}, {int(number) - first}" if number else text)
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
        "take 1 waits for lock knife, which take 2 holds, 4",
        "take 2 waits for lock fork, which take 1 holds, 4",
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


async def goes_to_sleep_again() -> None:
    while True:
        with contextlib.suppress(BaseException):
            await asyncio.sleep(1)


async def waits_with_a_limit_again() -> None:
    while True:
        with contextlib.suppress(BaseException):
            await asyncio.wait_for(asyncio.Event().wait(), 1)


async def waits_again() -> None:
    while True:
        with contextlib.suppress(BaseException):
            await asyncio.Event().wait()


@pytest.mark.parametrize("stubborn", [goes_to_sleep_again, waits_with_a_limit_again, waits_again])
def test_a_task_that_swallows_every_error_is_told_at_the_end(
    stubborn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On asyncio's own loop the program would never end; here it does, and so does collecting."""
    monkeypatch.setattr(virtual, "MOST_JUMPS", 100)

    async def main() -> None:
        asyncio.create_task(stubborn())  # noqa: RUF006
        await asyncio.sleep(3)

    with pytest.raises(Stuck) as caught:
        run(main)
    assert f"\n  {stubborn.__name__} waits for " in str(caught.value)
    del caught
    gc.collect()
    with pytest.raises(LookupError):  # whatever follows
        run(fails_beside(stubborn))
    gc.collect()


async def fails_beside(stubborn: Any) -> None:
    asyncio.create_task(stubborn())  # noqa: RUF006
    await asyncio.sleep(3)
    raise LookupError


def test_a_thread_that_goes_on_for_ever_is_told_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its run waits for it, as asyncio does."""
    monkeypatch.setattr(virtual, "MOST_JUMPS", 100)

    def work() -> None:
        while True:
            time.sleep(1)

    async def main() -> None:
        asyncio.create_task(asyncio.to_thread(work))  # noqa: RUF006
        await asyncio.sleep(3)

    assert lines_of(main) == ["thread 1 goes on", WAY_OUT]


WAY_OUT = "a task ends where it lets asyncio.CancelledError pass, a thread where it returns"


async def two_await_each_other() -> None:
    async def wait_for(number: int) -> None:
        await asyncio.sleep(1)
        await tasks[1 - number]

    tasks = [asyncio.create_task(wait_for(number)) for number in (0, 1)]
    await tasks[0]


async def three_gather_each_other() -> None:
    async def wait_for(number: int) -> None:
        await asyncio.sleep(1)
        await asyncio.gather(tasks[number - 1])

    tasks = [asyncio.create_task(wait_for(number)) for number in (0, 1, 2)]
    await asyncio.wait(tasks)


async def a_child_awaits_its_parent() -> None:
    parent = asyncio.current_task()

    async def child() -> None:
        await parent  # type: ignore[misc]

    async with asyncio.TaskGroup() as group:
        group.create_task(child())


async def through_a_shield() -> None:
    parent = asyncio.current_task()

    async def child() -> None:
        await asyncio.shield(parent)  # type: ignore[type-var]

    await asyncio.create_task(child())


CIRCLES = {
    two_await_each_other: ["main waits for task, 6", "wait_for 1 waits for task, 3"],
    three_gather_each_other: ["main waits for tasks, 6", "wait_for 1 waits for gather, 3"],
    a_child_awaits_its_parent: ["main waits for task group, 6", "child waits for task, 4"],
    through_a_shield: ["main waits for task, 6", "child waits for task, 4"],
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("main", CIRCLES)
def test_a_circle_of_awaits(main: Callable[[], Any], clock: Any, caplog: Any) -> None:
    """Who waits in a circle is told with its lines, and the run is left without a word more."""
    told = lines_of(main, clock)
    expected = [line.replace("main", main.__name__) for line in CIRCLES[main]]
    assert told[:2] == expected
    gc.collect()
    assert caplog.text == ""


def test_a_circle_can_be_left_by_cancellation() -> None:
    """Where asyncio itself would recurse till it fails, each in the circle is asked to end."""
    ended: list[str] = []

    async def main() -> None:
        async def wait_for(number: int) -> None:
            try:
                await tasks[(number + 1) % 3]
            except asyncio.CancelledError:
                ended.append(f"{number} at {asyncio.get_running_loop().time():g}")
                raise

        tasks = [asyncio.create_task(wait_for(number)) for number in range(3)]
        await asyncio.sleep(1)
        tasks[0].cancel()
        await asyncio.wait(tasks)

    run(main)
    assert sorted(ended) == ["0 at 1", "1 at 1", "2 at 1"]


def test_a_long_chain_of_tasks_is_cancelled() -> None:
    """Each waits for the next; asyncio's own recursion ends such a chain with an error."""

    async def main() -> int:
        async def link(number: int) -> None:
            if number:
                await asyncio.create_task(link(number - 1))
            else:
                await asyncio.sleep(9)

        task = asyncio.create_task(link(100))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return len(asyncio.all_tasks())

    assert run(main).result == 1


async def a_worker_that_died() -> None:
    async def worker() -> None:
        while True:
            1 // await queue.get()
            queue.task_done()

    queue: asyncio.Queue[int] = asyncio.Queue()
    task = asyncio.create_task(worker())
    for number in (2, 1, 0, 3):
        queue.put_nowait(number)
    await queue.join()
    await task


async def a_worker_that_nobody_holds() -> None:
    async def worker() -> None:
        1 // await queue.get()

    queue: asyncio.Queue[int] = asyncio.Queue()
    asyncio.create_task(worker())  # noqa: RUF006
    queue.put_nowait(0)
    await queue.join()


async def a_callback_that_failed() -> None:
    def call() -> None:
        1 // len(event._waiters) // 0  # type: ignore[attr-defined]

    event = asyncio.Event()
    asyncio.get_running_loop().call_later(1, call)
    await event.wait()


async def a_call_in_a_thread_that_failed() -> None:
    def call() -> None:
        time.sleep(0.01)
        1 // len(event._waiters) // 0  # type: ignore[attr-defined]

    event = asyncio.Event()
    asyncio.get_running_loop().run_in_executor(None, call)
    await event.wait()


async def a_future_that_failed() -> None:
    future = asyncio.get_running_loop().create_future()
    future.set_exception(LookupError())
    await asyncio.Event().wait()


async def a_call_of_a_pool_that_nobody_holds() -> None:
    def call() -> None:
        1 // len(event._waiters) // 0  # type: ignore[attr-defined]

    event = asyncio.Event()
    with ThreadPoolExecutor() as pool:
        pool.submit(call)
        await event.wait()


async def a_call_of_a_pool_that_nobody_asks() -> None:
    def call() -> None:
        1 // len(event._waiters) // 0  # type: ignore[attr-defined]

    event = asyncio.Event()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(call)
        await event.wait()
        future.result()


async def a_coroutine_for_a_thread_that_nobody_asks() -> None:
    async def fail() -> None:
        await asyncio.sleep(0.01)
        raise LookupError

    loop = asyncio.get_running_loop()
    await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(fail(), loop) and None)
    await asyncio.Event().wait()


WHY = {
    a_worker_that_died: ["main waits for queue join, 10", "worker ended with ZeroDivisionError, 3"],
    a_worker_that_nobody_holds: [
        "main waits for queue join, 7",
        "worker ended with ZeroDivisionError, 2",
    ],
    a_callback_that_failed: [
        "main waits for event, 6",
        "a callback ended with ZeroDivisionError, 2",
    ],
    a_call_in_a_thread_that_failed: [
        "main waits for event, 7",
        "a call in a thread ended with ZeroDivisionError, 3",
    ],
    a_call_of_a_pool_that_nobody_holds: [
        "main waits for event, 7",
        "a call in a thread ended with ZeroDivisionError, 2",
    ],
    a_call_of_a_pool_that_nobody_asks: [
        "main waits for event, 7",
        "a call in a thread ended with ZeroDivisionError, 2",
    ],
    a_coroutine_for_a_thread_that_nobody_asks: [
        "main waits for event, 7",
        "fail ended with LookupError, 3",
    ],
    a_future_that_failed: ["main waits for event, 3", "a future ended with LookupError"],
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("main", WHY)
def test_what_failed_is_told(main: Callable[[], Any], clock: Any, caplog: Any) -> None:
    """Who waits for ever often does so because of an error that nobody was told of."""
    with caplog.at_level(logging.CRITICAL, logger="asyncio"):
        told = lines_of(main, clock)
    assert told == [line.replace("main", main.__name__) for line in WHY[main]]


def test_an_error_that_somebody_took_is_not_told() -> None:
    """It is no news, and no reason for others to wait."""

    async def main() -> None:
        async def fail() -> None:
            raise LookupError

        with contextlib.suppress(LookupError):
            await asyncio.create_task(fail())
        await asyncio.gather(fail(), return_exceptions=True)
        with ThreadPoolExecutor() as pool:
            for ask in (methodcaller("result"), methodcaller("exception")):
                with contextlib.suppress(ZeroDivisionError):
                    ask(pool.submit(divmod, 1, 0))
        with contextlib.suppress(ZeroDivisionError):
            await asyncio.to_thread(divmod, 1, 0)
        await asyncio.Event().wait()

    assert lines_of(main) == ["main waits for event, 13"]


def test_of_many_errors_five_are_told() -> None:
    """And how many more there were."""

    async def main() -> None:
        async def fail() -> None:
            raise LookupError

        tasks = [asyncio.create_task(fail()) for _ in range(9)]
        await asyncio.sleep(1)
        await asyncio.wait([*tasks, asyncio.create_task(asyncio.Event().wait())])

    told = lines_of(main)
    assert told[2:4] == [f"fail {n} ended with LookupError, 2" for n in (1, 2)]
    assert told[-1] == "and 4 more ended with errors"


def test_an_error_of_the_clean_up_hides_no_other() -> None:
    """What comes out of the run is what main raised, whatever fails while it is cleaned up."""

    class Stubborn:
        def __await__(self) -> Any:
            yield from asyncio.get_running_loop().create_future().__await__()

    async def main() -> None:
        async def child() -> None:
            try:
                await Stubborn()
            finally:
                await Stubborn()

        child_of_main = asyncio.create_task(child())
        await asyncio.sleep(1)
        raise LookupError(child_of_main.get_name())

    with pytest.raises(LookupError, match="child"):
        run(main)


def test_after_being_stuck_a_new_run_works() -> None:
    """Nothing of a stuck run is left for the next one."""
    with pytest.raises(Stuck):
        run(asyncio.Event().wait())
    assert run(asyncio.sleep(1, "fine")).result == "fine"
