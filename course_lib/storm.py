"""A retry storm: clients that give up and call again, and a server that does not know.

    storm = simulate_storm(max_attempts=3)      # 300 s, in which the server is away for 10 s
    storm.share_answered()                      # of the demand, long after the outage

Requests come at random; the server takes them in order of arrival, a constant service each. A
client waits `TIMEOUT` for an answer and then gives up that attempt, or calls again; the server
goes on with what it has. An answer counts only if it comes while somebody waits for it: goodput.
All times are in seconds, rates per second. Everything below is a model, its constants assumptions.

References
----------
N. Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021;
L. Huang et al., "Metastable Failures in the Wild", OSDI 2022.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from .checked import number, one_of, whole
from .resilience import CircuitBreaker, CircuitOpen, RetryBudget, full_jitter
from .resilience.retry import ceiling

RATE = 80.0  # requests per second that users want: the demand
CAPACITY = 100.0  # requests per second that the server can do
TIMEOUT = 1.0  # seconds until a client gives up an attempt
OUTAGE = (50.0, 60.0)  # seconds between which the server does nothing
END = 300.0  # seconds
BASE, CAP = 0.1, 10.0  # seconds: backoff after the first attempt, and at most
BREAKER_THRESHOLD, BREAKER_RESET = 5, 5.0  # failures in a row; seconds until the probe

Backoff = Literal["none", "exponential", "full jitter"]
Drop = Literal["nothing", "expired", "hopeless"]
Seconds = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Storm:
    """What happened, as moments in seconds, each array in order."""

    wanted: Seconds
    """When requests came for the first time: the demand."""
    sent: Seconds
    """When attempts reached the server, first ones and retries."""
    answered: Seconds
    """When a client that was still waiting got its answer: the goodput."""
    end: float

    def per_second(self, moments: Seconds, *, width: float = 1.0) -> tuple[Seconds, Seconds]:
        """Starts of windows of `width` seconds, and how many of the moments per second in each."""
        edges = np.arange(0, self.end + width / 2, width)
        counts, _ = np.histogram(moments, edges)
        return edges[:-1], counts / width

    @property
    def goodput(self) -> Seconds:
        """Useful answers in each second."""
        return self.per_second(self.answered)[1]

    def share_answered(self, at: float | None = None, *, width: float = 10.0) -> float:
        """Useful answers as a share of the demand, in the `width` seconds around a moment.

        Unless told, in the last ones. It can be a little above 1 while a waiting line gets shorter.
        """
        at = self.end - width / 2 if at is None else at
        low, high = at - width / 2, at + width / 2
        answers, demand = (_between(m, low, high) for m in (self.answered, self.wanted))
        return answers / demand if demand else float("nan")


def simulate_storm(
    *,
    rate: float = RATE,
    max_attempts: int = 1,
    backoff: Backoff = "none",
    budget: float | None = None,
    drop: Drop = "nothing",
    breaker: bool = False,
    outage: tuple[float, float] = OUTAGE,
    end: float = END,
    seed: int = 0,
) -> Storm:
    """Simulate clients and a server through an outage.

    Parameters
    ----------
    rate : float
        Requests per second that come for the first time, at random; the server does `CAPACITY`.
    max_attempts : int
        How often each is tried at most, the first time included.
    backoff : "none", "exponential" or "full jitter"
        The pause before a retry: nothing, min(CAP, BASE · 2^k), or a random part of that.
    budget : share, optional
        Retries that all clients may make per first attempt: 0.1 for one in ten. See `RetryBudget`.
    drop : "nothing", "expired" or "hopeless"
        What the server drops, at no cost, before it begins: requests whose client has given up,
        or also those that it cannot finish before the client does.
    breaker : bool
        Whether the clients share a `CircuitBreaker`; what it refuses is not retried.
    outage : (seconds, seconds)
        When the server does nothing; requests go on to come and wait.

    Notes
    -----
    It stays down for ever, in the mean, if max_attempts · rate > capacity, since each request that
    is not answered in time becomes max_attempts of them. With a budget b, if (1 + b) · rate is.
    """
    _check(rate, max_attempts, (backoff, drop), outage, end)
    wanted = _arrivals(np.random.default_rng(seed), rate, end)
    day = _Day(
        _Server(outage, drop),
        max_attempts,
        _pauses(backoff, random.Random(seed)),
        RetryBudget(budget) if budget is not None else None,
        breaker,
    )
    day.play(wanted.tolist(), end)
    return Storm(wanted, np.array(day.sent), np.array(day.answered), end)


def _arrivals(rng: np.random.Generator, rate: float, end: float) -> Seconds:
    """Moments of a Poisson process, in order: so many by chance, each anywhere."""
    return np.sort(rng.uniform(0, end, rng.poisson(rate * end)))


def _pauses(backoff: Backoff, chance: random.Random) -> Callable[[int], float]:
    """Seconds of pause after an attempt, from 1, that was not answered in time."""
    return {
        "none": lambda attempt: 0.0,
        "exponential": lambda attempt: ceiling(attempt, base=BASE, cap=CAP),
        "full jitter": lambda attempt: full_jitter(attempt, base=BASE, cap=CAP, rng=chance),
    }[backoff]


class _Call(NamedTuple):
    """To come: a client calls, for the first time or again."""

    attempt: int


class _End(NamedTuple):
    """To come: a client learns how its attempt ended, by an answer or by its timeout."""

    attempt: int
    admitted: int | None
    """What the breaker gave when it let this attempt through."""
    worked: bool


class _Day:
    """Clients, their server, and what is still to come, in order of time."""

    def __init__(
        self,
        server: _Server,
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
        self._later: list[tuple[float, int, _Call | _End]] = []
        self._number = itertools.count()

    def play(self, wanted: list[float], end: float) -> None:
        """All that happens to the requests that come at these moments, until the end."""
        for moment in wanted:
            self._go_on_to(moment)
            if self.budget:
                self.budget.deposit()
            self._call(_Call(attempt=1))
        self._go_on_to(end)

    def _go_on_to(self, moment: float) -> None:
        while self._later and self._later[0][0] <= moment:
            self.now, _, event = heapq.heappop(self._later)
            if isinstance(event, _Call):
                self._call(event)
            else:
                self._end(event)
        self.now = moment

    def _at(self, when: float, event: _Call | _End) -> None:
        heapq.heappush(self._later, (when, next(self._number), event))

    def _call(self, call: _Call) -> None:
        try:
            admitted = self.breaker.admit() if self.breaker else None
        except CircuitOpen:
            return
        self.sent.append(self.now)
        answer, given_up = self.server.done(self.now), self.now + TIMEOUT
        self._at(min(answer, given_up), _End(call.attempt, admitted, worked=answer <= given_up))

    def _end(self, end: _End) -> None:
        if self.breaker and end.admitted is not None:
            self.breaker.settle(end.admitted, end.worked)
        if end.worked:
            self.answered.append(self.now)
        elif end.attempt < self.max_attempts and (not self.budget or self.budget.withdraw()):
            self._at(self.now + self.pause(end.attempt), _Call(end.attempt + 1))

    def _new_breaker(self) -> CircuitBreaker:
        return CircuitBreaker(
            threshold=BREAKER_THRESHOLD, reset_after=BREAKER_RESET, clock=lambda: self.now
        )


class _Server:
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


def _between(moments: Seconds, low: float, high: float) -> float:
    first, last = np.searchsorted(moments, (low, high))
    return float(last - first)


def _check(
    rate: float, max_attempts: int, how: tuple[str, str], outage: tuple[float, float], end: float
) -> None:
    number("rate", rate, "requests per second", above=True)
    whole("number of attempts", max_attempts)
    number("end", end, "seconds", above=True)
    one_of("backoff", how[0], get_args(Backoff))
    one_of("drop", how[1], get_args(Drop))
    start, over = (
        number(f"{side} of the outage", s, "seconds")
        for side, s in zip(("start", "end"), outage, strict=True)
    )
    if not start <= over <= end:
        raise ValueError(f"an outage {outage} does not lie in the {end:g} s that are simulated")
