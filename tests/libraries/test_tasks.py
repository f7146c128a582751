"""Libraries that begin tasks, stop them and let them talk do so on the virtual clock."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from .here import library, twice

anyio = library("anyio")
aiojobs = library("aiojobs")
aiostream = library("aiostream")
async_timeout = library("async_timeout")
aiolimiter = library("aiolimiter")


def test_a_task_group_of_anyio() -> None:
    """Its tasks sleep at the same time; a scope that is over cancels what goes on."""

    async def main() -> Any:
        seen = []

        async def work(seconds: float) -> None:
            await anyio.sleep(seconds)
            seen.append(anyio.current_time())

        async with anyio.create_task_group() as group:
            for seconds in (3, 1, 2):
                group.start_soon(work, seconds)
        with anyio.move_on_after(1.5) as scope:
            await anyio.sleep(9)
        with pytest.raises(TimeoutError), anyio.fail_after(2):
            await anyio.Event().wait()
        return seen, scope.cancelled_caught, anyio.current_time()

    assert twice(main).result == ([1, 2, 3], True, 6.5)


def test_a_stream_of_anyio() -> None:
    """The sender waits for room, the receiver for what comes."""

    async def main() -> Any:
        send, receive = anyio.create_memory_object_stream(1)
        seen = []

        async def produce() -> None:
            async with send:
                for number in range(4):
                    await send.send(number)
                    await anyio.sleep(1)

        async with anyio.create_task_group() as group, receive:
            group.start_soon(produce)
            async for number in receive:
                seen.append((number, time.monotonic()))
        return seen

    assert twice(main).result == [(number, number) for number in range(4)]


def test_jobs_of_aiojobs() -> None:
    """Two at a time; the third begins when one of them has ended."""

    async def main() -> Any:
        seen = []

        async def work(seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((seconds, time.monotonic()))

        async with aiojobs.Scheduler(limit=2) as scheduler:
            for seconds in (3, 1, 2.5):
                await scheduler.spawn(work(seconds))
            await asyncio.sleep(5)
        return seen

    assert twice(main).result == [(1, 1), (3, 3), (2.5, 3.5)]


def test_a_stream_of_aiostream() -> None:
    """It counts every fifth of a second, at no other time."""

    async def main() -> Any:
        count = aiostream.stream.count(interval=0.2)
        squares = count | aiostream.pipe.map(lambda x: x * x) | aiostream.pipe.take(5)
        return await aiostream.stream.list(squares), time.monotonic()

    assert twice(main).result == ([0, 1, 4, 9, 16], 0.8)


def test_the_time_limit_of_async_timeout() -> None:
    """It ends what takes too long, on the moment."""

    async def main() -> Any:
        with pytest.raises(TimeoutError):
            async with async_timeout.timeout(1.5):
                await asyncio.sleep(10)
        return time.monotonic()

    assert twice(main).result == 1.5


def test_the_limiter_of_aiolimiter() -> None:
    """Three a second: the first three at once, then one every third of a second."""

    async def main() -> Any:
        limiter = aiolimiter.AsyncLimiter(3, 1)
        seen = []
        for _ in range(7):
            async with limiter:
                seen.append(time.monotonic())
        return seen

    assert twice(main).result == pytest.approx([0, 0, 0, 1 / 3, 2 / 3, 1, 4 / 3], abs=1e-8)
