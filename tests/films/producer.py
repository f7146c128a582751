"""A queue with two places."""

import asyncio


async def producer(orders: "asyncio.Queue[str | None]") -> None:
    for dish in ["soup", "rice", "cake", "tea"]:
        await orders.put(dish)
    await orders.put(None)


async def consumer(orders: "asyncio.Queue[str | None]") -> None:
    while dish := await orders.get():
        await asyncio.sleep(2)
        print("served", dish)


async def main() -> None:
    orders: asyncio.Queue[str | None] = asyncio.Queue(maxsize=2)
    await asyncio.gather(producer(orders), consumer(orders))
