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
from math import isqrt
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Chosen = Any  # some requests or lanes: a slice, an array of their numbers, or a mask

FOREVER = 2**62  # ns, 146 years
CHUNK = 32_768  # requests at a time: the numbers in hand fit the processor's second cache
BLOCK = 2_048  # requests at a time in the heap: few enough for the cache as Python integers
LANES = 1_000  # stretches side by side: fewer pay more for each call of numpy, more leave the cache
STEPS = 264, 1_032  # requests in a lane, at least and at most, if the servers are few
PATIENCE = 32  # requests in a lane for each server, at least: so long until it forgets its begin
ENOUGH = 64  # with fewer lanes the heap is as fast
FEW = 12  # so few lanes are mended faster one by one
MANY = 200  # with more servers the heap is as fast


def departures(arrival: Times, service: Times, servers: int) -> Times:
    """Departure of each request, by the fastest way that is exact."""
    if servers >= arrival.size:
        return arrival + service
    if servers == 1:
        return one_server(arrival, service)
    if service.min() == service.max():
        return cyclic(arrival, service, servers)
    if servers > MANY:
        return _heap_in_blocks(arrival, service, [0] * servers)
    return lockstep(arrival, service, servers)


def heap(arrival: Times, service: Times, servers: int) -> Times:
    """What all the others must equal: each request takes the server that is free first."""
    return _heap(arrival, service, [0] * servers)


def _heap(arrival: Times, service: Times, free: list[int]) -> Times:
    """The same, from servers that are free at the times of the heap `free`, which it moves on."""
    pairs = zip(arrival.tolist(), service.tolist(), strict=True)
    taken = [
        heapreplace(free, (time if time > free[0] else free[0]) + length) for time, length in pairs
    ]
    return np.maximum(arrival, np.array(taken, np.int64)) + service


def _heap_in_blocks(arrival: Times, service: Times, free: list[int]) -> Times:
    """The same, a block at a time, and faster where nobody finds a free server.

    That is certain if the first server is free only after the last arrival of the block: then it
    does not matter when they arrived.
    """
    departure = np.empty(arrival.size, np.int64)
    for begin in range(0, arrival.size, BLOCK):
        here = slice(begin, begin + BLOCK)
        if free[0] >= arrival[here][-1]:
            taken = [heapreplace(free, free[0] + length) for length in service[here].tolist()]
            np.add(taken, service[here], out=departure[here])
        else:
            departure[here] = _heap(arrival[here], service[here], free)
    return departure


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


def lockstep(arrival: Times, service: Times, servers: int) -> Times:
    """Departures from several servers, many stretches of the day side by side.

    The day is cut into lanes, and all lanes take a step together: one request each, the same few
    numpy calls for all of them. A lane cannot know how the one before it ends, so it begins with
    idle servers, and is mended afterwards: served again from the right beginning, until its
    servers stand as they did the first time. From there on nothing changes. Where the line hardly
    ever empties, lanes do not forget how they began, and the heap does the rest.

    Notes
    -----
    The state of c servers is when each is free, in order (Kiefer and Wolfowitz), and times before
    the last arrival count as that: they are over. Two runs of a lane whose states once agree stay
    together for ever, which makes the mended lanes exact and not nearly so.

    References
    ----------
    J. Kiefer and J. Wolfowitz, On the theory of queues with many servers, Transactions of the
    American Mathematical Society 78 (1955), 1–18.
    """
    count, steps = _cut(arrival.size, servers)
    if count < ENOUGH:
        return _heap_in_blocks(arrival, service, [0] * servers)
    lanes = _Lanes(count, steps, servers)
    departure = np.empty(arrival.size, np.int64)
    free = [0] * servers
    for begin in range(0, arrival.size, count * steps):
        here = slice(begin, begin + count * steps)
        if arrival[here].size < count * steps or _swamped(arrival[here], service[here], servers):
            departure[here] = _heap_in_blocks(arrival[here], service[here], free)
        else:
            free = lanes.serve(arrival[here], service[here], departure[here], free)
    return departure


