"""What a producer published, and who is talking."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a producer published, as it is delivered."""

    id: Hashable
    """The same on each attempt and in each subscription: what an idempotent consumer looks at."""
    body: Any
    key: str = ""
    """What it is about, like a customer: a log keeps the order of each key."""
    attempt: int = 1
    """Which delivery this is, from 1."""
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    queue: str = ""
    """From where it was delivered."""
    receipt: int = 0
    """The number of this very delivery, which `ack` and `nack` speak of."""
    partition: int = 0
    offset: int = 0
    """Its place in a partition of a log, from 0."""

    @property
    def label(self) -> str:
        """What stands at its arrow."""
        again = f", attempt {self.attempt}" if self.attempt > 1 else ""
        return f"{self.body}{again}"


def me() -> str | None:
    """The lane that the task is in, also that of a span: None, as `send` has it.

    It may have no name yet.

    Raises RuntimeError outside of a task.
    """
    if asyncio.current_task() is None:
        raise RuntimeError("a broker is used from inside a task: await it in a coroutine")
    return None
