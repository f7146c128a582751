"""The times of requests, in nanoseconds and in seconds, from the three that are kept."""

from __future__ import annotations

from functools import cached_property

from .times import SECOND, Seconds, Times


def _in_seconds(name: str, meaning: str) -> cached_property[Seconds]:
    """The attribute `name`_ns, in seconds, read-only, computed when first asked for."""

    def seconds(load: Moments) -> Seconds:
        found: Seconds = getattr(load, f"{name}_ns") / SECOND
        found.flags.writeable = False
        return found

    seconds.__doc__ = meaning
    return cached_property(seconds)


class Moments:
    """When each request arrived, how long it was served, and when it departed."""

    arrival_ns: Times
    service_ns: Times
    departure_ns: Times

    @property
    def waiting_ns(self) -> Times:
        """From arrival to start."""
        return self.response_ns - self.service_ns

    @cached_property
    def start_ns(self) -> Times:
        """When service began."""
        start = self.departure_ns - self.service_ns
        start.flags.writeable = False
        return start

    @cached_property
    def response_ns(self) -> Times:
        """From arrival to departure: waiting and service."""
        response = self.departure_ns - self.arrival_ns
        response.flags.writeable = False
        return response

    arrival = _in_seconds("arrival", "Seconds at which each request came.")
    start = _in_seconds("start", "Seconds at which its service began.")
    departure = _in_seconds("departure", "Seconds at which it left.")
    waiting = _in_seconds("waiting", "Seconds in the waiting line.")
    service = _in_seconds("service", "Seconds with a server.")
    response = _in_seconds("response", "Seconds from arrival to departure.")
