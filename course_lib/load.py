"""Millions of requests at once: arrivals and services as arrays, and when each departs.

day = simulate(rate=95, mean_service=0.010, servers=1, requests=1_000_000, seed=1)
day.response, day.percentile(99), day.utilisation
simulate(arrivals=a, services=s, servers=8)         # any arrays of seconds

Times are whole nanoseconds inside, so results are exact, and seconds (float) for people. A float of
seconds becomes nanoseconds by one product and rounding to the nearest, half to even.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .demand import SECOND, Bursts, Partitions, Seconds, Service, fits, prepare, whole, window
from .lockstep import CHUNK, Times, partitioned, serve


def _in_seconds(name: str, meaning: str) -> cached_property[Seconds]:
    """The attribute `name`_ns of a load, in seconds, read-only, computed when first asked for."""

    def seconds(load: Load) -> Seconds:
        found: Seconds = getattr(load, f"{name}_ns") / SECOND
        found.flags.writeable = False
        return found

    seconds.__doc__ = meaning
    return cached_property(seconds)


@dataclass(frozen=True, eq=False, repr=False)
class Load:
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
        for array in (self.arrival_ns, self.service_ns, self.departure_ns, self.rejected_ns):
            array.flags.writeable = False

    def __len__(self) -> int:
        return self.arrival_ns.size

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
        busy = float(self.service.sum())
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
        if not 0 <= q <= 100:  # NaN is neither
            raise ValueError(f"there is no percentile {q!r}; give per cent from 0 to 100, like 99")
        if not len(self):
            raise ValueError(
                f"of {self.requests} requests none was served, so there is no response to rank"
            )
        rank = math.ceil(Fraction(str(float(q))) * len(self) / 100)  # 99.9 is 999/10, exactly
        return int(_shortest(self.arrival_ns, self.departure_ns, max(rank, 1) - 1)) / SECOND

    def in_system(self, t: ArrayLike) -> Any:
        """How many have come and not departed `t` seconds from 0: a number, or one for each time.

        Whoever arrives at that moment is counted, whoever departs is not.
        """
        when = np.rint(np.asarray(t, np.float64) * SECOND)
        came = np.searchsorted(self.arrival_ns, when, side="right")
        return came - np.searchsorted(self._departed_ns, when, side="right")

    @cached_property
    def _departed_ns(self) -> Times:
        return np.sort(self.departure_ns, kind="stable")  # nearly in order already

    def part(self, number: int) -> Load:
        """What one partition saw, as a load of its own."""
        if not 0 <= number < self.partitions:
            raise ValueError(
                f"there is no partition {number}; they are numbered from 0 to {self.partitions - 1}"
            )
        own, turned_away = self.partition == number, self.rejected_partition == number
        times = (self.arrival_ns[own], self.service_ns[own], self.departure_ns[own])
        away = self.rejected_ns[turned_away], self.rejected_partition[turned_away]
        return Load(*times, self.partition[own], *away, self.servers)

    def summary(self) -> str:
        """The load in a few lines of text."""
        pools = f"{self.partitions} partitions with " * (self.partitions > 1)
        lines = [
            f"{self.requests:,} requests, {pools}{self.servers:,} server{'s'[: self.servers > 1]}"
            f", {100 * self.utilisation:.1f} % busy"
        ]
        if self.rejected:
            lines.append(
                f"{self.rejected:,} rejected ({100 * self.rejected / self.requests:.2f} %)"
            )
        if len(self):
            lines.append(f"{self.throughput:,.6g} served per second, for {self.duration:,.6g} s")
            lines.append(f"mean waiting   {_text(self.waiting.mean())}")
            lines.append(f"mean response  {_text(self.response.mean())}")
            ranks = ", ".join(f"p{q} {_text(self.percentile(q))}" for q in (50, 95, 99))
            lines.append(f"response       {ranks}, longest {_text(self.percentile(100))}")
        return "\n".join(lines)

    __repr__ = summary


def simulate(
    *,
    rate: float | None = None,
    mean_service: float | None = None,
    servers: int = 1,
    requests: int | None = None,
    seed: int = 1,
    arrivals: ArrayLike | None = None,
    services: ArrayLike | None = None,
    service: Service = "exponential",
    spread: float | None = None,
    waiting_room: int | None = None,
    partitions: int = 1,
    keys: ArrayLike | None = None,
    bursts: Bursts = (),
    outage: tuple[float, float] | None = None,
) -> Load:
    """Requests come, wait in line, are served first come first served, and depart.

    Say when they come by a `rate` (random gaps) or by `arrivals`, and how long each takes by
    a `mean_service` or by `services`.

    Parameters
    ----------
    rate : float
        Arrivals per second (λ), above 0; gaps are exponential.
    mean_service : float
        Mean seconds of one service (S).
    servers : int
        How many serve (c), for each partition.
    requests : int
        How many come; if no array says so, 100,000.
    seed : int
        Arrivals, services and keys are drawn from three streams of their own (PCG64, spawned in
        this order from SeedSequence(seed)): changing one of them leaves the others as they were.
    arrivals, services : array of float, one entry a request
        Seconds from 0, in order; and seconds.
    service : "exponential", "constant" or "lognormal"
        How the services differ, if `mean_service` is given.
    spread : float
        Standard deviation of lognormal services, as a multiple of their mean: 1 if not given.
    waiting_room : int
        How many may wait, not counting those in service; who finds it full is rejected.
        Whoever starts or departs at the moment of an arrival has made room. None: no bound.
    partitions : int
        How many lines with servers of their own the requests are spread over.
    keys : array of float, one entry a key
        Share of the requests of each key, in any unit; key k always goes to partition
        k mod `partitions`, so a hot key makes a hot partition. None: all partitions alike.
    bursts : sequence of (start, end, rate)
        Seconds, one after the other, in which the rate is another; 0 is allowed.
    outage : (start, end)
        Seconds in which all servers stand still. Who is being served then goes on afterwards; who
        comes then and finds a server free waits at it, and takes no place in the waiting room.

    Raises
    ------
    ValueError, TypeError
        If a value makes no sense: a sentence with the value and the way out.

    Notes
    -----
    The same numbers on every machine: integers, and float operations that IEEE 754 fixes. What is
    left to the machine's C library are the rare tails of the random gaps (0.05 % of them), where
    the last bit of a float would have to be next to a half nanosecond.

    References
    ----------
    Lindley 1952, Kiefer and Wolfowitz 1955: see `lockstep`.
    L. Kleinrock, Queueing Systems, volume 1: Theory, Wiley 1975.
    """
    servers, partitions = whole("number of servers", servers), whole("partitions", partitions)
    arrival, length, where = prepare(
        rate=rate, mean_service=mean_service, requests=requests, seed=seed, arrivals=arrivals,
        services=services, service=service, spread=spread, partitions=partitions, keys=keys,
        bursts=bursts,
    )  # fmt: skip
    room = None if waiting_room is None else whole("waiting room", waiting_room, least=0)
    pause = None if outage is None else window("outage", outage)
    working = arrival if pause is None else _leave_out(pause, arrival)
    if partitions == 1:
        departure, let_in = serve(working, length, servers, room)
    else:
        fits(partitions * (int(arrival[-1]) + float(length.sum(dtype=np.float64)) + 1))
        departure, let_in = partitioned(working, length, servers, room, where)
    away = slice(0, 0) if isinstance(let_in, slice) else ~let_in
    length = length[let_in]
    if pause is not None:
        fits(int(departure.max()) + pause[1] - pause[0])
        start, departure = _put_back(pause, departure - length, departure)
        length = departure - start
    served = arrival[let_in], length, departure, where[let_in]
    return Load(*served, arrival[away], where[away], servers, partitions)


def _leave_out(pause: tuple[int, int], arrival: Times) -> Times:
    """Times by a clock that stands still in the pause, as the servers do."""
    begin, end = pause
    return np.where(arrival < begin, arrival, np.maximum(arrival - (end - begin), begin))


def _put_back(pause: tuple[int, int], start: Times, departure: Times) -> tuple[Times, Times]:
    """The same moments by the clock on the wall.

    When the pause begins, a service may still end, and none begins.
    """
    begin, end = pause
    start = start + (end - begin) * (start >= begin)
    departure = departure + (end - begin) * (departure > begin)
    return start, np.maximum(start, departure)


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
    lengths = np.empty(min(CHUNK, end.size), np.int64)
    for at in range(0, end.size, CHUNK):
        here = slice(at, min(at + CHUNK, end.size))
        chunk = np.subtract(end[here], begin[here], out=lengths[: here.stop - at])
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
