"""A random.Random all of whose draws are made of the numbers that its random() gives."""

from __future__ import annotations

from collections.abc import MutableSequence
from random import Random
from typing import Any


class Draws(Random):
    """Draws all by random(), whatever one who inherits from it makes that."""

    def __init_subclass__(cls) -> None:
        """Leave all as it is here: Random has ways of its own for a class with another random()."""

    def getrandbits(self, k: int) -> int:
        return int(self.random() * 2**k)

    def _randbelow(self, n: int) -> int:
        """What whole numbers are drawn by: else by their low digits, which need not be even."""
        return int(self.random() * n)

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """By two numbers in all: behind bars each is a message, and a grid may be long."""
        self._by_two().shuffle(x)

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        """By two numbers, too."""
        return self._by_two().sample(population, k, counts=counts)

    def _by_two(self) -> Random:
        return Random(f"{self.random()} {self.random()}")
