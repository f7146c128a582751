"""What is to happen, by time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any


class Agenda:
    """Acts at times in whole milliseconds; those of one moment go in the order of putting."""

    def __init__(self) -> None:
        self.now = 0
        self._acts: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serials = count()

    def put(self, time: int, act: Callable[..., None], *given: Any) -> None:
        """Have something done at a time."""
        heappush(self._acts, (time, next(self._serials), act, given))

    def run(self, end: int) -> None:
        """Do all that is due until the end, and what comes of it."""
        while self._acts and self._acts[0][0] <= end:
            self.now, _, act, given = heappop(self._acts)
            act(*given)
