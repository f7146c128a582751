"""The mail service of an incident: times worked out by hand, and what holds whatever is done."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.incidents import Day, Moment, at, judge, names, parse, play, story, write
from course_lib.incidents.chance import MAILS, Draws
from course_lib.incidents.day import Mail
from course_lib.incidents.rules import COUNTS, RULES, TIMES
from course_lib.incidents.stories import Traffic
from course_lib.incidents.system import System
from course_lib.incidents.words import words
from tests.incidents import line, move, moves

EVEN = Draws([1000] * MAILS, [1000] * MAILS, [[1000] * COUNTS["attempts"]] * MAILS)
PLAIN = replace(
    story("outage"), traffic=(Traffic(start=0, mails=1, every=1000),), script=(), task=2000
)
LINES = st.tuples(st.sampled_from(names()), st.integers(0, 10_000))


def one_mail(moves: str, mails: int = 1, **opening: Any) -> Day:
    """A minute with an e-mail at 1 s (or one each second), 2 s of work each, and these moves."""
    start = {"mode": "async", "ack": "after", "workers": 2, "bound": "none"}
    start |= {"timeout": 5, "retry": "none", "key": "off", **opening}
    plain = replace(PLAIN, traffic=(Traffic(start=0, mails=mails, every=1000),))
    return System(plain, start, parse(moves), EVEN).run()


def fate(mail: Mail) -> dict[str, Any]:
    """What became of an e-mail, without what did not."""
    told = {name: getattr(mail, name) for name in ("accept", "know", "refused", "failed", "lost")}
    return {name: time for name, time in (told | {"sent": mail.sent}).items() if time}


QUIET = {"accept": 1060, "know": 3060, "sent": [3060]}
BY_HAND: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "nothing happens": ("", {}, QUIET),
    "synchronous": ("", {"mode": "sync"}, {"accept": 3060, "know": 3060, "sent": [3060]}),
    "killed at work, acknowledged after": (
        "2 kill 1", {}, {"accept": 1060, "know": 8060, "sent": [8060]},
    ),
    "killed at work, acknowledged before": (
        "2 kill 1", {"ack": "before"}, {"accept": 1060, "lost": 2000},
    ),
    "killed before it acknowledged": ("3.2 kill 1", {}, {**QUIET, "sent": [3060, 8060]}),
    "the same, with a key": ("3.2 kill 1", {"key": "on"}, QUIET),
    "killed once it had acknowledged": ("3.5 kill 1", {}, QUIET),
    "killed after the work, acknowledged before": ("3.2 kill 1", {"ack": "before"}, QUIET),
    "killed while its user waits": (
        "2 kill 1", {"mode": "sync"}, {"know": 2000, "failed": 2000},
    ),
    "an ack timeout that is too short, five times": (
        "", {"timeout": 1}, {**QUIET, "sent": [3060, 4060, 5460, 6460, 7860]},
    ),
    "the provider goes, no retry": ("2 away 5", {}, {"accept": 1060, "know": 2000, "failed": 2000}),
    "the provider goes, at once": (
        "2 away 5", {"retry": "now", "timeout": 30}, {"accept": 1060, "know": 6000, "failed": 6000},
    ),
    "the provider goes, with backoff": (
        "2 away 5", {"retry": "backoff"}, {"accept": 1060, "know": 11_000, "sent": [11_000]},
    ),
    "the provider goes, acknowledged before": (
        "2 away 5", {"ack": "before"}, {"accept": 1060, "lost": 2000},
    ),
    "the provider goes, a user waits": (
        "2 away 5", {"mode": "sync", "retry": "backoff"}, {"know": 2000, "failed": 2000},
    ),
    "it is away already": ("0 away 5", {}, {"accept": 1060, "know": 2060, "failed": 2060}),
    "the provider is slow": (
        "0 slow 5", {"timeout": 9}, {"accept": 1060, "know": 7060, "sent": [7060]},
    ),
    "slow from the next one on": ("2 slow 5", {}, QUIET),
    "its worker goes home after it": ("2 workers 1", {}, QUIET),
}  # fmt: skip
"""Moves, settings at the start, and the fate of an e-mail that is asked for at 1 s."""


@pytest.mark.parametrize("name", BY_HAND)
def test_a_fate_worked_out_by_hand(name: str) -> None:
    """Accepted 60 ms after asking; 2 s of work, 0.4 s of writing down, then the ack."""
    moves, opening, expected = BY_HAND[name]
    assert fate(one_mail(moves, **opening).mails[0]) == expected


def test_the_queue_is_first_come_first_served_and_has_a_bound() -> None:
    """One worker, an e-mail a second, room for one: 2.4 s each, so every other one is refused."""
    day = one_mail("", mails=5, workers=1, bound=1)
    taken = [(e.mail, e.at) for e in day.log if e.kind == "taken"]
    assert taken == [(1, 1060), (2, 3460), (4, 5860)]
    assert [mail.number for mail in day.mails if mail.refused] == [3, 5]


def test_what_comes_back_goes_to_the_front() -> None:
    """An e-mail of a killed worker is served before those that came later."""
    day = one_mail("2 kill 1", mails=8, timeout=3)
    taken = [e.mail for e in day.log if e.kind == "taken"]
    assert taken.index(1, 1) < taken.index(4)


def test_where_an_e_mail_was() -> None:
    """In one place after the other, each from when it left the last: its worker is killed, and
    after the ack timeout another one takes it, works 2 s and needs 0.4 s to write it down.
    """
    stays = [(stay.place, stay.start, stay.end) for stay in one_mail("2 kill 1").mails[0].stays]
    assert stays == [
        ("queue", 1060, 1060),
        ("worker", 1060, 2000),
        ("dead", 2000, 6060),
        ("queue", 6060, 6060),
        ("worker", 6060, 8460),
    ]


def test_what_another_worker_has_is_not_lost() -> None:
    """After an ack timeout that is too short two have it, so one of them may be killed."""
    mail = one_mail("2.5 kill 1", timeout=1).mails[0]
    assert (mail.lost, mail.sent[:1]) == (None, [4060])


def test_an_idle_worker_goes_home_at_once() -> None:
    """It has nothing to finish."""
    shifts = one_mail("0.5 workers 1").shifts
    assert [(one.worker, one.start, one.end) for one in shifts] == [(1, 0, None), (2, 0, 500)]


def test_a_dead_worker_has_no_e_mail() -> None:
    """What it does meanwhile is nobody's delivery."""
    (dead,) = [work for work in one_mail("0.5 kill 1").works if work.kind == "dead"]
    assert (dead.mail, dead.attempt, dead.start, dead.end) == (0, 0, 500, 5500)


