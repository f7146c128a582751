"""The same experiments on every system, and on the small broker of lesson 05.

Each gets a function that opens channels to one fresh queue, and gives what was seen; a test
compares that with what the channel's system promised. Times are those of the running loop, so
that the small broker needs no real ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .channel import HOLD, MOST_ATTEMPTS, Channel, Delivery

Open = Callable[[], Awaitable[Channel]]
SOON = 30.0
"""Seconds within which a message must come that is on its way."""
KEYS = ("tea", "cake", "soup")


@dataclass(frozen=True, slots=True)
class AfterCrash:
    """What became of a message whose consumer died with it."""

    seconds: float | None
    """From that death until the next consumer had it; None if it was lost."""
    attempt: int | None
    """As the next delivery told it."""


@asynccontextmanager
async def producer(open_channel: Open) -> AsyncIterator[Channel]:
    """A channel that only sends."""
    channel = await open_channel()
    try:
        yield channel
    finally:
        await channel.close()


@asynccontextmanager
async def consumer(open_channel: Open) -> AsyncIterator[Channel]:
    """A channel that listens."""
    async with producer(open_channel) as channel:
        await channel.listen()
        yield channel


async def received(channel: Channel, seconds: float = SOON) -> Delivery:
    """The next message. Raises TimeoutError if there is none."""
    delivery = await channel.receive(seconds)
    if delivery is None:
        raise TimeoutError(f"{channel.system}: nothing came within {seconds:g} s")
    return delivery


async def there_is_one(channel: Channel, seconds: float) -> bool:
    """Whether a message comes within so many seconds; it is acknowledged."""
    delivery = await channel.receive(seconds)
    if delivery is not None:
        await channel.ack(delivery)
    return delivery is not None


async def delivered(open_channel: Open) -> str:
    """The body of a message that was sent to somebody who listens."""
    async with consumer(open_channel) as worker, producer(open_channel) as shop:
        await shop.send("a cake")
        delivery = await received(worker)
        await worker.ack(delivery)
        return delivery.body


async def after_ack(open_channel: Open) -> Delivery | None:
    """What comes after a message was acknowledged, though one waits longer than its time."""
    async with consumer(open_channel) as worker:
        async with producer(open_channel) as shop:
            await shop.send("a cake")
        await worker.ack(await received(worker))
        least, _ = worker.promised.after_crash or (HOLD, HOLD)
        return await worker.receive(least + 3)


async def after_crash(open_channel: Open) -> AfterCrash:
    """A consumer receives a message and dies before its ack; then another one listens."""
    async with producer(open_channel) as shop:
        await shop.die_holding("a cake")
        died = asyncio.get_running_loop().time()
        async with consumer(open_channel) as worker:
            promised = worker.promised.after_crash
            delivery = await worker.receive(promised[1] + SOON if promised else SOON / 3)
            if delivery is None:
                return AfterCrash(None, None)
            seconds = asyncio.get_running_loop().time() - died
            await worker.ack(delivery)
            return AfterCrash(seconds, delivery.attempt)


async def after_failures(open_channel: Open) -> tuple[int | None, list[str]]:
    """How often a message came that always fails, and what was set aside in the end.

    None if it still came when counting stopped.
    """
    async with consumer(open_channel) as worker:
        async with producer(open_channel) as shop:
            await shop.send("poison")
        attempts: int | None = None
        longest = max(HOLD + 3, *(worker.promised.after_crash or (0.0,)))
        for number in range((worker.promised.attempts or MOST_ATTEMPTS) + 2):
            delivery = await worker.receive(longest if number else SOON)
            if delivery is None:
                attempts = number
                break
            await worker.nack(delivery)
        return attempts, await worker.dead(SOON if worker.promised.dead_letters else 1.0)


async def order(open_channel: Open, number: int = 30) -> dict[str, list[int]]:
    """Key → the numbers that came with it, as they came; sent were 0, 1, 2, … in turns."""
    found: dict[str, list[int]] = {key: [] for key in KEYS}
    async with consumer(open_channel) as worker:
        async with producer(open_channel) as shop:
            for n in range(number):
                key = KEYS[n % len(KEYS)]
                await shop.send(f"{key} {n}", key)
        for _ in range(number):
            delivery = await received(worker)
            key, _, told = delivery.body.partition(" ")
            found[key].append(int(told))
            await worker.ack(delivery)
    return found


async def unheard(open_channel: Open) -> bool:
    """Whether a message is there for a consumer that comes after it."""
    async with producer(open_channel) as shop:
        await shop.send("a cake")
    async with consumer(open_channel) as worker:
        return await there_is_one(worker, SOON if worker.promised.unheard else 2.0)


async def many(open_channel: Open, number: int) -> tuple[set[str], int]:
    """Which of so many small messages did not come, and how many came more than once."""
    bodies = [str(n) for n in range(number)]
    seen: list[str] = []
    async with consumer(open_channel) as worker, producer(open_channel) as shop:
        sending = asyncio.ensure_future(shop.send_all(bodies))
        while len(set(seen)) < number:
            delivery = await worker.receive(SOON)
            if delivery is None:
                break
            seen.append(delivery.body)
            await worker.ack(delivery)
        await sending
    return set(bodies) - set(seen), len(seen) - len(set(seen))


async def after_restart(open_channel: Open, restart: Callable[[], None]) -> bool:
    """Whether a message that was accepted is there after the server was killed and began again."""
    async with producer(open_channel) as shop:
        await shop.send("a cake")
    await asyncio.to_thread(restart)
    async with consumer(open_channel) as worker:
        kept = worker.promised.restart and "restart" not in worker.differs
        return await there_is_one(worker, SOON if kept else 3.0)
