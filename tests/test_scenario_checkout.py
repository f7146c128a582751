"""A checkout: what a split does to time, availability and outages."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib.flow import run
from course_lib.scenarios.checkout import (
    BEFORE_YES,
    DOWN,
    HAND_OVER,
    LATER,
    OUTAGES,
    PATIENCE,
    RESTART,
    STEPS,
    mixed,
    synchronous,
)

CONFIRMED, ERROR = "order confirmed", "error, please try again"


@pytest.mark.parametrize("design", [synchronous, mixed])
@pytest.mark.parametrize("outage", [None, *OUTAGES])
def test_the_same_every_time(design, outage) -> None:
    """Two runs with one seed give one and the same trace, whatever is down."""
    assert run(design(outage=outage)) == run(design(outage=outage))


def response(names: tuple[str, ...]) -> np.ndarray:
    """p50, p95 and p99 of 200,000 customers, in seconds."""
    rng = np.random.default_rng(7)
    steps = [STEPS[name] for name in names]
    draws = sum(rng.lognormal(np.log(s.seconds), s.sigma, 200_000) for s in steps)
    return np.percentile(draws, [50, 95, 99])


def test_the_split_is_two_and_a_half_times_as_quick() -> None:
    """2.5 times at the median and not 50, because the payment stays before the answer."""
    all_before, split = response((*BEFORE_YES, *LATER)), response((*BEFORE_YES, HAND_OVER))
    assert all_before == pytest.approx([2.62, 4.97, 6.64], rel=0.02)
    assert split == pytest.approx([1.04, 2.70, 4.02], rel=0.02)
    assert all_before[0] / split[0] == pytest.approx(2.5, abs=0.05)


def test_the_split_is_up_more_often() -> None:
    """98.745 % if all six steps are needed, 99.830 % if only what comes before the answer is."""
    needed = {"all": (*BEFORE_YES, *LATER), "split": (*BEFORE_YES, HAND_OVER)}
    works = {name: math.prod(STEPS[s].available for s in steps) for name, steps in needed.items()}
    assert works == pytest.approx({"all": 0.98745, "split": 0.99830}, abs=5e-6)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_has_the_percentiles_that_it_says(name) -> None:
    """Half of the draws are below the median, and 99 of 100 below the p99."""
    step = STEPS[name]
    draws = np.random.default_rng(3).lognormal(np.log(step.seconds), step.sigma, 200_000)
    expected = [step.seconds, step.p99 or step.seconds]
    assert np.percentile(draws, [50, 99]) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("seed", range(20))
def test_one_customer_waits_for_the_sum_of_the_steps(seed) -> None:
    """All six in a row; split: only those before the answer, and no mail is sent sooner."""
    whole, split = run(synchronous(seed=seed)), run(mixed(seed=seed))
    if (whole.result.screen, split.result.screen) == (CONFIRMED, CONFIRMED):
        assert whole.duration == pytest.approx(whole.result.accept)
        assert split.result.accept < whole.result.accept
        assert split.result.mail == pytest.approx(whole.result.mail + STEPS[HAND_OVER].seconds)


def test_a_mail_outage_is_the_customers_only_without_the_split() -> None:
    """All before: charged, and told to try again. Split: confirmed, and a mail that is late."""
    outcome = run(synchronous(outage="mail")).result
    assert (outcome.screen, outcome.card, outcome.mail) == (ERROR, "charged", None)
    outcome = run(mixed(outage="mail")).result
    assert (outcome.screen, outcome.card) == (CONFIRMED, "charged")
    assert outcome.accept == pytest.approx(1.03, abs=0.01)
    assert DOWN < outcome.mail < DOWN + 60


@pytest.mark.parametrize("design", [synchronous, mixed])
def test_a_payment_without_an_answer_is_pending(design) -> None:
    """The third outcome: neither confirmed nor failed, and nobody knows whether it was charged."""
    outcome = run(design(outage="pay")).result
    assert (outcome.screen, outcome.card) == ("payment pending", "perhaps charged")
    assert outcome.accept == pytest.approx(STEPS["reserve stock"].seconds + PATIENCE)


def test_a_crash_between_two_writes_loses_the_mail_unless_there_is_an_outbox() -> None:
    """Stored and charged in both; only the outbox remembers that a mail was to be sent."""
    lost, found = (run(mixed(outage="crash", outbox=box)).result for box in (False, True))
    assert (lost.screen, lost.card, lost.mail) == (ERROR, "charged", None)
    assert (found.screen, found.card) == (ERROR, "charged")
    assert RESTART < found.mail < RESTART + 5


@pytest.mark.parametrize("name", LATER)
def test_no_later_step_holds_up_another(name) -> None:
    """Each of the later steps is tried again for itself, and the order is confirmed."""
    trace = run(mixed(outage=name))
    ends = {span.label: span.end for span in trace.spans if span.label in LATER}
    assert trace.result.screen == CONFIRMED
    assert [other for other in LATER if ends[other] > DOWN] == [name]


def test_an_outage_that_does_not_exist_is_told() -> None:
    """The sentence names those that do."""
    with pytest.raises(ValueError, match=r"no outage 'e-mail'; take one of .*mail.*crash"):
        run(mixed(outage="e-mail"))
