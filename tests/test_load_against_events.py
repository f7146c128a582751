"""A thousand random days, extremes among them, against a simulator of events written only for this.

It shares no idea with `course_lib.load`: a heap of events in the order in which they happen, and at
each of them somebody sits down at a server, starts, is stopped by an outage, goes on or departs.
"""

from __future__ import annotations

import heapq
import os
from collections import deque
from typing import Any

import numpy as np
import pytest

from course_lib.load import Load, simulate

SECOND = 1_000_000_000
DAYS = 1_000 if os.environ.get("CI") else 60
AT_ONCE = 20  # days in a test

DEPARTS, STOPS, GOES_ON, ARRIVES = range(4)  # what comes first, of what happens at one moment


class Line:
    """One waiting line and its servers, from event to event; all times in nanoseconds."""

    def __init__(self, servers: int, room: float, outage: tuple[int, int] | None) -> None:
        self.free, self.room, self.stopped = servers, room, False
        self.outage = outage
        self.waiting: deque[int] = deque()
        self.seated: list[int] = []  # at a server that stands still, not yet started
        self.events: list[tuple[int, int, int]] = []
        self.start: dict[int, int] = {}
        self.departure: dict[int, int] = {}
        self.rejected: list[int] = []

    def run(self, requests: list[tuple[int, int, int]]) -> None:
        """Serve requests of (number, arrival, length)."""
        self.length = {number: length for number, _, length in requests}
        for number, arrival, _ in requests:
            heapq.heappush(self.events, (arrival, ARRIVES, number))
        if self.outage:
            heapq.heappush(self.events, (self.outage[0], STOPS, 0))
            heapq.heappush(self.events, (self.outage[1], GOES_ON, 0))
        while self.events:
            self.now, what, number = heapq.heappop(self.events)
            (self.departs, self.stops, self.goes_on, self.arrives)[what](number)

    def arrives(self, number: int) -> None:
        if self.free:
            self.sits_down(number)
        elif len(self.waiting) < self.room:
            self.waiting.append(number)
        else:
            self.rejected.append(number)

    def sits_down(self, number: int) -> None:
        self.free -= 1
        if self.stopped or (self.outage and self.now == self.outage[0]):
            self.seated.append(number)
        else:
            self.starts(number)

    def starts(self, number: int) -> None:
        self.start[number] = self.now
        heapq.heappush(self.events, (self.now + self.length[number], DEPARTS, number))

    def departs(self, number: int) -> None:
        self.departure[number] = self.now
        self.free += 1
        if self.waiting:
            self.sits_down(self.waiting.popleft())

    def stops(self, _: int) -> None:
        """Whoever is being served departs later by as long as the outage lasts."""
        assert self.outage
        self.stopped, late = True, self.outage[1] - self.outage[0]
        self.events = [
            (when + late * (what == DEPARTS), what, number) for when, what, number in self.events
        ]
        heapq.heapify(self.events)

    def goes_on(self, _: int) -> None:
        self.stopped, seated, self.seated = False, self.seated, []
        for number in seated:
            self.starts(number)


def what_happens(
    arrivals: list[int], services: list[int], where: list[int], words: dict[str, Any]
) -> tuple[list[tuple[int, int, int, int]], list[tuple[int, int]]]:
    """Arrival, start, departure, partition of the served; arrival, partition of the others."""
    outage = words.get("outage")
    pause = (round(outage[0] * SECOND), round(outage[1] * SECOND)) if outage else None
    room = words.get("waiting_room")
    lines = [
        Line(words["servers"], np.inf if room is None else room, pause)
        for _ in range(words["partitions"])
    ]
    for number, line in enumerate(lines):
        own = [each for each, place in enumerate(where) if place == number]
        line.run([(each, arrivals[each], services[each]) for each in own])
    served = []
    away = []
    for each, place in enumerate(where):
        line = lines[place]
        if each in line.start:
            served.append((arrivals[each], line.start[each], line.departure[each], place))
        else:
            away.append((arrivals[each], place))
    return served, away


