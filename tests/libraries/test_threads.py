"""Libraries that work in threads of their own: the threads keep to the virtual clock."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from .here import library, twice

anyio = library("anyio")
aiosqlite = library("aiosqlite")
httpx = library("httpx")
janus = library("janus")
applications = library("starlette.applications")
responses = library("starlette.responses")
routing = library("starlette.routing")


def test_calls_in_threads_of_anyio() -> None:
    """Two at a time, as its limiter says; and a thread may ask the loop to do something."""

    async def main() -> Any:
        limiter = anyio.CapacityLimiter(2)
        seen = []

        async def work() -> None:
            await anyio.to_thread.run_sync(time.sleep, 0.5, limiter=limiter)
            seen.append(time.monotonic())

        def ask() -> float:
            anyio.from_thread.run(anyio.sleep, 1)
            return time.monotonic()

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(work)
        return seen, await anyio.to_thread.run_sync(ask)

    assert twice(main).result == ([0.5, 0.5, 1, 1], 2)


def test_a_queue_of_janus() -> None:
    """A thread puts in, a task takes out, and the other way round."""

    async def main() -> Any:
        line, answers = janus.Queue(), janus.Queue()

        def work() -> None:
            for number in range(3):
                time.sleep(1)
                line.sync_q.put(number)
                answers.sync_q.get()

        working = asyncio.create_task(asyncio.to_thread(work))
        seen = []
        for _ in range(3):
            seen.append((await line.async_q.get(), time.monotonic()))
            await asyncio.sleep(0.5)
            await answers.async_q.put("thank you")
        await working
        await line.aclose()
        await answers.aclose()
        return seen

    assert twice(main).result == [(0, 1), (1, 2.5), (2, 4)]


def test_a_database_of_aiosqlite() -> None:
    """The database is real and takes no time of the clock; waiting in between does."""

    async def main() -> Any:
        async with aiosqlite.connect(":memory:") as database:
            await database.execute("create table orders (dish)")
            await asyncio.sleep(1)
            await database.execute("insert into orders values ('soup')")
            async with database.execute("select * from orders") as found:
                return [tuple(row) for row in await found.fetchall()], time.monotonic()

    before = threading.active_count()
    assert twice(main).result == ([("soup",)], 1)
    assert threading.active_count() == before


def test_endpoints_of_starlette() -> None:
    """Four requests at once: the synchronous endpoint runs in threads, the other on the loop."""

    def cook(request: Any) -> Any:
        time.sleep(1)
        return responses.PlainTextResponse("soup")

    async def brew(request: Any) -> Any:
        await asyncio.sleep(1)
        return responses.PlainTextResponse("tea")

    async def main() -> Any:
        routes = [routing.Route("/soup", cook), routing.Route("/tea", brew)]
        transport = httpx.ASGITransport(app=applications.Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://course") as client:
            asked = [client.get(path) for path in ("/soup", "/soup", "/tea", "/soup")]
            return [answer.text for answer in await asyncio.gather(*asked)], time.monotonic()

    assert twice(main).result == (["soup", "soup", "tea", "soup"], 1)
