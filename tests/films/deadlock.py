"""Two locks, taken crosswise."""

import asyncio


async def transfer(first: asyncio.Lock, second: asyncio.Lock) -> None:
    async with first:
        await asyncio.sleep(1)
        async with second:
            print("money moved")


async def main() -> None:
    ann, bob = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(transfer(ann, bob), transfer(bob, ann))
