"""What a queue was made with."""

from __future__ import annotations

from typing import NamedTuple


class Rules(NamedTuple):
    """As Service Bus calls them: LockDuration, MaxDeliveryCount, RequiresSession."""

    lock: float = 60.0
    """Seconds for which a consumer has a message, or a session, for itself."""
    deliveries: int = 10
    """Deliveries in vain after which a message goes to the dead-letter queue."""
    sessions: bool = False
    """Whether each message belongs to a session, and a consumer takes one session at a time."""
