"""The advice: the course's own examples, its reasons, what would change it, and bad answers."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from typing import Any

import pytest

from course_lib.advice import (
    ACCEPT,
    AT_MOST_ONCE,
    JOB,
    LONG,
    RULES,
    SYNCHRONOUS,
    WATCHED_JOB,
    Operation,
    Style,
    advise,
)

LOGIN = Operation("login", needs_outcome=True, before_yes="the password is right", p99=0.3)
LOGGING = Operation("logging", needs_outcome=False, p99=0.05, may_be_lost=True)
AUDIT = replace(LOGGING, name="audit log", before_yes="the entry is stored", may_be_lost=False)
REPORT = Operation("report", needs_outcome=True, p99=40, progress_screen=True)
VIDEO = Operation("video", needs_outcome=False, before_yes="the file is stored", p99=4 * 3600)
SEARCH = Operation("search", needs_outcome=True, p99=0.5, may_be_lost=True)
ALL = [
    Operation(
        "any",
        needs_outcome=needs,
        may_be_lost=lost,
        before_yes=yes,
        p99=p99,
        depends_on_others=others,
        progress_screen=screen,
    )
    for needs, lost, yes, p99, others, screen in itertools.product(
        (False, True), (False, True), ("", "it is stored"), (1, 60), (False, True), (False, True)
    )
]


@pytest.mark.parametrize(
    ("operation", "style"),
    [
        (LOGIN, SYNCHRONOUS),
        (SEARCH, SYNCHRONOUS),
        (LOGGING, AT_MOST_ONCE),
        (VIDEO, JOB),
        (AUDIT, ACCEPT),
        (REPORT, WATCHED_JOB),
        (replace(REPORT, progress_screen=False), JOB),
        (replace(LOGIN, depends_on_others=True), JOB),
    ],
    ids=lambda value: value.name,
)
def test_the_examples_of_section_3(operation: Operation, style: Style) -> None:
    """Login and search wait; logging does not; the rest is stored first."""
    assert advise(operation).style == style


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_what_would_change_my_mind_does(operation: Operation) -> None:
    """Each change named leads to the style named, and to no other; the rest changes nothing."""
    advice = advise(operation)
    named = dict(advice.changes)
    for answer in ("needs_outcome", "may_be_lost", "depends_on_others", "progress_screen"):
        value = not getattr(operation, answer)
        turned: dict[str, Any] = {answer: value}
        style = advise(replace(operation, **turned)).style
        assert named.pop(f"{answer}={value}", advice.style) == style
    other = "" if operation.before_yes else "it is stored"
    words = 'before_yes=""' if operation.before_yes else 'before_yes="…"'
    style = advise(replace(operation, before_yes=other)).style
    assert named.pop(words, advice.style) == style
    words, p99 = ("p99 over 10 s", 10.1) if operation.p99 == 1 else ("p99 of 10 s or less", 10)
    assert named.pop(words, advice.style) == advise(replace(operation, p99=p99)).style
    assert named == {}


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_every_reason_names_its_rule(operation: Operation) -> None:
    """At least two reasons, in the order of the rules, each a sentence."""
    reasons = advise(operation).reasons
    rules = [reason.rule for reason in reasons]
    assert rules == sorted(set(rules)) and len(rules) >= 2 and set(rules) <= set(RULES)
    assert all(re.fullmatch(r"[A-Zp].*\.", reason.text) for reason in reasons)


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_what_must_not_be_lost_is_never_fired_and_forgotten(operation: Operation) -> None:
    """At most once is advised only where loss is allowed, and no answer is waited for."""
    lossy = advise(operation).style == AT_MOST_ONCE
    assert lossy == (
        operation.may_be_lost and not operation.needs_outcome and not operation.before_yes
    )


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_nobody_holds_a_connection_for_long(operation: Operation) -> None:
    """What is long or in others' hands is never synchronous."""
    if operation.p99 > LONG or operation.depends_on_others:
        assert advise(operation).style not in (SYNCHRONOUS, ACCEPT)


def test_the_limit_itself_is_not_long() -> None:
    """Rule 4 begins above 10 s."""
    assert advise(replace(LOGIN, p99=LONG)).style == SYNCHRONOUS
    assert advise(replace(LOGIN, p99=math.nextafter(LONG, 11))).style == JOB


def test_an_order_adds_a_reason_and_changes_no_style() -> None:
    """Order is no reason to wait; it asks for one place for each key."""
    ordered = advise(replace(AUDIT, order_per="account"))
    assert ordered.style == advise(AUDIT).style
    assert "a queue for each account" in ordered.reasons[-1].text
    assert "one worker" in advise(replace(AUDIT, order_per="everything")).reasons[-1].text


def test_two_reasons_for_a_job_need_two_changes() -> None:
    """Where no single answer would flip the advice, it says so."""
    loan = Operation("loan", needs_outcome=False, p99=3600, depends_on_others=True, before_yes="x")
    assert advise(loan).changes == ()
    assert "no single answer" in str(advise(loan))


def test_it_shows_itself_as_text() -> None:
    """What a notebook shows: style, reasons with rules, changes; in lines that fit a cell."""
    text = repr(advise(LOGIN))
    assert text.splitlines()[0] == "login → synchronous (the caller waits for the outcome)"
    assert "rule 2: Before you say yes, this must be true: the password is right." in text
    assert "needs_outcome=False → synchronous accept" in text
    assert "p99 is 4 h" in repr(advise(VIDEO)) and "p99 is 40 s" in repr(advise(REPORT))
    assert "p99 is 5 min" in repr(advise(replace(REPORT, p99=300)))
    assert all(len(line) <= 96 for o in ALL for line in repr(advise(o)).splitlines())


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        ({"needs_outcome": "no"}, TypeError, "needs_outcome is a yes or a no.*not 'no'"),
        ({"may_be_lost": None}, TypeError, "may_be_lost is a yes or a no"),
        ({"p99": "2"}, TypeError, "the p99 is '2'; give a number of seconds"),
        ({"p99": True}, TypeError, "the p99 is True; give a number"),
        ({"p99": 0}, ValueError, "p99 is 0 seconds.*above 0.*depends_on_others=True"),
        ({"p99": -1}, ValueError, "p99 is -1 s"),
        ({"p99": math.nan}, ValueError, "p99 is nan s"),
        ({"p99": math.inf}, ValueError, "p99 is inf s"),
        ({"order_per": None}, TypeError, 'order_per is a text, with "" for nothing'),
        ({"name": 3}, TypeError, "name is a text"),
    ],
)
def test_an_answer_that_makes_no_sense_is_told(
    answers: dict[str, Any], error: type[Exception], words: str
) -> None:
    """A sentence with the value and the way out, where the answer is given."""
    with pytest.raises(error, match=words):
        Operation(**{"name": "any", "needs_outcome": True, **answers})


def test_only_operations_get_advice() -> None:
    """The sentence shows how to ask."""
    with pytest.raises(TypeError, match="advise needs an Operation, and 'login' is none"):
        advise("login")  # type: ignore[arg-type]