def a_day(rng: np.random.Generator) -> dict[str, Any]:
    """The words of `simulate` for a day, often at the edge."""
    words: dict[str, Any] = {
        "servers": int(rng.choice([1, 1, 2, 3, 8, 40])),
        "partitions": int(rng.choice([1, 1, 1, 2, 7, 300])),
        "seed": int(rng.integers(1_000)),
    }
    words |= (given_times if rng.random() < 0.7 else times_by_chance)(rng, words["servers"])
    if rng.random() < 0.5:
        words["keys"] = 1.0 / np.arange(1, 1 + rng.integers(1, 500)) ** rng.choice([0, 1, 4])
    if rng.random() < 0.5:
        words["waiting_room"] = int(rng.choice([0, 0, 1, 3, 40]))
    if rng.random() < 0.5:
        words["outage"] = an_outage(rng, unbounded(words))
    return words


def given_times(rng: np.random.Generator, servers: int) -> dict[str, Any]:
    """Arrays with crowds at one moment, pauses, services of no time and of equal time."""
    size = int(rng.choice([1, 2, 30, 300, 1_500]))
    unit = int(rng.choice([1, 3, 1_000, 10**9]))  # ns; the smaller, the more ties
    gap = rng.integers(0, 2 * unit + 1, size) * (rng.random(size) < rng.choice([0.02, 0.5, 1]))
    gap[rng.random(size) < rng.choice([0, 0.02])] += 50 * unit
    load = rng.choice([0, 0.3, 0.9, 1.0, 1.5, 10])
    length = np.rint(rng.exponential(gap.mean() * servers * load, size)).astype(np.int64)
    length = rng.choice([length, np.full(size, length[0]), length // unit * unit])
    length[rng.random(size) < rng.choice([0, 0, 0.3, 1])] = 0
    return {"arrivals": np.cumsum(gap) / SECOND, "services": length / SECOND}


def times_by_chance(rng: np.random.Generator, servers: int) -> dict[str, Any]:
    """A rate with bursts, ten times as many or nobody, and services of each kind."""
    edges = np.sort(rng.uniform(0, 5, 6)).tolist()
    pairs = zip(edges[::2], edges[1::2], strict=True)
    bursts = [(begin, end, float(rng.choice([0, 5, 1_000]))) for begin, end in pairs]
    return {
        "rate": 100.0,
        "mean_service": float(rng.choice([0, 0.3, 0.9, 1.5])) * servers / 100,
        "service": str(rng.choice(["exponential", "constant", "lognormal"])),
        "bursts": bursts[: rng.integers(4)],
        "requests": int(rng.choice([1, 40, 1_000])),
    }


def unbounded(words: dict[str, Any]) -> Load:
    """The same requests where nobody waits, which shows what comes, how long, and where to."""
    return simulate(**{**words, "servers": 10**6, "waiting_room": None, "outage": None})


def an_outage(rng: np.random.Generator, load: Load) -> tuple[float, float]:
    """From one moment at which something happens to another."""
    last = int(load.arrival_ns[-1])
    moments = np.concatenate([load.arrival_ns, load.departure_ns, [0, last // 2, last + 7]])
    begin, end = sorted(rng.choice(moments, 2).tolist())
    return begin / SECOND, (end + int(begin == end)) / SECOND


def as_tuples(load: Load) -> tuple[list[tuple[int, int, int, int]], list[tuple[int, int]]]:
    """The same as `what_happens`, from a load."""
    served = (load.arrival_ns, load.start_ns, load.departure_ns, load.partition)
    away = (load.rejected_ns, load.rejected_partition)
    return (
        list(zip(*(array.tolist() for array in served), strict=True)),
        list(zip(*(array.tolist() for array in away), strict=True)),
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, DAYS, AT_ONCE))
def test_no_day_differs_by_a_nanosecond(first: int) -> None:
    """Zero services, ties, full rooms, outages, hot partitions, bursts and overload."""
    for number in range(first, first + AT_ONCE):
        words = a_day(np.random.default_rng(number))
        come = unbounded(words)
        day = (come.arrival_ns, come.service_ns, come.partition)
        expected = what_happens(*(array.tolist() for array in day), words)
        assert as_tuples(simulate(**words)) == expected, f"day {number}: {words}"
