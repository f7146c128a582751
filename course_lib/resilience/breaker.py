"""Stop calling what keeps failing, and ask now and then whether it is back."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..checked import awaitable, function, number, plain, whole
from .errors import Errors, Refused, are, kinds, single

Result = TypeVar("Result")

MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    NotImplementedError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What Python says of a mistake in our own program."""


class CircuitOpen(Refused):
    """The call was not made: the breaker is open."""


class CircuitBreaker:
    """Closed: all calls go through. Open: none does. Half-open: one, the probe, decides.

    `threshold` failures in a row open it; `reset_after` seconds later one call may try. If that
    works, the breaker closes; if not, it stays open for as long again. A probe that is cancelled
    decides nothing, and the next call is the probe.

    `clock` gives seconds, like `time.monotonic`. `failure` says which errors count; all others are
    an answer then: who says "bad request" is up. Unless you say it, every Exception counts but
    those in `MISTAKES`, which come from our own program and decide nothing. Of the errors of a
    TaskGroup it is enough that one counts.

    Each change of state begins a new period, and a call speaks only for the one that it began in:
    what was sent before an outage and fails after it does not open the breaker again.

    Source: M. Nygard, *Release It!*, 2007; Azure Architecture Center, "Circuit Breaker pattern".
    Limits: it needs a timeout inside, since a call that hangs neither fails nor ends; don't retry
    through an open one. It knows the calls of one process, and one bad machine of ten can open it
    for all.
    """

    def __init__(
        self,
        *,
        threshold: int,
        reset_after: float,
        clock: Callable[[], float],
        failure: Errors = Exception,
    ) -> None:
        self.threshold = whole("threshold", threshold)
        self.reset_after = number("time until the probe", reset_after, "seconds", above=True)
        self._clock, self._failure = function("clock", clock), kinds("failure", failure)
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._period = 0

    @property
    def state(self) -> str:
        """One of "closed", "open" and "half-open"."""
        now = self._now()
        if self._opened_at is None:
            return "closed"
        waited = now - self._opened_at >= self.reset_after
        return "half-open" if waited or self._probing else "open"

    async def call(self, op: Callable[[], Awaitable[Result]]) -> Result:
        """What `op` gives; raises CircuitOpen, and doesn't call it, when it isn't its turn."""
        function("op", op)
        period = self.admit()
        worked: bool | None = None  # stays so if we are cancelled
        try:
            result = await awaitable("op", op())
            worked = True
            return result
        except Exception as error:
            worked = self._verdict(error)
            raise
        finally:
            self.settle(period, worked)

    def admit(self) -> int:
        """Let a call through, and give the number of its period; else raise CircuitOpen."""
        state = self.state
        if state == "open" or self._probing:
            raise CircuitOpen("the breaker is open: do without, or answer with an error at once")
        self._probing = state == "half-open"
        return self._period

    def settle(self, period: int, worked: bool | None) -> None:
        """Tell how a call of a period ended: it worked, it failed, or (None) nobody knows."""
        if period != self._period:
            return
        probe, self._probing = self._probing, False
        if worked:
            self._failures, self._opened_at = 0, None
        elif worked is False:
            self._failures += 1
            if probe or self._failures >= self.threshold:
                self._opened_at = self._now()
        if probe or self._opened_at is not None:
            self._period += 1

    def _now(self) -> float:
        return number("time of the clock", plain("clock", self._clock()), least=-math.inf)

    def _verdict(self, error: Exception) -> bool | None:
        """What an error says of the other side: it failed, it answered, or nothing."""
        named = tuple(kind for kind in self._failure if kind is not Exception)
        if isinstance(error, named) or any(isinstance(one, named) for one in single(error)):
            return False
        if are(error, (Refused,)):
            return None
        if Exception in self._failure:
            return None if are(error, (*MISTAKES, Refused)) else False
        return True
