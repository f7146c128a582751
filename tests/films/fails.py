"""A child that fails, and takes its group with it."""

import asyncio


async def bad() -> float:
    await asyncio.sleep(1)
    return 1 / 0


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(bad())
        group.create_task(asyncio.sleep(5))
