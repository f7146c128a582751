"""Many days at once, one a seed: what a confidence interval is made of.

days = simulate_many(seeds=range(1_000), rate=1.6, mean_service=1, servers=2, requests=1_000)
days.response.mean(axis=1).std()
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..checked import plural, whole
from . import heap
from .demand import MOST, Bursts, Service, demand, window
from .departures import departures
from .loads import Loads
from .outage import Pause, leave_out, put_back
from .rows import Rows, idle, price
from .simulation import SERVERS
from .times import Times

TOGETHER = 1_000  # days side by side: fewer pay more for each call of numpy, more leave the cache


def simulate_many(
    *,
    seeds: Sequence[int],
    rate: float | None = None,
    mean_service: float | None = None,
    servers: int = 1,
    requests: int | None = None,
    arrivals: ArrayLike | None = None,
    services: ArrayLike | None = None,
    service: Service = "exponential",
    spread: float | None = None,
    bursts: Bursts = (),
    outage: tuple[float, float] | None = None,
) -> Loads:
    """The loads that `simulate` gives for each of these seeds, to the nanosecond.

    Parameters
    ----------
    seeds : sequence of int
        One a day, like range(1_000).
    rate, mean_service, servers, …
        As in `simulate`, the same for all days. A waiting room and partitions are not among them:
        days would then differ in length. Run `simulate` with one seed after the other for those.

    Raises
    ------
    ValueError, TypeError
        As `simulate` does, and if all requests together are more than 100,000,000.

    Notes
    -----
    All days take a step together, as in `rows`, at the same price whatever the load. Memory: 24
    bytes a request, and 8 more for each time in seconds that is asked for.
    """
    days = _how_many(seeds)
    count = whole("number of servers", servers, most=SERVERS)
    pause = None if outage is None else window("outage", outage)
    asked = demand(
        rate=rate, mean_service=mean_service, requests=requests, arrivals=arrivals,
        services=services, service=service, spread=spread, partitions=1, keys=None, bursts=bursts,
    )  # fmt: skip
    if days * asked.count > MOST:
        raise ValueError(
            f"{plural(days, 'seed')} of {plural(asked.count, 'request')} each do not fit the "
            f"memory of every computer; give {MOST:,} requests at most, all in all"
        )
    numbers = [whole("seed", seed, least=0) for seed in seeds]
    arrival, length, departure = np.empty((3, days, asked.count), np.int64)
    for begin in range(0, days, TOGETHER):
        own = slice(begin, begin + TOGETHER)
        asked.fill(numbers[own], arrival[own], length[own])
        _serve(arrival[own], length[own], departure[own], count, pause)
    return Loads(arrival, length, departure, tuple(numbers), count)


def _how_many(seeds: Sequence[int]) -> int:
    row = seeds.ndim == 1 if isinstance(seeds, np.ndarray) else isinstance(seeds, Sequence)
    if not row or isinstance(seeds, str | bytes):
        raise TypeError(f"seeds is {seeds!r}; give one a day, like range(1_000)")
    if not len(seeds):
        raise ValueError("seeds is empty; give one a day, like range(1_000)")
    return len(seeds)


def _serve(
    arrival: Times, service: Times, departure: Times, servers: int, pause: Pause | None
) -> None:
    """Fill in the departures; after a pause, services as long as they were on the wall clock."""
    working = arrival if pause is None else leave_out(pause, arrival)
    lines, requests = arrival.shape
    if 1 < servers < requests and price(lines, servers) < heap.price(servers):
        Rows(lines, servers).march(working, service, departure, idle(servers, lines))
    else:
        for day in zip(working, service, departure, strict=True):
            departures(day[0], day[1], servers, day[2])
    if pause is not None:
        start, departure[:] = put_back(pause, departure - service, departure)
        service[:] = departure - start
