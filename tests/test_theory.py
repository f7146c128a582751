"""The closed forms: known values, laws between them, and seeded simulations beside them."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from course_lib.load import simulate
from course_lib.theory import (
    erlang_b,
    erlang_c,
    little,
    md1,
    mg1,
    mm1,
    mm1_percentile,
    mm1_waiting_error,
    mm1k,
    mmc,
)


@pytest.mark.parametrize(
    ("utilisation", "response", "p99", "in_system"),
    [(0.5, 0.2, 0.921, 1), (0.8, 0.5, 2.303, 4), (0.9, 1.0, 4.605, 9), (0.95, 2.0, 9.210, 19)],
)
def test_one_server_that_does_ten_per_second(
    utilisation: float, response: float, p99: float, in_system: float
) -> None:
    """The table of section 3: response, p99 and number in system, μ = 10/s."""
    load = {"rate": 10 * utilisation, "mean_service": 0.1}
    expected = mm1(**load)
    assert expected.utilisation == pytest.approx(utilisation)
    assert expected.response == pytest.approx(response)
    assert expected.in_system == pytest.approx(in_system)
    assert mm1_percentile(99, **load) == pytest.approx(p99, abs=5e-4)


@pytest.mark.parametrize(
    ("servers", "offered", "must_wait", "services"),
    [
        (1, 0.8, 0.8, 4),
        (2, 1.6, 0.7111, 1.7778),
        (10, 8, 0.40918, 0.20459),
        (20, 18, 0.55077, 0.27538),
        (100, 80, 0.01965, 0.00098),
    ],
)
def test_a_pool_of_servers(servers: int, offered: float, must_wait: float, services: float) -> None:
    """Erlang C's share that waits, and the mean waiting in units of one service."""
    assert erlang_c(offered=offered, servers=servers) == pytest.approx(must_wait, abs=6e-5)
    expected = mmc(rate=offered / 3, mean_service=3, servers=servers)
    assert expected.must_wait == pytest.approx(must_wait, abs=6e-5)
    assert expected.waiting / 3 == pytest.approx(services, abs=6e-5)


@given(servers=st.integers(1, 30), utilisation=st.floats(0, 0.99))
def test_erlang_c_is_the_textbook_sum(servers: int, utilisation: float) -> None:
    """The recursion gives what the formula with factorials gives."""
    offered = utilisation * servers
    last = offered**servers / math.factorial(servers) / (1 - utilisation)
    others = sum(offered**k / math.factorial(k) for k in range(servers))
    assert erlang_c(offered=offered, servers=servers) == pytest.approx(last / (others + last))


@pytest.mark.parametrize(
    ("servers", "offered", "turned_away"),
    [(1, 1, 0.5), (2, 1, 0.2), (5, 3, 0.11005), (10, 5, 0.018385), (100, 90, 0.02696)],
)
def test_a_pool_without_a_line(servers: int, offered: float, turned_away: float) -> None:
    """Erlang B as tables print it."""
    found = erlang_b(offered=offered, servers=servers)
    assert found == pytest.approx(turned_away, rel=5e-4)


