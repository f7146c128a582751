"""What many parts do: known values, laws, and dice beside the closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.load import simulate
from course_lib.scaling import (
    all_up,
    amdahl,
    any_slow,
    backlog_after,
    hottest_share,
    universal,
    universal_peak,
)

SHARE = st.floats(0, 1)
AGREE = {"contention": 0.02, "coherence": 0.0005}


@pytest.mark.parametrize(("workers", "times"), [(1, 1), (8, 5.93), (16, 9.14), (64, 15.42)])
def test_five_per_cent_serial(workers: int, times: float) -> None:
    """Amdahl's law at s = 5 %."""
    assert amdahl(workers, serial=0.05) == pytest.approx(times, abs=0.005)


@given(workers=st.integers(1, 10**6), serial=st.floats(0.001, 1))
def test_nobody_passes_one_over_the_serial_share(workers: int, serial: float) -> None:
    """The limit, and what it is made of: the serial part, and the rest divided."""
    times = amdahl(workers, serial=serial)
    assert 1 <= times <= 1 / serial * (1 + 1e-9)
    assert times == pytest.approx(1 / (serial + (1 - serial) / workers))


def test_workers_who_have_to_agree_are_best_at_a_number() -> None:
    """Peak at 44.3 workers with 15.68 times; a hundred do only 12.61."""
    peak = universal_peak(**AGREE)
    assert peak == pytest.approx(44.3, abs=0.05)
    assert universal(peak, **AGREE) == pytest.approx(15.68, abs=0.005)
    assert universal(100, **AGREE) == pytest.approx(12.61, abs=0.005)


@given(contention=st.floats(0, 0.9), coherence=st.floats(1e-6, 0.5), step=st.floats(0.01, 3))
def test_no_number_of_workers_beats_the_peak(
    contention: float, coherence: float, step: float
) -> None:
    """Fewer and more are both worse, as far as there can be fewer."""
    agree = {"contention": contention, "coherence": coherence}
    peak = max(1.0, universal_peak(**agree))
    best = universal(peak, **agree) * (1 + 1e-12)
    assert universal(peak + step, **agree) <= best
    assert universal(max(1.0, peak - step), **agree) <= best


def test_without_agreement_there_is_no_peak() -> None:
    """The universal law is then Amdahl's."""
    assert universal_peak(contention=0.02, coherence=0) == math.inf
    assert universal(64, contention=0.05, coherence=0) == amdahl(64, serial=0.05)


@pytest.mark.parametrize(
    ("each", "services", "up"),
    [
        (0.999, 3, 0.99700),
        (0.999, 5, 0.99501),
        (0.999, 10, 0.99004),
        (0.999, 30, 0.97043),
        (0.99, 5, 0.95099),
    ],
)
def test_a_chain_is_up_when_all_are(each: float, services: int, up: float) -> None:
    """aⁿ; and five of 99.9 % are down 216 minutes of 30 days."""
    assert all_up(*[each] * services) == pytest.approx(up, abs=6e-6)
    assert 30 * 24 * 60 * (1 - all_up(*[0.999] * 5)) == pytest.approx(216, abs=0.5)


def test_accepting_needs_the_front_and_the_broker_only() -> None:
    """A broker no better than the service it stands for gains no availability to accept."""
    assert all_up(0.9999, 0.999) == pytest.approx(0.9989001)
    assert all_up() == 1


@pytest.mark.parametrize(
    ("share", "parts", "slow"),
    [(0.01, 100, 0.634), (0.0001, 2000, 0.1813), (0.001, 100, 0.0952), (0.0001, 100, 0.00995)],
)
def test_the_tail_of_a_fan_out(share: float, parts: int, slow: float) -> None:
    """1 − (1 − p)ⁿ, and after a hedge with p², where both have to be slow."""
    assert any_slow(share, parts) == pytest.approx(slow, rel=0.002)


def test_dice_are_slow_as_often_as_the_formula_says() -> None:
    """Simulated fan-outs lie within four standard errors, for several seeds."""
    expected = any_slow(0.01, 100)
    error = math.sqrt(expected * (1 - expected) / 5_000)
    for seed in range(5):
        slow = (np.random.default_rng(seed).random((5_000, 100)) < 0.01).any(axis=1).mean()
        assert slow == pytest.approx(expected, abs=4 * error)


@given(share=SHARE, parts=st.integers(0, 10_000))
def test_all_fast_and_any_slow_are_everything(share: float, parts: int) -> None:
    """The two are complements, whatever the numbers."""
    assert any_slow(share, parts) + (1 - share) ** parts == pytest.approx(1)


def test_a_tiny_share_keeps_its_digits() -> None:
    """Where 1 − (1 − p)ⁿ would be rounded to nothing."""
    assert any_slow(1e-18, 1000) == pytest.approx(1e-15, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("keys", "exponent", "share"),
    [(1_000_000, 1, 0.0695), (10_000, 1, 0.1022), (1_000_000, 0.8, 0.0134), (4, 0, 0.25)],
)
def test_the_hottest_key(keys: int, exponent: float, share: float) -> None:
    """Zipf's law: 6.95 %, 10.2 %, 1.34 %; and without a law all keys are alike."""
    assert hottest_share(keys, exponent=exponent) == pytest.approx(share, abs=6e-5)


