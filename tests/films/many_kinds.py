"""Most of what asyncio has to wait for."""

import asyncio

from course_lib import mark, send, span


async def one(ready: asyncio.Event, barrier: asyncio.Barrier, news: asyncio.Condition) -> None:
    with span("work", lane="kitchen"):
        await asyncio.sleep(1)
    mark("half")
    send("one", "two", "hello", takes=1)
    ready.set()
    await barrier.wait()
    async with news:
        news.notify_all()


async def two(ready: asyncio.Event, barrier: asyncio.Barrier, news: asyncio.Condition) -> None:
    await ready.wait()
    async with news:
        waiting = asyncio.ensure_future(barrier.wait())
        await news.wait()
    await waiting


async def main() -> None:
    things = asyncio.Event(), asyncio.Barrier(2), asyncio.Condition()
    await asyncio.wait([asyncio.create_task(one(*things)), asyncio.create_task(two(*things))])
    await asyncio.wait({asyncio.create_task(asyncio.sleep(n)) for n in (1, 2)})
    for first in asyncio.as_completed([asyncio.sleep(2, "b"), asyncio.sleep(1, "a")]):
        print(await first)
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.sleep(5)), 1)
    except TimeoutError:
        asyncio.get_running_loop().call_later(1, print, "rings")
    await asyncio.sleep(2)
