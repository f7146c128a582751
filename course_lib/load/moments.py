"""The times of requests, in nanoseconds and in seconds, from the three that are kept."""

from __future__ import annotations

from functools import cached_property
from typing import TypeVar

from .times import SECOND, Seconds, Times

Array = TypeVar("Array", Times, Seconds)


def _fixed(times: Array) -> Array:
    """The array, which nobody can write to any more."""
    times.flags.writeable = False
    return times


def _in_seconds(name: str, meaning: str) -> cached_property[Seconds]:
    """The attribute `name`_ns, in seconds, read-only, computed when first asked for."""

    def seconds(load: Moments) -> Seconds:
        found: Seconds = getattr(load, f"{name}_ns") / SECOND
        return _fixed(found)

    seconds.__doc__ = meaning
    return cached_property(seconds)


class Moments:
    """When each request arrived, how long it was served, and when it departed.

    Seconds are kept once they were asked for; nanoseconds are a subtraction, and eight megabytes a
    million that a reader's kernel need not hold.
    """

    arrival_ns: Times
    service_ns: Times
    departure_ns: Times

    @property
    def waiting_ns(self) -> Times:
        """From arrival to start."""
        return _fixed(self.response_ns - self.service_ns)

    @property
    def start_ns(self) -> Times:
        """When service began."""
        return _fixed(self.departure_ns - self.service_ns)

    @property
    def response_ns(self) -> Times:
        """From arrival to departure: waiting and service."""
        return _fixed(self.departure_ns - self.arrival_ns)

    arrival = _in_seconds("arrival", "Seconds at which each request came.")
    start = _in_seconds("start", "Seconds at which its service began.")
    departure = _in_seconds("departure", "Seconds at which it left.")
    waiting = _in_seconds("waiting", "Seconds in the waiting line.")
    service = _in_seconds("service", "Seconds with a server.")
    response = _in_seconds("response", "Seconds from arrival to departure.")
