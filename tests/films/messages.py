"""Users, a queue and a worker, with arrows, spans and marks."""

import asyncio

from course_lib import mark, send, span


async def user(name: str, queue: asyncio.Queue[str]) -> None:
    send(name, "server", "request", takes=0.2)
    await asyncio.sleep(0.2)
    await queue.put(name)
    send("server", name, "202 accepted", takes=0.2)
    await asyncio.sleep(0.2)
    mark("knows: accepted", lane=name)


async def worker(queue: asyncio.Queue[str]) -> None:
    while True:
        name = await queue.get()
        with span(f"e-mail of {name}"):
            await asyncio.sleep(1.5)
        send("worker", name, "sent", takes=0.1)
        queue.task_done()


async def main() -> None:
    queue: asyncio.Queue[str] = asyncio.Queue()
    helper = asyncio.create_task(worker(queue), name="worker")
    async with asyncio.TaskGroup() as group:
        for name in ("ann", "bob"):
            group.create_task(user(name, queue), name=name)
    await queue.join()
    helper.cancel()
