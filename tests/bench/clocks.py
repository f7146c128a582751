"""How far the live clock lies from the virtual one: the same program on both, edge by edge."""

from __future__ import annotations

import asyncio
from statistics import median

from course_lib.flow import run, span
from course_lib.trace import Trace

ROUNDS = 7
NOISE = 0.006  # seconds; shorter stretches of a live run are the computer's own doing


async def main_on_both() -> None:
    """Five producers, a queue and three workers: about a third of a second."""
    line: asyncio.Queue[int] = asyncio.Queue()

    async def produce(number: int) -> None:
        for turn in range(3):
            await asyncio.sleep(0.011 + 0.007 * number)
            await line.put(turn)

    async def work(name: str) -> None:
        while True:
            await line.get()
            with span("work", lane=name):
                await asyncio.sleep(0.037)
            line.task_done()

    workers = [asyncio.create_task(work(f"worker {number}")) for number in range(3)]
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(produce(number))
    await line.join()
    for worker in workers:
        worker.cancel()


def edges(trace: Trace) -> dict[tuple[str, str, int], tuple[float, float]]:
    """(lane, kind, how manieth of them) → start and end in seconds."""
    found: dict[tuple[str, str, int], tuple[float, float]] = {}
    count: dict[tuple[str, str], int] = {}
    for s in trace.spans:
        if s.duration > NOISE:
            number = count[s.lane, s.kind] = count.get((s.lane, s.kind), 0) + 1
            found[s.lane, s.kind, number] = (s.start, s.end)
    return found


def main() -> None:
    """Print the median and the worst difference of an edge, of the calmest of several rounds."""
    virtual = edges(run(main_on_both))
    rounds = []
    for _ in range(ROUNDS):
        live = edges(run(main_on_both, clock="live"))
        both = virtual.keys() & live.keys()
        apart = [abs(a - b) for k in both for a, b in zip(virtual[k], live[k], strict=True)]
        rounds.append((median(apart) * 1000, max(apart) * 1000, len(both), len(virtual)))
    middle, worst, found, of = min(rounds)
    medians = ", ".join(f"{r[0]:.2f}" for r in rounds)
    print(f"\nEdges of {found} of {of} spans, live against virtual: {middle:.2f} ms apart in the")
    print(f"median, {worst:.2f} ms at worst (the calmest of {ROUNDS} rounds; medians {medians})")
