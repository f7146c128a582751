"""A subscription: its own copy of each message, and a deadline for each delivery.

A message that is neither acknowledged nor given more time by then is ready again. With ordering,
those of one key go out together and in order, and the next ones when all of these are settled; if
one of them comes again, so do the later ones, acknowledged or not.
Reference: https://docs.cloud.google.com/pubsub/docs/ordering
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, eq=False)
class Held:
    """A message that is not settled yet."""

    number: int
    """Its place: the subscription's messages are 1, 2, … as they came."""
    message: Any
    key: str
    """Its ordering key; "" if there is none, or if the subscription does not order."""
    failures: int = 0
    """How often it was given back, or its deadline passed."""
    acked: bool = False
    """Done, but an earlier one of its key may yet bring it again."""
    ack_id: str = ""
    timer: asyncio.TimerHandle | None = None


class Subscription:
    """`settings` is the client's own Subscription; `gone` is told the number of what is settled.

    `dead` is told a message and its number of attempts, after the last of them.
    """

    def __init__(
        self, settings: Any, gone: Callable[[int], None], dead: Callable[[Any, int], None]
    ) -> None:
        self.settings = settings
        self._gone, self._dead = gone, dead
        self._numbers, self._deliveries = itertools.count(1), itertools.count(1)
        self._held: dict[int, Held] = {}
        self._ready: list[int] = []
        self._delivered: dict[str, Held] = {}
        self._rounds: dict[str, list[Held]] = {}
        """Key → what went out together, from the first one on that is not acknowledged."""
        self._news = asyncio.Event()

    def put(self, message: Any) -> None:
        """A new message, behind all others."""
        number = next(self._numbers)
        key = message.ordering_key if self.settings.enable_message_ordering else ""
        self._held[number] = Held(number, message, key)
        self._let_out(number)

    def take(self, most: int, seconds: float = 0.0) -> list[Held]:
        """Deliver what is ready, so many at most; `seconds` instead of the usual deadline."""
        taken: list[Held] = []
        behind: list[int] = []
        while self._ready and len(taken) < most:
            held = self._held.get(heapq.heappop(self._ready))
            if held is None:
                continue
            if held.key and self._is_out(held.key, taken):
                behind.append(held.number)
            else:
                taken.append(self._deliver(held, seconds))
        for number in behind:
            heapq.heappush(self._ready, number)
        return taken

    def _is_out(self, key: str, now: list[Held]) -> bool:
        """Whether messages of the key went out before those that go out now."""
        return bool(self._rounds.get(key)) and self._rounds[key][0] not in now

    def _deliver(self, held: Held, seconds: float) -> Held:
        if held.key:
            self._rounds.setdefault(held.key, []).append(held)
        held.acked, held.ack_id = False, f"{held.number}:{next(self._deliveries)}"
        self._delivered[held.ack_id] = held
        self._expect(held, seconds or self.settings.ack_deadline_seconds)
        return held

    def _expect(self, held: Held, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        held.timer = loop.call_later(seconds, self.give_back, held.ack_id)

    def ack(self, ack_id: str) -> bool:
        """Done. False if it is too late, and the message may come again, as it may at Google's."""
        held = self._settled(ack_id)
        if held is None:
            return False
        held.acked = True
        together = self._rounds.get(held.key, []) if held.key else [held]
        while together and together[0].acked:
            self._forget(together.pop(0))
        self._news.set()
        return True

    def extend(self, ack_id: str, seconds: float) -> bool:
        """So many seconds from now on; 0 is a nack. False if it is too late."""
        if seconds == 0:
            return self.give_back(ack_id)
        held = self._delivered.get(ack_id)
        if held is None or held.timer is None:
            return False
        held.timer.cancel()
        self._expect(held, seconds)
        return True

    def give_back(self, ack_id: str) -> bool:
        """Ready again, or dead if that was its last attempt. False if it is too late."""
        held = self._settled(ack_id)
        if held is None:
            return False
        for later in self._later(held):
            self._settled(later.ack_id)
            self._let_out(later.number)
        held.failures += 1
        if self._limit and held.failures >= self._limit:
            self._dead(held.message, held.failures)
            self._forget(held)
        else:
            self._let_out(held.number)
        return True

    def _later(self, held: Held) -> list[Held]:
        """What went out together with it and behind it; the rest of them stays out."""
        together = self._rounds.get(held.key, [])
        if held not in together:
            return []
        place = together.index(held)
        later = together[place + 1 :]
        del together[place:]
        return later

    @property
    def _limit(self) -> int:
        """Attempts before a message is dead; 0 if there is no limit."""
        return int(self.settings.dead_letter_policy.max_delivery_attempts)

    def attempt(self, held: Held) -> int:
        """As the client is told: from 1 on; 0 without a dead-letter topic."""
        return held.failures + 1 if self._limit else 0

    def _settled(self, ack_id: str) -> Held | None:
        held = self._delivered.pop(ack_id, None)
        if held is not None and held.timer is not None:
            held.timer.cancel()
        return held

    def _let_out(self, number: int) -> None:
        heapq.heappush(self._ready, number)
        self._news.set()

    def _forget(self, held: Held) -> None:
        self.drop(held.number)
        self._gone(held.number)

    def drop(self, number: int) -> None:
        """It was settled before the server came back."""
        self._held.pop(number, None)

    def holds(self, ack_id: str) -> bool:
        """Whether this delivery is still out."""
        return ack_id in self._delivered

    def wake(self) -> None:
        """Whoever waits for news looks again."""
        self._news.set()

    async def news(self, seconds: float) -> None:
        """Wait until something may be ready, so long at most."""
        self._news.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    def close(self) -> None:
        """Nobody is delivered anything any more."""
        for ack_id in list(self._delivered):
            self._settled(ack_id)
        self._ready.clear()
        self._news.set()
