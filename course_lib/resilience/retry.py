"""Try again, after a random pause, a few times, and not when everybody else does too."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")
Errors = type[Exception] | tuple[type[Exception], ...]


def full_jitter(attempt: int, *, base: float, cap: float, rng: random.Random) -> float:
    """Seconds to wait after a failed attempt, from 1: anything up to a ceiling that doubles.

    The ceiling is min(cap, base · 2^(attempt − 1)); half of it is waited on average.

    References
    ----------
    M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """
    return rng.uniform(0, min(cap, base * 2 ** min(attempt - 1, 1_000)))


async def retry(
    op: Callable[[], Awaitable[Result]],
    *,
    max_attempts: int,
    base: float,
    cap: float,
    rng: random.Random,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    retry_on: Errors = (TimeoutError, ConnectionError),
    budget: RetryBudget | None = None,
) -> Result:
    """What `op` gives, called up to `max_attempts` times with pauses of `full_jitter` between.

    Only errors in `retry_on` are tried again: those that may be over in a moment. All others,
    and a cancellation, come out at once, and so does the error of the last attempt. `op` must be
    idempotent, since an attempt that failed for us may have worked for the other side.
    Put it into one layer only, and a deadline around it: `async with asyncio.timeout(…)`.
    """
    if max_attempts < 1:
        raise ValueError(f"{max_attempts} attempts call nothing: give at least 1")
    if budget is not None:
        budget.deposit()
    for attempt in range(1, max_attempts + 1):
        try:
            return await op()
        except retry_on:
            if attempt == max_attempts or (budget is not None and not budget.withdraw()):
                raise
        await sleep(full_jitter(attempt, base=base, cap=cap, rng=rng))
    raise AssertionError("the last attempt returns or raises")


class RetryBudget:
    """Retries that all callers of one client have together: a share of their first attempts.

    Each first attempt deposits `share`, each retry withdraws 1, and at most `most` are saved for
    a bad moment. So over a long time at most (1 + share) times the demand reaches the server.

    References
    ----------
    B. Beyer et al. (eds.), *Site Reliability Engineering*, 2016, chapter "Handling Overload":
    a client's share of retries is kept below 10 %.
    """

    def __init__(self, share: float = 0.1, *, most: float = 10.0) -> None:
        if share < 0 or most < 1:
            raise ValueError(
                f"share {share!r}, most {most!r}: give a share from 0, and most from 1"
            )
        self.share, self.most = share, most
        self.saved = most

    def deposit(self) -> None:
        """Somebody called for the first time."""
        self.saved = min(self.most, self.saved + self.share)

    def withdraw(self) -> bool:
        """Whether one more retry can be afforded; if so, it is paid."""
        if self.saved < 1:
            return False
        self.saved -= 1
        return True
