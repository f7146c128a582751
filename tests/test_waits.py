"""Each way of waiting in asyncio is seen: for what, on which line, and for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from inspect import currentframe
from typing import Any

import pytest

from course_lib import run, span
from course_lib.broker import Broker

Way = Callable[[], Any]


def here() -> int:
    """The line it is called from."""
    frame = currentframe()
    assert frame is not None and frame.f_back is not None
    return frame.f_back.f_lineno


def later(call: Callable[..., Any], *args: Any) -> None:
    """Make a call after a second of the run's clock."""
    asyncio.get_running_loop().call_later(1, call, *args)


async def sleep() -> int:
    return await asyncio.sleep(1) or here()


async def timeout() -> int:
    async with asyncio.timeout(9):
        return await asyncio.sleep(1) or here()


async def timeout_that_ends() -> int:
    try:
        async with asyncio.timeout(1):
            line = here() + 1
            await asyncio.Event().wait()
    except TimeoutError:
        return line
    raise AssertionError


async def wait_for_that_ends() -> int:
    try:
        line = here() + 1
        await asyncio.wait_for(asyncio.Queue().get(), 1)
    except TimeoutError:
        return line
    raise AssertionError


async def wait_for() -> int:
    return await asyncio.wait_for(asyncio.sleep(1), 9) or here()


async def wait_for_a_task() -> int:
    return await asyncio.wait_for(asyncio.create_task(asyncio.sleep(1)), 9) or here()


async def task() -> int:
    return await asyncio.create_task(asyncio.sleep(1)) or here()


async def gather() -> int:
    return (await asyncio.gather(asyncio.sleep(1), asyncio.sleep(0.5))) and here()


async def group() -> int:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.sleep(1))
        line = here() - 2
    return line


async def wait() -> int:
    return (await asyncio.wait([asyncio.create_task(asyncio.sleep(1))])) and here()


async def as_completed() -> int:
    for coroutine in asyncio.as_completed([asyncio.sleep(1)]):
        line = await coroutine or here()
    return line


async def shield() -> int:
    return await asyncio.shield(asyncio.sleep(1)) or here()


async def future() -> int:
    future = asyncio.get_running_loop().create_future()
    later(future.set_result, None)
    return await future or here()


async def queue_get() -> int:
    queue: asyncio.Queue[int] = asyncio.Queue()
    later(queue.put_nowait, 0)
    return await queue.get() or here()


async def priority_queue_get() -> int:
    queue: asyncio.PriorityQueue[int] = asyncio.PriorityQueue()
    later(queue.put_nowait, 0)
    return await queue.get() or here()


async def queue_put() -> int:
    queue: asyncio.Queue[int] = asyncio.Queue(1)
    queue.put_nowait(0)
    later(queue.get_nowait)
    await queue.put(1)
    return here() - 1


async def queue_join() -> int:
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(0)
    later(queue.task_done)
    await queue.join()
    return here() - 1


async def lock() -> int:
    lock = asyncio.Lock()
    await lock.acquire()
    later(lock.release)
    async with lock:
        return here() - 1


async def semaphore() -> int:
    semaphore = asyncio.Semaphore(0)
    later(semaphore.release)
    async with semaphore:
        return here() - 1


async def event() -> int:
    event = asyncio.Event()
    later(event.set)
    return (await event.wait()) and here()


async def condition() -> int:
    condition = asyncio.Condition()

    async def tell() -> None:
        await asyncio.sleep(1)
        async with condition:
            condition.notify()

    telling = asyncio.create_task(tell())
    async with condition:
        await condition.wait()
        line = here() - 1
    await telling
    return line


async def barrier() -> int:
    barrier = asyncio.Barrier(2)
    later(lambda: asyncio.ensure_future(barrier.wait()))
    await barrier.wait()
    return here() - 1


async def async_for() -> int:
    async def numbers() -> AsyncIterator[int]:
        await asyncio.sleep(1)
        yield here() - 1

    async for line in numbers():
        return line
    raise AssertionError


async def context_manager() -> int:
    @asynccontextmanager
    async def opened() -> AsyncIterator[int]:
        await asyncio.sleep(1)
        yield here() - 1

    async with opened() as line:
        return line


async def own_await() -> int:
    class Mine:
        def __await__(self) -> Any:
            yield from asyncio.sleep(1).__await__()
            return here() - 1

    return int(await Mine())


async def to_thread() -> int:
    return await asyncio.to_thread(time.sleep, 1) or here()


async def executor() -> int:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, time.sleep, 1) or here()


WAYS: list[tuple[Way, str]] = [
    (sleep, "sleep"),
    (timeout, "sleep"),
    (timeout_that_ends, "event"),
    (wait_for_that_ends, "queue get"),
    (wait_for, "sleep"),
    (wait_for_a_task, "task"),
    (task, "task"),
    (gather, "gather"),
    (group, "task group"),
    (wait, "tasks"),
    (as_completed, "tasks"),
    (shield, "task"),
    (future, "future"),
    (queue_get, "queue get"),
    (priority_queue_get, "queue get"),
    (queue_put, "queue put"),
    (queue_join, "queue join"),
    (lock, "lock"),
    (semaphore, "semaphore"),
    (event, "event"),
    (condition, "condition"),
    (barrier, "barrier"),
    (async_for, "sleep"),
    (context_manager, "sleep"),
    (own_await, "sleep"),
    (to_thread, "thread"),
    (executor, "thread"),
]


