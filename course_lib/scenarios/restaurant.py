"""A restaurant: tables that want a waiter, orders that want a cook.

All tables sit down at 0 s. Who holds what, and for how long, decides how long they wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from ..checked import whole, yes_or_no
from ..flow import span

TABLES = 6  # assumption: a small restaurant, full from the first minute
ORDER = 60.0  # seconds that a waiter needs to take one order: assumption
COOK = 600.0  # seconds that a cook needs for one order: assumption


async def dinner(
    *, tables: int = TABLES, waiters: int = 1, cooks: int = TABLES, stays: bool = False
) -> list[float]:
    """Seconds at which each table is served, in the order of the tables.

    A waiter who `stays` stands in the kitchen until the meal is cooked; one who does not hands
    over the order and is free for the next table. A cook has one order at a time. Carrying the
    meal to the table takes no time here.
    """
    for team, count in (("tables", tables), ("waiters", waiters), ("cooks", cooks)):
        whole(f"number of {team}", count)
    yes_or_no("stays", stays)
    waiter, cook = asyncio.Semaphore(waiters), asyncio.Semaphore(cooks)
    names = [f"table {number}" for number in range(1, tables + 1)]
    served = [asyncio.create_task(_serve(waiter, cook, stays), name=name) for name in names]
    return await asyncio.gather(*served)


async def _serve(waiter: asyncio.Semaphore, cook: asyncio.Semaphore, stays: bool) -> float:
    async with _taken(waiter, "waiter"):
        with span("order"):
            await asyncio.sleep(ORDER)
        if stays:
            await _cooked(cook)
    if not stays:
        await _cooked(cook)
    return asyncio.get_running_loop().time()


async def _cooked(cook: asyncio.Semaphore) -> None:
    async with _taken(cook, "cook"):
        with span("cook"):
            await asyncio.sleep(COOK)


@asynccontextmanager
async def _taken(team: asyncio.Semaphore, name: str) -> AsyncIterator[None]:
    """One of a team, as soon as one is free; a wait is drawn under what it waits for."""
    with span(f"wait for a {name}") if team.locked() else nullcontext():
        await team.acquire()
    try:
        yield
    finally:
        team.release()
