"""Programs made by chance, the same for the same seed: whatever a film could get wrong."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from course_lib import mark, send, span

MOST_DEEP = 3  # tasks that make tasks
ACTS = 6  # of each task


class World:
    """What the tasks of one program share."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.locks = [asyncio.Lock(), asyncio.Lock()]
        self.room = asyncio.Semaphore(2)
        self.queue: asyncio.Queue[int] = asyncio.Queue(2)
        self.event = asyncio.Event()
        self.tasks: list[asyncio.Task[Any]] = []

    def seconds(self) -> float:
        return self.chance.choice([0, 0, 0.5, 1, 1, 2, 3])


Act = Callable[[World, int], Awaitable[Any]]


async def sleep(world: World, deep: int) -> None:
    await asyncio.sleep(world.seconds())


async def block(world: World, deep: int) -> None:
    time.sleep(world.seconds())


async def lock(world: World, deep: int) -> None:
    async with world.chance.choice(world.locks):
        await asyncio.sleep(world.seconds())
        if world.chance.random() < 0.3:
            async with world.chance.choice(world.locks):
                await asyncio.sleep(0)


async def semaphore(world: World, deep: int) -> None:
    async with world.room:
        await act(world, deep + 1)


async def put(world: World, deep: int) -> None:
    await world.queue.put(world.chance.randrange(9))


async def get(world: World, deep: int) -> None:
    async with asyncio.timeout(world.seconds() + 0.5):
        await world.queue.get()


async def event(world: World, deep: int) -> None:
    if world.chance.random() < 0.6:
        world.event.set()
    else:
        await asyncio.wait_for(world.event.wait(), 2)


async def child(world: World, deep: int) -> None:
    world.tasks.append(asyncio.create_task(acts(world, deep + 1)))


async def cancel(world: World, deep: int) -> None:
    if world.tasks:
        world.chance.choice(world.tasks).cancel()
    await asyncio.sleep(0)


async def gather(world: World, deep: int) -> None:
    both = (acts(world, deep + 1) for _ in range(2))
    await asyncio.gather(*both, return_exceptions=world.chance.random() < 0.5)


async def group(world: World, deep: int) -> None:
    async with asyncio.TaskGroup() as together:
        for _ in range(2):
            together.create_task(acts(world, deep + 1))


async def first(world: World, deep: int) -> None:
    both = [asyncio.create_task(acts(world, deep + 1)) for _ in range(2)]
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)


async def call_later(world: World, deep: int) -> None:
    asyncio.get_running_loop().call_later(world.seconds(), mark, "called")


async def thread(world: World, deep: int) -> None:
    await asyncio.to_thread(time.sleep, world.seconds())


async def shield(world: World, deep: int) -> None:
    async with asyncio.timeout(1):
        await asyncio.shield(asyncio.sleep(world.seconds()))


async def named(world: World, deep: int) -> None:
    with span("work", lane=world.chance.choice(["kitchen", "hall"])):
        send("kitchen", "hall", "soup", takes=0.5)
        await act(world, deep + 1)


async def fail(world: World, deep: int) -> None:
    if world.chance.random() < 0.3:
        raise ValueError(deep)


SHALLOW: list[Act] = [sleep, sleep, block, lock, put, get, event, cancel, call_later, thread, fail]
DEEP: list[Act] = [semaphore, child, gather, group, first, shield, named]


async def act(world: World, deep: int) -> None:
    await world.chance.choice(SHALLOW if deep >= MOST_DEEP else SHALLOW + DEEP)(world, deep)


async def acts(world: World, deep: int) -> None:
    for _ in range(world.chance.randrange(1, ACTS)):
        try:
            await act(world, deep)
        except TimeoutError:
            mark("too late")
        finally:
            if world.chance.random() < 0.1:
                await asyncio.sleep(0)


def generated(seed: int) -> Callable[[], Coroutine[Any, Any, Any]]:
    """The program of this number."""

    async def main() -> None:
        world = World(seed)
        await asyncio.gather(*(acts(world, 1) for _ in range(3)))

    return main
