"""Times and partitions by chance, from seeded streams that have nothing to do with each other.

Most functions fill in an array of nanoseconds from a generator, a chunk at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .times import FOREVER, SECOND, Partitions, Seconds, Times, fits, scratch, slices, write

Window = tuple[int, int, float]  # start and end in nanoseconds, and the rate in between


def streams(seed: int) -> list[np.random.Generator]:
    """Generators of arrivals, services and keys."""
    sources = np.random.SeedSequence(seed).spawn(3)
    return [np.random.Generator(np.random.PCG64(source)) for source in sources]


def exponential(mean_ns: float, rng: np.random.Generator, times: Times) -> None:
    """Random times of this mean; all of them together must fit."""
    floats, total = scratch(times.size), 0.0
    surely = times.size * 45 * mean_ns < FOREVER  # with 53 bits of chance none is longer
    for here in slices(times.size):
        part = floats[: here.stop - here.start]
        rng.standard_exponential(out=part)
        part *= mean_ns
        if not surely:
            total += float(part.sum())
            fits(total)
        write(times, here, part)


def constant(each_ns: float, _: np.random.Generator, times: Times) -> None:
    """The same time for each."""
    fits(times.size * each_ns)
    times.fill(round(each_ns))


def lognormal(mean_ns: float, spread: float, rng: np.random.Generator, times: Times) -> None:
    """e to a normal number; rounded, lest one machine's logarithm differ in the last bit."""
    sigma = round(math.sqrt(math.log1p(spread**2)), 12)
    floats, total = scratch(times.size), 0.0
    for here in slices(times.size):
        part = floats[: here.stop - here.start]
        rng.standard_normal(out=part)
        part[:] = mean_ns * exp(sigma * part - sigma**2 / 2)
        total += float(part.sum())
        fits(total)
        write(times, here, part)


def exp(x: Seconds) -> Seconds:
    """e to the x by products and sums alone, which every machine computes alike, to 1e-12."""
    part = x / 4096
    power = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4 * (1 + part / 5))))
    for _ in range(12):  # 4096 is 2 to the 12th
        power *= power
    return power


def arrivals(rate: float, bursts: Sequence[Window], rng: np.random.Generator, times: Times) -> None:
    """One after the other with random gaps, at a rate that is another in the bursts."""
    exponential(SECOND / rate, rng, times)
    np.cumsum(times, out=times)
    if bursts:
        for here in slices(times.size):
            times[here] = _stretch(times[here], rate, bursts)
        np.fmax.accumulate(times, out=times)


def _stretch(arrival: Times, rate: float, bursts: Sequence[Window]) -> Seconds:
    """Arrivals of an even rate, moved so that the rate is another in the bursts.

    A burst of ten times the rate takes the arrivals of a stretch ten times as long.
    """
    real, even, pace = [0.0], [0.0], [1.0]  # where each piece begins, in both times, and its pace
    for start, end, other in bursts:
        even.append(even[-1] + (start - real[-1]) * pace[-1])
        even.append(even[-1] + (end - start) * (other / rate))
        real += [start, end]
        pace += [other / rate, 1.0]
    piece = np.searchsorted(even, arrival, side="right") - 1  # never in a piece without arrivals
    within = (arrival - np.array(even)[piece]) / np.array(pace)[piece]
    moved: Seconds = np.rint(np.array(real)[piece] + within)
    fits(float(moved[-1]))
    return moved


def partitions(
    count: int, number: int, shares: Seconds | None, rng: np.random.Generator
) -> Partitions:
    """Partition of each request, drawn by the shares of the keys that go there."""
    kind = np.min_scalar_type(number - 1)
    if number == 1:
        return np.broadcast_to(np.zeros(1, kind), count)
    if shares is None:
        return rng.integers(number, size=count, dtype=np.int64).astype(kind)
    share = np.bincount(np.arange(shares.size) % number, shares, number)
    below = np.cumsum(share)
    return np.searchsorted(below / below[-1], rng.random(count), side="right").astype(kind)
