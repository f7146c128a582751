"""A ride: batches against greed, one driver a trip, and no silence for ever."""

from __future__ import annotations

import asyncio
import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.flow import run
from course_lib.scenarios import ride
from course_lib.scenarios.ride import DEADLINE, Trip, batch, greedy, request, total


@st.composite
def towns(draw: st.DrawFn) -> list[list[int]]:
    """Minutes for up to 5 riders, and as many drivers or up to 2 more."""
    riders = draw(st.integers(1, 5))
    drivers = draw(st.integers(riders, riders + 2))
    row = st.lists(st.integers(0, 30), min_size=drivers, max_size=drivers)
    return draw(st.lists(row, min_size=riders, max_size=riders))


def test_the_published_example() -> None:
    """Greedy 2 + 9 = 11 minutes, batch 4 + 5 = 9."""
    minutes = [[2, 4], [5, 9]]
    assert total(minutes, greedy(minutes)) == 11
    assert total(minutes, batch(minutes)) == 9


@pytest.mark.slow
@given(towns())
def test_a_batch_is_never_worse_than_greed(minutes: list[list[int]]) -> None:
    """On every instance; and with one rider they are equal."""
    together, alone = total(minutes, batch(minutes)), total(minutes, greedy(minutes))
    assert together <= alone
    assert len(minutes) > 1 or together == alone


@pytest.mark.slow
@given(towns())
def test_a_batch_is_the_best_of_all_pairings(minutes: list[list[int]]) -> None:
    """Compared with every way to give each rider a driver of their own."""
    drivers = range(len(minutes[0]))
    best = min(total(minutes, chosen) for chosen in permutations(drivers, len(minutes)))
    assert total(minutes, batch(minutes)) == best


@pytest.mark.slow
@given(towns())
def test_nobody_shares_a_driver(minutes: list[list[int]]) -> None:
    """In either way each rider has a driver, and no driver has two riders."""
    for way in (greedy, batch):
        assert len(set(way(minutes))) == len(minutes)


@pytest.mark.parametrize("way", [greedy, batch])
@pytest.mark.parametrize(
    ("minutes", "count"), [([[1], [2]], "2 riders and 1 driver:"), ([], "0 riders")]
)
def test_too_few_drivers_are_told(way, minutes, count) -> None:
    """The sentence counts both."""
    with pytest.raises(ValueError, match=count):
        way(minutes)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ([0, 0], r"the choice is \[0, 0\]; give each rider a driver of their own"),
        ([0, 2], "the driver is 2; give 0 to 1"),
        ([0, -1], "the driver is -1; give 0 to 1"),
    ],
)
def test_a_choice_that_cannot_be_is_told(chosen: list[int], words: str) -> None:
    """Two riders in one car would beat the best of all pairings."""
    with pytest.raises(ValueError, match=words):
        total([[2, 4], [5, 9]], chosen)


@given(st.lists(st.just("matched"), min_size=2, max_size=5))
def test_exactly_one_of_several_drivers_wins(states: list[str]) -> None:
    """All have read the same version: the first changes the trip, the others are told."""
    trip = Trip()
    read = trip.version
    assert [trip.move(state, read) for state in states] == [True] + [False] * (len(states) - 1)
    assert (trip.state, trip.version) == ("matched", 1)


def test_an_old_version_changes_nothing() -> None:
    """Even where the state machine would allow the step."""
    trip = Trip()
    assert trip.move("matched", version=0)
    assert not trip.move("cancelled", version=0)
    assert trip.move("cancelled", version=1)


@pytest.mark.parametrize("late", ["ended", "driving", "matched", "searching", "cancelled"])
def test_nothing_follows_a_cancellation(late) -> None:
    """A late event is refused, and the money stays released."""
    trip = Trip()
    trip.move("cancelled")
    assert not trip.move(late)
    assert (trip.state, trip.hold, trip.version) == ("cancelled", False, 1)


def test_a_trip_has_one_way_to_its_end() -> None:
    """Searching, matched, driving, ended; the hold lasts until the end."""
    trip = Trip()
    holds = [(trip.move(state), trip.hold) for state in ("matched", "driving", "ended")]
    assert holds == [(True, True), (True, True), (True, False)]
    assert trip.screen == ["searching", "matched", "driving", "ended"]


@pytest.mark.parametrize(
    ("how", "state", "seconds"),
    [
        ({"accepts_at": 1}, "matched", 5),
        ({"accepts_at": 2}, "matched", 20),
        ({"accepts_at": 4}, "matched", 35),
        ({"accepts_at": 4.1}, "cancelled", 45),
        ({"accepts_at": None}, "cancelled", 45),
        ({"outage": "matcher"}, "cancelled", DEADLINE),
    ],
)
def test_a_search_widens_and_ends(how, state, seconds) -> None:
    """1, 2 and 4 km, then "cancelled" with the hold released; and never silence for ever."""
    trace = run(request(**how))
    assert (trace.result.state, trace.duration) == (state, seconds)
    assert trace.result.hold == (state == "matched")
    assert trace == run(request(**how))


def test_a_deadline_beats_a_driver_who_is_still_deciding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rider is told once, and nobody is matched afterwards."""
    monkeypatch.setattr(ride, "DEADLINE", 32.0)
    trace = run(request(accepts_at=4))
    assert (trace.result.screen, trace.duration) == (["searching", "cancelled"], 32)


@pytest.mark.parametrize("accepts_at", ["4", -1, math.nan])
def test_a_distance_that_cannot_be_is_told(accepts_at) -> None:
    """It was compared out of sight, and the trip cancelled as if nobody had accepted."""
    with pytest.raises(
        (TypeError, ValueError), match=r"distance of the driver is .*; give a number"
    ):
        run(request(accepts_at=accepts_at))


def test_an_outage_that_does_not_exist_is_told() -> None:
    """The sentence names the one that does."""
    with pytest.raises(ValueError, match="no outage 'mail'; take outage="):
        run(request(outage="mail"))


@pytest.mark.parametrize(
    ("change", "state", "seconds"),
    [
        (lambda trip: setattr(trip, "version", 1), "matched", 10),
        (lambda trip: trip.move("cancelled"), "cancelled", 5),
    ],
)
def test_a_driver_accepts_what_was_offered_and_nothing_newer(change, state, seconds) -> None:
    """The rider changes the trip while the driver decides: too late, and it is offered anew."""

    async def main():
        trip = Trip()
        asyncio.get_running_loop().call_later(1, change, trip)
        await ride._match(trip, accepts_at=1)
        return trip.state

    trace = run(main)
    assert (trace.result, trace.duration) == (state, seconds)
    assert [(mark.label, mark.time) for mark in trace.marks] == [("too late", 5)]
