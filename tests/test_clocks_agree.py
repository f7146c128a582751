"""The same program does the same on the virtual and on the live clock."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest

from course_lib import Trace, mark, run, span

# Each wait below is ended by what begins after it, so that no load can make it vanish; and each is
# long beside the 2 ms under which the live clock takes a stretch for the computer's own doing.


async def kitchen() -> None:
    """Orders through a queue to two cooks, of whom one holds the oven till the other wants it."""
    orders: asyncio.Queue[str] = asyncio.Queue()
    oven, wanted = asyncio.Lock(), asyncio.Event()

    async def guest(dish: str) -> None:
        await asyncio.sleep(0.05)
        mark(dish)
        orders.put_nowait(dish)

    async def bob() -> None:
        guests.create_task(guest("fish"))
        with span(await orders.get(), lane="Bob"):
            asyncio.get_running_loop().call_soon(wanted.set)
            async with oven:
                await asyncio.sleep(0.07)

    async with asyncio.TaskGroup() as guests:
        guests.create_task(guest("soup"))
        with span(await orders.get(), lane="Ann"):
            async with oven:
                guests.create_task(bob())
                await wanted.wait()
                await asyncio.sleep(0.06)


async def limits() -> None:
    """A time limit that ends a wait, a failing group, a thread, and a blocking call."""
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.06)
    except TimeoutError:
        mark("too late")

    async def fail() -> None:
        await asyncio.sleep(0.05)
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(9_000), name="patient")
            group.create_task(fail())
    except* ValueError:
        pass
    ticking = asyncio.create_task(asyncio.sleep(0.05), name="tick")
    time.sleep(0.06)
    await ticking
    await asyncio.to_thread(time.sleep, 0.07)
    seen = asyncio.Event()

    async def second() -> int:
        await seen.wait()
        await asyncio.sleep(0.05)
        return 2

    for found in asyncio.as_completed([second(), asyncio.sleep(0.06, 1)]):
        mark(str(await found))
        seen.set()


def held_up(trace: Trace, kind: str) -> list[tuple[Any, ...]]:
    """What each lane waits for or is blocked by, in order: names and lines without times."""
    return sorted(  # lane by lane, for the simultaneous is not so on a live clock
        ((s.lane, s.label, s.reason, s.line) for s in trace.spans if s.kind == kind),
        key=itemgetter(0),
    )


@pytest.mark.slow
@pytest.mark.parametrize("main", [kitchen, limits])
def test_the_same_waits_in_the_same_order(main: Callable[[], Any]) -> None:
    """Lane, label, reason, line and order agree, and on the live clock nothing comes earlier.

    How much later it comes is the computer's doing: `bench clocks` prints it.
    """
    virtual, live = run(main), run(main, clock="live")
    assert held_up(live, "waiting") == held_up(virtual, "waiting")
    assert Counter(held_up(live, "blocked")) >= Counter(held_up(virtual, "blocked"))
    assert [m.label for m in live.marks] == [m.label for m in virtual.marks]
    assert all(m.time >= v.time for m, v in zip(live.marks, virtual.marks, strict=True))
    assert live.duration >= virtual.duration > 0.2


async def _exchange() -> list[bytes]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word = await reader.readline()
        await asyncio.sleep(0.02)
        writer.write(word.upper())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def ask(port: int, word: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(word + b"\n")
        found = await reader.read()
        writer.close()
        await writer.wait_closed()
        return found

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        return list(await asyncio.gather(ask(port, b"soup"), ask(port, b"tea")))


def test_real_sockets_on_the_live_clock() -> None:
    """A server and two clients on this computer talk, and their waiting is called network."""
    trace = run(_exchange, clock="live")
    assert trace.result == [b"SOUP\n", b"TEA\n"]
    waits = {s.lane: s.reason for s in trace.spans if s.duration >= 0.015}
    assert (waits["ask 1"], waits["ask 2"]) == ("network", "network")


@pytest.mark.skipif(sys.platform == "win32", reason="a selector loop has no processes there")
def test_a_real_process_on_the_live_clock() -> None:
    """A subprocess runs, its output comes back, and the loop is not taken for stuck."""

    async def main() -> tuple[bytes, int | None]:
        pipe = asyncio.subprocess.PIPE
        words = (sys.executable, "-S", "-E", "-c", "print('soup')")
        process = await asyncio.create_subprocess_exec(*words, stdout=pipe)
        output, _ = await process.communicate()
        return output.strip(), process.returncode

    assert run(main, clock="live").result == (b"soup", 0)
