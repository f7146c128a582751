"""A waiting room that is not for everybody: who is let in, and when each of those is served."""

from __future__ import annotations

from heapq import heapreplace

import numpy as np
from numpy.typing import NDArray

from .outage import Pause
from .times import FOREVER, Partitions, Times

Mask = NDArray[np.bool_]


def full(arrival: Times, start: Times, line: Partitions, room: int) -> Mask:
    """Who comes while `room` others wait in its line, if nobody is turned away; sorted by line.

    Requests start in the order of arrival, so `room` others wait if the one that many places ahead
    has yet to start. Without such a moment the bound changes nothing. Whoever waits at a
    server for the end of a pause counts here as well: better too many than too few.
    """
    found = np.zeros(arrival.size, np.bool_)
    ahead = slice(max(0, arrival.size - room))
    found[room:] = (start[ahead] > arrival[room:]) & (line[ahead] == line[room:])
    return found


def bounded(
    arrival: Times, service: Times, servers: int, room: int, pause: Pause | None = None
) -> tuple[Times, Times, Mask]:
    """Starts and departures of those who are let in, and who is: who does not find `room` waiting.

    Who gets to a server or departs at the moment of an arrival has made room for it. In the pause
    no service starts; who gets to a server waits there, and holds it, however short the service.

    Notes
    -----
    Who is let in depends on who was before: a loop, at about the cost of the heap.
    """
    begin, end = pause or (FOREVER, FOREVER)
    free = [0] * min(servers, arrival.size)
    seats: list[int] = []  # when each gets to a server
    starts: list[int] = []
    departures: list[int] = []
    let_in = np.ones(arrival.size, np.bool_)
    pairs = zip(arrival.tolist(), service.tolist(), strict=True)
    for number, (time, length) in enumerate(pairs):
        seat = time if time > free[0] else free[0]
        seats.append(seat)
        if len(seats) > room and seats[-1 - room] > time:
            seats.pop()
            let_in[number] = False
            continue
        start = end if begin <= seat < end else seat
        departure = start + length + (end - begin if start < begin < start + length else 0)
        heapreplace(free, departure)
        starts.append(start)
        departures.append(departure)
    return np.array(starts, np.int64), np.array(departures, np.int64), let_in
