"""What a circuit breaker is tried on: a clock, and an operation that does what it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from ..checked import plural
from .student import Made, Raised, now

WORKS, OPEN, FAILS = "works", "OpenError", "ConnectionError"


def at_the_same_moment(calls: int, refused: int) -> str:
    """What became of calls at the same moment."""
    return f"{plural(calls, 'call')} of op, {plural(refused, OPEN)} at once"


class Bench:
    """A breaker, the clock that it is given, and an operation that does what it is told.

    The clock begins at some number, and may go slower or faster than the time of the loop. All its
    numbers are quarters, so that no way to compare them is a matter of rounding.
    """

    made: Made

    def __init__(self, chance: Random, threshold: int, pace: float = 1.0) -> None:
        self.threshold, self.pace = threshold, pace
        self.reset_after = float(chance.randrange(6, 20))
        self.begins = chance.randrange(4, 4000) / 4
        self.word: str | None = f"{chance.randrange(10**6):06}"
        self.error: type[Exception] | None = ConnectionError
        self.takes = 0.0  # seconds of the loop
        self.calls = self.reads = 0
        self.failed_at = 0.0
        self.handed: Callable[[], Awaitable[str | None]] = self.op

    def clock(self) -> float:
        self.reads += 1
        return self.begins + self.pace * now()

    async def op(self) -> str | None:
        self.calls += 1
        await asyncio.sleep(self.takes)
        if self.error is None:
            return self.word
        self.failed_at = self.pace * now()
        raise self.error(self.word)

    def hand_another(self) -> None:
        """From now on, another operation that does the same."""

        async def op() -> str | None:
            return await self.op()

        self.handed = op

    async def until(self, seconds: float) -> None:
        """Wait till the clock has gone on by so many seconds since the story began."""
        await asyncio.sleep(seconds / self.pace - now())

    async def one(self) -> tuple[str, str]:
        """How one call ends: with what was raised, if anything, and with what words.

        What it gives is told with quotes: a text that says the name of an error is none.
        """
        try:
            return "", repr(await self.made.call("call", self.handed))
        except Raised as problem:
            return problem.called(OPEN), problem.text

    async def step(self) -> str:
        """How one call ends: refused, or with what the operation did; or with an error of the
        piece's own, and its words.
        """
        before = self.calls
        name, text = await self.one()
        if name not in ("", OPEN) and (self.error is None or name != self.error.__name__):
            return f"{name}: {text}".removesuffix(": ")
        if self.calls == before:
            return name or "op is not called"
        return f"{OPEN} after a call of op" if name == OPEN else name or WORKS

    async def steps(self, *fails: bool) -> list[str]:
        """One call after the other, of an operation that fails or works; what it did, if it was
        called: that its error comes out is another property.
        """
        ends = []
        for fail in fails:
            self.error = ConnectionError if fail else None
            end = await self.step()
            ends.append(FAILS if fail and end == WORKS else end)
        return ends

    async def open(self, kinds: Sequence[type[Exception]] = (ConnectionError,)) -> str:
        """Let it fail until it is open, in these ways in turn: the end of the last call, OpenError
        if all is well.
        """
        end = ""
        for number in range(2 * self.threshold + 2):
            self.error = kinds[number % len(kinds)]
            if (end := await self.step()) == OPEN:
                break
        return end

    async def at_once(self, count: int) -> tuple[str, list[asyncio.Task[tuple[str, str]]]]:
        """So many calls at the same moment; what became of them a quarter of a second later."""
        before = self.calls
        tasks = [asyncio.create_task(self.one()) for _ in range(count)]
        await asyncio.sleep(0.25)
        ends = await asyncio.gather(*(task for task in tasks if task.done()))
        refused = sum(name == OPEN for name, _ in ends)
        return at_the_same_moment(self.calls - before, refused), tasks