def _cut(size: int, servers: int) -> tuple[int, int]:
    """How many lanes side by side, and how many requests in each.

    An odd number of cache lines, so that the lanes do not fight for the same places in the cache.
    """
    least, most = STEPS
    steps = max(least, min(most, isqrt(size)), PATIENCE * servers)
    steps = steps // 16 * 16 + 8
    rounds = -(-size // (LANES * steps))
    return size // max(1, rounds * steps), steps


def _swamped(arrival: Times, service: Times, servers: int) -> bool:
    """Whether there is more work than the servers can do between first and last arrival."""
    return bool(service.sum() >= servers * (int(arrival[-1]) - int(arrival[0])))


class _Lanes:
    """A stretch of the day cut into lanes: in each array row k is lane k, column j its step j."""

    def __init__(self, count: int, steps: int, servers: int) -> None:
        tile = max(8, servers)  # steps from one mark to the next
        self.count = count
        self.tiles = [slice(at, min(at + tile, steps)) for at in range(0, steps, tile)]
        self.marks = np.empty((len(self.tiles), servers, count), np.int64)
        """The state of each lane after each tile, as it was when the lane was last served."""
        self.ends = self.marks[-1]
        # To work in: asking for fresh memory in every step would take longer than the work.
        self._rows = np.empty((tile, count), np.int64)
        self._lengths = np.empty((tile, count), np.int64)
        self._between = np.empty((servers, count), np.int64)

    def serve(self, arrival: Times, service: Times, departure: Times, free: list[int]) -> list[int]:
        """Fill in all departures, from servers that are free at these times; when are they then?"""
        shape = self.count, -1
        self.arrival, self.service = arrival.reshape(shape), service.reshape(shape)
        self.departure = departure.reshape(shape)
        state = _idle(len(free), self.count)
        state[:-1, 0] = sorted(free)
        everywhere = slice(None)
        for tile, mark in zip(self.tiles, self.marks, strict=True):
            self._march(everywhere, tile, state)
            mark[:] = state[:-1]
        wrong, before = np.arange(1, self.count), FOREVER
        while FEW < wrong.size < 0.9 * before:
            before, wrong = wrong.size, self._mend(wrong)
        self._mend_in_order(set(wrong.tolist()))
        return cast(list[int], self.ends[:, -1].tolist())

    def _march(self, lanes: Chosen, tile: slice, state: Times) -> None:
        """Serve the requests of a tile in these lanes, and move their state on.

        A departure takes its place in the order of the state, whose first entry goes: so each
        entry becomes the departure, but at least itself and at most the next one.
        """
        arrival, service = self.arrival[lanes, tile], self.service[lanes, tile]
        count, steps = arrival.shape
        rows, lengths = self._rows[:steps, :count], self._lengths[:steps, :count]
        rows[:], lengths[:] = arrival.T, service.T
        first, these, following = state[0], state[:-1], state[1:]
        between = self._between[:, :count]
        for row, length in zip(rows, lengths, strict=True):
            np.maximum(row, first, out=row)
            np.add(row, length, out=row)
            np.minimum(following, row, out=between)
            np.maximum(these, between, out=these)
        np.maximum(these, arrival[:, -1], out=these)
        self.departure[lanes, tile] = rows.T

    def _mend(self, wrong: Chosen) -> Chosen:
        """Serve these lanes from the ends of those before; give those that now begin wrongly."""
        state = _idle(len(self.ends), wrong.size)
        state[:-1] = self.ends[:, wrong - 1]
        for tile, mark in zip(self.tiles, self.marks, strict=True):
            self._march(wrong, tile, state)
            differs = (state[:-1] != mark[:, wrong]).any(axis=0)
            mark[:, wrong] = state[:-1]
            wrong, state = wrong[differs], state[:, differs]
            if not wrong.size:
                break
        return wrong[wrong < self.count - 1] + 1

    def _mend_in_order(self, wrong: set[int]) -> None:
        """Serve these lanes by the heap, and each after them that then begins wrongly."""
        for lane in range(self.count):
            if lane in wrong:
                free = self.ends[:, lane - 1].tolist()
                self.departure[lane] = _heap(self.arrival[lane], self.service[lane], free)
                end = np.maximum(sorted(free), self.arrival[lane, -1])
                if (end != self.ends[:, lane]).any():
                    self.ends[:, lane] = end
                    wrong.add(lane + 1)


def _idle(servers: int, lanes: int) -> Times:
    """Idle servers: row i says when the server is free that is next after i others.

    One row more says never, so that a step needs no special case.
    """
    state = np.zeros((servers + 1, lanes), np.int64)
    state[-1] = np.iinfo(np.int64).max
    return state
