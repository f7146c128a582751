"""What is asked of the servers: when requests come, how long each takes, and which line it joins.

Either drawn, from three seeded streams that have nothing to do with each other, or given as arrays
of seconds and checked. Both become whole nanoseconds a chunk at a time. What makes no sense is told
in a sentence with the value and the way out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .departures import CHUNK
from .heap import FOREVER, Times

Seconds = NDArray[np.float64]
Partitions = NDArray[np.integer[Any]]
Bursts = Sequence[tuple[float, float, float]]
Service = Literal["exponential", "constant", "lognormal"]

SECOND = 1_000_000_000  # nanoseconds
MOST = 100_000_000  # requests: about 4 GB


def prepare(
    *,
    rate: float | None,
    mean_service: float | None,
    requests: int | None,
    seed: int,
    arrivals: ArrayLike | None,
    services: ArrayLike | None,
    service: Service,
    spread: float | None,
    partitions: int,
    keys: ArrayLike | None,
    bursts: Bursts,
) -> tuple[Times, Times, Partitions]:
    """Arrival, service and partition of each request, from the parameters of `simulate`."""
    _one_of("rate", rate, "arrivals", arrivals, "rate=95 (per second) or arrivals=[0, 0.5, …]")
    _one_of(
        "mean_service", mean_service, "services", services, "mean_service=0.010 or services=[…]"
    )
    if arrivals is not None and len(bursts):
        raise ValueError("bursts change a rate; put them into the arrivals that you give")
    if services is not None and service != "exponential":
        raise ValueError(f"service={service!r} needs mean_service=…; services are given already")
    if spread is not None and service != "lognormal":
        raise ValueError(
            f'spread={spread!r} is for service="lognormal", and service is {service!r}'
        )
    come, take = _given("arrivals", arrivals), _given("services", services)
    count = _requests(requests, come, take)
    by_arrival, by_service, by_key = _streams(seed)
    if come is None:
        arrival = _random_arrivals(rate, bursts, count, by_arrival)
    else:
        arrival = _given_arrivals(come)
    if take is None:
        length = _random_services(mean_service, service, spread, count, by_service)
    else:
        length = _nanoseconds(count, _copied(take))
    return arrival, length, _partition_of_each(count, partitions, keys, by_key)


def _one_of(name: str, one: Any, other_name: str, other: Any, advice: str) -> None:
    """Exactly one of two ways to say the same must be taken."""
    if (one is None) == (other is None):
        state = "nothing is given" if one is None else "both are given"
        raise ValueError(f"{name} and {other_name}: {state}; take one of them, {advice}")


def _streams(seed: int) -> list[np.random.Generator]:
    """Generators of arrivals, services and keys that have nothing to do with each other."""
    sources = np.random.SeedSequence(whole("seed", seed, least=0)).spawn(3)
    return [np.random.Generator(np.random.PCG64(source)) for source in sources]


def _given_arrivals(given: Seconds) -> Times:
    late = np.flatnonzero(given[1:] < given[:-1])
    if late.size:
        first = late[0]
        raise ValueError(
            f"arrivals[{first + 1}] is {given[first + 1]} s, before the one in front of it "
            f"({given[first]} s); give them in order: arrivals[order], services[order] with "
            'order = np.argsort(arrivals, kind="stable")'
        )
    fits(given[-1] * SECOND)
    return _nanoseconds(given.size, _copied(given), add_up=False)


def _random_arrivals(rate: Any, bursts: Bursts, count: int, rng: np.random.Generator) -> Times:
    rate = _number("rate", rate, "arrivals per second")
    gap = _exponential(SECOND / rate, count, rng)
    arrival = np.cumsum(gap, out=gap)
    return _stretch(arrival, rate, _rates(bursts)) if len(bursts) else arrival


def _random_services(
    mean: Any, kind: str, spread: Any, count: int, rng: np.random.Generator
) -> Times:
    mean_ns = _number("mean service", mean, "seconds", least=0) * SECOND
    if kind == "constant":
        fits(count * mean_ns)
        return np.full(count, round(mean_ns), np.int64)
    if kind == "exponential":
        return _exponential(mean_ns, count, rng)
    if kind == "lognormal":
        wide = 1.0 if spread is None else _number("spread", spread, "times the mean", least=0)
        return _nanoseconds(count, _lognormal(mean_ns, wide, rng))
    raise ValueError(f'there is no service {kind!r}; take "exponential", "constant" or "lognormal"')


Fill = Callable[[Seconds, slice], object]
"""Writes nanoseconds, still as float, of a slice of the requests into an array."""


def _nanoseconds(count: int, fill: Fill, *, add_up: bool = True) -> Times:
    """Whole nanoseconds, a chunk at a time, so that the floats never leave the cache.

    Times that somebody is going to add up must fit together.
    """
    times = np.empty(count, np.int64)
    floats = np.empty(min(CHUNK, count))
    total = 0.0
    for begin in range(0, count, CHUNK):
        here = slice(begin, min(begin + CHUNK, count))
        chunk = floats[: here.stop - begin]
        fill(chunk, here)
        if add_up:
            total += float(chunk.sum())
            fits(total)
        times[here] = np.rint(chunk, out=chunk)
    return times


def _copied(given: Seconds) -> Fill:
    return lambda chunk, here: np.multiply(given[here], SECOND, out=chunk)


def _exponential(mean_ns: float, count: int, rng: np.random.Generator) -> Times:
    def fill(chunk: Seconds, _: slice) -> None:
        rng.standard_exponential(out=chunk)
        chunk *= mean_ns

    longest = 45 * mean_ns  # with 53 bits of chance
    return _nanoseconds(count, fill, add_up=not count * longest < FOREVER)


def _lognormal(mean_ns: float, spread: float, rng: np.random.Generator) -> Fill:
    """e to a normal number; rounded, lest one machine's logarithm differ in the last bit."""
    sigma = round(math.sqrt(math.log1p(spread**2)), 12)

    def fill(chunk: Seconds, _: slice) -> None:
        rng.standard_normal(out=chunk)
        chunk[:] = mean_ns * _exp(sigma * chunk - sigma**2 / 2)

    return fill


