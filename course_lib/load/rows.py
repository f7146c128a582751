"""Many lines side by side: all take a step together, one request each, by the same numpy calls."""

from __future__ import annotations

import numpy as np

from .times import Times

SLAB = 64  # steps that are turned at a time, from a row a line to a row a step


class Rows:
    """Room to serve so many lines side by side, each with so many servers of its own."""

    def __init__(self, count: int, servers: int) -> None:
        # Asking for fresh memory in every step would take longer than the work.
        self._rows = np.empty((SLAB, count), np.int64)
        self._lengths = np.empty((SLAB, count), np.int64)
        self._between = np.empty((servers, count), np.int64)

    def march(self, arrival: Times, service: Times, departure: Times, state: Times) -> None:
        """Fill in the departures, a row a line, and move the state of the servers on."""
        for begin in range(0, arrival.shape[1], SLAB):
            here = slice(begin, begin + SLAB)
            self._slab(arrival[:, here], service[:, here], departure[:, here], state)

    def _slab(self, arrival: Times, service: Times, departure: Times, state: Times) -> None:
        count, steps = arrival.shape
        rows, lengths = self._rows[:steps, :count], self._lengths[:steps, :count]
        rows[:], lengths[:] = arrival.T, service.T
        first, last = state[0], state[-2]
        for row, length in zip(rows, lengths, strict=True):
            np.maximum(row, first, out=row)
            np.add(row, length, out=row)
            if state.shape[0] == 3:  # two servers
                np.minimum(last, row, out=first)
                np.maximum(last, row, out=last)
            else:
                self._take_its_place(row, state)
        departure[:] = rows.T

    def _take_its_place(self, row: Times, state: Times) -> None:
        """A departure takes its place in the order of the state, whose first entry goes.

        So each entry becomes the departure, but at least itself and at most the next one.
        """
        between = self._between[:, : row.size]
        np.minimum(state[1:], row, out=between)
        np.maximum(state[:-1], between, out=state[:-1])


def idle(servers: int, lines: int) -> Times:
    """The state of idle servers: row i says when the server is free that is next after i others.

    One row more says never, so that a step needs no special case.
    """
    state = np.zeros((servers + 1, lines), np.int64)
    state[-1] = np.iinfo(np.int64).max
    return state


def price(lines: int, servers: int) -> float:
    """Nanoseconds that a request takes side by side, measured once; the ratio to `heap` counts."""
    return 8 + 3 * servers + 6_000 / lines
