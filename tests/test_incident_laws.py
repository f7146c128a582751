"""What holds in the mail service of an incident, whatever is done in it."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.incidents import Day, Moment, at, judge, names, play, story, write
from course_lib.incidents.rules import COUNTS, TIMES
from course_lib.incidents.words import words
from tests.incidents import line, move, moves

LINES = st.tuples(st.sampled_from(names()), st.integers(0, 10_000))


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
