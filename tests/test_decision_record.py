"""A decision record computes what follows from its numbers, and asks; it never says "wrong"."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from course_lib.decision_record import FORM, Record

GOOD = Record(
    "a mail",
    axes={
        "interaction": "one-way",
        "coupling": "buffered by a broker",
        "control flow": "continues, nobody waits",
        "thread": "non-blocking",
        "structure": "concurrent",
        "execution": "one core",
    },
    clocks={"accept": 0.06, "complete": 900, "know": 1800.0, "told by": "the order page"},
    promise={
        "yes at": "A2: a row in the outbox",
        "delivery": "at least once",
        "lost of a million": 0,
        "doubled of a million": 0,
        "told apart by": "the order's number",
        "order per": "nothing",
    },
    capacity={
        "arrivals": 0.3,
        "peak": 1.0,
        "peak lasts": 1200,
        "service": 3.0,
        "workers": 2,
        "room": 5_000,
    },
    care={
        "owner": "the checkout team",
        "alarm": "age of the oldest mail",
        "alarm after": 700,
        "dead letters": "support, every morning",
        "change my mind": "tickets in the mail",
    },
    failures={
        "worker crashes": "delivered again after 60 s, the key finds doubles",
        "no answer in time": "tried again, 5 attempts, then DLQ",
    },
)


def changed(part: str, **answers: Any) -> Record:
    """The good record with other answers; `_` stands for a space in their lines."""
    new = {line.replace("_", " "): answer for line, answer in answers.items()}
    return replace(GOOD, **{part: getattr(GOOD, part) | new})


def test_a_good_record_leaves_no_question() -> None:
    """What agrees and is complete is left alone."""
    assert GOOD.questions() == []
    assert GOOD.blanks() == {}
    assert "open questions: 0" in repr(GOOD)


def test_the_page_computes_what_follows_from_the_capacity() -> None:
    """45 % busy, M/M/2: 3 / (1 − 0.45²) s; what waits after the peak, gone at 2/3 − 0.3 per s."""
    page = repr(GOOD)
    assert "ordinary day: 45 % busy, complete: mean 3.76 s" in page
    assert "peak: 150 % busy, 402 waiting at its end, 460 in one of ten" in page
    assert "the last of them waits 603 s; there is a line until 1,096 s later" in page


def test_the_page_fits_a_page() -> None:
    """At most 60 lines of at most 78 characters."""
    lines = repr(GOOD).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 78


@pytest.mark.parametrize(
    ("part", "answers", "asked"),
    [
        ("promise", {"delivery": "exactly once"}, "at most once (some are lost), or at least once"),
        ("promise", {"delivery": "Exactly-once, by Kafka"}, "can mean two things"),
        ("promise", {"delivery": "at most once"}, "how many of a million may be?"),
        ("promise", {"delivery": "At most once"}, "how many of a million may be?"),
        ("promise", {"told apart by": ...}, "by which key"),
        ("promise", {"yes at": "A0"}, "a crash one moment later?"),
        ("promise", {"yes at": "A1: received"}, "you say yes at A1"),
        ("promise", {"yes at": "a1"}, "you say yes at A1"),
        ("promise", {"yes at": "in memory (A1)"}, "you say yes at A1"),
        ("promise", {"delivery": "exactly\nonce"}, "can mean two things"),
        ("promise", {"yes at": "202"}, "'202', which names no rung"),
        ("promise", {"order per": "customer"}, "with 2 workers; what brings all of one key"),
        ("clocks", {"know": ...}, "how does the user learn that it failed"),
        ("clocks", {"told by": ""}, "how does the user learn that it failed"),
        ("clocks", {"complete": 0.05}, "complete after 0.05 s, before it is accepted (0.06 s)?"),
        ("clocks", {"know": 5}, "known after 5 s, before it is complete (900 s)?"),
        ("axes", {"control flow": "Waits for it"}, "the caller waits for the result, and goes"),
        ("axes", {"control flow": "waits"}, "the caller waits for the result, and goes on after"),
        ("capacity", {"arrivals": 0.7}, "keeps the workers 105 % busy"),
        ("capacity", {"peak": 0.2}, "0.2 come per second in the peak, and 0.3 on an ordinary day"),
        ("capacity", {"room": 459}, "leaves 460 waiting, and there is room for 459"),
        ("clocks", {"complete": 3.7}, "the mean alone is 3.76 s"),
        ("care", {"alarm": "queue longer than 100"}, "no alarm on the age of the oldest"),
        ("care", {"alarm": "the average"}, "no alarm on the age of the oldest"),
        ("care", {"alarm after": 900}, "the 900 s of “complete” are over"),
        ("failures", {"no answer in time": "we retry"}, "tried again how often at most"),
    ],
)
def test_a_contradiction_is_asked_about(part: str, answers: dict[str, Any], asked: str) -> None:
    """Each names both answers and asks which gives way; all are questions."""
    found = changed(part, **answers).questions()
    assert any(asked in question for question in found)
    assert all(":" in question for question in found)
    assert all("?" in question or "still blank" in question for question in found)


@pytest.mark.parametrize(
    ("part", "answers"),
    [
        ("promise", {"order per": "customer, with a partition for each"}),
        ("promise", {"order per": "Nothing"}),
        ("promise", {"yes at": "rung A2: stored"}),
        ("failures", {"no answer in time": "not retried"}),
        ("promise", {"lost of a million": 1_000_000, "doubled of a million": 0.5}),
        ("capacity", {"room": 460}),
        ("capacity", {"peak": 0.3}),
        ("axes", {"coupling": "both up now"}),
        ("care", {"alarm": "oldest message"}),
    ],
)
def test_what_agrees_is_not_asked_about(part: str, answers: dict[str, Any]) -> None:
    """The neighbours of the contradictions above."""
    assert changed(part, **answers).questions() == []


@pytest.mark.parametrize("failures", [{}, {"fire": "we run"}])
def test_two_failures_are_never_forgotten(failures: dict[str, str]) -> None:
    """A crash of the worker, and no answer in time."""
    found = replace(GOOD, failures=failures).questions()
    assert any("a worker's crash is missing" in question for question in found)
    assert any("“no answer in time” is missing" in question for question in found)


def test_a_failure_may_begin_with_a_capital() -> None:
    """It is found by its words, however they are written."""
    named = {failure.title(): answer for failure, answer in GOOD.failures.items()}
    assert replace(GOOD, failures=named).questions() == []


def test_without_a_queue_nobody_asks_for_its_alarm() -> None:
    """The alarm on age belongs to a queue."""
    direct = replace(GOOD, axes=GOOD.axes | {"coupling": "both up now"})
    assert replace(direct, care=GOOD.care | {"alarm": "errors"}).questions() == []


def test_an_empty_form_is_all_blanks() -> None:
    """Every line of the form is asked for, and the page can be shown."""
    blank = {part: dict.fromkeys(lines, ...) for part, lines in FORM.items()}
    empty = Record("mine", **blank, failures={"worker crashes": ..., "no answer in time": ...})
    assert {part: [*lines] for part, lines in FORM.items()} == {
        part: lines for part, lines in empty.blanks().items() if part != "failures"
    }
    assert "(blank)" in repr(empty)
    assert len(empty.questions()) == 7


def test_a_line_that_is_left_out_is_blank() -> None:
    """Not only `...`: what is not there at all is asked for as well."""
    assert replace(GOOD, care={}).blanks() == {"care": [*FORM["care"]]}


@pytest.mark.parametrize(
    ("part", "answers", "error", "said"),
    [
        (
            "axes",
            {"thraed": "blocking"},
            ValueError,
            "no line 'thraed' in axes; it has: interaction",
        ),
        ("clocks", {"accept": "60 ms"}, TypeError, "accept is '60 ms'; give a number, or ..."),
        ("clocks", {"accept": True}, TypeError, "give a number"),
        ("clocks", {"accept": -1}, ValueError, "give a number from 0, or"),
        ("clocks", {"accept": float("nan")}, ValueError, "give a number from 0, or"),
        (
            "promise",
            {"lost of a million": 2_000_000},
            ValueError,
            "promise: the lost of a million is 2000000; give a number from 0 to 1,000,000, or ... "
            "(how many may be lost and nobody is told)",
        ),
        ("promise", {"doubled of a million": 1_000_001}, ValueError, "from 0 to 1,000,000, or"),
        ("capacity", {"workers": 1.5}, TypeError, "give a whole number"),
        ("capacity", {"workers": 0}, ValueError, "give 1 or more"),
        ("axes", {"thread": True}, TypeError, "thread is True; give words"),
    ],
)
def test_an_answer_of_the_wrong_kind(
    part: str, answers: dict[str, Any], error: type[Exception], said: str
) -> None:
    """A sentence with the line, the value and the way out."""
    with pytest.raises(error) as caught:
        changed(part, **answers)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"title": 5}, "the title is 5; give words"),
        ({"axes": None}, "axes is None; give a dict: {'interaction': …}"),
        ({"care": ["owner"]}, "care is ['owner']; give a dict: {'owner': …}"),
        ({"failures": ["crash"]}, "failures is ['crash']; give a dict"),
        ({"failures": {1: "retry"}}, "failures is {1: 'retry'}; give a dict"),
    ],
)
def test_a_part_of_the_wrong_kind(how: dict[str, Any], said: str) -> None:
    """Told where the record is made, not where it is shown."""
    with pytest.raises(TypeError) as caught:
        replace(GOOD, **how)
    assert said in str(caught.value)


def test_a_hair_below_what_the_workers_can_do_is_shown_too() -> None:
    """Two roundings may disagree about who has time left: 59.99999999999999 × 0.05 is 3."""
    full = changed("capacity", arrivals=59.99999999999999, service=0.05, workers=3)
    assert "100 % busy" in repr(full) and full.questions()


def test_more_than_the_workers_can_do_is_shown_and_not_refused() -> None:
    """The page of a bad plan can be read too."""
    page = repr(changed("capacity", arrivals=0.7))
    assert "105 % busy, complete: never caught up" in page
    assert "there is a line for ever" in page
