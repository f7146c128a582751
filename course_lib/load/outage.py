"""Servers that stand still for a while: their clock, and the clock on the wall."""

from __future__ import annotations

import numpy as np

from .times import Times, fits

Pause = tuple[int, int]  # begin and end, in nanoseconds


def leave_out(pause: Pause, arrival: Times) -> Times:
    """Times by a clock that stands still in the pause, as the servers do."""
    begin, end = pause
    return np.where(arrival < begin, arrival, np.maximum(arrival - (end - begin), begin))


def put_back(pause: Pause, start: Times, departure: Times) -> tuple[Times, Times]:
    """The same moments by the clock on the wall.

    When the pause begins, a service may still end, and none begins.
    """
    begin, end = pause
    fits(float(departure.max()) + end - begin)
    start = np.where(start < begin, start, start + (end - begin))
    departure = np.where(departure > begin, departure + (end - begin), departure)
    return start, np.maximum(start, departure)
