"""The same program does the same on the virtual and on the live clock."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from course_lib import Span, Trace, mark, run, span

TRIES = 6  # a busy computer can hold up a live run, which then shows it
NOISE = 0.006  # seconds; the programs' own stretches are longer, and their edges as far apart
NONSENSE = 0.25  # seconds; an edge that is later than that is no longer the computer's noise


async def kitchen() -> None:
    """Orders through a queue to two cooks, with an oven that one of them blocks."""
    orders: asyncio.Queue[str] = asyncio.Queue(2)
    oven = asyncio.Lock()

    async def guest() -> None:
        for dish in ("soup", "fish", "cake", "tea"):
            await asyncio.sleep(0.011)
            mark(dish)
            await orders.put(dish)

    async def cook(name: str, seconds: float) -> None:
        while True:
            dish = await orders.get()
            with span(dish, lane=name):
                async with oven:
                    await asyncio.sleep(seconds)
            orders.task_done()

    cooks = [asyncio.create_task(cook("Ann", 0.033)), asyncio.create_task(cook("Bob", 0.047))]
    await guest()
    await orders.join()
    for task in cooks:
        task.cancel()


async def limits() -> None:
    """A time limit that ends a wait, a failing group, a thread, and a blocking call."""
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.017)
    except TimeoutError:
        mark("too late")

    async def fail() -> None:
        await asyncio.sleep(0.011)
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            group.create_task(asyncio.sleep(9), name="patient")
    except* ValueError:
        pass
    ticking = asyncio.create_task(asyncio.sleep(0.012), name="tick")
    time.sleep(0.025)
    await ticking
    await asyncio.to_thread(time.sleep, 0.017)
    for found in asyncio.as_completed([asyncio.sleep(0.021, 2), asyncio.sleep(0.009, 1)]):
        mark(str(await found))


def said(trace: Trace) -> list[tuple[Any, ...]]:
    """What happened, lane by lane in order, without its times."""
    spans = [(s.lane, s.label, s.kind, s.reason, s.line) for s in by_lane(trace)]
    return spans + [(m.lane, m.label) for m in trace.marks]


def by_lane(trace: Trace) -> list[Span]:
    """Lane by lane, for the simultaneous is not so on a live clock; and without its noise."""
    return sorted((s for s in trace.spans if s.duration > NOISE), key=lambda s: s.lane)


def edges(trace: Trace) -> list[float]:
    """The times, in the same order."""
    spans = by_lane(trace)
    return [s.start for s in spans] + [s.end for s in spans] + [m.time for m in trace.marks]


@pytest.mark.parametrize("main", [kitchen, limits])
def test_the_same_spans_in_the_same_order(
    main: Callable[[], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Lane, label, kind, reason, line and order agree; how far edges lie apart is printed."""
    virtual = run(main)
    for _ in range(TRIES):
        live = run(main, clock="live")
        if said(live) == said(virtual):
            break
    assert said(live) == said(virtual)
    pairs = list(zip(edges(virtual), edges(live), strict=True))
    order = [late for _, late in sorted(pairs)]
    apart = [abs(a - b) for a, b in pairs]
    found = (
        f"{main.__name__}: {len(apart)} edges, in the median {median(apart) * 1000:.2f} ms apart"
    )
    with capsys.disabled():
        print(f"\n{found}")  # noqa: T201
    assert all(b - a > -NOISE for a, b in pairwise(order))
    assert max(apart) < NONSENSE


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
        return await asyncio.gather(ask(port, b"soup"), ask(port, b"tea"))


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
