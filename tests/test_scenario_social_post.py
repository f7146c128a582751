"""A social post: what fan-out costs, and the races behind "saved"."""

from __future__ import annotations

from statistics import mean
from typing import Any

import numpy as np
import pytest

from course_lib.flow import run
from course_lib.scenarios.social_post import (
    ACK_TIMEOUT,
    BATCH,
    BATCHES,
    BIGGEST,
    CAPACITY,
    CHUNK,
    SAVE,
    line,
    publish,
)

WHOLE = BIGGEST / CAPACITY  # seconds of all the capacity for one celebrity


def test_the_figures_of_2012() -> None:
    """345,000 timeline writes a second, of which one celebrity's post takes 87 s."""
    assert CAPACITY == 345_000
    assert pytest.approx(87, abs=0.5) == WHOLE


@pytest.mark.parametrize(
    "how", [{}, {"chunk": CHUNK}, {"chunk": CHUNK, "all_at_once": True}, {"celebrity_share": 0.5}]
)
def test_the_line_is_the_same_every_time(how) -> None:
    """Two runs give one and the same trace and delays."""
    first, second = run(line(**how)), run(line(**how))
    assert (first, first.result) == (second, second.result)


def test_a_normal_post_behind_a_celebrity_waits_half_of_it() -> None:
    """About 43 s on average, for posts that would take 0.2 ms alone."""
    delays = run(line()).result
    assert mean(delays.normal) == pytest.approx(WHOLE / 2, rel=0.01)
    assert delays.celebrity == pytest.approx(WHOLE)


def test_chunks_cure_only_if_they_take_turns() -> None:
    """In turn: nobody waits longer than a chunk. All in the line at once: as bad as one job."""
    turns, at_once = (run(line(chunk=CHUNK, all_at_once=all_)).result for all_ in (False, True))
    assert max(turns.normal) <= 2 * CHUNK / CAPACITY
    assert turns.celebrity == pytest.approx(WHOLE, rel=0.001)
    assert mean(at_once.normal) == pytest.approx(WHOLE / 2, rel=0.01)


@pytest.mark.parametrize("chunk", [20_000_000, 7_000_000, 29_999_999])
def test_the_last_chunk_is_what_is_left(chunk: int) -> None:
    """All followers are written to, also where their number is no multiple of a chunk."""
    delays = run(line(chunk=chunk, all_at_once=True)).result
    assert delays.celebrity == pytest.approx(WHOLE, rel=1e-3)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_a_line_of_its_own_cures_and_has_a_price(share) -> None:
    """Normal p99 within the goal of 5 s; the celebrity takes 87 s divided by its share."""
    delays = run(line(celebrity_share=share)).result
    assert np.percentile(delays.normal, 99) <= 5
    assert delays.celebrity >= WHOLE / share * (1 - 1e-9)
    assert delays.celebrity == pytest.approx(WHOLE / share)


HOW = [
    {},
    {"outage": "fan-out"},
    {"outage": "fan-out", "as_set": False},
    {"delete_at": 2.5, "tombstone": None},
    {"delete_at": 2.5, "tombstone": "writer"},
    {"delete_at": 2.5, "tombstone": "reader"},
]


@pytest.mark.parametrize("how", HOW)
def test_a_post_is_the_same_every_time(how) -> None:
    """Two runs give one and the same trace."""
    assert run(publish(**how)) == run(publish(**how))


def test_on_a_good_day_everybody_sees_it_once() -> None:
    """All batches, the last after the save and five seconds."""
    seen = run(publish()).result
    assert (seen.author_at_once, seen.followers) == (1, {1: BATCHES})
    assert seen.last == pytest.approx(SAVE + BATCHES * BATCH)


def test_a_dead_worker_doubles_or_delays() -> None:
    """At 60 % the job begins again: a list shows three batches twice, a set shows all once."""
    twice, once = (run(publish(outage="fan-out", as_set=as_set)).result for as_set in (False, True))
    assert twice.followers == {2: 3, 1: 2}
    assert once.followers == {1: 5}
    assert once.last == pytest.approx(SAVE + ACK_TIMEOUT + BATCHES * BATCH)


def test_authors_read_what_they_wrote_only_if_it_is_added() -> None:
    """Right after posting nothing has been fanned out."""
    assert run(publish(own_posts=False)).result.author_at_once == 0
    assert run(publish(own_posts=True)).result.author_at_once == 1


def test_a_delete_races_the_fan_out() -> None:
    """Unheeded, it leaves three batches with a ghost; a careful writer one; a reader none."""
    left = {
        heed: run(publish(delete_at=2.5, tombstone=heed)).result.followers
        for heed in (None, "writer", "reader")
    }
    assert left == {None: {0: 2, 1: 3}, "writer": {0: 4, 1: 1}, "reader": {0: 5}}


@pytest.mark.parametrize("delete_at", [0.02, 0.5, 1.5, 3.3, 4.9, 6.0])
@pytest.mark.parametrize("outage", [None, "fan-out"])
def test_a_reader_who_looks_sees_no_ghost(delete_at, outage) -> None:
    """Whenever it is deleted, and also when the job is done again."""
    seen = run(publish(delete_at=delete_at, outage=outage)).result
    assert seen.followers == {0: BATCHES}


@pytest.mark.parametrize(
    ("how", "words"),
    [({"outage": "mail"}, "take outage="), ({"tombstone": "yes"}, '"writer" or "reader"')],
)
def test_a_wrong_choice_is_told(how, words) -> None:
    """The sentence names those that exist."""
    with pytest.raises(ValueError, match=words):
        run(publish(**how))


@pytest.mark.parametrize(
    "how",
    [{"chunk": 0}, {"chunk": 10**9}, {"celebrity_share": 1.5}, {"celebrity_share": 1},
     {"all_at_once": "yes"}],
)  # fmt: skip
def test_a_cure_that_cannot_be_is_told(how) -> None:
    """A chunk of nobody would never be done, nor would posts for which no capacity is left."""
    with pytest.raises(ValueError, match=r"give|take"):
        run(line(**how))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"as_set": "no"}, "as_set is 'no'; take True or False"),
        ({"own_posts": "no"}, "own_posts is 'no'; take True or False"),
        ({"delete_at": "2.5"}, "time of deletion is '2.5'; give a number of seconds"),
        ({"delete_at": float("inf")}, "time of deletion is inf seconds; give a number from 0"),
    ],
)
def test_what_cannot_be_published_is_told(how: dict[str, Any], words: str) -> None:
    """With the value and the way out."""
    with pytest.raises((TypeError, ValueError), match=words):
        run(publish(**how))
