"""The six incidents: each can be won and lost, by moves, and by everybody who has another seed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from course_lib.incidents import judge, names, parse, play, story
from course_lib.incidents.promises import words
from course_lib.incidents.rules import SECOND, TIMES
from course_lib.incidents.stories import Promise
from tests.conftest import ROOT

LOSING = {
    ("monday", "accepted"): "",
    ("monday", "known"): "10 mode async, 16 away 30",
    ("monday", "failed"): "16 kill 1, 16.1 kill 2, 16.2 kill 3",
    ("friday", "lost"): "",
    ("friday", "known"): "10 ack after, 20 away 30",
    ("friday", "workers"): "5 workers 4",
    ("newsletter", "known"): "",
    ("newsletter", "refused"): "10 bound 1",
    ("newsletter", "workers"): "10 workers 5",
    ("sale", "known"): "",
    ("sale", "paid"): "5 workers 6",
    ("sale", "lost"): "15 ack before, 26 kill 1, 26.1 kill 2",
    ("receipts", "twice"): "",
    ("receipts", "again"): "10 key on, 10 timeout 1",
    ("receipts", "known"): "10 timeout 30, 10 key on, 21 kill 2, 21 kill 3",
    ("outage", "failed"): "",
    ("outage", "known"): "5 retry backoff",
    ("outage", "paid"): "5 workers 6",
}
"""For each promise of each incident moves that break it."""
each_name = pytest.mark.parametrize("name", names())


def promised() -> list[tuple[str, Promise]]:
    return [(name, promise) for name in names() for promise in story(name).promises]


@each_name
@pytest.mark.parametrize("seed", [*range(20), 2026, 9999])
def test_it_can_be_won(name: str, seed: int) -> None:
    """The winning moves keep all promises, whatever the seed."""
    told = judge(play(story(name), story(name).win, seed=seed))
    assert told.is_won, str(told)


@each_name
@pytest.mark.parametrize("seed", range(20))
def test_who_does_nothing_loses(name: str, seed: int) -> None:
    """Trouble comes by itself."""
    assert not judge(play(story(name), seed=seed)).is_won


@pytest.mark.parametrize(("name", "promise"), promised(), ids=lambda one: getattr(one, "kind", one))
def test_each_promise_can_be_broken(name: str, promise: Promise) -> None:
    """By moves of which the verdict names moment and cause."""
    told = judge(play(story(name), LOSING[name, promise.kind]))
    found = next(one for one in told.findings if one.promise == words(promise))
    assert not told.is_won
    assert found.broken is not None
    assert found.since is not None
    assert 0 <= found.since <= found.broken <= TIMES["end"]


def test_every_promise_has_its_losing_line() -> None:
    """And no line is left over from a promise that is gone."""
    assert sorted(LOSING) == sorted((name, promise.kind) for name, promise in promised())


def test_they_get_harder() -> None:
    """There are six; the first is won by one move, and none by fewer than one before it."""
    counts = [len(parse(story(name).win)) for name in names()]
    assert len(counts) == 6
    assert counts[0] == 1
    assert all(one <= other for one, other in pairwise(counts))


@each_name
def test_it_is_about_a_lesson_that_there_is(name: str) -> None:
    """Each about another one."""
    lessons = [story(other).lesson for other in names()]
    assert (ROOT / "notebooks" / f"{story(name).lesson}.ipynb").exists()
    assert lessons.count(story(name).lesson) == 1


@each_name
def test_what_is_needed_is_allowed(name: str) -> None:
    """The moves that win, and those that lose, are the reader's own."""
    lines = [story(name).win, *(line for (one, _), line in LOSING.items() if one == name)]
    assert all(parse(line, story(name).may) or not line for line in lines)


@pytest.mark.parametrize(
    ("setting", "moves"), [({"ack": "after"}, ""), ({"ack": "before"}, "10 ack after")]
)
def test_a_setting_at_the_start_is_as_good_as_a_move(setting: dict[str, str], moves: str) -> None:
    """Friday is won by either."""
    assert judge(play(story("friday"), moves, opening=setting)).is_won


def test_an_unknown_incident_is_told_all_names() -> None:
    """The six."""
    with pytest.raises(ValueError, match=r"no incident 'freitag'; take one of 'monday', 'friday'"):
        story("freitag")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"mode": "sync"}, "mode is not yours to set in the incident 'friday'; take one of ack"),
        ({"ack": "never"}, "ack is 'never'; take before or after"),
        ({"workers": 7}, "workers is 7; take a whole number from 1 to 6"),
        ({"workers": True}, "workers is True; take a whole number"),
        ({"workers": 2.0}, "workers is 2.0; take a whole number"),
        ({"colour": "red"}, "colour is not yours to set"),
    ],
)
def test_a_wrong_setting_is_a_sentence(setting: dict[str, object], words: str) -> None:
    """With the value, and what it may be."""
    with pytest.raises(ValueError, match=words):
        story("friday").opened(setting)


def test_the_sale_is_about_utilisation() -> None:
    """Two workers have more to do in the sale than there is time; five are enough for it."""
    rush = story("sale").traffic[1]
    per_worker = (story("sale").task + TIMES["file"]) / rush.every
    assert 2 < per_worker < 5
    assert rush.mails * rush.every == 20 * SECOND
