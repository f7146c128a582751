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
import random
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .resilience import CircuitBreaker, CircuitOpen, RetryBudget, full_jitter

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
    chance = random.Random(seed)
    now = 0.0
    purse = RetryBudget(budget) if budget is not None else None
    switch = CircuitBreaker(
        threshold=BREAKER_THRESHOLD, reset_after=BREAKER_RESET, clock=lambda: now
    )
    server = _Server(outage, drop)
    sent: list[float] = []
    answered: list[float] = []
    probe, worked = False, False
    # An attempt n is sent, (when, n), or its end is known, (when, −n, probe, worked).
    later: list[tuple[Any, ...]] = [(end, 0)]
    first_ones = iter([*wanted.tolist(), end])
    next_one = next(first_ones)

    while True:
        if next_one < later[0][0]:
            now, attempt = next_one, 1
            next_one = next(first_ones)
            if purse:
                purse.deposit()
        else:
            now, attempt, *how = heapq.heappop(later)
        if attempt > 0:
            if breaker:
                try:
                    probe = switch.admit()
                except CircuitOpen:
                    continue
            sent.append(now)
            known = server.done(now)
            worked = known <= now + TIMEOUT
            heapq.heappush(later, (known if worked else now + TIMEOUT, -attempt, probe, worked))
            continue
        if attempt == 0:
            break
        probe, worked = how
        if breaker:
            switch.settle(probe, worked)
        if worked:
            answered.append(now)
        elif -attempt < max_attempts and (purse is None or purse.withdraw()):
            pause = 0.0
            if backoff == "full jitter":
                pause = full_jitter(-attempt, base=BASE, cap=CAP, rng=chance)
            elif backoff == "exponential":
                pause = min(CAP, BASE * 2 ** (-attempt - 1))
            heapq.heappush(later, (now + pause, 1 - attempt))
    return Storm(wanted, np.array(sent), np.array(answered), end)


def _arrivals(rng: np.random.Generator, rate: float, end: float) -> Seconds:
    """Moments of a Poisson process, in order: so many by chance, each anywhere."""
    return np.sort(rng.uniform(0, end, rng.poisson(rate * end)))


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
    if not 0 < rate < float("inf"):
        raise ValueError(f"a rate of {rate!r} is no demand: give requests per second above 0")
    if max_attempts < 1:
        raise ValueError(f"{max_attempts} attempts call nothing: give at least 1")
    for name, value, known in zip(("backoff", "drop"), how, (Backoff, Drop), strict=True):
        if value not in get_args(known):
            raise ValueError(f"there is no {name} {value!r}; take one of {get_args(known)}")
    if not 0 <= outage[0] <= outage[1] <= end:
        raise ValueError(f"an outage {outage} does not lie in the {end:g} s that are simulated")
