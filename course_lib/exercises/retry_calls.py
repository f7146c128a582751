"""What exercise 3 hands in, and what is seen of how it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from ..checked import plural
from .draws import Draws
from .student import LATER, Pieces, Raised, Student, now

AGAIN = (ConnectionError, LookupError)
"""What is tried again: given as retry_on."""
MOST_CALLS = 50
"""Of op; whoever calls it more often is left waiting."""


class Calls:
    """An operation that fails in these ways and then gives a word, and a sleep that takes its time.

    Waits are seen between two calls of the operation, so also those that go another way.
    """

    def __init__(
        self,
        chance: Random,
        errors: Sequence[type[BaseException]],
        takes: float = 0,
        gives: Any = "",
    ) -> None:
        """It gives `gives`, or the word if that is an empty text."""
        self.word = f"{chance.random():.9f}"
        self.gives = self.word if gives == "" else gives
        self.errors = [error(f"{self.word} {n}") for n, error in enumerate(errors, start=1)]
        self.takes = takes
        self.said: list[str] = []
        self.begins: list[float] = []
        self.ends: list[float] = []
        self.cancelled = ""
        """What comes out if a cancellation has ended it."""

    async def op(self) -> Any:
        self.said.append("op")
        self.begins.append(now())
        await asyncio.sleep(self.takes)
        self.ends.append(now())
        if len(self.begins) > MOST_CALLS:
            await asyncio.Event().wait()
        if len(self.begins) <= len(self.errors):
            raise self.errors[len(self.begins) - 1]
        return self.gives

    async def sleep(self, delay: float) -> None:
        self.said.append("sleep")
        await asyncio.sleep(delay)
        self.said.append("awake")

    def waits(self) -> list[float]:
        """Seconds between the end of a call of op and the begin of the next."""
        return [begin - end for end, begin in zip(self.ends, self.begins[1:], strict=False)]

    def ends_after(self, calls: int) -> str:
        """How many calls there were and what came out, if so many are right."""
        if calls > len(self.errors):
            return _told(calls, "it gives", self.gives)
        return _told(calls, type(self.errors[calls - 1]).__name__, f"{self.word} {calls}")

    async def outcome(self, pieces: Pieces, rng: Random, most: int, base: float, cap: float) -> str:
        """The same, as it was."""
        words: tuple[Any, ...] = (self.op, most, base, cap, rng, self.sleep, AGAIN)
        try:
            said = "it gives", await pieces.call("retry", *words)
        except Raised as problem:
            said = problem.name, problem.text
        except asyncio.CancelledError:
            said = "CancelledError", ""
        return _told(len(self.begins), *said)

    def seen(self, student: Student, case: str, most: int, cancelled_at: float = 0) -> str:
        """The same in a scene of its own, with waits of some seconds; cancelled then if ever."""

        async def scene(pieces: Pieces) -> str:
            running = self.outcome(pieces, Even(), most, 10, 10)
            task = asyncio.create_task(running, name="it")
            if cancelled_at:
                await asyncio.sleep(cancelled_at)
                task.cancel()
                self.cancelled = _told(len(self.begins), "CancelledError", "")
                return await task + await self._later(len(self.ends))
            return await task

        return student.on_clock(scene, case)

    async def _later(self, ends: int) -> str:
        """Whether somebody goes on in secret."""
        calls = len(self.begins)
        await asyncio.sleep(LATER)
        return "" if (len(self.begins), len(self.ends)) == (calls, ends) else ", and op goes on"


def _told(calls: int, what: str, text: object) -> str:
    return f"{plural(calls, 'call')}, {what}" + (f" {text}" if what != "CancelledError" else "")


class Even(Draws):
    """Draws that are spread evenly: the n-th one of each run falls into another part of PARTS.

    All bytes of a draw are the same one, so that it is as even for who reads them backwards. Those
    after the first PARTS of a run are by chance: who throws some away gets any in the end.
    """

    PARTS = 12

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.run = self.draws = 0

    def begin(self, run: int) -> None:
        """The next of as many runs as there are parts, counted from 0."""
        self.run, self.draws = run, 0

    def random(self) -> float:
        self.draws += 1
        if self.draws > self.PARTS:
            return super().random()
        part = ((self.run + 7 * self.draws) % self.PARTS + 0.5) / self.PARTS
        return int(256 * part) / 255


class ByChance(Even):
    """Draws of which none says anything about another."""

    def random(self) -> float:
        self.draws += 1
        return Random.random(self)
