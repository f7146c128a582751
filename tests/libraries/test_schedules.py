"""Libraries that do something every so often, or forget it in time, look at the virtual clock."""

from __future__ import annotations

import asyncio
import datetime
import time
from typing import Any

import pytest

from .here import library, twice

aiocron = library("aiocron")
asyncio_scheduler = library("apscheduler.schedulers.asyncio")
background = library("apscheduler.schedulers.background")
cachetools = library("cachetools")


@pytest.mark.parametrize("kind", ["on the loop", "in a thread"])
def test_a_scheduler_of_apscheduler(kind: str) -> None:
    """Every ten seconds, and at each full minute of the calendar."""

    async def main() -> Any:
        if kind == "on the loop":
            scheduler = asyncio_scheduler.AsyncIOScheduler(timezone="UTC")
        else:
            scheduler = background.BackgroundScheduler(timezone="UTC")
        seen: list[Any] = []
        scheduler.add_job(lambda: seen.append(time.monotonic()), "interval", seconds=10)
        scheduler.add_job(lambda: seen.append(minute()), "cron", minute="*", second=5)
        scheduler.start()
        await asyncio.sleep(69)
        scheduler.shutdown()
        return seen

    def minute() -> str:
        return datetime.datetime.now(datetime.UTC).strftime("%X")

    assert twice(main).result == ["08:00:05", 10, 20, 30, 40, 50, 60, "08:01:05"]


def test_a_crontab_of_aiocron() -> None:
    """At each full minute of the calendar."""

    async def main() -> Any:
        seen: list[float] = []
        cron = aiocron.crontab(
            "* * * * *", func=lambda: seen.append(time.monotonic()), tz=datetime.UTC
        )
        await asyncio.sleep(185)
        cron.stop()
        return seen

    assert twice(main).result == [60, 120, 180]


def test_a_cache_of_cachetools_forgets_in_time() -> None:
    """Its clock is a default argument, `time.monotonic`."""

    async def main() -> Any:
        cache = cachetools.TTLCache(10, ttl=5)
        cache["dish"] = "soup"
        await asyncio.sleep(3)
        found = ["dish" in cache]
        await asyncio.sleep(3)
        return [*found, "dish" in cache]

    assert twice(main).result == [True, False]


def test_a_cache_that_is_older_than_the_run_forgets_in_time() -> None:
    """As a decorator makes one, before anything runs: it keeps its clock in a timer of its own."""
    calls: list[float] = []

    def ask() -> None:
        calls.append(time.monotonic())

    look = cachetools.cached(cachetools.TTLCache(10, ttl=5))(ask)

    async def main() -> Any:
        calls.clear()
        for _ in range(5):
            look()
            await asyncio.sleep(2)
        look.cache.clear()
        return list(calls)

    assert twice(main).result == [0, 6]