def test_what_concerns_all_is_noted_of_nobody() -> None:
    """The number of an e-mail and of a worker is 0 where a setting changes or the provider goes."""
    log = one_mail("2 ack before, 3 away 4").log
    found = [(e.at, e.mail, e.worker, e.value) for e in log if e.kind in ("ack", "away")]
    assert found == [(2000, 0, 0, "before"), (3000, 0, 0, "4")]


def test_workers_cost_while_they_are_there() -> None:
    """Who is not wanted any more finishes first; who is dead costs, too."""
    day = one_mail("2.5 workers 1, 4 kill 1, 10 workers 2", mails=2)
    told = [(shift.worker, shift.start, shift.end) for shift in day.shifts]
    assert told == [(1, 0, None), (2, 0, 4460), (2, 10_000, None)]
    hands = {
        time: [hand.kind for hand in at(day, time).workers[:2]] for time in (3_000, 4_200, 9_500)
    }
    assert hands[3_000] == ["send", "send"]
    assert hands[4_200] == ["dead", "file"]
    assert hands[9_500] == ["idle", "gone"]


def test_nobody_is_killed_twice_at_once() -> None:
    """A kill of who is dead, or is not there, is told and does nothing."""
    day = one_mail("2 kill 1, 3 kill 1, 3 kill 5")
    assert [e.worker for e in day.log if e.kind == "nobody"] == [1, 5]


def test_dismissed_and_hired_again_a_dead_worker_is_still_dead() -> None:
    """Nobody is brought back to life by paperwork."""
    day = one_mail("2 kill 2, 2.5 workers 1, 3 workers 2")
    assert at(day, 4_000).workers[1].kind == "dead"
    assert at(day, 7_500).workers[1].kind == "idle"


# ---- whatever is done ---------------------------------------------------------------------------


def played(name: str, seed: int) -> Day:
    return play(story(name), line(name, random.Random(seed)), seed=seed % 50)


