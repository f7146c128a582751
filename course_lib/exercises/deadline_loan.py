"""What exercise 10 hands in, something that is lent, and what is seen of how it is used."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from .student import LATER, Pieces, Raised, Student, now


def _told(problem: Raised) -> str:
    """What comes out, if it is raised: of an error of the piece's own its words say more."""
    if problem.name == "ConnectionError":
        return f"{problem.name} {problem.text}"
    name = problem.called("TimeoutError")
    return name if name in ("TimeoutError", "CancelledError") else str(problem)


def _misses(problem: Raised) -> bool:
    """Whether it looked for what it had not kept: a name that was only misspelt is another slip."""
    if problem.name == "AttributeError":
        return not problem.text.startswith(("module", "type object"))
    return problem.name == "UnboundLocalError" or "free variable" in problem.text


def _awaits_none(problem: Raised) -> bool:
    if problem.members:
        return all(map(_awaits_none, problem.members))
    return problem.name == "TypeError" and any(
        words in problem.text
        for words in ("NoneType", "awaitable is required", "coroutine was expected, got None")
    )


class Loan:
    """Is taken, used and given back, and notes when."""

    def __init__(
        self,
        chance: Random,
        take: float,
        use: float,
        *,
        clean_up: float = 0.0,
        fails: str = "",
        held: Any = "",
        gives: Any = "",
        begins: float = 0.0,
    ) -> None:
        """`take` and `use` are seconds, and `clean_up` those that a cancelled one still needs.

        `fails` says which of them raises ConnectionError after its time; `begins` is what the clock
        shows when the piece is called.
        """
        self.seconds = {"take": take, "use": use}
        self.clean_up, self.fails, self.begins = clean_up, fails, begins
        self.word: Any = f"{chance.random():.9f}" if gives == "" else gives
        """What use gives, or says when it fails."""
        self.held: Any = f"room {chance.randrange(1000)}" if held == "" else held
        self.used: list[Any] = []
        self.given: list[Any] = []
        self.log: list[tuple[float, str]] = []
        """What happened, and how many seconds after the call."""
        self.outcome, self.end, self.was_over = "", 0.0, False
        """What comes out, and when; and whether that was before the cancellation from outside."""
        self.lacks_it = False
        """Whether take gave nothing, and the piece looked for what it had given."""
        self.awaits_none = False
        """Whether the piece awaited what `give_back` gives, which is None."""
        self.is_struck = False
        """Whether a cancellation comes after the end."""

    async def take(self) -> Any:
        await self._lasts("take", "take begins")
        return self.held

    async def use(self, held: Any) -> Any:
        self.used.append(held)
        await self._lasts("use", f"use begins with {held!r}")
        return self.word

    async def _lasts(self, what: str, begins: str) -> None:
        self._note(begins)
        try:
            await asyncio.sleep(self.seconds[what])
        except asyncio.CancelledError:
            self._note(f"{what} is cancelled")
            await asyncio.sleep(self.clean_up)
            self._note(f"{what} has cleaned up")
            raise
        if self.fails == what:
            self._note(f"{what} fails")
            raise ConnectionError(self.word)
        self._note(f"{what} ends")

    def give_back(self, held: Any) -> None:
        self.given.append(held)
        self._note("given back")

    def _note(self, what: str) -> None:
        self.log.append((round(now() - self.begins, 3), what))

    def lent(
        self,
        student: Student,
        seconds: float,
        cancelled_at: float | None = None,
        *,
        beside: Sequence[Loan] = (),
    ) -> None:
        """Run the piece with it, cancelled from outside then, and see what comes out.

        Those `beside` it are lent at the same moment, each by a call of its own.
        """

        async def scene(pieces: Pieces) -> None:
            await asyncio.sleep(self.begins)
            running = asyncio.create_task(self._run(pieces, seconds), name="it")
            others = [asyncio.create_task(one._run(pieces, seconds)) for one in beside]
            if cancelled_at is not None:
                await asyncio.sleep(cancelled_at)
                self.was_over = self.outcome != ""
                if not self.was_over:
                    running.cancel()
            await asyncio.gather(running, *others)

        student.on_clock(scene, self.case(seconds, cancelled_at))

    async def _run(self, pieces: Pieces, seconds: float) -> None:
        words = seconds, self.take, self.use, self.give_back
        try:
            # With quotes: a text that says the name of an error is none.
            self.outcome = repr(await pieces.call("within", *words))
        except Raised as problem:
            self.outcome = _told(problem)
            self.lacks_it = (
                bool(self.log) and self.happened("take ends") is None and _misses(problem)
            )
            self.awaits_none = bool(self.given) and _awaits_none(problem)
        except asyncio.CancelledError:
            self.outcome = "CancelledError"
        self.end = now() - self.begins
        self._note(f"{self.outcome} comes out")
        try:
            await asyncio.sleep(LATER)
        except asyncio.CancelledError:
            self.is_struck = True
            self._note("a cancellation comes afterwards")

    def case(self, seconds: float, cancelled_at: float | None = None) -> str:
        """In words."""
        told = f"seconds={seconds:g}, take needs {self.seconds['take']:g} s"
        told += f", use {self.seconds['use']:g} s"
        if self.clean_up:
            told += f", and {self.clean_up:g} s to clean up"
        if self.fails:
            told += f", {self.fails} fails"
        if not isinstance(self.held, str):
            told += f", take gives {self.held}"
        if self.word is None:
            told += ", use gives None"
        if self.begins:
            told += f", called when the clock shows {self.begins:g} s"
        return told + (f", cancelled from outside at {cancelled_at:g} s" if cancelled_at else "")

    @property
    def slips_giving_back(self) -> bool:
        """Whether what comes out tells of giving back alone, which is one property."""
        return self.lacks_it or self.awaits_none

    @property
    def seen(self) -> str:
        """All that happened."""
        return ", ".join(f"{when:g} s: {what}" for when, what in self.log)

    def happened(self, what: str) -> float | None:
        """When it did, the last time; None if never."""
        return next((when for when, one in reversed(self.log) if one == what), None)
