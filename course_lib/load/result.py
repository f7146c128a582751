"""What became of each request of a load: arrays of times, and what people ask of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checked import number, plural, whole
from .given import as_array
from .moments import Moments
from .times import FOREVER, SECOND, Partitions, Times, scratch, slices


@dataclass(frozen=True, eq=False, repr=False)
class Load(Moments):
    """When each request arrived, how long it was served, and when it departed.

    The arrays hold the requests that were served, in order of arrival: times in nanoseconds from
    0, one entry a request, not to be written to. `arrival`, `start`, … are the same in seconds.
    """

    arrival_ns: Times
    service_ns: Times
    """From start to departure; an outage in between counts."""
    departure_ns: Times
    partition: Partitions
    """Number of the partition that each request was sent to, from 0."""
    rejected_ns: Times
    """Arrivals of the requests that found the waiting room full."""
    rejected_partition: Partitions
    servers: int
    """How many serve each partition."""
    partitions: int = 1
    """How many partitions there are, each with its own waiting line and servers."""

    def __post_init__(self) -> None:
        for times in (self.arrival_ns, self.service_ns, self.departure_ns, self.rejected_ns):
            times.flags.writeable = False
        for numbers in (self.partition, self.rejected_partition):
            numbers.flags.writeable = False

    def __len__(self) -> int:
        return self.arrival_ns.size

    @property
    def rejected(self) -> int:
        """How many found the waiting room full, and were not served."""
        return self.rejected_ns.size

    @property
    def requests(self) -> int:
        """How many came: served and rejected."""
        return len(self) + self.rejected

    @cached_property
    def duration(self) -> float:
        """Seconds from the first arrival to the last departure; 0 if nobody was served."""
        if not len(self):
            return 0.0
        return int(self.departure_ns.max() - self.arrival_ns[0]) / SECOND

    @property
    def utilisation(self) -> float:
        """Share of the duration that a server is busy, over all servers (ρ)."""
        busy = float((self.service_ns / SECOND).sum())  # and no second copy is kept
        return busy / (self.duration * self.servers * self.partitions) if busy else 0.0

    @property
    def throughput(self) -> float:
        """Requests served per second of the duration; NaN if all took no time at all."""
        return len(self) / self.duration if self.duration else math.nan

    def percentile(self, q: float) -> float:
        """Seconds of response that `q` per cent of the requests do not exceed.

        It is the response of one of them (nearest rank), not a value between two: 0 gives the
        shortest, 100 the longest.

        Raises
        ------
        ValueError
            If `q` is not from 0 to 100, or nobody was served.
        """
        within = number("percentile", q, "per cent")
        if within > 100:
            raise ValueError(f"there is no percentile {q!r}; give per cent from 0 to 100, like 99")
        if not len(self):
            raise ValueError(
                f"of {plural(self.requests, 'request')} none was served, so there is no response "
                "to rank"
            )
        rank = math.ceil(Fraction(str(within)) * len(self) / 100)  # 99.9 is 999/10, exactly
        return int(_shortest(self.arrival_ns, self.departure_ns, max(rank, 1) - 1)) / SECOND

    def in_system(self, t: ArrayLike) -> Any:
        """How many have come and not departed `t` seconds from 0: a number, or one for each time.

        Whoever arrives at that moment is counted, whoever departs is not. Raises ValueError for
        what is no time.
        """
        given = as_array("t", t)
        if given.dtype.kind not in "iuf" or np.isnan(given).any():
            raise ValueError(f"there is no time {t!r}; give seconds, like 1.5, or an array of them")
        asked = given.astype(np.float64)  # nanoseconds are too fine for a smaller float
        when = np.rint(np.clip(asked, -1.0, FOREVER / SECOND) * SECOND)
        came = np.searchsorted(self.arrival_ns, when, side="right")
        return came - np.searchsorted(self._departed_ns, when, side="right")

    @cached_property
    def _departed_ns(self) -> Times:
        return np.sort(self.departure_ns, kind="stable")  # nearly in order already

    def part(self, index: int) -> Load:
        """What one partition saw, as a load of its own; ValueError for a number that none has."""
        chosen = whole("number of the partition", index, least=0, most=self.partitions - 1)
        own, turned_away = self.partition == chosen, self.rejected_partition == chosen
        times = (self.arrival_ns[own], self.service_ns[own], self.departure_ns[own])
        away = self.rejected_ns[turned_away], self.rejected_partition[turned_away]
        return Load(*times, self.partition[own], *away, self.servers)

    def summary(self) -> str:
        """The load in a few lines of text."""
        pools = f"{self.partitions:,} partitions with " if self.partitions > 1 else ""
        lines = [
            f"{plural(self.requests, 'request')}, {pools}{plural(self.servers, 'server')}"
            f", {100 * self.utilisation:.1f} % busy"
        ]
        if self.rejected:
            lines.append(
                f"{self.rejected:,} rejected ({100 * self.rejected / self.requests:.2f} %)"
            )
        if len(self):
            rate = f"{self.throughput:,.6g} served per second, for {self.duration:,.6g} s"
            lines.append(rate if self.duration else "all served at one moment")
            lines.append(f"mean waiting   {_text(self.waiting.mean())}")
            lines.append(f"mean response  {_text(self.response.mean())}")
            ranks = ", ".join(f"p{q} {_text(self.percentile(q))}" for q in (50, 95, 99))
            lines.append(f"response       {ranks}, longest {_text(self.percentile(100))}")
        return "\n".join(lines)

    __repr__ = summary


def _shortest(begin: Times, end: Times, rank: int) -> np.int64:
    """The length of this rank, from 0, without sorting: a sample says between which two it lies.

    The lengths are worked out a chunk at a time, so that they never leave the cache.

    References
    ----------
    R. W. Floyd and R. L. Rivest, Expected time bounds for selection, Communications of the ACM 18
    (1975), 165–172.
    """
    sample = end[::101] - begin[::101]
    place, margin = rank * sample.size // end.size, math.isqrt(2 * sample.size) + 1
    edges = [max(place - margin, 0), min(place + margin, sample.size - 1)]
    low, high = np.partition(sample, edges)[edges]
    near, place = [], rank
    lengths = scratch(end.size).view(np.int64)
    for here in slices(end.size):
        chunk = np.subtract(end[here], begin[here], out=lengths[: here.stop - here.start])
        chosen = chunk >= low
        place -= chunk.size - int(np.count_nonzero(chosen))
        chosen &= chunk <= high
        near.append(chunk.compress(chosen))  # faster than chunk[chosen]
    candidates = np.concatenate(near)
    if not 0 <= place < candidates.size:  # the sample was not like the rest
        candidates, place = end - begin, rank
    found: np.int64 = np.partition(candidates, place)[place]
    return found


def _text(seconds: float) -> str:
    """Four digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:,.4g} {unit}"
    return f"{seconds * 1e9:,.4g} ns"
