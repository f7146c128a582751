"""Calls in threads, whose lines nobody sees."""

import asyncio
import time


def work(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


async def main() -> None:
    print(await asyncio.gather(*(asyncio.to_thread(work, n) for n in (1, 2, 3))))
