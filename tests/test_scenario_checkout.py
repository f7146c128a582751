"""A checkout: what a split does to time, availability and outages."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course_lib.flow import run
from course_lib.scenarios.checkout import (
    BEFORE_YES,
    CONFIRMED,
    CRASHES,
    DOWN,
    ERROR,
    HAND_OVER,
    LATER,
    OUTAGES,
    PATIENCE,
    PENDING,
    RESTART,
    STEPS,
    mixed,
    synchronous,
)


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
    """98.745 % if all steps are needed, 99.830 % if only what comes before the answer is."""
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
    """All in a row; split: only those before the answer, and no mail is sent sooner."""
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
    assert outcome.accept == pytest.approx(1.02, abs=0.01)
    assert DOWN < outcome.mail < DOWN + 60


@pytest.mark.parametrize("design", [synchronous, mixed])
def test_a_payment_without_an_answer_is_pending(design) -> None:
    """The third outcome: neither confirmed nor failed, and nobody knows whether it was charged."""
    outcome = run(design(outage="pay")).result
    assert (outcome.screen, outcome.card) == ("payment pending", "perhaps charged")
    before = STEPS["reserve stock"].seconds + STEPS["store order"].seconds
    assert outcome.accept == pytest.approx(before + PATIENCE)


PAY, MAIL = 0.988, 0.224  # seconds of this customer, drawn once
WORKED_OUT = {
    None: (CONFIRMED, 0.02 + 0.005 + PAY + 0.005, "charged", 0.03 + PAY + MAIL),
    "reserve stock": (ERROR, 5.0, "not charged", None),
    "store order": (ERROR, 0.02 + 5.0, "not charged", None),
    # asked again 30 s after each silence of 5 s, from 5.025 s on: at 35, 70, 105 and 140 s
    "pay": (PENDING, 0.025 + 5.0, "charged", 140.025 + PAY + 0.005 + MAIL),
    # asked to pay again at 36 s, which changes nothing; then marked at 37, 72, 107 and 142 s
    "mark paid": (PENDING, 0.025 + PAY + 5.0, "charged", 0.025 + 2 * PAY + 4 * 35 + 0.005 + MAIL),
    "hand over": (CONFIRMED, 0.03 + PAY, "charged", 0.03 + PAY + MAIL),
    "mail": (CONFIRMED, 0.03 + PAY, "charged", 0.03 + PAY + 4 * 35 + MAIL),
    "invoice": (CONFIRMED, 0.03 + PAY, "charged", 0.03 + PAY + MAIL),
    "analytics": (CONFIRMED, 0.03 + PAY, "charged", 0.03 + PAY + MAIL),
    "crash after pay": (ERROR, 0.025 + PAY, "charged", 0.025 + 2 * PAY + RESTART + 0.005 + MAIL),
    "crash": (ERROR, 0.03 + PAY, "charged", 0.03 + PAY + RESTART + MAIL),
}


@pytest.mark.parametrize("outage", WORKED_OUT)
def test_with_an_outbox_every_outage_ends_well(outage) -> None:
    """By hand, to the millisecond: what the screen says, what is charged, when the mail comes."""
    found = run(mixed(outage=outage, outbox=True)).result
    screen, accept, card, mail = WORKED_OUT[outage]
    assert (found.screen, found.card) == (screen, card)
    assert found.accept == pytest.approx(accept, abs=0.001)
    assert found.mail == (mail if mail is None else pytest.approx(mail, abs=0.002))


@pytest.mark.parametrize("seed", [*range(10), 184])  # whose payment is slower than the patience
@pytest.mark.parametrize("outage", [None, *OUTAGES])
def test_nobody_pays_for_nothing(outage, seed) -> None:
    """Whoever is charged gets the mail, and nobody else does; with an outbox nothing is unknown."""
    found = run(mixed(outage=outage, outbox=True, seed=seed)).result
    assert found.card in ("charged", "not charged")
    assert (found.card == "charged") == (found.mail is not None)


@pytest.mark.parametrize(("seed", "slow"), [(184, "pay"), (223, "mail")])
def test_a_call_that_was_too_slow_once_is_not_so_for_ever(seed, slow) -> None:
    """No outage at all, but a draw above the patience: tried again, it is answered."""
    trace = run(mixed(outbox=True, seed=seed))
    tries = [span.duration for span in trace.spans if span.label == slow]
    assert tries[0] == pytest.approx(PATIENCE)
    assert trace.result.card == "charged" and trace.result.mail is not None


@pytest.mark.parametrize("outage", ["pay", "mark paid", *CRASHES])
def test_without_an_outbox_money_is_taken_and_nobody_asks_again(outage) -> None:
    """The page's split as it stands: charged, or perhaps, and a mail that never comes."""
    found = run(mixed(outage=outage)).result
    assert (found.card != "not charged", found.mail) == (True, None)


@pytest.mark.parametrize("design", [synchronous, mixed])
@pytest.mark.parametrize("outage", ["pay", "mark paid"])
def test_from_the_payment_on_nobody_is_told_to_try_again(design, outage) -> None:
    """Money may be gone, so the screen says that it is pending."""
    assert run(design(outage=outage)).result.screen == PENDING


def test_the_two_writes_of_an_order_are_as_good_as_one_was() -> None:
    """10 ms and 99.99 % for both, so the figures of the split are those of one write."""
    writes = [STEPS["store order"], STEPS["mark paid"]]
    assert sum(step.seconds for step in writes) == pytest.approx(0.010)
    assert math.prod(step.available for step in writes) == pytest.approx(0.9999, abs=1e-8)


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


def test_an_outbox_is_there_or_not() -> None:
    """A text would be taken for yes, also "no"."""
    with pytest.raises(ValueError, match="outbox is 'no'; take True or False"):
        run(mixed(outbox="no"))


def test_an_outage_that_does_not_exist_is_told() -> None:
    """The sentence names those that do."""
    with pytest.raises(ValueError, match=r"no outage 'e-mail'; take one of .*mail.*crash"):
        run(mixed(outage="e-mail"))
