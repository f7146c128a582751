"""Stop calling what keeps failing, and ask now and then whether it is back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")
Errors = type[Exception] | tuple[type[Exception], ...]


class CircuitOpen(Exception):  # noqa: N818 - a state, as its users say it
    """The call was not made: the breaker is open."""


class CircuitBreaker:
    """Closed: all calls go through. Open: none does. Half-open: one, the probe, decides.

    `threshold` failures in a row open it; `reset_after` seconds later one call may try. If that
    works, the breaker closes; if not, it stays open for as long again. A probe that is cancelled
    decides nothing, and the next call is the probe.

    `clock` gives seconds, like `time.monotonic`. Errors not in `failure` count as an answer: who
    says "bad request" is up. A call that began before the breaker opened cannot close it.
    Don't retry through an open breaker, and don't forget the timeout: a call that hangs neither
    fails nor ends.

    References
    ----------
    M. Nygard, *Release It!*, 2007; Azure Architecture Center, "Circuit Breaker pattern".
    """

    def __init__(
        self,
        *,
        threshold: int,
        reset_after: float,
        clock: Callable[[], float],
        failure: Errors = Exception,
    ) -> None:
        if threshold < 1 or not reset_after > 0:
            raise ValueError(
                f"threshold {threshold!r}, reset_after {reset_after!r}: give a threshold from 1 "
                "and a time above 0 s"
            )
        self.threshold, self.reset_after = threshold, reset_after
        self._clock, self._failure = clock, failure
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """One of "closed", "open" and "half-open"."""
        if self._opened_at is None:
            return "closed"
        waited = self._clock() - self._opened_at >= self.reset_after
        return "half-open" if waited or self._probing else "open"

    async def call(self, op: Callable[[], Awaitable[Result]]) -> Result:
        """What `op` gives; raises CircuitOpen, and doesn't call it, when it isn't its turn."""
        probe = self.admit()
        worked: bool | None = None  # stays so if we are cancelled
        try:
            result = await op()
            worked = True
            return result
        except self._failure:
            worked = False
            raise
        except Exception:
            worked = True
            raise
        finally:
            self.settle(probe, worked)

    def admit(self) -> bool:
        """Let a call through, and tell whether it is the probe; else raise CircuitOpen."""
        if self.state == "closed":
            return False
        if self.state == "open" or self._probing:
            raise CircuitOpen("the breaker is open: do without, or answer with an error at once")
        self._probing = True
        return True

    def settle(self, probe: bool, worked: bool | None) -> None:
        """Tell how a call ended: it worked (True), failed (False) or was cancelled (None)."""
        if probe:
            self._probing = False
        if worked is None or (self._opened_at is not None and not probe):
            return
        self._failures = 0 if worked else self._failures + 1
        if worked:
            self._opened_at = None
        elif probe or self._failures >= self.threshold:
            self._opened_at = self._clock()
