"""The way between a program and the broker: how long it takes, and what gets lost on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from ..checked import fraction, function, number, plain
from ..flow import send

Loses = Callable[[str], bool]


def at_random(probability: float, *, seed: int) -> Loses:
    """Lose each trip with this probability; the same ones for the same seed."""
    share, chance = fraction("probability", probability), random.Random(seed)
    return lambda trip: chance.random() < share


class Trips:
    """All trips of one broker take `hop` seconds, and `loses` says which never arrive."""

    def __init__(self, hop: float, loses: Loses | None) -> None:
        self.hop = number("hop", hop, "seconds")
        self._loses = function("loses", loses or (lambda trip: False))
        self._loop: asyncio.AbstractEventLoop | None = None

    def here(self) -> None:
        """The loop that runs is that of the first trip; RuntimeError if it is not."""
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise RuntimeError("this broker was used in another run: make a new one in each run")

    def leave(self, trip: str, source: str | None, target: str | None, label: str) -> bool:
        """Set out from one lane to another; whether it will arrive, `hop` seconds later."""
        self.here()
        lost = plain("loses", self._loses(trip))
        send(source, target, f"{label} (lost)" if lost else label, takes=self.hop)
        return not lost

    async def make(self, trip: str, source: str | None, target: str | None, label: str) -> bool:
        """One way, and the time that it takes; whether it arrived."""
        arrives = self.leave(trip, source, target, label)
        await asyncio.sleep(self.hop)
        return arrives
