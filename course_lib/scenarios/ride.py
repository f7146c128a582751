"""A ride: who drives whom, and how a trip goes from "searching" to its end.

Lanes of `request`: the `rider`, the `matcher` and the `driver`. Times of `request` are in seconds;
the numbers that `greedy` and `batch` choose from are minutes until a driver is at a rider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from ..checked import number, plural, whole
from ..flow import mark, span

RADII = (1, 2, 4)  # kilometres in which a driver is looked for, one after the other: assumption
OFFER = 15.0  # seconds that drivers have to accept: assumption
DECIDES = 5.0  # seconds that a driver thinks before accepting: assumption
DEADLINE = 60.0  # seconds after which the rider is told that there is no car: assumption

Minutes = Sequence[Sequence[float]]  # a row for each rider, a column for each driver


def greedy(minutes: Minutes) -> list[int]:
    """The driver of each rider: in turn, each gets the nearest who is still free."""
    _check(minutes)
    free = list(range(len(minutes[0])))
    chosen = []
    for row in minutes:
        nearest = min(free, key=row.__getitem__)
        free.remove(nearest)
        chosen.append(nearest)
    return chosen


def batch(minutes: Minutes) -> list[int]:
    """The driver of each rider such that the minutes of all together are fewest.

    Exact: the best for the riders from `rider` on depends only on which drivers are still free,
    so each such question is answered once. Good for a dozen drivers (2¹² sets of free ones);
    what is built for thousands is the Hungarian method.

    References
    ----------
    H. W. Kuhn, The Hungarian method for the assignment problem, Naval Research Logistics
    Quarterly 2 (1955), 83–97.
    """

    @cache
    def best(rider: int, free: frozenset[int]) -> tuple[float, tuple[int, ...]]:
        if rider == len(minutes):
            return 0.0, ()
        choices = []
        for driver in sorted(free):
            rest, others = best(rider + 1, free - {driver})
            choices.append((minutes[rider][driver] + rest, (driver, *others)))
        return min(choices)

    _check(minutes)
    return list(best(0, frozenset(range(len(minutes[0]))))[1])


def total(minutes: Minutes, chosen: Sequence[int]) -> float:
    """Minutes that all riders together wait for their drivers."""
    _check(minutes)
    if not isinstance(chosen, Sequence) or len(chosen) != len(minutes):
        raise TypeError(f"the choice is {chosen!r}; give the number of a driver for each rider")
    if len({whole("driver", d, least=0, most=len(minutes[0]) - 1) for d in chosen}) < len(chosen):
        raise ValueError(f"the choice is {chosen!r}; give each rider a driver of their own")
    return sum(row[driver] for row, driver in zip(minutes, chosen, strict=True))


def _check(minutes: Minutes) -> None:
    for row in (minutes, *minutes) if isinstance(minutes, Sequence) else (minutes,):
        if not isinstance(row, Sequence) or isinstance(row, str):
            raise TypeError(
                f"{row!r} are no minutes; give a list for each rider, a number for each driver"
            )
    if not minutes or any(len(row) < len(minutes) for row in minutes):
        drivers = min(map(len, minutes), default=0)
        have = f"{plural(len(minutes), 'rider')} and {plural(drivers, 'driver')}"
        raise ValueError(f"{have}: give each rider a driver")


NEXT = {
    "searching": ("matched", "cancelled"),
    "matched": ("driving", "cancelled"),
    "driving": ("ended",),
}  # from ended and cancelled there is no way on


@dataclass
class Trip:
    """Where a trip stands. Its version goes up by one with each change."""

    state: str = "searching"
    version: int = 0
    hold: bool = True  # the fare is reserved on the rider's card
    screen: list[str] = field(default_factory=lambda: ["searching"])

    def move(self, state: str, version: int | None = None) -> bool:
        """Change the state, if there is such a way and nobody was quicker; say whether it was done.

        `version` is the one that the caller has read: compare-and-set.
        """
        if state not in NEXT.get(self.state, ()) or version not in (None, self.version):
            return False
        self.state, self.version = state, self.version + 1
        self.hold = self.hold and state not in ("cancelled", "ended")
        self.screen.append(state)
        return True


async def request(*, accepts_at: float | None = 2, outage: str | None = None) -> Trip:
    """A trip from the request until it is matched or cancelled.

    The nearest driver who would accept is `accepts_at` kilometres away; None: nobody would.
    `outage="matcher"`: nobody looks for drivers. Rider and card are freed at the deadline.
    """
    if outage not in (None, "matcher"):
        raise ValueError(f'there is no outage {outage!r}; take outage="matcher"')
    if accepts_at is not None:
        number("distance of the driver", accepts_at, "kilometres")
    trip = Trip()
    matcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if not outage:
        matcher = asyncio.create_task(_match(trip, accepts_at), name="matcher")
    asked = trip.version
    with span("searching", lane="rider"):
        await asyncio.wait([matcher], timeout=DEADLINE)
    matcher.cancel()
    trip.move("cancelled", asked)
    mark(trip.state, lane="rider")
    return trip


async def _match(trip: Trip, accepts_at: float | None) -> None:
    """Offer the trip in growing circles; a driver accepts the version that was offered."""
    for radius in RADII:
        if trip.state != "searching":
            return
        with span(f"offer {radius} km"):
            offered = trip.version
            if accepts_at is not None and accepts_at <= radius:
                with span("decide", lane="driver"):
                    await asyncio.sleep(DECIDES)
                if trip.move("matched", offered):
                    return
                mark("too late", lane="driver")
            else:
                await asyncio.sleep(OFFER)