@pytest.mark.parametrize(("way", "reason"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_a_wait_names_its_reason_and_line(way: Way, reason: str) -> None:
    """Outside a span a second of waiting is one stretch, labelled with its reason."""
    trace = run(way)
    (waited,) = [s for s in trace.spans if s.lane == way.__name__ and s.label == reason]
    assert (waited.kind, waited.reason, waited.line) == ("waiting", reason, trace.result)
    assert (waited.start, waited.end) == (0, 1)


@pytest.mark.parametrize(("way", "reason"), WAYS, ids=[way.__name__ for way, _ in WAYS])
def test_a_wait_inside_a_span_has_its_label(way: Way, reason: str) -> None:
    """Inside a span a sleep is its work; every other wait is waiting, with reason and line."""

    async def main() -> int:
        with span("cook", lane="kitchen"):
            return int(await way())

    trace = run(main)
    (found,) = [s for s in trace.spans if s.lane == "kitchen"]
    expected = ("working", "", None) if reason == "sleep" else ("waiting", reason, trace.result)
    assert (found.label, found.kind, found.reason, found.line) == ("cook", *expected)
    assert (found.start, found.end) == (0, 1)


def test_a_queue_with_room_lets_nobody_wait() -> None:
    """Putting into an unbounded queue, or taking from a full one, leaves no stretch of waiting."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()
        for number in range(100):
            await queue.put(number)
        for _ in range(100):
            await queue.get()

    assert run(main).spans == ()


def test_a_sleep_that_is_cancelled_ends_there() -> None:
    """Cancelled after two of ten seconds, a task waited for two."""

    async def nap() -> None:
        await asyncio.sleep(10)

    async def main() -> None:
        task = asyncio.create_task(nap())
        await asyncio.sleep(2)
        task.cancel()

    found = [(s.start, s.end) for s in run(main).spans if s.lane == "nap"]
    assert found == [(0, 2)]


def test_a_task_that_cancels_itself_does_not_sleep() -> None:
    """Its next await ends it, at once, as in asyncio."""

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(10)
        task.uncancel()
        await asyncio.sleep(1)

    assert run(main).duration == 1


def test_a_callback_that_blocks_is_the_event_loop() -> None:
    """`time.sleep` in a callback blocks the loop, in a lane of that name, and no line of ours."""

    async def main() -> None:
        later(time.sleep, 2)
        await asyncio.sleep(2)

    trace = run(main)
    found = [(s.lane, s.kind, s.start, s.end, s.line) for s in trace.spans]
    assert ("event loop", "blocked", 1, 3, None) in found
    assert ("main", "ready", 2, 3, None) in found


def test_a_trip_of_the_broker_is_no_sleep_of_the_students() -> None:
    """Its hops are told as the broker's, in a span too; what a program sleeps itself stays one."""

    async def shop(broker: Broker) -> None:
        await broker.publish("orders", "A")
        with span("hand over"):
            await broker.publish("orders", "B")

    async def clerk(broker: Broker) -> None:
        order = await broker.receive("orders")
        await asyncio.sleep(1)
        await broker.ack(order)

    async def day() -> None:
        broker = Broker(hop=0.25)
        broker.create_queue("orders")
        await asyncio.gather(shop(broker), clerk(broker))

    waits = [one for one in run(day).spans if one.kind == "waiting"]
    told = {lane: [one.reason for one in waits if one.lane == lane] for lane in ("shop", "clerk")}
    assert told == {
        "shop": ["broker"] * 4,
        "clerk": ["queue get", "broker", "sleep", "broker"],
    }
    assert all(one.line is not None for one in waits)


def test_who_waits_again_and_again_is_told_each_time_for_what_and_where() -> None:
    """A task remembers what it looked up when it waited before, and is not misled by it."""

    async def helped(queue: asyncio.Queue[int]) -> None:
        await queue.get()

    async def changing() -> list[tuple[str, int]]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        event, told = asyncio.Event(), []
        for _ in range(3):
            later(queue.put_nowait, 1)
            await queue.get()
            told.append(("queue get", here() - 1))
            later(event.set)
            await event.wait()
            told.append(("event", here() - 1))
            event.clear()
            await asyncio.sleep(1)
            told.append(("sleep", here() - 1))
            later(queue.put_nowait, 1)
            await helped(queue)
            told.append(("queue get", helped.__code__.co_firstlineno + 1))
            future = asyncio.get_running_loop().create_future()
            later(future.set_result, None)
            await future
            told.append(("future", here() - 1))
            later(queue.put_nowait, 1)
            await asyncio.wait_for(queue.get(), 9)
            told.append(("queue get", here() - 1))
        return told

    trace = run(changing)
    lane = [s for s in trace.spans if s.lane == "changing"]
    assert [(s.reason, s.line) for s in lane] == trace.result
    assert [s.end - s.start for s in lane] == [1] * len(lane)
