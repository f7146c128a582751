"""A call that blocks the loop, and a timer that has rung and must wait."""

import asyncio
import time


async def handler(number: int) -> None:
    if number == 2:
        time.sleep(3)  # should be: await asyncio.sleep(3)
    else:
        await asyncio.sleep(1)
    print("answered", number)


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for number in (1, 2, 3):
            group.create_task(handler(number), name=f"request {number}")
