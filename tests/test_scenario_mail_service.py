"""A mail service in good days and bad: who is told what, and what was really sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.flow import run
from course_lib.scenarios import email
from course_lib.scenarios.mail_service import (
    Fate,
    Mailing,
    asynchronous,
    fates,
    synchronous,
)

SETTINGS = st.builds(
    Mailing,
    mails=st.integers(1, 6),
    every=st.sampled_from([0, 0.5, 1.0, 2.5]),
    workers=st.integers(1, 4),
    task=st.sampled_from([0.5, 1.0, 3.0]),
    crash=st.booleans(),
    outage=st.booleans(),
    ack=st.sampled_from(["after", "before"]),
)


def both(**setting: Any) -> tuple[list[Fate], list[Fate]]:
    made = Mailing(**setting)
    return fates(run(synchronous(made))), fates(run(asynchronous(made)))


@pytest.mark.parametrize("mails", [1, 4])
@pytest.mark.parametrize("workers", [1, 2])
def test_without_trouble_it_is_the_e_mail(mails: int, workers: int) -> None:
    """The three clocks are those of `scenarios.email`, in both ways."""
    found = both(mails=mails, workers=workers)
    ways = (email.synchronous, email.asynchronous)
    for way, own in zip(ways, found, strict=True):
        clocks = email.clocks(run(way(mails, workers=workers)))
        assert [(f.accept, f.complete, f.know) for f in own] == [
            (c.accept, c.complete, c.know) for c in clocks
        ]


def test_a_crash_before_the_answer_leaves_the_user_with_an_error() -> None:
    """The synchronous user is told that it failed, and the mail was sent all the same."""
    held, _ = both(crash=True)
    assert held == [Fate(accept=None, complete=3.0, know=3.0, copies=1, failed=True)]


def test_ack_last_doubles() -> None:
    """After the ack timeout of twice the work another worker sends it again."""
    _, queued = both(crash=True)
    assert queued == [Fate(accept=0.06, complete=3.06, know=3.06, copies=2, failed=False)]


def test_ack_first_loses() -> None:
    """Accepted after 60 ms, never sent, and nobody tells the user."""
    _, queued = both(crash=True, ack="before")
    assert queued == [Fate(accept=0.06, complete=None, know=None, copies=0, failed=False)]
    assert queued[0].lost


def test_in_an_outage_the_one_has_an_error_and_the_other_a_late_mail() -> None:
    """The provider is away for 10 s: the server gives up after 5, the queue waits."""
    held, queued = both(outage=True)
    assert held == [Fate(accept=None, complete=None, know=5.0, copies=0, failed=True)]
    assert queued == [Fate(accept=0.06, complete=13.0, know=13.0, copies=1, failed=False)]


@settings(max_examples=60, deadline=None)
@given(SETTINGS)
def test_every_mail_has_a_fate(setting: Mailing) -> None:
    """No run gets stuck; only a crash with ack first loses one, and with ack last doubles one.

    And with the same workers no mail of the queue is sent sooner than the synchronous one, unless
    an error took a synchronous one out of the way.
    """
    held, queued = fates(run(synchronous(setting))), fates(run(asynchronous(setting)))
    assert len(held) == len(queued) == setting.mails
    assert sum(f.lost for f in queued) == (setting.crash and setting.ack == "before")
    doubled = sum(max(0, f.copies - 1) for f in queued)
    assert doubled == (setting.crash and setting.ack == "after")
    assert all(f.accept is not None for f in queued)
    if not setting.crash and not setting.outage:
        for one, other in zip(held, queued, strict=True):
            assert one.complete is not None
            assert other.complete is not None
            assert other.complete >= one.complete


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"mails": 0}, "the number of mails is 0; give a whole number from 1 to 6"),
        ({"mails": 1.5}, "the number of mails is 1.5"),
        ({"mails": True}, "the number of mails is True"),
        ({"workers": 5}, "the number of workers is 5; give a whole number from 1 to 4"),
        ({"task": 11}, "the time of a task in seconds is 11; give a number from 0.2 to 10"),
        ({"task": float("nan")}, "is nan; give a number"),
        ({"task": "3"}, "is '3'; give a number"),
        ({"every": -1}, "between two requests in seconds is -1; give a number from 0 to 5"),
        ({"ack": "never"}, "ack is 'never'; take ack=\"after\" or"),
        ({"crash": 1}, "crash is 1; take True or False"),
    ],
)
def test_what_cannot_be_run_is_refused(wrong: dict[str, Any], expected: str) -> None:
    """A sentence with the value and the limits."""
    with pytest.raises(ValueError, match=r"[;]") as caught:
        Mailing(**wrong)
    assert expected in str(caught.value)
