"""Workers, and what each has in its hands."""

from __future__ import annotations

from dataclasses import dataclass

from .day import Mail, Shift, Work


@dataclass(slots=True)
class Job:
    """One delivery of an e-mail to a worker."""

    mail: Mail
    attempt: int
    is_acked: bool = False
    is_expired: bool = False
    """Whether the ack timeout has passed: the broker has delivered it again."""
    is_over: bool = False
    """Whether it was given back, so no ack is awaited any more."""
    has_sent: bool = False
    is_killed: bool = False


@dataclass(slots=True)
class Worker:
    """Who works on one delivery at a time."""

    number: int
    is_wanted: bool = False
    """Whether it stays after the delivery that it has."""
    is_alive: bool = True
    shift: Shift | None = None
    job: Job | None = None
    work: Work | None = None

    @property
    def is_free(self) -> bool:
        """Whether it can take a delivery."""
        return self.shift is not None and self.is_alive and self.job is None
