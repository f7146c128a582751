"""When each request departs: first come, first served, exactly, a million at a time.

All times are whole nanoseconds from 0 in int64 arrays of one length, arrivals in order. `heap` says
what is computed, in one line of Python a request. The others give the same integers faster:

| function | for | idea |
|---|---|---|
| `one_server` | one server | sums and running maxima of whole arrays |
| `cyclic` | equal services | request i always gets the server of request i − c |
| `lockstep` | several servers | a thousand stretches of the day at once, then mended |
| `bounded` | a bounded waiting room | a loop; fast only where nobody is turned away |
| `partitioned` | many lines | one stable sort makes them one line |

Nothing overflows as long as the last arrival is below `FOREVER`, and so is the sum of the services.
"""

from __future__ import annotations

from heapq import heapreplace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .heap import Times
from .lockstep import lockstep

Chosen = Any  # some requests: a slice, or a mask

CHUNK = 32_768  # requests at a time: the numbers in hand fit the processor's second cache


def departures(arrival: Times, service: Times, servers: int) -> Times:
    """Departure of each request, by the fastest way that is exact."""
    if servers >= arrival.size:
        return arrival + service
    if servers == 1:
        return one_server(arrival, service)
    if service.min() == service.max():
        return cyclic(arrival, service, servers)
    return lockstep(arrival, service, servers)


def one_server(arrival: Times, service: Times) -> Times:
    """Departures from one server, D(i) = max(A(i), D(i−1)) + S(i), without a loop over requests.

    With P(i) = S(0) + … + S(i) the recursion unrolls to
    D(i) = P(i) + max over j ≤ i of (A(j) − P(j−1)): a sum and a running maximum. A chunk begins
    with the last departure of the one before.

    Notes
    -----
    `fmax` and `maximum` are the same for integers, but numpy 2.4 runs the first five times faster.

    References
    ----------
    D. V. Lindley, The theory of queues with a single server, Mathematical Proceedings of the
    Cambridge Philosophical Society 48 (1952), 277–289.
    """
    departure = np.empty(arrival.size, np.int64)
    worked = np.zeros(CHUNK + 1, np.int64)  # P, with P(−1) = 0 in front
    free = 0
    for begin in range(0, arrival.size, CHUNK):
        here = slice(begin, begin + CHUNK)
        slack = departure[here]
        until = worked[1 : slack.size + 1]
        np.cumsum(service[here], out=until)
        np.subtract(arrival[here], worked[: slack.size], out=slack)
        slack[0] = max(slack[0], free)
        np.fmax.accumulate(slack, out=slack)
        slack += until
        free = slack[-1]
    return departure


def cyclic(arrival: Times, service: Times, servers: int) -> Times:
    """Departures where all services are equal: servers then become free in the order of use.

    So request i gets the server of request i − c, and every c-th request is a line of its own.
    """
    departure = np.empty(arrival.size, np.int64)
    for number in range(servers):
        own = slice(number, None, servers)
        departure[own] = one_server(arrival[own], service[own])
    return departure


def serve(arrival: Times, service: Times, servers: int, room: int | None) -> tuple[Times, Chosen]:
    """Departures of those who are let in, and who is: everybody, if the waiting room has no end."""
    if room is None:
        return departures(arrival, service, servers), slice(None)
    return bounded(arrival, service, servers, room)


def partitioned(
    arrival: Times, service: Times, servers: int, room: int | None, where: NDArray[Any]
) -> tuple[Times, NDArray[np.bool_]]:
    """The same where each request goes to the line and the servers of its partition, `where`.

    Sorted by partition, each partition on a day of its own that is longer than its line can be,
    all of them are one line.
    """
    day = int(arrival[-1]) + int(service.sum()) + 1
    order = np.argsort(where, kind="stable")
    shift = where[order].astype(np.int64) * day
    departure, chosen = serve(arrival[order] + shift, service[order], servers, room)
    own = order[chosen]
    found, let_in = np.empty(arrival.size, np.int64), np.zeros(arrival.size, np.bool_)
    found[own], let_in[own] = departure - shift[chosen], True
    return found[let_in], let_in


def bounded(
    arrival: Times, service: Times, servers: int, room: int
) -> tuple[Times, NDArray[np.bool_]]:
    """Departures of those who are let in, and who is: all but those who find `room` waiting.

    Who begins or departs at the moment of an arrival has made room for it.

    Notes
    -----
    Requests begin in the order of arrival, so `room` others wait if the one that many places ahead
    has yet to begin. If that never happens without a bound, the bound changes nothing. Otherwise
    who is let in depends on who was before: a loop, at about the cost of the heap.
    """
    departure = departures(arrival, service, servers)
    begin = departure - service
    let_in = np.ones(arrival.size, np.bool_)
    if not (begin[: max(0, begin.size - room)] > arrival[room:]).any():
        return departure, let_in
    begins: list[int] = []
    free = [0] * servers
    pairs = zip(arrival.tolist(), service.tolist(), strict=True)
    for number, (time, length) in enumerate(pairs):
        begins.append(time if time > free[0] else free[0])
        if len(begins) > room and begins[-1 - room] > time:
            begins.pop()
            let_in[number] = False
        else:
            heapreplace(free, begins[-1] + length)
    return np.array(begins, np.int64) + service[let_in], let_in