@given(servers=st.integers(1, 60), offered=st.fractions(0, 200, max_denominator=1000))
def test_erlang_b_is_the_textbook_sum(servers: int, offered: Fraction) -> None:
    """The formula with factorials, in fractions that lose nothing."""
    terms = [Fraction(offered) ** k / math.factorial(k) for k in range(servers + 1)]
    expected = float(terms[-1] / sum(terms))
    assert erlang_b(offered=float(offered), servers=servers) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("servers", "offered", "turned_away"),
    [
        (10**6, 10**6, 7.9746e-4),  # √(2/πc), and 1 part in 1,300 less
        (10**9, 2 * 10**9, 0.5),
        (10**9, 10, 0),
        (10**9, 0, 0),
        (3, 5e-324, 0),
        (3, 1e308, 1),
    ],
)
def test_large_pools_take_no_time(servers: int, offered: float, turned_away: float) -> None:
    """Terms that no longer count are left out, and nothing overflows."""
    found = erlang_b(offered=offered, servers=servers)
    assert found == pytest.approx(turned_away, rel=1e-4, abs=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_simulated_pool_turns_away_what_erlang_b_says(seed: int) -> None:
    """Without a waiting room, for equal services as for random ones."""
    words = {"rate": 5.0, "mean_service": 1.0, "servers": 6, "waiting_room": 0}
    expected = erlang_b(offered=5, servers=6)
    for service in ("exponential", "constant"):
        lost = [
            simulate(**words, service=service, requests=2_000, seed=100 * seed + day).rejected
            for day in range(40)
        ]
        error = np.std(lost) / math.sqrt(40)
        assert np.mean(lost) == pytest.approx(2_000 * expected, abs=4 * error)


@given(utilisation=st.floats(0, 0.99), mean_service=st.floats(1e-6, 1e6))
def test_one_server_is_s_over_one_minus_rho(utilisation: float, mean_service: float) -> None:
    """M/M/c with c = 1 is the formula that everybody knows, and Little's law ties the rest."""
    rate = utilisation / mean_service
    expected = mm1(rate=rate, mean_service=mean_service)
    assert expected.response == pytest.approx(mean_service / (1 - utilisation), rel=1e-6)
    assert expected.must_wait == pytest.approx(utilisation, rel=1e-6)
    assert expected.in_system == pytest.approx(rate * expected.response)
    assert expected.in_system - expected.in_line == pytest.approx(utilisation, abs=1e-6)


@given(servers=st.integers(2, 50), utilisation=st.floats(0.01, 0.99))
def test_sharing_one_line_never_waits_longer(servers: int, utilisation: float) -> None:
    """c servers with one line wait less than c pairs of a server and a line of its own."""
    apart = mm1(rate=utilisation, mean_service=1)
    shared = mmc(rate=servers * utilisation, mean_service=1, servers=servers)
    assert shared.waiting < apart.waiting


def test_a_thousand_servers_are_no_problem() -> None:
    """Nothing overflows where factorials would."""
    assert 0 < mmc(rate=990, mean_service=1, servers=1000).must_wait < 1


@pytest.mark.parametrize("servers", [1, 3, 5, 120])
@pytest.mark.parametrize("gap", [1e-6, 1e-12, 1e-15])
def test_a_hair_below_full_load_is_as_exact(servers: int, gap: float) -> None:
    """What is left to full load is not lost in the rounding of the utilisation."""
    offered = servers * (1 - gap)
    blocked, load = Fraction(1), Fraction(offered)
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    must_wait = blocked / (1 - load / servers * (1 - blocked))
    waiting = mmc(rate=offered, mean_service=1, servers=servers).waiting
    assert waiting == pytest.approx(float(must_wait / (servers - load)), rel=1e-12)


def test_nobody_waits_where_nobody_comes() -> None:
    """A rate of 0 is a steady state too."""
    assert mmc(rate=0, mean_service=2, servers=3).response == 2
    assert mm1(rate=0, mean_service=2).in_system == 0


@pytest.mark.parametrize(
    ("q", "times"), [(0, 0), (1e-9, 1e-11), (50, math.log(2)), (99, math.log(100))]
)
def test_percentiles_are_the_mean_times_a_logarithm(q: float, times: float) -> None:
    """The response of M/M/1 is exponential."""
    found = mm1_percentile(q, rate=8, mean_service=0.1)
    assert found == pytest.approx(0.5 * times, rel=1e-10, abs=0)


def test_little_counts_who_is_there() -> None:
    """100 per second that stay 3 s each are 300 at any moment."""
    assert little(rate=100, time=3) == 300


def test_a_rare_slow_request_makes_all_wait() -> None:
    """99 % of 10 ms and 1 % of 1 s at 25/s: 251 ms, against 9.9 ms (equal) and 19.7 (random)."""
    mean, square = 0.99 * 0.010 + 0.01 * 1, 0.99 * 0.010**2 + 0.01 * 1**2
    mixed = mg1(rate=25, mean_service=mean, mean_square=square)
    assert mixed.utilisation == pytest.approx(0.4975)
    assert mixed.waiting == pytest.approx(0.251, abs=5e-4)
    assert md1(rate=25, service=mean).waiting == pytest.approx(0.0099, abs=5e-5)
    assert mm1(rate=25, mean_service=mean).waiting == pytest.approx(0.0197, abs=5e-5)


@given(utilisation=st.floats(0.01, 0.99), mean_service=st.floats(1e-6, 1e6))
def test_equal_services_wait_half_as_long_as_random_ones(
    utilisation: float, mean_service: float
) -> None:
    """M/M/1 and M/D/1 are both cases of M/G/1."""
    rate = utilisation / mean_service
    random = mm1(rate=rate, mean_service=mean_service)
    general = mg1(rate=rate, mean_service=mean_service, mean_square=2 * mean_service**2)
    assert general.waiting == pytest.approx(random.waiting, rel=1e-6)
    assert general.in_system == pytest.approx(random.in_system, rel=1e-6)
    assert md1(rate=rate, service=mean_service).waiting == pytest.approx(random.waiting / 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_simulated_mix_waits_as_pollaczek_and_khinchine_say(seed: int) -> None:
    """Mean waiting of 40 days lies within four standard errors, taken from day to day."""
    rng = np.random.default_rng(seed)
    services = rng.choice([0.010, 0.1], p=[0.9, 0.1], size=(40, 20_000))
    days = [
        simulate(rate=25, services=day, seed=100 * seed + n).waiting.mean()
        for n, day in enumerate(services)
    ]
    mean, square = 0.9 * 0.010 + 0.1 * 0.1, 0.9 * 0.010**2 + 0.1 * 0.1**2
    expected = mg1(rate=25, mean_service=mean, mean_square=square).waiting
    assert np.mean(days) == pytest.approx(expected, abs=4 * np.std(days) / math.sqrt(40))


@pytest.mark.parametrize(
    ("load", "places", "lost"),
    [
        (0.9, 10, 5.08),
        (0.9, 50, 0.052),
        (1, 10, 9.09),
        (1.2, 10, 19.26),
        (1.2, 100, 16.67),
        (2, 10, 50.02),
    ],
)
def test_how_many_are_turned_away(load: float, places: int, lost: float) -> None:
    """The table of M/M/1/K, in per cent."""
    assert 100 * mm1k(rate=10 * load, mean_service=0.1, places=places).lost == pytest.approx(
        lost, abs=0.005
    )


@pytest.mark.parametrize(("load", "places"), [(0.9, 10), (1, 10), (1.2, 10), (2, 10)])
def test_a_full_room_turns_away_in_a_simulation_too(load: float, places: int) -> None:
    """Loss and waiting of 20 days lie within four standard errors, taken from day to day."""
    expected = mm1k(rate=load, mean_service=1, places=places)
    days = [
        simulate(rate=load, mean_service=1, waiting_room=places - 1, requests=5_000, seed=seed)
        for seed in range(20)
    ]
    lost = [day.rejected / day.requests for day in days]
    waiting = [day.waiting.mean() for day in days]
    assert np.mean(lost) == pytest.approx(expected.lost, abs=4 * np.std(lost) / math.sqrt(20))
    assert np.mean(waiting) == pytest.approx(
        expected.waiting, abs=4 * np.std(waiting) / math.sqrt(20)
    )


@given(load=st.floats(0.01, 50), places=st.integers(1, 300))
def test_whoever_is_let_in_is_served(load: float, places: int) -> None:
    """What is not lost is what the server does, its share of the time that it is not idle."""
    found = mm1k(rate=load, mean_service=1, places=places)
    powers = [math.exp((n - places * (load > 1)) * math.log(load)) for n in range(places + 1)]
    idle = powers[0] / math.fsum(powers)
    assert load * (1 - found.lost) == pytest.approx(1 - idle)
    assert 0 <= found.in_system <= places
    assert found.response >= 1 - 1e-9


@given(rho=st.fractions(0, 20, max_denominator=10**6), places=st.integers(1, 40))
@example(rho=Fraction(1), places=40)
@example(rho=Fraction(10**12), places=3)
@example(rho=Fraction(10**16), places=3)
@example(rho=Fraction(1, 10**16), places=3)
@example(rho=Fraction(10**9 + 1, 10**9), places=30)
def test_a_bounded_line_is_the_textbook_sum(rho: Fraction, places: int) -> None:
    """All the weights, in fractions that lose nothing, however much or little comes."""
    rho = Fraction(float(rho))
    weights = [rho**n for n in range(places + 1)]
    lost = weights[-1] / sum(weights)
    waiting = sum(n * weight for n, weight in enumerate(weights[:-1])) / sum(weights[:-1])
    in_system = sum(n * weight for n, weight in enumerate(weights)) / sum(weights)
    found = mm1k(rate=float(rho), mean_service=1, places=places)
    for ours, expected in zip(
        (found.lost, found.waiting, found.in_system), (lost, waiting, in_system), strict=True
    ):
        assert ours == pytest.approx(float(expected), rel=1e-12, abs=1e-320)
    assert found.response == found.waiting + 1


def test_ten_million_places_take_no_time() -> None:
    """Sums of so many weights by doubling: known where all weights are equal, and where few are."""
    full = mm1k(rate=1, mean_service=1, places=10**7)
    assert (full.lost, full.in_system) == pytest.approx((1 / (10**7 + 1), 5e6), rel=1e-12)
    assert mm1k(rate=0.5, mean_service=2, places=10**15).in_system == pytest.approx(5e14)
    calm = mm1k(rate=0.9, mean_service=1, places=10**7)
    assert calm.in_system == pytest.approx(9, rel=1e-12)


def test_three_places_at_full_load_by_hand() -> None:
    """All numbers are as likely; who is let in finds 0, 1 or 2, so 1 on average, of 2 s each."""
    found = mm1k(rate=0.5, mean_service=2, places=3)
    assert (found.lost, found.waiting, found.response, found.in_system) == (0.25, 2, 4, 1.5)


def test_ten_thousand_places_and_half_too_much() -> None:
    """Two thirds can be served, and the weights do not overflow."""
    assert mm1k(rate=1.5, mean_service=1, places=10**4).lost == pytest.approx(1 / 3)


def test_equal_services_have_the_square_of_their_mean() -> None:
    """The least that there is, give or take what a float loses."""
    assert mg1(rate=1, mean_service=0.5, mean_square=0.25).waiting == pytest.approx(0.25)
    assert mg1(rate=1, mean_service=0.5, mean_square=0.25 * (1 - 5e-10)).waiting < 0.25
    with pytest.raises(ValueError, match=r"at least 0\.25; give the mean of the squares"):
        mg1(rate=1, mean_service=0.5, mean_square=0.25 * (1 - 2e-9))


def test_a_bigger_room_is_no_help_against_too_much() -> None:
    """Above full load the loss goes to 1 − 1/ρ, and what grows with the room is the waiting."""
    small, big = (mm1k(rate=1.2, mean_service=1, places=k) for k in (100, 1000))
    assert small.lost == pytest.approx(1 - 1 / 1.2, abs=1e-6)
    assert big.lost == pytest.approx(small.lost, abs=1e-6)
    assert big.waiting > 9 * small.waiting


def test_a_big_enough_room_is_as_good_as_none() -> None:
    """Below full load M/M/1/K becomes M/M/1."""
    bounded = mm1k(rate=0.8, mean_service=1, places=500)
    assert bounded.lost < 1e-12
    assert bounded.waiting == pytest.approx(mm1(rate=0.8, mean_service=1).waiting)


def test_nobody_is_turned_away_where_nobody_comes() -> None:
    """A rate of 0 loses nothing, and a service takes what it takes."""
    assert mm1k(rate=0, mean_service=2, places=3).response == 2


def waitings(utilisation: float, requests: int, rng: np.random.Generator) -> np.ndarray:
    """Waiting of each of `requests` at one server of mean service 1, by Lindley's recursion."""
    service = rng.exponential(1, requests)
    gap = rng.exponential(1 / utilisation, requests)
    walk = np.concatenate([[0], np.cumsum(service[:-1] - gap[1:])])
    return walk - np.minimum.accumulate(walk)


@pytest.mark.parametrize("utilisation", [0.5, 0.8])
def test_repeated_simulations_scatter_as_the_standard_error_says(utilisation: float) -> None:
    """The spread of 300 seeded means is the error that theory gives, and they lie around Wq."""
    rng = np.random.default_rng(3)
    means = [waitings(utilisation, 5_000, rng).mean() for _ in range(300)]
    load = {"rate": utilisation, "mean_service": 1.0}
    error = mm1_waiting_error(5_000, **load)
    assert np.std(means) == pytest.approx(error, rel=0.15)
    assert np.mean(means) == pytest.approx(mm1(**load).waiting, abs=4 * error / math.sqrt(300))


@pytest.mark.parametrize(
    ("utilisation", "share"), [(0.5, 0.012), (0.8, 0.025), (0.9, 0.047), (0.95, 0.092)]
)
def test_200_000_requests_are_fewer_than_they_look(utilisation: float, share: float) -> None:
    """The relative standard error of the mean waiting grows with the load."""
    load = {"rate": utilisation, "mean_service": 1.0}
    found = mm1_waiting_error(200_000, **load) / mm1(**load).waiting
    assert found == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mm1(rate=10, mean_service=0.2), "200 % busy.*below 5 requests.*take 3 servers"),
        (lambda: mm1(rate=10, mean_service=0.1), "100 % busy.*below 10 .*take 2 servers"),
        (lambda: mmc(rate=9, mean_service=1, servers=8), "8 servers 112 % busy.*take 10 servers"),
        (lambda: erlang_c(offered=2, servers=2), "no steady state"),
        (lambda: erlang_c(offered=-2, servers=2), "offered load is -2 busy servers"),
        (lambda: erlang_b(offered=-2, servers=2), "offered load is -2 busy servers"),
        (lambda: erlang_b(offered=2, servers=10**400), "servers is 1e400 or so; give 1 to 10,000"),
        (lambda: mmc(rate=1e308, mean_service=1e308, servers=1), "far more than 100 % busy"),
        (lambda: mm1(rate=1e15, mean_service=1), "far more than 100 % busy.*per second$"),
        (lambda: mm1_waiting_error(10**400, rate=1, mean_service=0.1), "requests is 1e400 or so"),
        (
            lambda: mm1k(rate=1, mean_service=1, places=10**400),
            "places is 1e400 or so; give 1 to 1,000,000,000,000,000$",
        ),
        (lambda: mm1(rate=10**10, mean_service=1), "far more than 100 % busy.*per second$"),
        (lambda: mm1_percentile(99, rate=0, mean_service=1e308), "the percentile is beyond"),
        (
            lambda: mm1_waiting_error(1, rate=0.9999e-308, mean_service=1e308),
            "the standard error is beyond",
        ),
        (lambda: mm1(rate=5e-309, mean_service=1e308), "the mean response is beyond"),
        (lambda: mm1k(rate=1, mean_service=1e308, places=10), "the mean waiting is beyond"),
        (lambda: mm1k(rate=1e-308, mean_service=1e308, places=3), "the mean response is beyond"),
        (lambda: little(rate=1e200, time=1e200), "mean number is beyond 1.8e[+]308"),
        (lambda: mg1(rate=0, mean_service=1e200, mean_square=1), "square .* is beyond"),
        (lambda: mm1(rate=10**400, mean_service=1), "rate is 1e400 or so"),
        (lambda: mm1(rate=-3, mean_service=0.1), "rate is -3 .*give a number from 0"),
        (lambda: mm1(rate=math.nan, mean_service=0.1), "rate is nan"),
        (lambda: mm1(rate=1, mean_service=math.inf), "service is inf"),
        (lambda: mm1(rate=1, mean_service=0), "service is 0 seconds"),
        (
            lambda: mmc(rate=1, mean_service=0.1, servers=0),
            "servers is 0; give 1 to 10,000,000,000",
        ),
        (
            lambda: mm1_percentile(100, rate=1, mean_service=0.1),
            "no percentile 100 .*less than 100",
        ),
        (lambda: mm1_percentile(math.nan, rate=1, mean_service=0.1), "percentile is nan per cent"),
        (lambda: mm1_waiting_error(0, rate=1, mean_service=0.1), "requests is 0"),
        (lambda: little(rate=1, time=-1), "time is -1 seconds"),
        (lambda: mg1(rate=1, mean_service=0.5, mean_square=0.2), "at least 0.25; give the mean"),
        (lambda: mg1(rate=9, mean_service=0.5, mean_square=1), "no steady state"),
        (lambda: md1(rate=2, service=0.5), "100 % busy"),
        (lambda: mm1k(rate=1, mean_service=0, places=3), "service is 0 seconds"),
        (lambda: mm1k(rate=1, mean_service=1, places=0), "places is 0; give 1 to"),
    ],
)
def test_a_number_that_makes_no_sense_is_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    """A sentence with the value and the way out."""
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mm1(rate="8", mean_service=0.1), "rate is '8'; give a number"),
        (lambda: mm1(rate=True, mean_service=0.1), "rate is True"),
        (lambda: mmc(rate=1, mean_service=0.1, servers=2.5), "servers is 2.5; give a whole"),
        (lambda: mm1_percentile("99", rate=1, mean_service=0.1), "percentile is '99'"),
        (
            lambda: mg1(rate=1, mean_service=0.5, mean_square="1"),
            "the mean square is '1'; give a number of seconds²$",
        ),
        (
            lambda: mm1k(rate="1", mean_service=1, places=3),
            "the rate is '1'; give a number of arrivals per second$",
        ),
        (
            lambda: little(rate="1", time=1),
            "the rate is '1'; give a number of arrivals per second$",
        ),
    ],
)
def test_what_is_no_number_is_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    """A text or a truth value is not taken for a number."""
    with pytest.raises(TypeError, match=words):
        call()


def test_numbers_of_numpy_are_numbers() -> None:
    """Values out of an array may be passed on as they are."""
    rates = np.array([1, 8])
    assert mm1(rate=rates[1], mean_service=np.float32(0.125) * 0.8).utilisation < 1
    assert mmc(rate=1.0, mean_service=1.0, servers=np.int64(2)).must_wait == pytest.approx(1 / 3)
