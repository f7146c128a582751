"""Times in arrays: whole nanoseconds from 0, and how many of them are looked at together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Seconds = NDArray[np.float64]
Partitions = NDArray[np.integer[Any]]

SECOND = 1_000_000_000  # nanoseconds
FOREVER = 2**62  # nanoseconds, 146 years
WHOLE = np.float64(3 << 51)  # between 2**52 and 2**53, where floats have no room for a fraction
CHUNK = 32_768  # requests at a time: the numbers in hand fit a core's own cache


def slices(count: int) -> Iterator[slice]:
    """A chunk after the other."""
    for begin in range(0, count, CHUNK):
        yield slice(begin, min(begin + CHUNK, count))


def tiles(shape: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """A chunk of a table after the other: some whole rows, or a piece of one that is longer."""
    rows, columns = shape
    step = max(1, CHUNK // columns)
    for begin in range(0, rows, step):
        for piece in slices(columns) if columns > CHUNK else [slice(columns)]:
            yield slice(begin, min(begin + step, rows)), piece


def fits(time_ns: float) -> None:
    """The time is one that whole nanoseconds reach, or it is told that it is not."""
    if not time_ns < FOREVER:
        raise ValueError(
            f"the run would last {time_ns / SECOND:.3g} s, and whole nanoseconds reach to "
            f"{FOREVER / SECOND:.3g} s, 146 years; give shorter times, fewer requests or partitions"
        )


def settle(times: Times, longest: float) -> None:
    """Make whole numbers, half to even, of floats from 0 to `longest` in the memory of these times.

    A sum with WHOLE is rounded to a whole number, and the bits of such sums count up by one. That
    takes less than half the time of `rint`, which is there for what lasts longer than 26 days.
    """
    floats = times.view(np.float64)
    if longest < 2**51:
        floats += WHOLE
        times -= WHOLE.view(np.int64)
    else:
        np.rint(floats, out=times, casting="unsafe")


def scratch(count: int) -> Seconds:
    """Room for the floats of a chunk."""
    return np.empty(min(CHUNK, count))
