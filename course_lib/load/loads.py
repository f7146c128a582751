"""What became of the requests of many days, one a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from ..checked import plural
from .moments import Moments
from .result import Load
from .times import Times


@dataclass(frozen=True, eq=False, repr=False)
class Loads(Moments):
    """When each request of each day arrived, how long it was served, and when it departed.

    The arrays have a row a seed and a column a request, in order of arrival: times in nanoseconds
    from 0, not to be written to. `arrival`, `response`, … are the same in seconds, so that
    `days.response.mean(axis=1)` is the mean of each day. `days[3]` is the fourth day as a `Load`,
    and a loop goes over all of them.
    """

    arrival_ns: Times
    service_ns: Times
    """From start to departure; an outage in between counts."""
    departure_ns: Times
    seeds: tuple[int, ...]
    servers: int

    def __post_init__(self) -> None:
        for array in (self.arrival_ns, self.service_ns, self.departure_ns):
            array.flags.writeable = False

    def __len__(self) -> int:
        """How many days there are."""
        return len(self.seeds)

    def __getitem__(self, day: int) -> Load:
        """What `simulate` gives for the seed of this day.

        Raises TypeError for what is no number of a day, IndexError for one that is not there.
        """
        if isinstance(day, bool) or not isinstance(day, Integral):
            raise TypeError(
                f"the day is {day!r}; give its number from 0, like days[3]; for several, "
                "[days[n] for n in (3, 4)]"
            )
        if not -len(self) <= day < len(self):
            raise IndexError(f"there is no day {day}; there {self._are()}")
        times = (self.arrival_ns[day], self.service_ns[day], self.departure_ns[day])
        nowhere = np.broadcast_to(np.zeros(1, np.uint8), times[0].size)
        return Load(*times, nowhere, times[0][:0], nowhere[:0], self.servers)

    def __iter__(self) -> Iterator[Load]:
        return (self[day] for day in range(len(self)))

    def _are(self) -> str:
        return "is day 0 alone" if len(self) == 1 else f"are days 0 to {len(self) - 1:,}"

    def __repr__(self) -> str:
        days, requests = self.arrival_ns.shape
        servers = plural(self.servers, "server")
        return f"{plural(days, 'day')} of {plural(requests, 'request')}, {servers} each"
