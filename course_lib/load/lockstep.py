"""A long line with several servers: a thousand stretches of the day side by side, then mended."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isqrt, sqrt
from typing import Any

import numpy as np

from . import heap
from .rows import Rows, idle, price
from .times import FOREVER, Times

Chosen = Any  # the numbers of some lanes, in order

LANES = 1_000  # stretches side by side: fewer pay more for each call of numpy, more leave the cache
STEPS = 264, 4_104  # requests in a lane, at least and at most, if servers are few and forget soon
PATIENCE = 32  # requests in a lane for each server, at least: so long until it forgets its begin
FEW = 12  # so few lanes are mended faster one by one


def lockstep(arrival: Times, service: Times, servers: int, out: Times | None = None) -> Times:
    """Departures from several servers, many stretches of the day side by side.

    The day is cut into lanes, and all lanes take a step together. A lane cannot know how the one
    before it ends, so it begins with idle servers, and is mended afterwards: served again from the
    right beginning, until its servers stand as they did the first time. From there on nothing
    changes. Where the line hardly ever empties, lanes do not forget how they began, and the heap
    does the rest.

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
    departure = np.empty(arrival.size, np.int64) if out is None else out
    free = [0] * servers
    memory = _memory(arrival, service, servers)
    count, steps = _cut(arrival.size, servers, memory)
    lanes = _Lanes(count, steps, servers)
    for begin in range(0, arrival.size, count * steps):
        here = slice(begin, begin + count * steps)
        day = arrival[here], service[here], departure[here]
        if day[0].size < arrival.size:
            memory = _memory(*day[:2], servers)
        if day[0].size == count * steps and lanes.pay(memory):
            lanes.serve(*day, free)
        else:
            departure[here] = heap.in_blocks(*day[:2], free)
    return departure


def _cut(size: int, servers: int, memory: float) -> tuple[int, int]:
    """How many lanes side by side, and how many requests in each.

    An odd number of cache lines, so that the lanes do not fight for the same places in the cache.
    """
    least, most = STEPS
    steps = max(least, min(most, isqrt(size)), PATIENCE * servers, int(min(memory, size)))
    steps = steps // 16 * 16 + 8
    rounds = -(-size // (LANES * steps))
    return max(1, size // (rounds * steps)), steps


def _memory(arrival: Times, service: Times, servers: int) -> float:
    """After about how many requests the servers have forgotten how the line began.

    Infinite if there is more work than they can do between first and last arrival. Else the
    relaxation time of M/M/c, ρ / (1 − √ρ)² requests, and longer as gaps and services are more
    uneven than random ones, by a sample.

    References
    ----------
    J. W. Cohen, The Single Server Queue, North-Holland 1982, section III.7.
    """
    load = float(service.sum()) / max(1.0, servers * float(arrival[-1] - arrival[0]))
    if load >= 1:
        return inf
    uneven = (_variation(np.diff(_sample(arrival))) + _variation(_sample(service))) / 2
    return max(1.0, uneven) * load / (1 - sqrt(load)) ** 2


def _sample(times: Times) -> Times:
    """Up to 256 times 33 in a row, from all over the day."""
    apart = max(33, times.size // 256)
    return times[: times.size // apart * apart].reshape(-1, apart)[:, :33]


def _variation(times: Times) -> float:
    """Variance over squared mean: 1 for exponential times."""
    return float(times.var() / max(1.0, times.mean()) ** 2) if times.size else 1.0


class _Lanes:
    """A stretch of the day cut into lanes: in each array row k is lane k, column j its step j."""

    def __init__(self, count: int, steps: int, servers: int) -> None:
        self.count, self.steps, self.servers = count, steps, servers
        self.tiles = [slice(*edges) for edges in pairwise(_edges(steps))]
        self.marks = np.empty((len(self.tiles), servers, count), np.int64)
        """The state of each lane after each tile, as it was when the lane was last served."""
        self.ends = self.marks[-1]
        self.rows = Rows(count, servers)

    def pay(self, memory: float) -> bool:
        """Whether they are faster than the heap, if their servers remember so many requests."""
        again = 1.5 * (memory + 10 * self.servers) / self.steps  # share of them that is mended
        return price(self.count, self.servers) * (1 + again) < heap.price(self.servers)

    def serve(self, arrival: Times, service: Times, departure: Times, free: list[int]) -> None:
        """Fill in all departures, from servers that are free at these times; move them on."""
        shape = self.count, self.steps
        self.arrival, self.service = arrival.reshape(shape), service.reshape(shape)
        self.departure = departure.reshape(shape)
        state = idle(self.servers, self.count)
        state[:-1, 0] = sorted(free)
        for tile, mark in zip(self.tiles, self.marks, strict=True):
            come = self.arrival[:, tile]
            self.rows.march(come, self.service[:, tile], self.departure[:, tile], state)
            mark[:] = np.maximum(state[:-1], come[:, -1], out=state[:-1])
        wrong, before, hope = np.arange(1, self.count), FOREVER, True
        while hope and 0 < wrong.size < max(FEW, 0.9 * before):
            before = wrong.size
            wrong, hope = self._mend(wrong)
        self._mend_in_order(set(wrong.tolist()))
        free[:] = self.ends[:, -1].tolist()

    def _mend(self, wrong: Chosen) -> tuple[Chosen, bool]:
        """Serve these lanes from the ends of those before; give those that now begin wrongly.

        If nearly all of them remember for long how they began, give those, and no hope.
        """
        state = idle(self.servers, wrong.size)
        state[:-1] = self.ends[:, wrong - 1]
        many = max(FEW, wrong.size * 7 // 8)
        for tile, mark in zip(self.tiles, self.marks, strict=True):
            self._serve(wrong, tile, state)
            differs = (state[:-1] != mark[:, wrong]).any(axis=0)
            if differs.sum() > many and tile.stop > self.steps // 4:
                return wrong, False
            mark[:, wrong] = state[:-1]
            wrong, state = wrong[differs], state[:, differs]
            if not wrong.size:
                break
        return wrong[wrong < self.count - 1] + 1, True

    def _serve(self, lanes: Chosen, tile: slice, state: Times) -> None:
        """Serve the requests of a tile in these lanes, and move their state on."""
        come, take = self.arrival[lanes, tile], self.service[lanes, tile]
        departure = np.empty_like(come)
        if lanes.size > FEW:
            self.rows.march(come, take, departure, state)
        else:
            for number in range(lanes.size):
                free = state[:-1, number].tolist()
                departure[number] = heap.on(come[number], take[number], free)
                state[:-1, number] = sorted(free)
        self.departure[lanes, tile] = departure
        np.maximum(state[:-1], come[:, -1], out=state[:-1])

    def _mend_in_order(self, wrong: set[int]) -> None:
        """Serve these lanes by the heap, and each after them that then begins wrongly."""
        for lane in range(self.count):
            if lane in wrong:
                free = self.ends[:, lane - 1].tolist()
                self.departure[lane] = heap.in_blocks(self.arrival[lane], self.service[lane], free)
                end = np.maximum(sorted(free), self.arrival[lane, -1])
                if (end != self.ends[:, lane]).any():
                    self.ends[:, lane] = end
                    wrong.add(lane + 1)


def _edges(steps: int) -> list[int]:
    """Where marks are: each a half further on than the one before, so that they are few."""
    edges = [0, 8]
    while edges[-1] < steps:
        edges.append(min(steps, edges[-1] + max(8, edges[-1] // 16 * 8)))
    return edges
