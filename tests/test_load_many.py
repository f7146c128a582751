"""Many days at once are the days one after the other, to the nanosecond."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest

from course_lib.load import Load, many, simulate, simulate_many
from course_lib.load.demand import MOST
from course_lib.theory import mmc

WORDS: dict[str, dict[str, Any]] = {
    "random": {"rate": 80.0, "mean_service": 0.010},
    "overload": {"rate": 150.0, "mean_service": 0.010},
    "equal services": {"rate": 80.0, "mean_service": 0.010, "service": "constant"},
    "lognormal": {"rate": 80.0, "mean_service": 0.010, "service": "lognormal", "spread": 2},
    "bursts": {"rate": 80.0, "mean_service": 0.010, "bursts": [(0.5, 1, 900), (1, 1.2, 0)]},
    "an outage": {"rate": 80.0, "mean_service": 0.010, "outage": (0.3, 0.8)},
    "given arrivals": {"arrivals": np.arange(60) / 80, "mean_service": 0.010, "requests": None},
    "given services": {"rate": 80.0, "services": [0, 0.010, 0.030] * 20, "requests": None},
    "no time at all": {"rate": 80.0, "mean_service": 0},
}
SAME = ("arrival_ns", "service_ns", "departure_ns", "start_ns")


@pytest.mark.parametrize("servers", [1, 2, 5, 100])
@pytest.mark.parametrize("count", [1, 150])
@pytest.mark.parametrize("kind", WORDS)
def test_each_day_is_what_its_seed_gives_alone(kind: str, count: int, servers: int) -> None:
    """Whether they are served side by side or one by one, and whatever is asked for."""
    words = {"requests": 60, "servers": servers, **WORDS[kind]}
    with mock.patch.object(many, "TOGETHER", 100):
        days = simulate_many(seeds=range(7, 7 + count), **words)
    assert len(days) == count and days.response.shape == (count, 60)
    for seed in {7, 7 + count // 2, 6 + count}:
        alone, day = simulate(seed=seed, **words), days[seed - 7]
        assert all((getattr(alone, name) == getattr(day, name)).all() for name in SAME)
        assert day.summary() == alone.summary()


def test_a_day_that_is_longer_than_a_chunk() -> None:
    """Random numbers go on where they stopped."""
    words = {"rate": 80, "mean_service": 0.010, "requests": 20_000}
    days = simulate_many(seeds=(3, 1), **words)
    assert (days[1].departure_ns == simulate(seed=1, **words).departure_ns).all()
    assert days.seeds == (3, 1)


def test_what_many_days_can_tell() -> None:
    """Tables in seconds with a row a day, and a loop over loads."""
    days = simulate_many(seeds=range(3), arrivals=[0, 1], services=[2, 1], servers=1)
    assert days.departure.tolist() == [[2, 3]] * 3
    assert days.waiting.tolist() == [[0, 1]] * 3
    assert days.response.mean(axis=1).tolist() == [2, 2, 2]
    assert [day.percentile(100) for day in days] == [2, 2, 2]
    assert isinstance(days[-1], Load) and days[2].rejected == 0
    assert repr(days) == "3 days of 2 requests, 1 server each"
    with pytest.raises(ValueError, match="read-only"):
        days.departure_ns[0, 0] = 7
    with pytest.raises(IndexError):
        days[3]


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "utilisation"), [(2, 0.8), (8, 0.9)])
def test_the_mean_of_many_days_is_erlangs(servers: int, utilisation: float) -> None:
    """The mean response of the second half of 1,000 days, within four standard errors."""
    words = {"rate": servers * utilisation, "mean_service": 1.0, "servers": servers}
    days = simulate_many(seeds=range(1_000), requests=2_000, **words)
    means = days.response[:, 1_000:].mean(axis=1)
    error = means.std() / np.sqrt(1_000)
    assert means.mean() == pytest.approx(mmc(**words).response, abs=4 * error)


A_DAY = {"rate": 80.0, "mean_service": 0.010, "requests": 100}


@pytest.mark.parametrize(
    ("words", "error", "sentence"),
    [
        ({"seeds": 5}, TypeError, r"seeds is 5; give one a day, like range\(1_000\)"),
        ({"seeds": "12"}, TypeError, "seeds is '12'; give one a day"),
        ({"seeds": []}, ValueError, "seeds is empty; give one a day"),
        ({"seeds": [1, -1]}, ValueError, "seed is -1; give 0 or more"),
        ({"seeds": [1, 1.5]}, TypeError, "seed is 1.5; give a whole number"),
        ({"seeds": range(10**7)}, ValueError, "10,000,000 seeds of 100 requests .* at most"),
        ({"seeds": range(MOST + 1), "requests": 1}, ValueError, "seeds of 1 request each do"),
        ({"seeds": range(2), "rate": -1}, ValueError, "rate is -1 "),
        ({"seeds": range(2), "servers": 0}, ValueError, "servers is 0; give 1 to"),
        ({"seeds": range(2), "outage": (2, 1)}, ValueError, "outage ends at 1 s"),
        ({"seeds": range(2), "rate": 1e-9}, ValueError, "would last"),
    ],
)
def test_what_makes_no_sense_is_told(
    words: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    """A sentence with the value and the way out, before any memory is taken."""
    with pytest.raises(error, match=sentence):
        simulate_many(**{**A_DAY, **words})


@pytest.mark.parametrize("day", [slice(1, 3), [0, 1], True, 1.0, "1"])
def test_what_is_no_number_of_a_day_is_told(day: Any) -> None:
    """Several days at once would be a load of tables."""
    with pytest.raises(TypeError, match=r"the day is .*; give its number from 0, like days\[3\]"):
        simulate_many(seeds=range(3), arrivals=[0], services=[1])[day]


@pytest.mark.parametrize(("count", "are"), [(1, "is day 0 alone"), (3, "are days 0 to 2")])
def test_a_day_that_is_not_there_is_told(count: int, are: str) -> None:
    """With those that are."""
    with pytest.raises(IndexError, match=f"no day 3; there {are}"):
        simulate_many(seeds=range(count), arrivals=[0], services=[1])[3]
