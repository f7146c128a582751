"""Send an e-mail: the page's figures come out, and what they leave unsaid."""

from __future__ import annotations

import pytest

from course_lib.flow import run
from course_lib.scenarios import email
from course_lib.scenarios.email import Clocks, asynchronous, clocks, synchronous

MANY = {"mails": 6, "workers": 2, "every": 0.5}


@pytest.mark.parametrize("way", [synchronous, asynchronous])
def test_the_same_every_time(way) -> None:
    """Two runs of one scenario give one and the same trace."""
    assert run(way(**MANY)) == run(way(**MANY))


def test_synchronous_has_one_clock() -> None:
    """The page's 3000 ms: accepted, complete and known are the same moment."""
    assert clocks(run(synchronous)) == [Clocks(accept=3.0, complete=3.0, know=3.0)]


def test_asynchronous_is_accepted_sooner_and_complete_later() -> None:
    """The page's 60 ms is the first clock; the mail itself is sent after 3060 ms."""
    assert clocks(run(asynchronous)) == [Clocks(accept=0.060, complete=3.060, know=3.060)]


def test_the_ratio_of_the_page_is_that_of_accepting() -> None:
    """50 times sooner accepted, 43 to 60 over the page's range; 1.02 times later complete."""
    assert pytest.approx(50) == email.TASK / email.ACCEPT
    assert pytest.approx(60) == email.TASK / email.ACCEPT_LEAST
    assert pytest.approx(42.857, abs=1e-3) == email.TASK / email.ACCEPT_MOST
    late, soon = clocks(run(asynchronous))[0], clocks(run(synchronous))[0]
    assert late.complete / soon.complete == pytest.approx(1.02)


@pytest.mark.parametrize("mails", [1, 2, 7])
@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("every", [0.0, 0.5, 1.0, 4.0])
def test_no_mail_is_sent_sooner_when_asynchronous(mails, workers, every) -> None:
    """With equal workers every mail is complete exactly the time to accept later."""
    how = {"mails": mails, "workers": workers, "every": every}
    held, queued = clocks(run(synchronous(**how))), clocks(run(asynchronous(**how)))
    later = [b.complete - a.complete for a, b in zip(held, queued, strict=True)]
    assert later == pytest.approx([email.ACCEPT] * mails)


def test_accepting_takes_the_same_however_long_the_line() -> None:
    """Six users at once: each is accepted after 60 ms, and the last mail is sent after 18.06 s."""
    found = clocks(run(asynchronous(6, every=0)))
    assert [c.accept for c in found] == [0.06] * 6
    assert [c.complete for c in found] == [3.06, 6.06, 9.06, 12.06, 15.06, 18.06]


def test_a_line_grows_while_mails_come_faster_than_they_are_sent() -> None:
    """One request a second, one worker: each mail is complete two seconds later than the last."""
    complete = [c.complete for c in clocks(run(asynchronous(5)))]
    assert complete == pytest.approx([3.06, 5.06, 7.06, 9.06, 11.06])


@pytest.mark.parametrize(("workers", "minutes"), [(1, 1.0), (2, 0.5), (4, 0.25)])
def test_a_worker_sends_twenty_mails_a_minute(workers, minutes) -> None:
    """However fast they are accepted: capacity is the workers'."""
    trace = run(asynchronous(20, workers=workers, every=0, accept=0))
    assert trace.duration == pytest.approx(60 * minutes)


def test_the_lanes_are_those_of_the_page() -> None:
    """User, server and worker have a row each; what only waits for them has none."""
    assert set(run(synchronous).shown_lanes) == {"user", "server"}
    assert set(run(asynchronous).shown_lanes) == {"user", "server", "worker"}
    assert run(asynchronous).total("user", "waiting") == email.ACCEPT


def test_the_arrows_tell_the_story_in_order() -> None:
    """Request, acknowledgement, the mail to the worker, result."""
    told = [(m.source, m.target, m.label, m.sent) for m in run(asynchronous).messages]
    assert told == [
        ("user", "server", "request", 0.0),
        ("server", "user", "acknowledgement", 0.06),
        ("server", "worker", "mail", 0.06),
        ("worker", "user", "result", 3.06),
    ]


@pytest.mark.parametrize("design", [synchronous, asynchronous])
@pytest.mark.parametrize(
    "how", [{"mails": 0}, {"workers": 0}, {"task": -1}, {"every": float("nan")}, {"mails": True}]
)
def test_numbers_that_mean_nothing_are_told(design, how) -> None:
    """Before anything runs, instead of a run that waits for ever."""
    with pytest.raises((ValueError, TypeError), match="give"):
        run(design(**how))
