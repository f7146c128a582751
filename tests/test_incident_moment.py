"""How everything stands at one moment of an incident, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.incidents import Day, Moment, at
from course_lib.incidents.moment import Hand
from tests.incidents import one_mail

PAUSES = one_mail(
    "2.5 away 4, 3 ack before, 4 bound 1", mails=5, workers=1, bound=3, retry="backoff", timeout=9
)
"""Its worker sends the first, which fails when the provider goes, and is back after a second."""
TWICE = one_mail("0 slow 5, 2 kill 1", timeout=1)
"""The ack timeout is too short for an e-mail of 2 s, and the first worker dies."""


def counts(moment: Moment) -> dict[str, int]:
    """Without what there is none of."""
    return {kind: number for kind, number in moment.counts.items() if number}


def hands(moment: Moment) -> list[tuple[Any, ...]]:
    """The first two: what each does, with which e-mail, in which attempt, from when to when."""
    pair = moment.workers[:2]
    return [(h.kind, h.mail, h.attempt, h.start, h.due) if h.mail else (h.kind,) for h in pair]


QUEUES = [
    (2059, [], 0, []),
    (2060, [2], 0, []),
    (2499, [2], 439, []),
    (2500, [], 0, [1]),
    (4000, [], 0, [1, 2]),
    (6499, [4], 2439, []),
]


@pytest.mark.parametrize(("time", "queue", "oldest", "pausing"), QUEUES)
def test_who_waits_and_since_when(
    time: int, queue: list[int], oldest: int, pausing: list[int]
) -> None:
    """60 ms after asking it is in the queue, and what failed rests a second before it is back."""
    moment = at(PAUSES, time)
    assert (moment.queue, moment.oldest, moment.pausing) == (queue, oldest, pausing)


def test_of_several_who_wait_the_longest_counts() -> None:
    """The second came in 1 s before the third."""
    moment = at(one_mail("", mails=3, workers=1), 3060)
    assert (moment.queue, moment.oldest) == ([2, 3], 1000)


SPELLS = [
    (PAUSES, 2499, "there"),
    (PAUSES, 2500, "away"),
    (PAUSES, 6499, "away"),
    (PAUSES, 6500, "there"),
    (TWICE, 0, "slow"),
    (TWICE, 4999, "slow"),
    (TWICE, 5000, "there"),
]


@pytest.mark.parametrize(("day", "time", "provider"), SPELLS)
def test_the_provider(day: Day, time: int, provider: str) -> None:
    """A spell begins with its first millisecond, and is over when it is."""
    assert at(day, time).provider == provider


def test_settings_are_those_of_the_moment() -> None:
    """From the millisecond of a move on, as numbers where they are numbers."""
    before, then, later = (at(PAUSES, time).settings for time in (2999, 3000, 4000))
    assert (before["ack"], before["bound"]) == ("after", 3)
    assert (then["ack"], then["bound"]) == ("before", 3)
    assert later == before | {"ack": "before", "bound": 1}
    assert at(one_mail("3 bound none", bound=2), 3000).settings["bound"] == "none"


def test_hands() -> None:
    """Who is not hired is gone; who is, is idle, or has an e-mail for the so-manieth time."""
    assert hands(at(PAUSES, 0)) == [("idle",), ("gone",)]
    assert hands(at(PAUSES, 1060)) == [("send", 1, 1, 1060, 3060), ("gone",)]
    assert hands(at(PAUSES, 2500)) == [("no answer", 2, 1, 2500, 3500), ("gone",)]
    assert hands(at(TWICE, 2060)) == [("dead",), ("send", 1, 2, 2060, 8060)]
    assert at(PAUSES, 0).workers[:2] == [Hand(1, "idle"), Hand(2, "gone", 0, 0, 0, 0)]


COUNTED = [
    (PAUSES, 999, {}),
    (PAUSES, 1000, {"asked": 1}),
    (PAUSES, 1060, {"asked": 1, "accepted": 1}),
    (PAUSES, 6499, {"asked": 5, "accepted": 4, "refused": 1, "lost": 2}),
    (PAUSES, 30_000, {"asked": 5, "accepted": 4, "refused": 1, "lost": 3, "sent": 1}),
    (one_mail("2 away 5"), 2000, {"asked": 1, "accepted": 1, "failed": 1}),
    (TWICE, 8060, {"asked": 1, "accepted": 1, "sent": 1}),
    (TWICE, 8999, {"asked": 1, "accepted": 1, "sent": 1}),
    (TWICE, 9000, {"asked": 1, "accepted": 1, "sent": 1, "twice": 1}),
]


@pytest.mark.parametrize(("day", "time", "expected"), COUNTED)
def test_counts(day: Day, time: int, expected: dict[str, int]) -> None:
    """How many e-mails by then, each once, however often it was sent."""
    assert counts(at(day, time)) == expected


def test_the_promises_as_they_stand() -> None:
    """Each of the story's, with what is known by then."""
    now = [one.now for one in at(PAUSES, 6499).standing]
    assert now == ["0 of 5", "5.5 s, the slowest is e-mail 1", "6 worker-seconds"]
