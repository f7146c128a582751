"""The retry storm: what keeps a server down after an outage is over, and what does not."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
import pytest

from course_lib.storm import CAP, CAPACITY, OUTAGE, RATE, Storm, simulate_storm
from course_lib.storm.day import pauses

SEEDS = range(3)
LONG_AFTER = OUTAGE[1] + 230  # seconds
JITTER: dict[str, Any] = {"max_attempts": 3, "backoff": "full jitter"}


@cache
def storm_of(**how: Any) -> Storm:
    return simulate_storm(**how)


def shares(at: float = LONG_AFTER, **how: Any) -> list[float]:
    """Goodput as a share of the demand around a moment, for several seeds."""
    return [storm_of(seed=seed, **how).share_answered(at) for seed in SEEDS]


def test_the_model_is_the_one_that_is_described() -> None:
    """80 requests per second for a server of 100, away from 50 s to 60 s."""
    assert (RATE, CAPACITY, OUTAGE) == (80, 100, (50, 60))


def test_without_retries_it_comes_back_after_about_half_a_minute() -> None:
    """A backlog of 800 falls below 100 at 20 per second: 35 s of nothing after the outage."""
    for seed in SEEDS:
        storm = storm_of(seed=seed)
        back = float(storm.answered[storm.answered > OUTAGE[1]][0])
        assert 25 <= back - OUTAGE[1] <= 45
        assert storm.share_answered(40) == pytest.approx(1, abs=0.05)
        assert storm.share_answered(LONG_AFTER) == pytest.approx(1, abs=0.05)


def served(arrivals: np.ndarray) -> np.ndarray:
    """When a server that takes a constant time for each is done with them, in order."""
    free, done = 0.0, []
    for moment in arrivals:
        free = max(free, moment) + 1 / CAPACITY
        done.append(free)
    return np.array(done)


@pytest.mark.parametrize("rate", [1, 80])
def test_an_answer_comes_when_the_server_is_done_and_not_a_moment_later(rate: float) -> None:
    """To the microsecond: arrival or the end of the one before, plus the time of one."""
    storm = simulate_storm(rate=rate, outage=(0, 0), end=100)
    answers = served(storm.wanted)
    assert storm.answered == pytest.approx(answers[answers <= 100], abs=1e-6, rel=0)


def test_an_attempt_that_fails_is_known_after_the_timeout_and_not_a_moment_later() -> None:
    """Each that is sent while the server is away is sent again, 1 s later to the microsecond."""
    storm = simulate_storm(rate=1, max_attempts=2, outage=(0, 20), end=20)
    again = np.sort(np.concatenate([storm.wanted, storm.wanted + 1]))
    assert storm.sent == pytest.approx(again[again <= 20], abs=1e-6, rel=0)


def test_backoff_never_overflows() -> None:
    """The pause after the thousandth-and-some attempt is the cap: no power of two is too large."""
    assert pauses("exponential", random.Random(0))(5_000) == CAP


@pytest.mark.slow
@pytest.mark.parametrize("backoff", ["none", "exponential", "full jitter"])
def test_three_attempts_keep_it_down_whatever_the_backoff(backoff: str) -> None:
    """0 % of the demand 230 s after an outage of 10 s: jitter spreads load, and takes none away."""
    assert shares(max_attempts=3, backoff=backoff) == [0] * len(SEEDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "cure", [{"budget": 0.1}, {"drop": "hopeless"}, {"breaker": True}, {"max_attempts": 1}]
)
def test_each_cure_brings_it_back(cure: dict[str, Any]) -> None:
    """A budget of 10 %, a server that drops, a breaker, no retries: about 100 % long after."""
    assert shares(**JITTER | cure) == pytest.approx([1] * len(SEEDS), abs=0.05)


def test_a_server_that_drops_what_is_hopeless_is_back_at_once() -> None:
    """In the first full second after the outage it is busy with answers that somebody wants."""
    for seed in SEEDS:
        goodput = storm_of(seed=seed, max_attempts=3, drop="hopeless").goodput
        assert goodput[int(OUTAGE[1]) + 1] >= 0.95 * CAPACITY


@pytest.mark.slow
def test_to_drop_only_what_has_expired_serves_the_dying() -> None:
    """The oldest that is not expired is nearly so, and its answer comes a moment too late."""
    for seed in SEEDS:
        goodput = storm_of(seed=seed, max_attempts=3, drop="expired").goodput
        assert goodput[int(OUTAGE[1]) + 2 : int(OUTAGE[1]) + 6].mean() < 0.5 * RATE
    assert min(shares(**JITTER, drop="expired")) < 0.5  # with jitter some never come back


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "expected"), [(30, 1), (35, 0)])
def test_it_stays_down_if_attempts_times_demand_exceed_the_capacity(rate, expected) -> None:
    """3 · 30 < 100 recovers, 3 · 35 > 100 never does."""
    found = shares(rate=rate, max_attempts=3)
    assert found == pytest.approx([expected] * len(SEEDS), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("budget", "expected"), [(0.1, 1), (0.5, 0)])
def test_a_budget_must_fit_into_the_spare_capacity(budget, expected) -> None:
    """(1 + 0.1) · 80 < 100 < (1 + 0.5) · 80."""
    assert shares(**JITTER, budget=budget) == pytest.approx([expected] * len(SEEDS), abs=0.05)


def test_without_an_outage_nothing_happens() -> None:
    """The same clients, and no storm: retries alone are harmless."""
    storm = simulate_storm(max_attempts=3, outage=(50, 50))
    assert len(storm.sent) == len(storm.wanted)
    assert storm.share_answered() == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_one_seed_is_one_day_and_another_is_another() -> None:
    """Equal arrays for equal seeds; all cures see the same demand."""
    first, again = (simulate_storm(**JITTER, seed=3) for _ in range(2))
    for name in ("wanted", "sent", "answered"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    assert np.array_equal(first.wanted, simulate_storm(budget=0.1, seed=3).wanted)
    assert not np.array_equal(first.wanted, simulate_storm(**JITTER, seed=4).wanted)


@pytest.mark.parametrize(
    "how", [{"seed": 0}, {"seed": 0, **JITTER}, {"seed": 0, **JITTER, "breaker": True}]
)
def test_the_books_balance(how: dict[str, Any]) -> None:
    """No request is answered twice, none is tried more often than allowed, all is in order."""
    storm = storm_of(**how)
    assert len(storm.answered) <= len(storm.wanted)
    assert len(storm.sent) <= how.get("max_attempts", 1) * len(storm.wanted)
    for moments in (storm.wanted, storm.sent, storm.answered):
        assert (np.diff(moments) >= 0).all()
    assert storm.goodput.sum() == len(storm.answered)
    assert (storm.goodput <= 1.02 * CAPACITY).all()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"rate": 0}, "the rate is 0 requests per second; give a number above 0"),
        ({"rate": float("nan")}, "the rate is nan"),
        ({"max_attempts": 0}, "the number of attempts is 0; give 1 or more"),
        ({"backoff": "full"}, "there is no backoff 'full'; take one of"),
        ({"drop": "late"}, "there is no drop 'late'"),
        ({"outage": (60, 50)}, "an outage"),
        ({"outage": (50, 500)}, "an outage"),
        ({"outage": (float("nan"), 60)}, "the start of the outage is nan"),
        ({"end": 0}, "the end is 0 seconds"),
        ({"budget": -0.1}, "the share of retries is -0.1"),
        ({"outage": 5}, r"the outage 5 is no \(start, end\) in seconds; give \(50, 60\)"),
        ({"outage": (50,)}, r"the outage \(50,\) is no \(start, end\)"),
        ({"outage": (50, 60, 70)}, r"the outage \(50, 60, 70\) is no"),
        ({"outage": (400, 500)}, "not lie in the 300 s .*; give a start and an end from 0 to 300"),
        ({"breaker": "no"}, "breaker is 'no'; take True or False"),
        ({"seed": -1}, "the seed is -1; give 0 or more"),
        ({"rate": 1e300}, "3e[+]302 requests come in 300 s, .* give a rate or an end"),
    ],
)
def test_bad_input_is_a_sentence(how: dict[str, Any], words: str) -> None:
    """With the value and the way out."""
    with pytest.raises(ValueError, match=words):
        simulate_storm(**how)


@pytest.mark.parametrize("how", [{"width": 0}, {"width": -1}, {"at": float("nan")}])
def test_a_window_that_is_none_is_told(how: dict[str, float]) -> None:
    """Instead of a share of nothing."""
    with pytest.raises(ValueError, match="give a number"):
        storm_of(seed=0).share_answered(**how)


@pytest.mark.parametrize("width", [1e-9, 301])
def test_windows_that_are_none_are_told(width: float) -> None:
    """Too many for any memory, or longer than what there is."""
    with pytest.raises(ValueError, match=r"makes no windows of the 300 s .*; give at most that"):
        storm_of(seed=0).per_second(np.zeros(1), width=width)
