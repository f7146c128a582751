"""What exercise 2 hands in, a source and the work on its items, and what is seen of both."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

from .student import CLOSE, LATER, Pieces, Raised, now

RESULTS: list[Any] = [None, 0, "", [], {"of": 1}]
"""What work may give, too."""


class Flow:
    """Counts what is pulled, at work and done; only the work knows what it gives."""

    def __init__(
        self,
        chance: Random,
        items: list[Any],
        *,
        takes: dict[int, float] | None = None,
        fails_at: int | None = None,
        source_fails: bool = False,
        error: type[Exception] = LookupError,
    ) -> None:
        """The numbers count how often work has begun, from 0: its seconds, and when it raises."""
        self.chance, self.items = chance, items
        self.takes, self.fails_at, self.source_fails = takes or {}, fails_at, source_fails
        self.error, self.word = error, f"{chance.random():.9f}"
        """Says the error of the work, or that of the source after its last item."""
        self.pulled = self.done = self.at_work = 0
        self.apart = self.most = 0
        """The most that were pulled and not done, and the most at work, at the same time."""
        self.worked: list[Any] = []
        self.gave: list[Any] = []
        self.ends: dict[int, float] = {}
        """Seconds when the work of this number was done, or raised."""

    def source(self) -> Iterator[Any]:
        for item in self.items:
            self.pulled += 1
            self.apart = max(self.apart, self.pulled - self.done)
            yield item
        if self.source_fails:
            raise self.error(self.word)

    async def work(self, item: Any) -> Any:
        number = len(self.worked)
        self.worked.append(item)
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        try:
            await asyncio.sleep(self.takes.get(number, self.chance.uniform(0.05, 0.2)))
        finally:
            self.at_work -= 1
        self.ends[number] = now()
        if number == self.fails_at:
            raise self.error(self.word)
        self.done += 1
        self.gave.append(self.chance.choice([f"{self.word} {number}", *RESULTS]))
        return self.gave[-1]

    @property
    def is_pipeline(self) -> bool:
        """Whether it pulled ahead of the work, and did not work on everything at the same time."""
        return self.apart > 1 and self.most < len(self.items)

    async def outcome(self, pieces: Pieces, workers: int, size: int) -> Any:
        """What the pipeline gives, or what it raises."""
        try:
            return await pieces.call("run_pipeline", self.source(), self.work, workers, size)
        except Raised as problem:
            return problem
        except asyncio.CancelledError:
            return Raised("CancelledError")

    def came_out(self, outcome: Any) -> bool:
        """Whether it is the error of the work or of the source, alone or in groups."""
        if not isinstance(outcome, Raised):
            return False
        is_it = (outcome.name, outcome.text) == (self.error.__name__, self.word)
        return is_it or any(map(self.came_out, outcome.members))

    async def goes_on(self, since: float) -> str:
        """What goes on though all should have ended at that moment; empty if nothing does."""
        if now() - since > CLOSE:
            return f"it ends {now() - since:.1f} s later"
        await asyncio.sleep(CLOSE)
        if self.at_work:
            return f"{self.at_work} still at work"
        pulled, begun = self.pulled, len(self.worked)
        await asyncio.sleep(LATER)
        if (pulled, begun) == (self.pulled, len(self.worked)):
            return ""
        return f"{self.pulled - pulled} more pulled, {len(self.worked) - begun} more begun"