def test_three_keys_can_be_counted_by_hand() -> None:
    """1 of 1 + 1/2 + 1/3."""
    assert hottest_share(3) == pytest.approx(6 / 11)


@given(
    keys=st.integers(1, 30_000),
    exponent=st.one_of(st.floats(0, 3), st.sampled_from([0, 1, 1 - 2**-53, 1 + 2**-52, 700])),
)
def test_many_keys_are_added_up_by_a_formula_that_loses_nothing(keys: int, exponent: float) -> None:
    """Euler's and Maclaurin's sum is the sum."""
    total = math.fsum((np.arange(1, keys + 1, dtype=np.float64) ** -float(exponent)).tolist())
    assert hottest_share(keys, exponent=exponent) == pytest.approx(1 / total, rel=1e-13)


def test_a_million_billion_keys_take_no_time() -> None:
    """The sum of 1/k is ln n + 0.5772 (Euler), and of no law at all it is n."""
    assert hottest_share(10**15) == pytest.approx(1 / (math.log(10**15) + 0.5772156649))
    assert hottest_share(10**15, exponent=0) == pytest.approx(1e-15)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: amdahl(0, serial=0.05), "workers is 0; give a number from 1"),
        (lambda: amdahl(8, serial=5), "serial share is 5; give a share from 0 to 1; 5 % is 0.05"),
        (lambda: universal(math.nan, **AGREE), "workers is nan"),
        (lambda: universal_peak(contention=-0.1, coherence=0), "contention is -0.1"),
        (lambda: all_up(0.999, 99.9), "availability is 99.9; .* 99.9 % is 0.999"),
        (lambda: all_up(math.nan), "availability is nan"),
        (lambda: any_slow(0.01, -1), "parts is -1; give 0 to"),
        (lambda: any_slow(-0.01, 3), "share of slow answers is -0.01"),
        (lambda: hottest_share(0), "keys is 0; give 1 to"),
        (lambda: hottest_share(3, exponent=-1), "exponent is -1"),
        (lambda: hottest_share(10**400), "keys is 1e400 or so; give 1 to 1,000,000"),
        (lambda: any_slow(0.01, 10**400), "parts is 1e400 or so; give 0 to 1,000,000"),
        (lambda: universal(1e200, **AGREE), "cost is beyond 1.8e[+]308"),
        (lambda: amdahl(10**400, serial=0.5), "workers is 1e400 or so"),
    ],
)
def test_a_number_that_makes_no_sense_is_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    """A sentence with the value and the way out."""
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: amdahl("8", serial=0.05), "workers is '8'; give a number"),
        (lambda: all_up(True), "availability is True"),
        (lambda: any_slow(0.01, 2.5), "parts is 2.5; give a whole"),
        (lambda: hottest_share(1e6), "keys is 1000000.0; give a whole"),
        (lambda: hottest_share(3, exponent=None), "exponent is None"),
    ],
)
def test_what_is_no_number_is_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    """A text or a truth value is not taken for a number."""
    with pytest.raises(TypeError, match=words):
        call()


def test_a_peak_that_can_just_be_done_leaves_the_root_of_its_time() -> None:
    """Without drift the line is |N|, times √(2 × 1200): half of a normal's values lie within
    0.67449 of its deviations, nine tenths within 1.64485."""
    just = {"rate": 1.0, "capacity": 1.0}
    assert backlog_after(1200, **just) == pytest.approx(0.674490 * math.sqrt(2400), rel=1e-5)
    assert backlog_after(1200, **just, share=0.9) == pytest.approx(
        1.644854 * math.sqrt(2400), rel=1e-5
    )


def test_a_long_overload_leaves_what_has_come_less_what_could_be_done() -> None:
    """A third more than can be done, for a day: chance no longer counts."""
    assert backlog_after(86_400, rate=4 / 3, capacity=1.0) == pytest.approx(28_800, rel=0.001)


@pytest.mark.parametrize("seconds", [0, 1e-9, 1200, 1e12])
def test_a_peak_without_a_rate_or_a_time_leaves_next_to_nothing(seconds: float) -> None:
    """No time, no line; and where nothing comes, none however long one looks."""
    assert backlog_after(0, rate=5.0, capacity=1.0) == 0
    assert backlog_after(seconds, rate=0.0, capacity=1.0) < 1


@pytest.mark.slow
def test_dice_agree_with_the_line_after_a_peak() -> None:
    """Three workers of 3 s each, one request a second, 1200 s: the median and one peak in ten."""
    days = [
        simulate(rate=1.0, mean_service=3.0, servers=3, requests=1400, seed=s) for s in range(400)
    ]
    waiting = [max(0, int(day.in_system(1200)) - 3) for day in days]
    for share, most in ((0.5, 5), (0.9, 8)):
        said = backlog_after(1200, rate=1.0, capacity=1.0, share=share)
        assert abs(said - np.quantile(waiting, share)) < most
