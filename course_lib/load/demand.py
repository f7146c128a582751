"""What is asked of the servers: when requests come, how long each takes, and which line it joins.

Either by chance or in arrays that are given. Checked once, then filled in for one seed or for many;
what makes no sense is told in a sentence with the value and the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from ..checked import held, number, whole
from . import chance, given
from .times import SECOND, Partitions, Seconds, Times, fits

Bursts = Sequence[tuple[float, float, float]]
Service = Literal["exponential", "constant", "lognormal"]
Fill = Callable[[Sequence[int], Times], None]
"""Fills in a table of times, a row for each seed."""

MOST = 100_000_000  # requests: about 4 GB
PARTITIONS = 1_000_000
SPREAD = 1_000  # times the mean; beyond it no run is long enough to show the mean


@dataclass(frozen=True)
class Demand:
    """How many requests there are, and who fills in their times and partitions."""

    arrivals: Fill
    services: Fill
    count: int
    partitions: int
    shares: Seconds | None

    def fill(self, seeds: Sequence[int], arrival: Times, service: Times) -> None:
        """Fill in both tables, a row a seed."""
        self.arrivals(seeds, arrival)
        self.services(seeds, service)

    def where(self, seed: int) -> Partitions:
        """Partition of each request."""
        return chance.partitions(self.count, self.partitions, self.shares, seed)


def demand(
    *,
    rate: float | None,
    mean_service: float | None,
    requests: int | None,
    arrivals: ArrayLike | None,
    services: ArrayLike | None,
    service: Service,
    spread: float | None,
    partitions: int,
    keys: ArrayLike | None,
    bursts: Bursts,
) -> Demand:
    """What the parameters of `simulate` ask for."""
    _one_of("rate", rate, "arrivals", arrivals, "rate=95 (per second) or arrivals=[0, 0.5, …]")
    _one_of(
        "mean_service", mean_service, "services", services, "mean_service=0.010 or services=[…]"
    )
    come = None if arrivals is None else given.seconds("arrivals", arrivals)
    take = None if services is None else given.seconds("services", services)
    return Demand(
        arrivals=_by_rate(rate, bursts) if come is None else _as_given(come, bursts),
        services=(
            _by_mean(mean_service, service, spread)
            if take is None
            else _as_said(take, service, spread)
        ),
        count=_requests(requests, come, take),
        partitions=whole("number of partitions", partitions, most=PARTITIONS),
        shares=_shares(keys),
    )


def window(name: str, edges: Any) -> tuple[int, int]:
    """Start and end in nanoseconds, checked."""
    if not _so_many(edges, 2):
        raise ValueError(f"the {name} {edges!r} is no (start, end) in seconds; give (60, 70)")
    start = number(f"start of the {name}", edges[0], "seconds")
    end = number(f"end of the {name}", edges[1], "seconds")
    if not start < end:
        raise ValueError(
            f"the {name} ends at {end:g} s, and begins at {start:g} s; give it a length"
        )
    fits(end * SECOND)
    return round(start * SECOND), round(end * SECOND)


def _so_many(values: Any, count: int) -> bool:
    """Whether these are values in a row, and so many."""
    return isinstance(values, Sequence | np.ndarray) and len(values) == count


def _one_of(name: str, one: Any, other_name: str, other: Any, advice: str) -> None:
    """Exactly one of two ways to say the same must be taken."""
    if (one is None) == (other is None):
        state = "nothing is given" if one is None else "both are given"
        raise ValueError(f"{name} and {other_name}: {state}; take one of them, {advice}")


def _requests(requests: int | None, come: Seconds | None, take: Seconds | None) -> int:
    """How many requests there are, by the arrays or by word."""
    sizes = {"arrivals": come, "services": take}
    said = {name: array.size for name, array in sizes.items() if array is not None}
    if requests is not None:
        said["requests"] = whole("number of requests", requests)
    if len(set(said.values())) > 1:
        words = ", ".join(f"{name}: {count:,}" for name, count in said.items())
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


def _by_rate(rate: Any, bursts: Bursts) -> Fill:
    per_second = number("rate", rate, "arrivals per second", above=True)
    fits(SECOND / per_second)
    return partial(chance.arrivals, per_second, _windows(bursts))


def _as_given(come: Seconds, bursts: Bursts) -> Fill:
    if _windows(bursts):
        raise ValueError("bursts change a rate; put them into the arrivals that you give")
    return partial(given.arrivals, come)


def _windows(bursts: Bursts) -> list[chance.Window]:
    """The bursts in nanoseconds, checked."""
    found: list[chance.Window] = []
    if not isinstance(bursts, Sequence | np.ndarray):
        raise TypeError(f"bursts is {bursts!r}; give a list, like [(60, 70, 500)]")
    for burst in bursts:
        if not _so_many(burst, 3):
            raise ValueError(f"the burst {burst!r} is no (start, end, rate); give (60, 70, 500)")
        start, end = window("burst", burst[:2])
        if found and start < found[-1][1]:
            raise ValueError(
                f"the burst {burst!r} begins before the one in front of it ends; "
                "give them in order, and each moment one rate"
            )
        found.append((start, end, number("rate of a burst", burst[2], "arrivals per second")))
    return found


def _by_mean(mean_service: Any, service: Service, spread: float | None) -> Fill:
    mean_ns = number("mean service", mean_service, "seconds") * SECOND
    fits(mean_ns)
    _known(service)
    if service == "lognormal":
        return partial(chance.lognormal, mean_ns, _spread(spread))
    _no_spread(spread, service)
    if service == "constant":
        return partial(chance.constant, mean_ns)
    return partial(chance.exponential, mean_ns)


def _known(service: Any) -> None:
    if not isinstance(service, str) or service not in get_args(Service):
        raise ValueError(
            f'there is no service {service!r}; take "exponential", "constant" or "lognormal"'
        )


def _as_said(take: Seconds, service: Service, spread: float | None) -> Fill:
    _known(service)
    if service != "exponential":
        raise ValueError(f"service={service!r} needs mean_service=…; services are given already")
    _no_spread(spread, service)
    return partial(given.services, take)


def _no_spread(spread: float | None, service: Service) -> None:
    if spread is not None:
        raise ValueError(
            f'spread={spread!r} is for service="lognormal", and service is {service!r}; '
            "leave one of them away"
        )


def _spread(spread: float | None) -> float:
    wide = 1.0 if spread is None else number("spread", spread, "times the mean")
    if wide > SPREAD:
        raise ValueError(
            f"the spread is {wide:g} times the mean; give {SPREAD:,} at most: "
            "no run is long enough to show the mean of services that differ more"
        )
    return wide


def _shares(keys: ArrayLike | None) -> Seconds | None:
    """Share of each key, checked."""
    if keys is None:
        return None
    shares = given.seconds("keys", keys)
    given.check("keys", shares)
    with np.errstate(over="ignore"):
        total = held("sum of all shares", float(shares.sum()))
    if not total > 0:
        raise ValueError("no key has a share above 0; give the share of each, like [8, 1, 1]")
    return shares
