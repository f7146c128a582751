"""Try again, after a random pause, a few times, and not when everybody else does too."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from fractions import Fraction
from typing import TypeVar

from ..checked import PlainFunctionError, awaitable, function, number, whole
from .errors import Errors, are, kinds

Result = TypeVar("Result")


def ceiling(attempt: int, *, base: float, cap: float) -> float:
    """Seconds that are waited at most after a failed attempt, from 1: min(cap, base · 2^(n−1))."""
    return min(cap, base * 2.0 ** min(attempt - 1, 1_000))


def full_jitter(attempt: int, *, base: float, cap: float, rng: random.Random) -> float:
    """Seconds to wait after a failed attempt, from 1: anything up to a `ceiling` that doubles.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    Limits: half of the ceiling is waited on average, and sometimes nearly nothing. It takes a
    crowd apart and makes it no smaller: against overload there is `RetryBudget`.
    """
    whole("attempt", attempt)
    _check(base, cap, rng)
    return rng.uniform(0, ceiling(attempt, base=base, cap=cap))


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

    Only errors in `retry_on` are tried again: those that may be over in a moment; the group of a
    TaskGroup if all in it are. All others, and a cancellation, come out at once, and so does the
    error of the last attempt.

    Source: M. Brooker, "Timeouts, retries, and backoff with jitter", Amazon Builders' Library.
    Limits: `op` must be idempotent, since an attempt that failed for us may have worked for the
    other side. Retries of several layers multiply: put it into one only, with a deadline around
    it, `async with asyncio.timeout(…)`.
    """
    whole("number of attempts", max_attempts)
    _check(base, cap, rng)
    again = kinds("retry_on", retry_on)
    function("op", op)
    function("sleep", sleep)
    if budget is not None:
        _shared(budget).deposit()
    for attempt in range(1, max_attempts + 1):
        try:
            return await awaitable("op", op())
        except PlainFunctionError:
            raise
        except Exception as error:
            if (
                not are(error, again)
                or attempt == max_attempts
                or (budget is not None and not budget.withdraw())
            ):
                raise
        await awaitable("sleep", sleep(full_jitter(attempt, base=base, cap=cap, rng=rng)))
    raise AssertionError("the last attempt returns or raises")


def _check(base: float, cap: float, rng: random.Random) -> None:
    number("base", base, "seconds")
    number("cap", cap, "seconds")
    if isinstance(rng, type) or not callable(getattr(rng, "uniform", None)):
        raise TypeError(f"the rng is {rng!r}; give a generator of chance, like random.Random(1)")


def _shared(budget: RetryBudget) -> RetryBudget:
    if not isinstance(budget, RetryBudget):
        raise TypeError(
            f"the budget is {budget!r}; give one RetryBudget for all calls, like RetryBudget(0.1)"
        )
    return budget


class RetryBudget:
    """Retries that all callers of one client have together: a share of their first attempts.

    Each first attempt deposits `share`, each retry withdraws 1, and at most `most` are saved for
    a bad moment; it begins full. So over a long time at most (1 + share) times the demand reaches
    the server. It counts in whole parts, so that ten deposits of 0.1 are one retry.

    Source: B. Beyer et al. (eds.), *Site Reliability Engineering*, 2016, chapter "Handling
    Overload": a client's share of retries is kept below 10 %.
    Limits: it belongs to one process; a hundred of them begin with a hundred times `most`. It
    helps the server and no single caller.
    """

    def __init__(self, share: float = 0.1, *, most: float = 10.0) -> None:
        self.share = number("share of retries", share)
        self.most = number("most that is saved", most, "retries", least=1)
        parts = Fraction(self.share).limit_denominator(10**15)  # 1/10 for the float 0.1
        self._deposit, self._retry = parts.numerator, parts.denominator
        self._most = int(Fraction(self.most) * self._retry)
        self._saved = self._most

    @property
    def saved(self) -> float:
        """Retries that can be afforded now."""
        return self._saved / self._retry

    def deposit(self) -> None:
        """Somebody called for the first time."""
        self._saved = min(self._most, self._saved + self._deposit)

    def withdraw(self) -> bool:
        """Whether one more retry can be afforded; if so, it is paid."""
        if self._saved < self._retry:
            return False
        self._saved -= self._retry
        return True
