"""A retry storm from its settings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import get_args

import numpy as np

from ..checked import number, one_of, whole, yes_or_no
from ..resilience import RetryBudget
from .day import END, OUTAGE, RATE, Backoff, Day, Drop, Server, pauses
from .result import Seconds, Storm

MOST = 10_000_000  # requests: some minutes


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
    end : float
        Seconds that are simulated.
    seed : int
        Draws the arrivals and the jitter: the same seed, the same storm.

    Raises TypeError or ValueError for a setting that is none, or for more than `MOST` requests.

    Notes
    -----
    It stays down for ever, in the mean, if max_attempts · rate > capacity, since each request that
    is not answered in time becomes max_attempts of them. With a budget b, if (1 + b) · rate is.
    """
    _check(rate, max_attempts, (backoff, drop), outage, end)
    yes_or_no("breaker", breaker)
    whole("seed", seed, least=0)
    wanted = _arrivals(np.random.default_rng(seed), rate, end)
    day = Day(
        Server(outage, drop),
        max_attempts,
        pauses(backoff, random.Random(seed)),
        RetryBudget(budget) if budget is not None else None,
        breaker,
    )
    day.play(wanted.tolist(), end)
    return Storm(wanted, np.array(day.sent), np.array(day.answered), end)


def _arrivals(rng: np.random.Generator, rate: float, end: float) -> Seconds:
    """Moments of a Poisson process, in order: so many by chance, each anywhere."""
    return np.sort(rng.uniform(0, end, rng.poisson(rate * end)))


def _check(
    rate: float, max_attempts: int, how: tuple[str, str], outage: tuple[float, float], end: float
) -> None:
    number("rate", rate, "requests per second", above=True)
    whole("number of attempts", max_attempts)
    number("end", end, "seconds", above=True)
    if rate * end > MOST:
        raise ValueError(
            f"{rate * end:.3g} requests come in {end:g} s, which takes for ever; give a rate or an "
            f"end for {MOST:,} at most"
        )
    one_of("backoff", how[0], get_args(Backoff))
    one_of("drop", how[1], get_args(Drop))
    if not isinstance(outage, Sequence) or len(outage) != 2:
        raise ValueError(f"the outage {outage!r} is no (start, end) in seconds; give (50, 60)")
    start, over = (
        number(f"{side} of the outage", s, "seconds")
        for side, s in zip(("start", "end"), outage, strict=True)
    )
    if not start <= over <= end:
        raise ValueError(
            f"an outage {outage} does not lie in the {end:g} s that are simulated; give a start "
            f"and an end from 0 to {end:g}"
        )
