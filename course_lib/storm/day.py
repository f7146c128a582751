"""One simulated day: clients that give up and call again, and a server that does not know."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Literal, NamedTuple

from ..resilience import CircuitBreaker, CircuitOpen, RetryBudget, full_jitter
from ..resilience.retry import ceiling

RATE = 80.0  # requests per second that users want: the demand
CAPACITY = 100.0  # requests per second that the server can do
TIMEOUT = 1.0  # seconds until a client gives up an attempt
OUTAGE = (50.0, 60.0)  # seconds between which the server does nothing
END = 300.0  # seconds
BASE, CAP = 0.1, 10.0  # seconds: backoff after the first attempt, and at most
BREAKER_THRESHOLD, BREAKER_RESET = 5, 5.0  # failures in a row; seconds until the probe

Backoff = Literal["none", "exponential", "full jitter"]
Drop = Literal["nothing", "expired", "hopeless"]


def pauses(backoff: Backoff, chance: random.Random) -> Callable[[int], float]:
    """Seconds of pause after an attempt, from 1, that was not answered in time."""
    return {
        "none": lambda attempt: 0.0,
        "exponential": lambda attempt: ceiling(attempt, base=BASE, cap=CAP),
        "full jitter": lambda attempt: full_jitter(attempt, base=BASE, cap=CAP, rng=chance),
    }[backoff]


class Call(NamedTuple):
    """To come: a client calls, for the first time or again."""

    attempt: int


class End(NamedTuple):
    """To come: a client learns how its attempt ended, by an answer or by its timeout."""

    attempt: int
    admitted: int | None
    """What the breaker gave when it let this attempt through."""
    worked: bool


class Day:
    """Clients, their server, and what is still to come, in order of time."""

    def __init__(
        self,
        server: Server,
        max_attempts: int,
        pause: Callable[[int], float],
        budget: RetryBudget | None,
        breaker: bool,
    ) -> None:
        self.server, self.budget = server, budget
        self.max_attempts, self.pause = max_attempts, pause
        self.now = 0.0
        self.breaker = self._new_breaker() if breaker else None
        self.sent: list[float] = []
        self.answered: list[float] = []
        self._later: list[tuple[float, int, Call | End]] = []
        self._number = itertools.count()

    def play(self, wanted: list[float], end: float) -> None:
        """All that happens to the requests that come at these moments, until the end."""
        for moment in wanted:
            self._go_on_to(moment)
            if self.budget:
                self.budget.deposit()
            self._call(Call(attempt=1))
        self._go_on_to(end)

    def _go_on_to(self, moment: float) -> None:
        while self._later and self._later[0][0] <= moment:
            self.now, _, event = heapq.heappop(self._later)
            if isinstance(event, Call):
                self._call(event)
            else:
                self._end(event)
        self.now = moment

    def _at(self, when: float, event: Call | End) -> None:
        heapq.heappush(self._later, (when, next(self._number), event))

    def _call(self, call: Call) -> None:
        try:
            admitted = self.breaker.admit() if self.breaker else None
        except CircuitOpen:
            return
        self.sent.append(self.now)
        answer, given_up = self.server.done(self.now), self.now + TIMEOUT
        self._at(min(answer, given_up), End(call.attempt, admitted, worked=answer <= given_up))

    def _end(self, end: End) -> None:
        if self.breaker and end.admitted is not None:
            self.breaker.settle(end.admitted, end.worked)
        if end.worked:
            self.answered.append(self.now)
        elif end.attempt < self.max_attempts and (not self.budget or self.budget.withdraw()):
            self._at(self.now + self.pause(end.attempt), Call(end.attempt + 1))

    def _new_breaker(self) -> CircuitBreaker:
        return CircuitBreaker(
            threshold=BREAKER_THRESHOLD, reset_after=BREAKER_RESET, clock=lambda: self.now
        )


class Server:
    """One request at a time, in the order of arrival; its clock stands still in the outage."""

    def __init__(self, outage: tuple[float, float], drop: Drop) -> None:
        self.start, self.end = outage
        self.spare = {"nothing": None, "expired": 0.0, "hopeless": 1 / CAPACITY}[drop]
        self.free = 0.0
        """When it will have done all that has arrived, on its own clock."""

    def done(self, now: float) -> float:
        """When what arrives now will be done; never, if it is dropped."""
        here = now if now <= self.start else max(self.start, now - (self.end - self.start))
        start = max(self.free, here)
        if self.spare is not None and self._moment(start + self.spare) > now + TIMEOUT:
            return float("inf")
        self.free = start + 1 / CAPACITY
        return self._moment(self.free)

    def _moment(self, own: float) -> float:
        return own if own <= self.start else own + (self.end - self.start)