def _exp(x: Seconds) -> Seconds:
    """e to the x by products and sums alone, which every machine computes alike, to 1e-12."""
    part = x / 4096
    power = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4 * (1 + part / 5))))
    for _ in range(12):  # 4096 is 2 to the 12th
        power *= power
    return power


def _rates(bursts: Bursts) -> list[tuple[int, int, float]]:
    """The bursts in nanoseconds, checked."""
    found: list[tuple[int, int, float]] = []
    for burst in bursts:
        if len(burst) != 3:
            raise ValueError(f"the burst {burst!r} is no (start, end, rate); give (60, 70, 500)")
        start, end = window("burst", burst[:2])
        if found and start < found[-1][1]:
            raise ValueError(f"the burst {burst!r} begins before the one in front of it ends")
        rate = _number("rate of a burst", burst[2], "arrivals per second", least=0)
        found.append((start, end, float(rate)))
    return found


def _stretch(arrival: Times, rate: float, bursts: list[tuple[int, int, float]]) -> Times:
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
    moved = np.rint(np.array(real)[piece] + within)
    fits(float(moved[-1]))
    return np.fmax.accumulate(moved.astype(np.int64))


def _partition_of_each(
    count: int, partitions: int, keys: ArrayLike | None, rng: np.random.Generator
) -> Partitions:
    """Partition of each request, drawn by the shares of the keys that go there."""
    kind = np.min_scalar_type(partitions - 1)
    shares = _given("keys", keys)
    if shares is not None and not shares.sum() > 0:
        raise ValueError("no key has a share above 0; give the share of each, like [8, 1, 1]")
    if partitions == 1:
        return np.broadcast_to(np.zeros(1, kind), count)
    if shares is None:
        return rng.integers(partitions, size=count, dtype=np.int64).astype(kind)
    share = np.bincount(np.arange(shares.size) % partitions, shares, partitions)
    below = np.cumsum(share)
    return np.searchsorted(below / below[-1], rng.random(count), side="right").astype(kind)


def _requests(requests: int | None, come: Seconds | None, take: Seconds | None) -> int:
    """How many requests there are, by the arrays or by word."""
    sizes = {"arrivals": come, "services": take}
    said = {name: array.size for name, array in sizes.items() if array is not None}
    if requests is not None:
        said["requests"] = whole("number of requests", requests)
    if len(set(said.values())) > 1:
        words = ", ".join(f"{name}: {number:,}" for name, number in said.items())
        raise ValueError(
            f"numbers of requests differ ({words}); give one arrival and one service each"
        )
    count = next(iter(said.values()), 100_000)
    if count > MOST:
        raise ValueError(
            f"{count:,} requests do not fit the memory of every computer; give {MOST:,} at most, "
            "or several runs with a seed each"
        )
    return count


def _given(name: str, values: ArrayLike | None) -> Seconds | None:
    """The array as float, checked: one dimension, not empty, all from 0 and below infinity."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has the shape {array.shape}; give one number a request: ({name}[0], …)"
        )
    if not array.size:
        raise ValueError(f"{name} is empty; give at least one")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} holds {array.dtype}; give numbers")
    if not (array.min() >= 0 and array.max() < math.inf):  # NaN is neither
        wrong = np.flatnonzero(~((array >= 0) & (array < math.inf)))[0]
        raise ValueError(f"{name}[{wrong}] is {array[wrong]}; give numbers from 0, without NaN")
    return array.astype(np.float64, copy=False)


def _number(name: str, value: Any, unit: str, *, least: float = math.ulp(0)) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"the {name} is {value!r}; give a number of {unit}")
    if not least <= float(value) < math.inf:  # NaN is neither
        raise ValueError(
            f"the {name} is {value!r} {unit}; give a number {'above' if least else 'from'} 0"
        )
    return float(value)


def whole(name: str, value: Any, *, least: int = 1) -> int:
    """The value as an int, checked."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"the {name} is {value!r}; give a whole number")
    if value < least:
        raise ValueError(f"the {name} is {value!r}; give {least} or more")
    return int(value)


def window(name: str, edges: Sequence[float]) -> tuple[int, int]:
    """Start and end in nanoseconds, checked."""
    if len(edges) != 2:
        raise ValueError(f"the {name} {edges!r} is no (start, end) in seconds; give (60, 70)")
    start = _number(f"start of the {name}", edges[0], "seconds", least=0)
    end = _number(f"end of the {name}", edges[1], "seconds", least=0)
    if not start < end:
        raise ValueError(
            f"the {name} ends at {end:g} s, and begins at {start:g} s; give it a length"
        )
    fits(end * SECOND)
    return round(start * SECOND), round(end * SECOND)


def fits(time_ns: float) -> None:
    """The time is one that whole nanoseconds reach, or it is told that it is not."""
    if not time_ns < FOREVER:
        raise ValueError(
            f"the run would last {time_ns / SECOND:.3g} s, and whole nanoseconds reach to "
            f"{FOREVER / SECOND:.3g} s, 146 years; give shorter times, fewer requests or partitions"
        )
