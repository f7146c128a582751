"""How long a rest is, in whole nanoseconds."""

from __future__ import annotations

from ..trace import SECOND

CENTURY = 3.2e9  # seconds; whoever sleeps longer sleeps for ever
FOREVER = 1 << 62  # nanoseconds


def nanoseconds(seconds: float) -> int:
    """The nearest whole number; a rest of any length lasts at least one, a century for ever."""
    if not seconds < CENTURY:
        return FOREVER
    return round(seconds * SECOND) or int(seconds > 0)
