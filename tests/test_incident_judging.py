"""Promises and verdict: how each stands, when it broke, and the sentence that says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from course_lib.incidents import Day, at, judge, parse, story
from course_lib.incidents.chance import MAILS, Draws
from course_lib.incidents.promises import Break, broken, paid, standing
from course_lib.incidents.rules import COUNTS
from course_lib.incidents.stories import Promise, Traffic
from course_lib.incidents.system import System
from course_lib.incidents.words import words

EVEN = Draws([1000] * MAILS, [1000] * MAILS, [[1000] * COUNTS["attempts"]] * MAILS)


def minute(promise: Promise, moves: str = "", mails: int = 1, **opening: Any) -> Day:
    """E-mails at 1 s, 2 s …, 2 s of work each, and one promise."""
    start = {"mode": "async", "ack": "after", "workers": 2, "bound": "none"}
    start |= {"timeout": 5, "retry": "none", "key": "off", **opening}
    traffic = (Traffic(start=0, mails=mails, every=1000),)
    plain = replace(story("outage"), traffic=traffic, script=(), task=2000, promises=(promise,))
    return System(plain, start, parse(moves), EVEN).run()


KNOWN = "p99 known under 3 s"
LATE = "E-mail {} was asked for at {} s and not known {} s later: "
CAUSES: dict[str, tuple[Promise, str, dict[str, Any], int, int, str]] = {
    "lost_killed": (
        Promise("lost", 0), "2 kill 1", {"ack": "before"}, 2000, 1060,
        "E-mail 1 was lost at 2.0 s: worker 1 had acknowledged it at 1.1 s, before the work, and "
        "was killed in the middle of it.",
    ),
    "lost_provider": (
        Promise("lost", 0), "2 away 3", {"ack": "before"}, 2000, 1060,
        "E-mail 1 was lost at 2.0 s: worker 1 had acknowledged it at 1.1 s, before the work, and "
        "the provider did not take it.",
    ),
    "twice_dead": (
        Promise("twice", 0), "3.2 kill 1", {}, 8060, 3200,
        "E-mail 1 was sent twice, at 8.1 s for the second time: worker 1 was killed at 3.2 s, "
        "after it had sent it and before it acknowledged, so it was delivered again.",
    ),
    "twice_slow": (
        Promise("twice", 0), "", {"timeout": 1}, 4060, 2060,
        "E-mail 1 was sent twice, at 4.1 s for the second time: its ack was not there within the "
        "ack timeout, so at 2.1 s it was delivered again while worker 1 was still busy with it.",
    ),
    "again": (
        Promise("again", 0), "2 kill 1", {}, 6060, 1060,
        "E-mail 1 was delivered again at 6.1 s, as one too many: its first delivery, at 1.1 s, "
        "was not acknowledged.",
    ),
    "failed_none": (
        Promise("failed", 0), "2 away 5", {}, 2000, 2000,
        "E-mail 1 failed at 2.0 s: the provider did not take it, and with retry none there is no "
        "second attempt.",
    ),
    "failed_attempts": (
        Promise("failed", 0), "2 away 9", {"retry": "now"}, 6000, 1060,
        "E-mail 1 failed at 6.0 s: its attempts were used up; the first was at 1.1 s.",
    ),
    "failed_killed": (
        Promise("failed", 0), "2 kill 1", {"mode": "sync"}, 2000, 2000,
        "The user of e-mail 1 was told of an error at 2.0 s: worker 1 was killed while the user "
        "waited.",
    ),
    "failed_provider": (
        Promise("failed", 0), "2 away 5", {"mode": "sync"}, 2000, 2000,
        "The user of e-mail 1 was told of an error at 2.0 s: the provider did not take it.",
    ),
    "refused": (
        Promise("refused", 1), "0.5 send 5", {"bound": 1}, 560, 560,
        "E-mail 5 was refused at 0.6 s, as the one that was too many: the queue was full.",
    ),
    "workers": (
        Promise("workers", 3), "4 workers 5", {}, 4000, 4000, "At 4.0 s there were 5 workers.",
    ),
    "paid": (
        Promise("paid", 100), "10 workers 3", {}, 36_667, 36_667,
        "At 36.7 s the workers had cost more than 100 worker-seconds.",
    ),
    "time_lost": (
        Promise("known", 4), "2 kill 1", {"ack": "before"}, 5000, 2000,
        LATE.format(1, "1.0", 4) + "it was lost at 2.0 s.",
    ),
    "time_failed": (
        Promise("accepted", 4), "2 kill 1", {"mode": "sync"}, 5000, 2000,
        "E-mail 1 was asked for at 1.0 s and not accepted 4 s later: at 2.0 s it had failed.",
    ),
    "time_queue": (
        Promise("known", 6), "0 send 4", {"workers": 1}, 6000, 60,
        LATE.format(3, "0.0", 6) + "for 4.8 s it waited in the queue, with 1 before it.",
    ),
    "time_worker, while_slow": (
        Promise("known", 4), "0.5 slow 9", {"timeout": 20}, 5000, 1060,
        LATE.format(1, "1.0", 4) + "for 3.9 s a worker was busy with it. Meanwhile the provider "
        "was slow, from 0.5 s.",
    ),
    "while_killed": (
        Promise("known", 6), "0 send 2, 2.2 kill 1", {"workers": 1, "ack": "before"}, 6000, 60,
        LATE.format(2, "0.0", 6) + "for 5.9 s it waited in the queue, with 0 before it. And "
        "worker 1 was killed, at 2.2 s.",
    ),
    "time_dead": (
        Promise("known", 5), "1.5 kill 1", {}, 6000, 1500,
        LATE.format(1, "1.0", 5) + "its worker was killed at 1.5 s, and for 4.5 s nobody had it, "
        "until the ack timeout.",
    ),
    "time_pause, while_away": (
        Promise("known", 6), "2 away 6", {"retry": "backoff"}, 7000, 2000,
        LATE.format(1, "1.0", 6) + "for 4.0 s it paused between attempts. Meanwhile the provider "
        "was away, from 2.0 s.",
    ),
}  # fmt: skip
"""Of each cause: the promise, moves, settings, when it broke, since when, and what is said."""


@pytest.mark.parametrize("name", CAUSES)
def test_a_verdict_names_moment_and_cause(name: str) -> None:
    """Worked out by hand: accepted after 60 ms, 2 s of work, 0.4 s until the ack."""
    promise, moves, opening, when, since, said = CAUSES[name]
    told = judge(minute(promise, moves, **opening)).findings[0]
    assert (told.broken, told.since, told.words) == (when, since, said)


def test_every_cause_has_its_case() -> None:
    """None is written for nobody."""
    cases = {name for names in CAUSES for name in names.split(", ")}
    assert cases == set(words()["cause"]) - {"kept"}


@pytest.mark.parametrize(
    ("promise", "time", "expected"),
    [
        (Promise("lost", 0), 500, ("none lost", "0 of 0", None)),
        (Promise("lost", 0), 1_999, ("none lost", "0 of 1", None)),
        (Promise("lost", 0), 2_000, ("none lost", "1 of 2", 2000)),
        (Promise("lost", 1), 60_000, ("at most 1 lost", "1 of 4", None)),
        (Promise("known", 3), 500, (KNOWN, "nothing yet", None)),
        (Promise("known", 3), 3_000, (KNOWN, "2.0 s, the slowest is e-mail 1", None)),
        (Promise("known", 3), 4_000, (KNOWN, "3.0 s, the slowest is e-mail 1", 4000)),
        (Promise("workers", 2), 3_000, ("at most 2 workers", "2 now, 1 alive", None)),
        (Promise("workers", 2), 7_000, ("at most 2 workers", "2 now, 2 alive", None)),
        (Promise("paid", 10), 5_000, ("at most 10 worker-seconds", "10 worker-seconds", None)),
        (Promise("paid", 10), 5_001, ("at most 10 worker-seconds", "10 worker-seconds", 5001)),
    ],
)  # fmt: skip
def test_how_a_promise_stands_at_a_moment(
    promise: Promise, time: int, expected: tuple[str, str, int | None]
) -> None:
    """In numbers; who has not been told counts with its age; what is broken is so from then on."""
    day = minute(promise, "2 kill 1", mails=4, ack="before")
    found = standing(day, promise, time)
    assert (found.words, found.now, found.broken) == expected
    assert at(day, time).standing == [found]


def test_one_of_a_hundred_may_be_late_and_two_may_not() -> None:
    """The 99th percentile by nearest rank: the slowest of 99, the second of 100."""
    promise = Promise("known", 9)
    for asked, late, is_kept in [(99, 1, False), (100, 1, True), (100, 2, False)]:
        day = minute(promise, f"20 send 50, 20 send {asked - 60}", mails=10)
        for number, mail in enumerate(day.mails):
            mail.know = None if number >= asked - late else mail.arrival + 1000
        assert (broken(day, promise) is None) == is_kept, (asked, late)


def test_a_verdict_as_text() -> None:
    """A line for the whole and one for each promise, with a sign that is not colour."""
    made = minute(Promise("lost", 0), "2 kill 1", ack="before")
    lost, kept = Promise("lost", 0), Promise("workers", 2)
    day = replace(made, story=replace(made.story, promises=(lost, kept)))
    told = judge(day)
    lines = repr(told).splitlines()
    assert str(told) == repr(told)
    assert lines[0] == "At 60 s: 1 of 2 promises kept, with 1 move."
    assert lines[1].startswith("✗ none lost: E-mail 1 was lost at 2.0 s: ")
    assert lines[2] == "✓ at most 2 workers: Kept: 2 now, 2 alive."
    assert [one.is_kept for one in told.findings] == [False, True]
    assert [one.mail for one in told.findings] == [1, 0]
    assert told.is_won is False


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ("", "At 60 s: all 1 promises kept, with 0 moves."),
        ("5 send", "At 60 s: all 1 promises kept, with 1 move."),
        ("5 send, 6 send", "At 60 s: all 1 promises kept, with 2 moves."),
    ],
)
def test_a_minute_is_won_if_all_is_kept(moves: str, expected: str) -> None:
    """Whatever was moved."""
    told = judge(minute(Promise("lost", 0), moves))
    assert (told.words, told.is_won) == (expected, True)


def test_what_was_under_way_together_is_told_apart() -> None:
    """The e-mail that came first to grief, its own worker, and its last ack before the loss."""
    day = minute(Promise("lost", 0), "2.2 kill 2, 2.3 kill 1", mails=2, ack="before")
    found = judge(day).findings[0]
    assert found.words.startswith("E-mail 2 was lost at 2.2 s: worker 2 had acknowledged it at 2.1")
    twice = minute(Promise("twice", 0), "", mails=2, timeout=1, workers=3)
    assert "worker 1 was still busy with it" in judge(twice).findings[0].words


KNOWN_5 = Promise("known", 5)
EDGES: dict[str, tuple[Promise, str, dict[str, Any], int, str]] = {
    "one that was sent once": (Promise("twice", 0), "", {}, 60_000, "0 of 1"),
    "one that was delivered once": (Promise("again", 0), "", {}, 60_000, "0 of 1"),
    "just asked for": (KNOWN_5, "", {}, 1_000, "0.0 s, the slowest is e-mail 1"),
    "just killed": (Promise("workers", 2), "2 kill 1", {}, 2_000, "2 now, 1 alive"),
    "just gone": (Promise("workers", 2), "5 workers 1", {}, 5_000, "1 now, 1 alive"),
    "gone for long": (Promise("paid", 99), "5 workers 1", {}, 10_000, "15 worker-seconds"),
    "to come": (Promise("paid", 99), "30 workers 3", {}, 10_000, "20 worker-seconds"),
}
"""A promise, moves, settings, a moment at which something begins or ends, and how it stands."""


@pytest.mark.parametrize("name", EDGES)
def test_how_a_promise_stands_where_something_begins_or_ends(name: str) -> None:
    """What happens in a millisecond has happened in it."""
    promise, moves, opening, time, expected = EDGES[name]
    assert standing(minute(promise, moves, **opening), promise, time).now == expected


def test_who_is_not_there_yet_costs_nothing() -> None:
    """To the millisecond; and to have cost as much as was promised is no more than promised."""
    day = minute(Promise("paid", 120), "30 workers 3")
    assert paid(day, 10_000) == 20_000
    assert broken(minute(Promise("paid", 120)), Promise("paid", 120)) is None


def test_the_limit_of_a_time_is_beyond_it() -> None:
    """Under 5 s is not 5 s, to the last millisecond of the minute; the refused count until then."""
    day = minute(KNOWN_5)
    day.mails[0].know = 6_000
    assert broken(day, KNOWN_5) == Break(6_000, 1)
    day.mails[0].know = 5_999
    assert broken(day, KNOWN_5) is None
    day.mails[0].arrival, day.mails[0].know = 55_000, None
    assert broken(day, KNOWN_5) == Break(60_000, 1)
    day.mails[0].arrival, day.mails[0].refused = 1_000, 1_060
    assert standing(day, KNOWN_5, 1_059).now == "0.1 s, the slowest is e-mail 1"
    assert standing(day, KNOWN_5, 1_060).now == "nothing yet"


def test_the_first_of_several_troubles_is_told() -> None:
    """Of kills, and of spells; and of workers the one who had that e-mail."""
    kills = "0 send 3, 2.2 kill 1, 2.3 kill 2"
    told = judge(minute(Promise("known", 6), kills, ack="before")).findings[0].words
    assert told.endswith("And worker 1 was killed, at 2.2 s.")
    told = judge(minute(Promise("known", 4), "0.5 slow 3, 4 slow 9", timeout=20)).findings[0].words
    assert told.endswith("Meanwhile the provider was slow, from 0.5 s.")
    day = minute(Promise("twice", 0), "1.5 send", timeout=1, workers=3)
    assert "while worker 1 was still busy" in judge(day).findings[0].words
    retried = {"retry": "backoff", "timeout": 1, "workers": 3}
    day = minute(Promise("twice", 0), "2 away 1, 3.5 kill 1", **retried)
    assert "while worker 2 was still busy" in judge(day).findings[0].words
    assert judge(minute(Promise("workers", 1))).findings[0].mail == 0
