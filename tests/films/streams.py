"""A generator that waits between two items, and a plain one."""

import asyncio
from collections.abc import AsyncIterator, Iterator


def evens(most: int) -> Iterator[int]:
    for number in range(most):
        yield 2 * number


async def ticks() -> AsyncIterator[int]:
    for n in evens(3):
        await asyncio.sleep(1)
        yield n


async def main() -> None:
    async for n in ticks():
        print(n)
