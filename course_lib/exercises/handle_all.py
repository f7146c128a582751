"""Exercise 1: blocking work beside an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from random import Random
from typing import Any

from ..checked import plural
from .property import Exercise, expect
from .student import Blocking, Pieces, Student, now

TICK = 0.05
SLOW = 70.0
"""Seconds of a call that nobody has set a limit to."""
MOST_TICKS = 200
MOST = 1000
"""More than any result of fn; those of another one are as much greater."""


class Work:
    """A function of some numbers that blocks, and how many of its calls overlap."""

    def __init__(self, chance: Random, count: int) -> None:
        self.xs = chance.sample(range(100), count)
        self.seconds = {x: chance.choice([0.1, 0.2, 0.3]) for x in self.xs}
        self.gives: dict[int, Any] = {x: chance.randrange(MOST) for x in self.xs}
        self.gives_next: dict[int, Any] = {}
        """What the second call with a number gives."""
        self.gave: list[tuple[int, Any]] = []
        self.running = self.most = self.calls = self.ended = 0
        self.ended_in_time = 0  # when the piece came to its end
        self.ticks: list[float] = []
        self.last = 0.0

    def steps(self, x: int) -> Generator[float, None, int | None]:
        """One call: it blocks, and gives what only it knows."""
        self.calls += 1
        self.running += 1
        self.most = max(self.most, self.running)
        known = x in dict(self.gave)
        given = (self.gives_next if known else self.gives).get(x)
        self.gave.append((x, given))
        yield self.seconds.get(x, TICK)
        self.running -= 1
        self.ended += 1
        self.last = now()
        return given

    @property
    def right(self) -> list[Any]:
        """What it gives for each, if the calls come in this order."""
        return [
            self.gives_next.get(x) if x in self.xs[:n] else self.gives[x]
            for n, x in enumerate(self.xs)
        ]

    def comes_of(self, result: Any) -> bool:
        """Whether each is in its place; two of the same number may have changed theirs."""
        if not isinstance(result, list) or len(result) != len(self.xs):
            return False
        pairs = zip(self.xs, result, strict=True)
        return sorted(map(repr, pairs)) == sorted(map(repr, self.gave))

    async def tick(self) -> None:
        """A neighbour on the same loop, who comes by every 0.05 s as long as nobody holds it."""
        if len(self.ticks) > MOST_TICKS:
            await asyncio.Event().wait()
        self.ticks.append(now())
        await asyncio.sleep(TICK)


def _run(
    student: Student,
    chance: Random,
    count: int,
    limit: int,
    *,
    again: bool = False,
    second: bool = False,
) -> tuple[Work, Any, str]:
    """What becomes of so many different numbers; `again`: the last is the first once more, which
    takes its time and gives something else, and the results of two count as false.

    `second`: it is the second call, after one of another fn with the same numbers and limit 1.
    """
    work, other = Work(chance, count), Work(chance, 0)
    other.gives = {x: value + MOST for x, value in work.gives.items()}
    if again:
        first = work.xs[0]
        work.seconds[first] = SLOW
        work.gives |= dict(zip(work.xs[1:], [None, 0], strict=False))
        work.gives_next[first] = work.gives[first] + 1
        work.xs.append(first)
    seconds = ", ".join(str(work.seconds[x]) for x in work.xs)
    case = f"xs={work.xs}, limit={limit}"
    if work.xs:
        case += f", fn blocks for {seconds} s"
    if again:
        case += "".join(f", it gives {work.gives[x]} for {x}" for x in work.xs[1:3])
        case += f", and {work.gives_next[first]} for the second {first}"
    if second:
        case += "; it is the second call, after one of another fn with limit=1"

    async def scene(pieces: Pieces) -> Any:
        pieces.neighbour(work.tick)
        if second:
            await pieces.call("handle_all", Blocking(other.steps), list(work.xs), 1)
        result = await pieces.call("handle_all", Blocking(work.steps), list(work.xs), limit)
        work.ended_in_time = work.ended
        return result

    return work, student.on_clock(scene, case), case


def order(student: Student, chance: Random) -> None:
    """The first does not always end first, and where it does it is not kept for the same input."""
    first = [(count, limit, False) for count, limit in ((1, 1), (2, 2), (5, 2), (12, 4), (0, 2))]
    for count, limit, second in (*first, (2, 2, True), (3, 1, False)):
        work, result, case = _run(student, chance, count, limit, again=count > 2, second=second)
        rule = "The results come as a list, in the order of the inputs; fn is called once for each."
        right = work.right
        good = work.comes_of(result) and work.calls == len(right)
        seen = f"{result} after {plural(work.calls, 'call')} of fn"
        wanted = f"{right} after {plural(len(right), 'call')}"
        expect(good, rule, case, seen=seen, wanted=wanted)


def off_the_loop(student: Student, chance: Random) -> None:
    """The neighbour is never held up."""
    for count, limit in ((2, 1), (3, 2)):
        work, _, case = _run(student, chance, count, limit)
        rule = "fn is called, and while it blocks the loop goes on: a neighbour ticks every 0.05 s."
        _to_their_end(work, 1, rule, case)
        right = [n * TICK for n in range(min(round(work.last / TICK), MOST_TICKS + 1))]
        ticks = [when for when in work.ticks if when < work.last - TICK / 2]
        expect(_told(ticks) == _told(right), rule, case, seen=_told(ticks), wanted=_told(right))


def _to_their_end(work: Work, least: int, rule: str, case: str) -> None:
    """So many calls at least, and each has ended before the piece; one that is missing or one too
    many is told elsewhere.
    """
    seen = f"{plural(work.calls, 'call')} of fn, {work.ended_in_time} of them ended"
    wanted = f"{plural(len(work.xs), 'call')}, and all ended"
    good = work.calls == work.ended_in_time >= least
    expect(good, rule, case, seen=seen, wanted=wanted)


def _told(ticks: list[float]) -> str:
    told = ", ".join(f"{when:.2f}" for when in ticks)
    return f"it ticks at {told} s" if told else "it does not tick"


def overlap(student: Student, chance: Random) -> None:
    """As many at the same time as there may be, and more to do than that."""
    for limit, second in ((2, False), (5, False), (chance.randrange(3, 9), False), (2, True)):
        count = 2 * limit + 1
        work, _, case = _run(student, chance, count, limit, second=second)
        rule = f"With {count} calls to make and a limit of {limit}, {limit} run at the same time."
        _to_their_end(work, limit + 1, rule, case)
        expect(work.most == limit, rule, case, seen=f"{work.most} at the same time", wanted=limit)


EXERCISE = Exercise(
    ("handle_all",),
    {
        "results in order": order,
        "off the loop": off_the_loop,
        "overlap within the limit": overlap,
    },
    needs_threads=frozenset({"overlap within the limit"}),
)
