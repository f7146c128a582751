"""A task that is left behind, and cleans up when the run ends."""

import asyncio


async def clean() -> None:
    try:
        await asyncio.sleep(9)
    finally:
        print("cleaned")


async def main() -> None:
    helper = asyncio.create_task(clean(), name="left behind")
    await asyncio.sleep(1)
    print(helper.done())
