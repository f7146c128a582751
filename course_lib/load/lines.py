"""Waiting lines side by side, with a room that may be bounded and servers that may stand still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .departures import departures
from .outage import Pause, leave_out, put_back
from .result import Load
from .room import bounded, full
from .times import Partitions, Times, fits

Chosen = Any  # some requests: a slice, or a mask
EVERYBODY = slice(None)


@dataclass(frozen=True)
class Rules:
    """How requests are served."""

    servers: int
    """For each partition."""
    partitions: int
    room: int | None
    """How many may wait at each partition."""
    pause: Pause | None
    """When all servers stand still."""

    @property
    def simple(self) -> bool:
        """Whether there is one line, and it has no end and no pause."""
        return self.partitions == 1 and self.room is None and self.pause is None


def serve(
    arrival: Times, service: Times, departure: Times, where: Partitions, rules: Rules
) -> Load:
    """What becomes of requests of which each goes to the line of its partition, `where`.

    `departure` is memory to write to, if all of them are on one line and served.
    """
    if rules.simple:
        departures(arrival, service, rules.servers, departure)
        return _load(arrival, where, rules, service, departure, EVERYBODY)
    if rules.partitions == 1:
        return _load(arrival, where, rules, *_serve(arrival, service, where, rules))
    order = np.argsort(where, kind="stable")
    found = _serve(arrival[order], service[order], where[order], rules)
    back = np.empty_like(order)
    back[order] = np.arange(order.size, dtype=np.int64)
    length, departure, let_in = found
    if let_in is not EVERYBODY:
        let_in = let_in[back]
    return _load(arrival, where, rules, length[back], departure[back], let_in)


def _load(
    arrival: Times, where: Partitions, rules: Rules, length: Times, departure: Times, let_in: Chosen
) -> Load:
    away = slice(0, 0) if let_in is EVERYBODY else ~let_in
    served = arrival[let_in], length[let_in], departure[let_in], where[let_in]
    return Load(*served, arrival[away], where[away], rules.servers, rules.partitions)


def _serve(
    arrival: Times, service: Times, line: Partitions, rules: Rules
) -> tuple[Times, Times, Chosen]:
    """Length of each service and departure, and who is let in; sorted by line."""
    pause, room = rules.pause, rules.room
    working = arrival if pause is None else leave_out(pause, arrival)
    departure = _without_bounds(working, service, line, rules)
    if pause is None and room is None:
        return service, departure, EVERYBODY
    start = departure - service
    if pause is not None:
        start, departure = put_back(pause, start, departure)
    if room is None:
        return departure - start, departure, EVERYBODY
    crowded = np.unique(line[full(arrival, start, line, room)]).tolist()
    let_in = np.ones(arrival.size, np.bool_)
    ends = np.cumsum(np.bincount(line)).tolist()
    for number in crowded:
        own = slice(ends[number - 1] if number else 0, ends[number])
        begin, end, into = bounded(arrival[own], service[own], rules.servers, room, pause)
        start[own][into], departure[own][into], let_in[own] = begin, end, into
    return departure - start, departure, let_in if crowded else EVERYBODY


def _without_bounds(arrival: Times, service: Times, line: Partitions, rules: Rules) -> Times:
    """Departures if nobody is turned away, all lines as one.

    Sorted by line, each line on a day of its own that is longer than it can be, they are one.
    """
    if rules.partitions == 1:
        return departures(arrival, service, rules.servers)
    day = int(arrival.max()) + int(service.sum()) + 1
    fits(rules.partitions * float(day))
    shift = line.astype(np.int64) * day
    return departures(arrival + shift, service, rules.servers) - shift
