"""Times and partitions by chance, from seeded streams that have nothing to do with each other.

Most functions fill in a table of nanoseconds: a row for each of the seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .seeds import sequences
from .times import FOREVER, SECOND, Partitions, Seconds, Times, fits, settle, tiles

Window = tuple[int, int, float]  # start and end in nanoseconds, and the rate in between
Seeds = Sequence[int]

ARRIVALS, SERVICES, KEYS = range(3)


def streams(seeds: Seeds, which: int) -> list[np.random.Generator]:
    """Generators of arrivals, services or keys, as SeedSequence(seed) spawns them in turn."""
    sources: list[Any] = sequences(seeds, which)  # numpy's types forget that any kind will do
    return [np.random.Generator(np.random.PCG64(source)) for source in sources]


def exponential(mean_ns: float, seeds: Seeds, times: Times, which: int = SERVICES) -> None:
    """Random times of this mean."""

    def scale(floats: Seconds) -> None:
        floats *= mean_ns

    longest = 45 * mean_ns  # with 53 bits of chance none is longer
    _fill(np.random.Generator.standard_exponential, scale, streams(seeds, which), times, longest)


def constant(each_ns: float, _: Seeds, times: Times) -> None:
    """The same time for each."""
    fits(times.shape[1] * each_ns)
    times.fill(round(each_ns))


def lognormal(mean_ns: float, spread: float, seeds: Seeds, times: Times) -> None:
    """e to a normal number; rounded, lest one machine's logarithm differ in the last bit."""
    sigma = round(math.sqrt(math.log1p(spread**2)), 12)

    def scale(floats: Seconds) -> None:
        floats[:] = mean_ns * exp(sigma * floats - sigma**2 / 2)

    _fill(np.random.Generator.standard_normal, scale, streams(seeds, SERVICES), times)


def _fill(
    draw: Callable[..., Any],
    scale: Callable[[Seconds], None],
    rngs: Sequence[np.random.Generator],
    times: Times,
    longest: float = math.inf,
) -> None:
    """Draw, scale and round a tile at a time; all of a row together must fit."""
    surely_fits = times.shape[1] * longest < FOREVER
    total = np.zeros(len(times))
    for tile in tiles(times.shape):
        target = times[tile]
        floats = target.view(np.float64)
        for rng, row in zip(rngs[tile[0]], floats, strict=True):
            draw(rng, out=row)
        scale(floats)
        if not surely_fits:
            total[tile[0]] += floats.sum(axis=1)
            longest = float(total.max())
            fits(longest)
        settle(target, longest)


def exp(x: Seconds) -> Seconds:
    """e to the x by products and sums alone, which every machine computes alike, to 1e-12."""
    part = x / 4096
    power = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4 * (1 + part / 5))))
    for _ in range(12):  # 4096 is 2 to the 12th
        power *= power
    return power


def arrivals(rate: float, bursts: Sequence[Window], seeds: Seeds, times: Times) -> None:
    """One after the other with random gaps, at a rate that is another in the bursts."""
    exponential(SECOND / rate, seeds, times, ARRIVALS)
    np.cumsum(times, axis=1, out=times)
    if bursts:
        for tile in tiles(times.shape):
            times[tile] = _stretch(times[tile], rate, bursts)
        np.fmax.accumulate(times, axis=1, out=times)


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
    fits(float(moved.max()))
    return moved


def partitions(count: int, number: int, shares: Seconds | None, seed: int) -> Partitions:
    """Partition of each request, drawn by the shares of the keys that go there."""
    kind = np.min_scalar_type(number - 1)
    if number == 1:
        return np.broadcast_to(np.zeros(1, kind), count)
    (rng,) = streams([seed], KEYS)
    if shares is None:
        return rng.integers(number, size=count, dtype=np.int64).astype(kind)
    share = np.bincount(np.arange(shares.size) % number, shares, number)
    below = np.cumsum(share)
    return np.searchsorted(below / below[-1], rng.random(count), side="right").astype(kind)
