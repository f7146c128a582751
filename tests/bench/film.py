"""What a film costs: seconds to record and pack a thousand turns, and the bytes that are sent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any

from course_lib.camera import record
from course_lib.widgets.film_wire import pack

SIZES = ((3, 110), (10, 33), (100, 3))
"""(tasks, rounds of each) of programs of about a thousand turns."""
MOST_SECONDS, MOST_BYTES = 0.5, 500_000  # of a thousand turns
TRIES = 5


def tables(count: int, rounds: int) -> Callable[[], Coroutine[Any, Any, None]]:
    """A program of so many tasks, which share two waiters."""

    async def eat(waiters: asyncio.Semaphore) -> None:
        for _ in range(rounds):
            async with waiters:
                await asyncio.sleep(1)
            await asyncio.sleep(10)

    async def main() -> None:
        waiters = asyncio.Semaphore(2)
        async with asyncio.TaskGroup() as guests:
            for number in range(count):
                guests.create_task(eat(waiters), name=f"table {number + 1}")

    return main


def main() -> None:
    """Print a line a size."""
    print(f"\n{'film':20} {'turns':>6} {'steps':>6} {'record s':>9} {'pack s':>7} {'bytes':>9}")
    for count, rounds in SIZES:
        recorded, packed = [], []
        for _ in range(TRIES):
            start = time.process_time()
            film = record(tables(count, rounds))
            recorded.append(time.process_time() - start)
            start = time.process_time()
            data = pack(film)
            packed.append(time.process_time() - start)
        turns, size = film.steps[-1].turn, len(json.dumps(data, ensure_ascii=False).encode())
        print(
            f"{count:4} tasks{'':10} {turns:6,} {len(film.steps):6,} {min(recorded):9.3f} "
            f"{min(packed):7.3f} {size:9,}"
        )
    print(f"of a thousand turns: ≤ {MOST_SECONDS:g} s and ≤ {MOST_BYTES:,} bytes")
