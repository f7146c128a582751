"""The mail service of an incident: times worked out by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from course_lib.incidents import Day, at, names, parse, play, story
from course_lib.incidents.chance import MAILS, Draws
from course_lib.incidents.day import Entry, Mail
from course_lib.incidents.rules import RULES
from course_lib.incidents.system import System
from tests.incidents import EVEN, PLAIN, START, line, one_mail


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


LOGS: dict[str, tuple[str, dict[str, Any], str]] = {
    "killed while the provider is slow, and the ack timeout is too short": (
        "0 slow 9, 2 kill 1", {"timeout": 3},
        "0 slow 9, 1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 killed by 1, 4060 "
        "redelivered #1, 4060 taken #1 by 2 2, 7000 back by 1, 7060 redelivered #1, 7060 taken #1 "
        "by 1 3, 9000 quick, 10060 sent #1 by 2, 10060 redelivered #1, 10460 late #1 by 2, 10460 "
        "taken #1 by 2 4, 12460 again #1 by 2 slow, 12860 acked #1 by 2, 13060 again #1 by 1 "
        "slow, 13460 late #1 by 1",
    ),
    "the provider goes for longer and longer": (
        "2 away 5, 3 away 6", {"retry": "backoff", "timeout": 30},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 away 5, 2000 no_answer #1 by "
        "1, 2000 paused #1 4.0, 3000 away 6, 4000 returns #1, 4000 taken #1 by 1 2, 5000 "
        "no_answer #1 by 1, 5000 paused #1 9.0, 9000 there, 9000 returns #1, 9000 taken #1 by 1 "
        "3, 11000 sent #1 by 1, 11400 acked #1 by 1",
    ),
    "given up after five attempts": (
        "2 away 5", {"retry": "now", "timeout": 30},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 away 5, 2000 no_answer #1 by "
        "1, 2000 nack #1, 2000 taken #1 by 1 2, 3000 no_answer #1 by 1, 3000 nack #1, 3000 taken "
        "#1 by 1 3, 4000 no_answer #1 by 1, 4000 nack #1, 4000 taken #1 by 1 4, 5000 no_answer #1 "
        "by 1, 5000 nack #1, 5000 taken #1 by 1 5, 6000 no_answer #1 by 1, 6000 failed #1 by 1 "
        "attempts, 7000 there",
    ),
    "given up at once": (
        "2 away 1", {},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 away 1, 2000 no_answer #1 by "
        "1, 2000 failed #1 by 1 none, 3000 there",
    ),
    "an ack timeout that is too short, with a key": (
        "", {"timeout": 1, "key": "on"},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2060 redelivered #1, 2060 taken #1 "
        "by 2 2, 3060 sent #1 by 1, 3060 redelivered #1, 3460 late #1 by 1, 3460 taken #1 by 1 3, "
        "4060 known_key #1 by 2, 4460 redelivered #1, 4460 late #1 by 2, 4460 taken #1 by 2 4, "
        "5460 known_key #1 by 1, 5460 redelivered #1, 5860 late #1 by 1, 5860 taken #1 by 1 5, "
        "6460 known_key #1 by 2, 6860 aside #1, 6860 late #1 by 2, 7860 known_key #1 by 1, 8260 "
        "late #1 by 1",
    ),
    "killed while its user waits": (
        "1.5 mode async, 2 kill 1", {"mode": "sync"},
        "1000 asked #1, 1060 waits #1, 1060 taken #1 by 1 1, 1500 mode async, 2000 killed by 1, "
        "2000 error #1 by 1 killed, 7000 back by 1",
    ),
    "killed when its user knows": (
        "3.2 kill 1", {"mode": "sync"},
        "1000 asked #1, 1060 waits #1, 1060 taken #1 by 1 1, 3060 sent #1 by 1, 3200 killed by 1, "
        "8200 back by 1",
    ),
    "the provider goes while its user waits": (
        "2 away 1", {"mode": "sync"},
        "1000 asked #1, 1060 waits #1, 1060 taken #1 by 1 1, 2000 away 1, 2000 no_answer #1 by 1, "
        "2000 error #1 by 1 provider, 3000 there",
    ),
    "killed, acknowledged before": (
        "2 kill 1", {"ack": "before"},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 1060 acked #1 by 1, 2000 killed by "
        "1, 2000 lost #1 by 1 killed, 7000 back by 1",
    ),
    "the provider goes, acknowledged before": (
        "2 away 2", {"ack": "before"},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 1060 acked #1 by 1, 2000 away 2, "
        "2000 no_answer #1 by 1, 2000 lost #1 by 1 provider, 4000 there",
    ),
    "killed before it acknowledged": (
        "3.2 kill 1", {},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 3060 sent #1 by 1, 3200 killed by "
        "1, 6060 redelivered #1, 6060 taken #1 by 2 2, 8060 again #1 by 2 dead, 8200 back by 1, "
        "8460 acked #1 by 2",
    ),
    "the queue is full": (
        "1.5 send 2", {"workers": 1, "bound": 1},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 1500 yours #2, 1500 yours #3, 1560 "
        "queued #2, 1560 refused #3, 3060 sent #1 by 1, 3460 acked #1 by 1, 3460 taken #2 by 1 1, "
        "5460 sent #2 by 1, 5860 acked #2 by 1",
    ),
    "both workers are killed": (
        "2 kill 1, 5 kill 2", {"timeout": 2},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 killed by 1, 3060 redelivered "
        "#1, 3060 taken #1 by 2 2, 5000 killed by 2, 5060 redelivered #1, 7000 back by 1, 7000 "
        "taken #1 by 1 3, 9000 redelivered #1, 9000 sent #1 by 1, 9400 late #1 by 1, 9400 taken "
        "#1 by 1 4, 10000 back by 2, 11400 redelivered #1, 11400 taken #1 by 2 5, 11400 again #1 "
        "by 1 slow, 11800 late #1 by 1, 13400 aside #1, 13400 again #1 by 2 slow, 13800 late #1 "
        "by 2",
    ),
    "a worker goes home and comes back": (
        "2 workers 1, 2.5 kill 2, 3 workers 2", {},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 workers 1, 2000 gone by 2, "
        "2500 nobody by 2, 3000 workers 2, 3000 hired by 2, 3060 sent #1 by 1, 3460 acked #1 by 1",
    ),
    "another has it when its worker drops it": (
        "2 away 3, 2.5 kill 1", {"timeout": 1, "retry": "now"},
        "1000 asked #1, 1060 queued #1, 1060 taken #1 by 1 1, 2000 away 3, 2000 no_answer #1 by "
        "1, 2000 nack #1, 2000 taken #1 by 1 2, 2500 killed by 1, 3000 redelivered #1, 3000 taken "
        "#1 by 2 3, 4000 redelivered #1, 4000 no_answer #1 by 2, 4000 taken #1 by 2 4, 5000 "
        "there, 5000 redelivered #1, 5000 no_answer #1 by 2, 5000 taken #1 by 2 5, 6000 failed #1 "
        "attempts, 7000 sent #1 by 2, 7400 late #1 by 2, 7500 back by 1",
    ),
}  # fmt: skip
"""Moves, settings at the start, and the log: when, what, of which e-mail, by whom, value, why."""


def written(day: Day) -> str:
    """Its log, without those who were hired at the start."""
    return ", ".join(
        " ".join(filter(None, [f"{e.at} {e.kind}", *_of(e), e.value, e.why]))
        for e in day.log
        if e.kind != "hired" or e.at
    )


def _of(entry: Entry) -> list[str]:
    mail, worker = entry.mail, entry.worker
    return [f"#{mail}" if mail else "", f"by {worker}" if worker else ""]


@pytest.mark.parametrize("name", LOGS)
def test_a_log_worked_out_by_hand(name: str) -> None:
    """All that happened, in its order: what the cards of the incident tell."""
    moves, opening, log = LOGS[name]
    assert written(one_mail(moves, **opening)) == log


def test_a_pause_is_a_place() -> None:
    """Where an e-mail is that its worker gave back: its second pause is twice as long."""
    mail = one_mail("2 away 5", retry="backoff", timeout=30).mails[0]
    found = [(stay.start, stay.end) for stay in mail.stays if stay.place == "pause"]
    assert found == [(2000, 4000), (5000, 9000)]


def test_what_is_answered_or_lost_is_nowhere() -> None:
    """Its last stay ends with it."""
    cases = ({"mode": "sync"}, {"ack": "before"}, {"retry": "none"})
    mails = [one_mail("2 away 5", **opening).mails[0] for opening in cases]
    assert [mail.stays[-1].end for mail in mails] == [2000, 2000, 2000]
    assert one_mail("", mode="sync").mails[0].stays[-1].end == 3060


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


def test_the_seed_is_1_unless_told() -> None:
    """The same minute as with that word."""
    assert play(story("monday")) == play(story("monday"), seed=1)


def test_what_goes_wrong_by_itself_is_nobodys_move() -> None:
    """The script of a story is followed, and an e-mail that it sends is none of yours."""
    scripted = replace(PLAIN, script=tuple(parse("3 send 1, 4 kill 2")))
    day = System(scripted, START, (), EVEN).run()
    assert [mail.is_yours for mail in day.mails] == [False, False]
    assert [entry.worker for entry in day.log if entry.kind == "killed"] == [2]


def test_who_is_hired_begins_at_once() -> None:
    """And a setting counts from its move on: the ack timeout of the second e-mail is 9 s."""
    day = one_mail("2.5 workers 2, 2 timeout 9, 3 kill 2", mails=2, workers=1)
    taken = [(e.mail, e.worker, e.at) for e in day.log if e.kind == "taken"]
    assert taken[:2] == [(1, 1, 1060), (2, 2, 2500)]
    assert [e.at for e in day.log if e.kind == "redelivered"] == [11_500]


def test_what_workers_did() -> None:
    """A kill ends the work in the middle, and who asks a provider that is away gets no answer."""
    day = one_mail("2 kill 1, 5 away 5", retry="now", timeout=30)
    works = [(work.kind, work.start, work.end) for work in day.works]
    assert works[:2] == [("send", 1060, 2000), ("dead", 2000, 7000)]
    works = [(w.kind, w.start, w.end) for w in one_mail("1.5 away 2", retry="now").works]
    assert works[:3] == [("send", 1060, 1500), ("no answer", 1500, 2500), ("no answer", 2500, 3500)]


def test_each_pause_has_a_draw_of_its_own() -> None:
    """After the first attempt the first: half of 2 s, then a quarter of 4 s."""
    draws = Draws([1000] * MAILS, [1000] * MAILS, [[500, 250, 1000, 1000, 1000]] * MAILS)
    start = START | {"retry": "backoff", "timeout": 30}
    day = System(PLAIN, start, parse("2 away 9"), draws).run()
    found = [(s.start, s.end) for s in day.mails[0].stays if s.place == "pause"]
    assert found[:2] == [(2000, 3000), (4000, 5000)]
