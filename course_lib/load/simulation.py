"""Millions of requests at once: arrivals and services as arrays, and when each departs.

day = simulate(rate=95, mean_service=0.010, servers=1, requests=1_000_000, seed=1)
day.response, day.percentile(99), day.utilisation
simulate(arrivals=a, services=s, servers=8)         # any arrays of seconds

Times are whole nanoseconds inside, so results are exact, and seconds (float) for people. A float of
seconds becomes nanoseconds by one product and rounding to the nearest, half to even.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checked import whole
from .demand import Bursts, Service, demand, window
from .lines import Rules, serve
from .result import Load

SERVERS = 10**15


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
    count = whole("number of servers", servers, most=SERVERS)
    room = None if waiting_room is None else whole("waiting room", waiting_room, least=0)
    pause = None if outage is None else window("outage", outage)
    chance = whole("seed", seed, least=0)
    asked = demand(
        rate=rate, mean_service=mean_service, requests=requests, arrivals=arrivals,
        services=services, service=service, spread=spread, partitions=partitions, keys=keys,
        bursts=bursts,
    )  # fmt: skip
    rules = Rules(count, asked.partitions, room, pause)
    # One piece, which the C library keeps for the next run: fresh memory costs as much as the work.
    arrival, length, departure = np.empty((3, 1, asked.count), np.int64)
    asked.fill([chance], arrival, length)
    return serve(arrival[0], length[0], departure[0], asked.where(chance), rules)
