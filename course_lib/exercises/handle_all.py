"""Exercise 1: blocking work beside an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from random import Random
from typing import Any

from .property import Exercise, expect
from .student import Blocking, Pieces, Student, now

TICK = 0.05
MOST_TICKS = 500


class Work:
    """A function that blocks for so long, and how many of its calls overlap."""

    def __init__(self, seconds: list[float], gives: list[int]) -> None:
        self.seconds, self.gives = seconds, gives
        self.running = self.most = self.calls = 0
        self.ticks: list[float] = []
        self.last = 0.0

    def steps(self, x: int) -> Generator[float, None, int]:
        """One call: it blocks, and gives what only it knows."""
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        yield self.seconds[x]
        self.running -= 1
        self.last = now()
        return self.gives[x]

    async def tick(self) -> None:
        """A neighbour on the same loop, who comes by every 0.05 s as long as nobody holds it."""
        if len(self.ticks) > MOST_TICKS:
            await asyncio.Event().wait()
        self.ticks.append(now())
        await asyncio.sleep(TICK)


def _run(student: Student, chance: Random, count: int, limit: int) -> tuple[Work, Any, str]:
    seconds = [chance.choice([0.1, 0.2, 0.3]) for _ in range(count)]
    work = Work(seconds, [chance.randrange(1000) for _ in range(count)])
    case = f"{count} pieces of work, limit {limit}"

    async def scene(pieces: Pieces) -> Any:
        pieces.neighbour(work.tick)
        return await pieces.call("handle_all", Blocking(work.steps), list(range(count)), limit)

    return work, student.on_clock(scene, case), case


def order(student: Student, chance: Random) -> None:
    """The first does not always end first."""
    for count, limit in ((1, 1), (2, 2), (5, 2), (12, 4)):
        work, result, case = _run(student, chance, count, limit)
        rule = "The results come as a list, in the order of the inputs; fn is called once for each."
        good = result == work.gives and work.calls == count
        seen = f"{result} after {work.calls} calls of fn"
        expect(good, rule, case, seen=seen, wanted=f"{work.gives} after {count} calls")


def off_the_loop(student: Student, chance: Random) -> None:
    """The neighbour is never held up."""
    for count, limit in ((1, 1), (3, 2)):
        work, _, case = _run(student, chance, count, limit)
        rule = "fn is called, and while it blocks the loop goes on: a neighbour ticks every 0.05 s."
        expect(work.calls == count, rule, case, seen=f"{work.calls} calls of fn", wanted=count)
        right = [n * TICK for n in range(round(work.last / TICK))]
        seen = [when for when in work.ticks if when < work.last - TICK / 2]
        expect(_told(seen) == _told(right), rule, case, seen=_told(seen), wanted=_told(right))


def _told(ticks: list[float]) -> str:
    told = ", ".join(f"{when:.2f}" for when in ticks)
    return f"it ticks at {told} s" if told else "it does not tick"


def overlap(student: Student, chance: Random) -> None:
    """As many at the same time as there may be."""
    for count, limit in ((3, 2), (8, 5), (12, chance.randrange(3, 9))):
        work, _, case = _run(student, chance, count, limit)
        rule = f"With {count} pieces of work and a limit of {limit}, {limit} run at the same time."
        expect(work.most == limit, rule, case, seen=f"{work.most} at the same time", wanted=limit)


EXERCISE = Exercise(
    ("handle_all",),
    {
        "results in order": order,
        "off the loop": off_the_loop,
        "overlap within the limit": overlap,
    },
)
