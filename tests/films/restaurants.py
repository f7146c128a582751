"""A waiter who goes on while the kitchen cooks."""

import asyncio


async def serve(waiter: asyncio.Semaphore) -> None:
    async with waiter:
        await asyncio.sleep(60)  # takes the order
    await asyncio.sleep(600)  # the kitchen cooks


async def main() -> None:
    waiter = asyncio.Semaphore(1)
    async with asyncio.TaskGroup() as room:
        for n in (1, 2, 3):
            room.create_task(serve(waiter), name=f"table {n}")
