"""What handles messages in exercise 5, and fails as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from types import EllipsisType
from typing import Any

Errors = Sequence[type[Exception] | EllipsisType | None]
"""One for each attempt with a message; None: it works; `...`: the one before, again and again."""


class Handler:
    """Raises for a message the errors that it is told, then gives a result.

    Each text of an error and each result is drawn, so that only who has seen it can tell it.
    """

    def __init__(
        self, chance: Random, errors: Mapping[str, Errors], results: Mapping[str, Any] | None = None
    ) -> None:
        self.chance, self.errors, self.results = chance, errors, dict(results or {})
        self.takes = 0.0  # seconds
        self.tried: list[str] = []
        self.last: dict[str, str] = {}
        self.running = self.most = self.ended = 0

    async def __call__(self, message: str) -> Any:
        error = self._next(message)
        self.tried.append(message)
        word = f"{self.chance.randrange(10**6):06}"
        result = None if error else self.results.setdefault(message, word)
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.takes)
        self.running -= 1
        self.ended += 1
        if error is None:
            return result
        self.last[message] = f"not this time, {word}"
        raise error(self.last[message])

    def _next(self, message: str) -> type[Exception] | None:
        errors = self.errors.get(message, ())
        known = [error for error in errors if not isinstance(error, EllipsisType)]
        number = self.tried.count(message)
        if number < len(known):
            return known[number]
        return known[-1] if len(known) < len(errors) else None

    def __str__(self) -> str:
        told = (f"for {message} {_told(errors)}" for message, errors in self.errors.items())
        return f"handle raises {'; '.join(told)}"


def _told(errors: Errors) -> str:
    names = ["nothing" if one is None else getattr(one, "__name__", "") for one in errors]
    if errors[-1] is ...:
        names[-2:] = [f"always {names[-2]}"]
    return ", ".join(names)