@settings(max_examples=120, deadline=None)
@given(LINES)
def test_each_e_mail_is_somewhere(case: tuple[str, int]) -> None:
    """Sent, lost, given up, refused, just asked for, or with the broker: nothing else."""
    for mail in played(*case).mails:
        ends = [bool(mail.sent), mail.lost is not None, mail.failed is not None]
        is_kept = bool(mail.stays) and mail.stays[-1].end is None
        is_new = not mail.stays and TIMES["end"] - mail.arrival < TIMES["accept"]
        # Given up in its last attempt, and sent by that very attempt after all.
        if ends != [True, False, True]:
            told = [any(ends), is_kept and not any(ends), mail.refused is not None, is_new]
            assert sum(told) == 1, mail
        assert mail.attempts <= COUNTS["attempts"]
        assert len(mail.sent) <= 1 or not mail.is_sync


@settings(max_examples=120, deadline=None)
@given(LINES)
def test_a_worker_does_one_thing_at_a_time(case: tuple[str, int]) -> None:
    """And an ended piece of work ends no later than it was due."""
    day = played(*case)
    for number in range(1, COUNTS["workers"] + 1):
        mine = [work for work in day.works if work.worker == number]
        assert all(one.end is not None and one.end <= other.start for one, other in pairwise(mine))
    assert all(work.start <= (work.end or work.start) <= work.due for work in day.works)
    assert [entry.at for entry in day.log] == sorted(entry.at for entry in day.log)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_every_entry_has_its_sentence_and_every_verdict_its_cause(case: tuple[str, int]) -> None:
    """No sentence is asked for that nobody wrote, and no name in it stays open."""
    day = played(*case)
    assert {entry.kind for entry in day.log} <= set(words()["log"])
    told = judge(day)
    assert "{" not in str(told)
    for one in told.findings:
        assert (one.broken is None) == (one.since is None)
        assert one.broken is None or 0 <= one.since <= one.broken <= TIMES["end"]


def test_everything_that_has_a_sentence_can_happen() -> None:
    """No word is left over in the log's part of words.toml."""
    days = [played(name, seed) for name in names() for seed in range(40)]
    assert {entry.kind for day in days for entry in day.log} == set(words()["log"])


def bytes_before(day: Day, time: int) -> str:
    """The log before a time, and all that could be seen in these moments."""
    log = [asdict(entry) for entry in day.log if entry.at < time]
    moments: list[Moment] = [at(day, moment) for moment in range(0, time, 1_700)]
    if time:
        moments.append(at(day, time - 1))
    return json.dumps([log, [asdict(moment) for moment in moments]])


@settings(max_examples=80, deadline=None)
@given(LINES)
def test_a_move_changes_only_what_lies_right_of_it(case: tuple[str, int]) -> None:
    """Byte for byte, in the log and in each moment before it; and to undo it is to have it gone."""
    name, seed = case
    chance = random.Random(seed)
    before, added = moves(name, chance), move(name, chance)
    day = play(story(name), write(before), seed=seed % 50)
    longer = play(story(name), write([*before, added]), seed=seed % 50)
    assert bytes_before(longer, added.at) == bytes_before(day, added.at)
    assert play(story(name), write(longer.moves[:-1]), seed=seed % 50) == day


@pytest.mark.parametrize("name", names())
def test_the_same_line_is_the_same_minute(name: str) -> None:
    """And another seed is another one."""
    text = line(name, random.Random(5))
    one, again, other = (play(story(name), text, seed=seed) for seed in (7, 7, 8))
    assert one == again
    assert one.log != other.log


def test_another_chance_for_your_e_mails_is_no_other_chance_for_all() -> None:
    """A move that sends leaves when the others come, and how long they take, as it was."""
    day, more = (play(story("friday"), moves, seed=3) for moves in ("", "5 send 20"))
    assert [m.arrival for m in more.mails if not m.is_yours] == [m.arrival for m in day.mails]
    assert [m.chance for m in more.mails if not m.is_yours] == [m.chance for m in day.mails]


@pytest.mark.parametrize("seed", [-1, 10_000, 1.5, "7", True])
def test_a_seed_has_limits(seed: Any) -> None:
    """They are in the sentence."""
    with pytest.raises(ValueError, match=r"seed is .*; give a whole number from 0 to 9,999"):
        play(story("monday"), seed=seed)


def test_every_rule_has_an_example_that_it_allows() -> None:
    """The sentences about wrong moves show it."""
    for rule in RULES.values():
        assert parse(f"5 {rule.example}")
