"""Millions of requests: the fast ways against the heap, the heap against theory, bad input told."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.load import Load, lines, lockstep, rows, simulate, times
from course_lib.load import heap as heaps
from course_lib.load.chance import exp
from course_lib.load.departures import cyclic, departures, one_server
from course_lib.load.heap import heap
from course_lib.load.room import bounded
from course_lib.theory import md1, mg1, mm1, mm1_percentile, mm1_waiting_error, mm1k, mmc
from tests.test_any_number import ANYTHING

SEEDS = (1, 2, 3)
SECOND = 1_000_000_000

# ---- The fast ways give the integers of the heap --------------------------------------------


@st.composite
def days(draw: Callable[..., Any], most: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals and services in ns: crowds at one moment, pauses, services of no time, ties."""
    size = draw(st.integers(1, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    longest = draw(st.sampled_from([1, 3, 20, 10**9]))
    gap = rng.integers(0, longest, size) * (rng.random(size) < draw(st.sampled_from([0.1, 1])))
    gap[rng.random(size) < draw(st.sampled_from([0, 0.05]))] += 30 * longest
    load = draw(st.sampled_from([0, 0.5, 2, 12]))
    return np.cumsum(gap), rng.integers(0, int(longest * load) + 1, size)


@contextmanager
def small(few: int = 2) -> Iterator[None]:
    """Chunks and lanes so small that a few hundred requests meet all their edges."""
    lanes = {"LANES": 5, "STEPS": (8, 8), "PATIENCE": 1, "FEW": few}
    with (
        mock.patch.object(times, "CHUNK", 7),
        mock.patch.object(heaps, "BLOCK", 6),
        mock.patch.object(rows, "SLAB", 5),
        mock.patch.multiple(lockstep, **lanes),
        mock.patch.object(lockstep, "_memory", return_value=0),
        mock.patch.object(lockstep._Lanes, "pay", return_value=True),
    ):
        yield


@given(day=days())
@settings(deadline=None)
def test_one_server_is_the_heap(day: tuple[np.ndarray, np.ndarray]) -> None:
    """Sums and running maxima give the integers of the loop, over all borders of chunks."""
    with small():
        assert (one_server(*day) == heap(*day, 1)).all()


@given(day=days(), servers=st.integers(1, 9), service=st.integers(0, 30))
@settings(deadline=None)
def test_equal_services_are_the_heap(
    day: tuple[np.ndarray, np.ndarray], servers: int, service: int
) -> None:
    """Taking servers in turn is taking the first free one, if all services are equal."""
    arrival, equal = day[0], np.full(len(day[0]), service)
    with small():
        assert (cyclic(arrival, equal, servers) == heap(arrival, equal, servers)).all()


@pytest.mark.slow
@given(day=days(), servers=st.integers(1, 9), few=st.sampled_from([0, 2, 1000]))
@settings(deadline=None, max_examples=200)
def test_lockstep_is_the_heap(day: tuple[np.ndarray, np.ndarray], servers: int, few: int) -> None:
    """However lanes are mended, together or one by one, the integers are those of the loop."""
    with small(few):
        assert (lockstep.lockstep(*day, servers) == heap(*day, servers)).all()


@given(day=days(), servers=st.integers(1, 400))
@settings(deadline=None)
def test_whatever_is_chosen_is_the_heap(day: tuple[np.ndarray, np.ndarray], servers: int) -> None:
    """`departures` is exact whichever way it takes, with more servers than requests too."""
    with small():
        assert (departures(*day, servers) == heap(*day, servers)).all()


@pytest.mark.slow
@pytest.mark.parametrize("servers", [2, 8, 40])
@pytest.mark.parametrize("utilisation", [0.3, 0.8, 0.95, 1.3])
def test_long_days_are_the_heap(servers: int, utilisation: float) -> None:
    """The same in the sizes of real use, and with a burst in the middle."""
    rng = np.random.default_rng(7)
    gap = rng.exponential(1e7, 300_000)
    gap[120_000:130_000] /= 3
    arrival = np.cumsum(np.rint(gap).astype(np.int64))
    service = np.rint(rng.exponential(1e7 * utilisation * servers, gap.size)).astype(np.int64)
    assert (departures(arrival, service, servers) == heap(arrival, service, servers)).all()


def test_lanes_are_used_where_they_pay() -> None:
    """A calm day is not left to the heap: few requests are served one by one."""
    with mock.patch.object(heaps, "on", wraps=heaps.on) as loop:
        simulate(rate=600, mean_service=0.010, servers=8, requests=300_000)
    assert sum(call.args[0].size for call in loop.call_args_list) < 20_000


# ---- A waiting room, an outage, bursts, partitions ------------------------------------------


def one_by_one(
    arrival: list[int], service: list[int], servers: int, room: int
) -> list[tuple[int, int, int]]:
    """Who is let in, when it starts and departs: each arrival looks around, and counts."""
    let_in: list[tuple[int, int, int]] = []
    for number, (time, length) in enumerate(zip(arrival, service, strict=True)):
        busy = [end for _, start, end in let_in if end > time and start <= time]
        waiting = [start for _, start, _ in let_in if start > time]
        if len(busy) >= servers and len(waiting) >= room:
            continue
        ends = sorted(end for _, _, end in let_in)[-servers:]
        start = max(time, ends[0]) if len(ends) == servers else time
        let_in.append((number, start, start + length))
    return let_in


@pytest.mark.slow
@given(day=days(most=60), servers=st.integers(1, 4), room=st.integers(0, 6))
@settings(deadline=None)
def test_a_bounded_room_turns_away_who_finds_it_full(
    day: tuple[np.ndarray, np.ndarray], servers: int, room: int
) -> None:
    """The loop agrees with counting heads at each arrival."""
    start, departure, let_in = bounded(*day, servers, room)
    expected = one_by_one(day[0].tolist(), day[1].tolist(), servers, room)
    assert np.flatnonzero(let_in).tolist() == [number for number, _, _ in expected]
    found = zip(start.tolist(), departure.tolist(), strict=True)
    assert list(found) == [(start, end) for _, start, end in expected]


def test_a_room_for_two() -> None:
    """At 0 s five come to one server: one is served, two wait, two are rejected."""
    load = simulate(arrivals=[0] * 5 + [1], services=[1] * 6, waiting_room=2)
    assert (load.requests, load.rejected, len(load)) == (6, 2, 4)
    assert load.departure.tolist() == [1, 2, 3, 4]
    assert load.rejected_ns.tolist() == [0, 0]
    assert "2 rejected (33.33 %)" in load.summary()


@given(day=days(most=80), servers=st.integers(1, 4), edges=st.tuples(*[st.integers(0, 500)] * 2))
@settings(deadline=None)
def test_an_outage_stops_the_servers_and_nothing_else(
    day: tuple[np.ndarray, np.ndarray], servers: int, edges: tuple[int, int]
) -> None:
    """Who is in service goes on afterwards, nobody starts in between: a loop on the wall clock."""
    begin, end = min(edges), max(edges) + 1
    free, expected = [0] * servers, []
    for time, length in zip(*(array.tolist() for array in day), strict=True):
        start = max(time, min(free))
        start = end if begin <= start < end else start
        done = start + length + (end - begin) * (start < begin < start + length)
        free[free.index(min(free))] = done
        expected.append((start, done))
    arrivals, services = (array / SECOND for array in day)
    load = simulate(
        arrivals=arrivals, services=services, servers=servers, outage=(begin / SECOND, end / SECOND)
    )
    assert list(zip(load.start_ns.tolist(), load.departure_ns.tolist(), strict=True)) == expected


@pytest.mark.parametrize("service", [0, 1e-9, 0.5])
def test_in_an_outage_one_waits_at_the_server_however_short_its_service(service: float) -> None:
    """Without a waiting room the others find the server taken, and are turned away."""
    load = simulate(
        arrivals=[1.2, 1.5, 1.6, 2], services=[service] * 4, waiting_room=0, outage=(1, 2)
    )
    assert load.start[0] == 2 and load.arrival[0] == 1.2
    assert load.rejected_ns.tolist()[:2] == [1_500_000_000, 1_600_000_000]
    assert len(load) == (2 if service == 0 else 1)  # at 2 s the first has started, and departed


def test_a_burst_of_ten_times_the_rate_brings_ten_times_the_requests() -> None:
    """Inside the windows the rate is theirs, outside it is the usual, and 0 means nobody."""
    bursts = [(100, 200, 1000), (200, 300, 0)]
    load = simulate(rate=100, mean_service=1e-6, requests=200_000, bursts=bursts, seed=5)
    came = [
        np.count_nonzero((load.arrival >= at) & (load.arrival < at + 100))
        for at in range(0, 500, 100)
    ]
    for found, expected in zip(came, [10_000, 100_000, 0, 10_000, 10_000], strict=True):
        assert abs(found - expected) <= 4 * math.sqrt(expected)


def test_before_the_burst_the_day_is_the_same() -> None:
    """A burst moves the arrivals after its start, and none before."""
    calm = simulate(rate=100, mean_service=0.001, requests=5_000)
    wild = simulate(rate=100, mean_service=0.001, requests=5_000, bursts=[(20, 25, 800)])
    before = np.count_nonzero(calm.arrival < 20)
    assert before == np.count_nonzero(wild.arrival < 20)
    assert (calm.arrival_ns[:before] == wild.arrival_ns[:before]).all()
    assert (np.diff(wild.arrival_ns) >= 0).all()


@pytest.mark.parametrize("room", [None, 3])
@pytest.mark.parametrize("servers", [1, 2])
def test_each_partition_is_a_line_of_its_own(servers: int, room: int | None) -> None:
    """A part of the load is what its requests alone would have seen."""
    keys = 1 / np.arange(1, 50)
    load = simulate(
        rate=400, mean_service=0.012, servers=servers, requests=20_000, partitions=5, keys=keys,
        waiting_room=room, seed=3,
    )  # fmt: skip
    assert load.requests == 20_000 and (room is None) == (load.rejected == 0)
    for number in range(5):
        part = load.part(number)
        come = np.concatenate([part.arrival_ns, part.rejected_ns])
        order = np.argsort(come, kind="stable")
        service = np.concatenate([part.service_ns, np.zeros(part.rejected, np.int64)])
        alone = simulate(
            arrivals=come[order] / SECOND, services=service[order] / SECOND, servers=servers,
            waiting_room=room,
        )  # fmt: skip
        assert (alone.departure_ns == part.departure_ns).all()
        assert alone.rejected == part.rejected
    assert sum(load.part(number).requests for number in range(5)) == load.requests


def test_a_hot_key_bounds_the_whole_topic() -> None:
    """A partition with half of the requests is swamped while the others sleep."""
    load = simulate(
        rate=300, mean_service=0.010, requests=50_000, partitions=6, keys=[5, 1, 1, 1, 1, 1]
    )
    shares = [len(load.part(number)) / len(load) for number in range(6)]
    assert shares == pytest.approx([0.5] + [0.1] * 5, abs=0.01)
    assert load.part(0).utilisation == pytest.approx(1, abs=0.01)
    assert load.part(1).utilisation == pytest.approx(0.3, abs=0.05)
    assert load.throughput == pytest.approx(200, rel=0.05)  # 100 per second / 0.5


def test_without_keys_all_partitions_are_alike() -> None:
    """Each gets its share, to the chance of a draw."""
    load = simulate(rate=1, mean_service=0, requests=120_000, partitions=12)
    assert np.bincount(load.partition) == pytest.approx([10_000] * 12, abs=4 * 100)


# ---- Chance is an argument ------------------------------------------------------------------

A_DAY = {"rate": 95.0, "mean_service": 0.010, "requests": 40_000}


def test_the_seed_is_all_the_chance_there_is() -> None:
    """The same seed gives the same day, another seed another."""
    first, again, other = simulate(**A_DAY), simulate(**A_DAY), simulate(**A_DAY, seed=2)
    assert (first.departure_ns == again.departure_ns).all()
    assert (first.arrival_ns != other.arrival_ns).any()


@pytest.mark.parametrize(
    ("words", "digest"),
    [
        ({"service": "exponential"}, "5a858de93061c74e"),
        ({"service": "lognormal", "spread": 2}, "06ee76b39d43e0ad"),
        (
            {"partitions": 3, "keys": [3, 1, 1], "bursts": [(5, 9, 400)], "outage": (50, 60)},
            "a82df6cacb748f56",
        ),
    ],
)
def test_the_numbers_are_the_same_on_every_machine(words: dict[str, Any], digest: str) -> None:
    """Their fingerprint, which fails where a machine or a version of numpy draws others."""
    load = simulate(**A_DAY, **words)
    data = b"".join(array.astype("<i8").tobytes() for array in (load.arrival_ns, load.departure_ns))
    assert hashlib.sha256(data).hexdigest()[:16] == digest


def test_arrivals_and_services_have_streams_of_their_own() -> None:
    """Another kind of service leaves the arrivals as they were, and the other way round."""
    usual = simulate(**A_DAY)
    constant = simulate(**A_DAY, service="constant")
    assert (usual.arrival_ns == constant.arrival_ns).all()
    faster = simulate(**{**A_DAY, "rate": 50})
    assert (usual.service_ns == faster.service_ns).all()
    spread = simulate(**A_DAY, partitions=4)
    assert (usual.arrival_ns == spread.arrival_ns).all()


def test_a_longer_day_begins_like_a_short_one() -> None:
    """The first requests of a day do not depend on how many follow, nor on the size of a chunk."""
    short, long = simulate(**A_DAY), simulate(**{**A_DAY, "requests": 140_000})
    assert (long.departure_ns[:40_000] == short.departure_ns).all()
    with mock.patch.object(times, "CHUNK", 999):
        assert (simulate(**A_DAY).departure_ns == short.departure_ns).all()


def test_our_exponential_function_is_one() -> None:
    """Products and sums give e to the x as well as the C library does, to 1e-11."""
    x = np.linspace(-30, 30, 100_001)
    assert np.abs(exp(x) / np.exp(x) - 1).max() < 1e-11


def test_lognormal_services_have_the_mean_and_the_spread_asked_for() -> None:
    """Mean 10 ms, standard deviation half of it."""
    load = simulate(rate=1, mean_service=0.010, service="lognormal", spread=0.5, requests=200_000)
    assert load.service.mean() == pytest.approx(0.010, rel=4 * 0.5 / math.sqrt(200_000))
    assert load.service.std() == pytest.approx(0.005, rel=0.02)


# ---- What a load can tell -------------------------------------------------------------------


def test_a_day_worked_out_by_hand() -> None:
    """Three requests, one server: 0 to 2, 2 to 3, 5 to 6."""
    load = simulate(arrivals=[0, 1, 5], services=[2, 1, 1])
    assert load.start.tolist() == [0, 2, 5]
    assert load.departure.tolist() == [2, 3, 6]
    assert load.waiting.tolist() == [0, 1, 0]
    assert load.response.tolist() == [2, 2, 1]
    assert load.service.tolist() == [2, 1, 1]
    assert (load.duration, load.utilisation, load.throughput) == (6, 4 / 6, 0.5)
    assert load.in_system([0, 1, 1.5, 2, 3, 4, 5.5, 6]).tolist() == [1, 2, 2, 1, 0, 0, 1, 0]
    assert load.in_system(1) == 2
    assert load.summary() == (
        "3 requests, 1 server, 66.7 % busy\n"
        "0.5 served per second, for 6 s\n"
        "mean waiting   333.3 ms\n"
        "mean response  1.667 s\n"
        "response       p50 2 s, p95 2 s, p99 2 s, longest 2 s"
    )
    assert repr(load) == load.summary()


@given(day=days(), servers=st.integers(1, 6), room=st.sampled_from([None, 0, 3]))
@settings(deadline=None)
def test_littles_law_is_exact(
    day: tuple[np.ndarray, np.ndarray], servers: int, room: int | None
) -> None:
    """Nanoseconds spent by all, and the area under the number in system: the same integer."""
    arrivals, services = (array / SECOND for array in day)
    load = simulate(arrivals=arrivals, services=services, servers=servers, waiting_room=room)
    moments = np.unique(np.concatenate([load.arrival_ns, load.departure_ns]))
    there = load.in_system(moments / SECOND)
    assert there[-1] == 0
    area = sum(n * int(t) for n, t in zip(there[:-1].tolist(), np.diff(moments), strict=True))
    assert area == sum(load.response_ns.tolist())


@given(
    values=st.lists(st.integers(0, 50), min_size=1, max_size=50),
    q=st.one_of(st.integers(0, 100), st.sampled_from([0.1, 12.5, 99.9, 99.99])),
)
@settings(deadline=None)
def test_a_percentile_is_the_response_of_a_request(values: list[int], q: float) -> None:
    """The shortest response that q per cent do not exceed."""
    load = simulate(arrivals=[0] * len(values), services=values, servers=50)
    found = load.percentile(q)
    tenths = round(q * 100)
    assert sum(value <= found for value in values) * 10_000 >= tenths * len(values)
    assert sum(value < found for value in values) * 10_000 < max(tenths, 1) * len(values)


@pytest.mark.parametrize("q", [0, 1, 50, 99, 99.99, 100])
def test_percentiles_of_many_are_those_of_sorting(q: float) -> None:
    """The sample that spares us sorting changes nothing, not even where it misleads."""
    load = simulate(rate=99, mean_service=0.010, requests=30_000)
    rank = max(math.ceil(q * 300) - 1, 0)
    assert load.percentile(q) == np.sort(load.response)[rank]
    misleading = np.zeros(30_000)
    misleading[np.arange(30_000) % 101 > 0] = 5
    load = simulate(arrivals=np.zeros(30_000), services=misleading, servers=30_000)
    assert load.percentile(q) == np.sort(load.response)[rank]


def test_a_load_cannot_be_changed() -> None:
    """It is a value: what was computed stays."""
    load = simulate(arrivals=[0, 1], services=[1, 1])
    for name in ("arrival", "start", "departure", "service", "response"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(load, name)[0] = 7
        with pytest.raises(ValueError, match="read-only"):
            getattr(load, f"{name}_ns")[0] = 7
    load = simulate(arrivals=[0, 0, 0], services=[1, 1, 1], partitions=2, waiting_room=0)
    for numbers in (load.partition, load.rejected_partition):
        with pytest.raises(ValueError, match="read-only"):
            numbers[:] = 0


def test_the_readers_arrays_are_left_alone() -> None:
    """Nothing is written into what was given."""
    arrivals, services = np.array([0.0, 1.0]), np.array([3.0, 1.0])
    simulate(arrivals=arrivals, services=services)
    arrivals[0] = services[1] = 0.5
    assert arrivals.tolist() == [0.5, 1] and services.tolist() == [3, 0.5]


@given(halves=st.lists(st.integers(0, 2**53) | st.integers(0, 99), min_size=1))
@example(halves=[0, 1, 3, 2**52 - 1])
@example(halves=[0, 1, 3, 2**53 - 1])
def test_times_are_the_nearest_nanoseconds(halves: list[int]) -> None:
    """Half to even, as Python rounds, on both sides of 26 days."""
    floats = np.array(halves) / 2
    found = floats.view(np.int64).copy()
    times.settle(found, longest=floats.max())
    assert found.tolist() == [round(half / 2) for half in halves]


@pytest.mark.parametrize("late", [1.0, 3e6, 3e9])
def test_a_request_late_in_the_year_takes_as_long(late: float) -> None:
    """To the nanosecond, as it is given, after a second, a month and a century."""
    load = simulate(arrivals=[0, late], services=[2.5e-9, 3.5e-9])
    assert load.arrival_ns.tolist() == [0, round(late * SECOND)]
    assert load.service_ns.tolist() == [2, 4]
    assert load.departure_ns.tolist() == [2, round(late * SECOND) + 4]


def test_a_partition_nobody_was_sent_to_is_empty() -> None:
    """Zeros and NaN, no warning."""
    part = simulate(rate=1, mean_service=1, requests=5, partitions=2, keys=[1, 0]).part(1)
    assert (len(part), part.utilisation, part.in_system(3)) == (0, 0, 0)
    assert math.isnan(part.throughput)
    assert part.summary() == "0 requests, 1 server, 0.0 % busy"
    with pytest.raises(ValueError, match="none was served"):
        part.percentile(50)


# ---- Theory ---------------------------------------------------------------------------------


def standard_error(values: np.ndarray, batches: int = 40) -> float:
    """Of the mean of a long series of neighbours that are alike, by the method of batch means."""
    means = [batch.mean() for batch in np.array_split(values, batches)]
    return float(np.std(means, ddof=1) / math.sqrt(batches))


def lies_near(values: np.ndarray, expected: float, error: float | None = None) -> bool:
    """Whether the mean is within four standard errors of what theory expects."""
    error = standard_error(values) if error is None else error
    return bool(abs(values.mean() - expected) <= 4 * error)


def one_server_is_right(utilisation: float, seed: int) -> bool:
    """M/M/1: the mean waiting, and the share that waits."""
    words = {"rate": 100 * utilisation, "mean_service": 0.010}
    load, expected = simulate(**words, requests=200_000, seed=seed), mm1(**words)
    near = lies_near(load.waiting, expected.waiting, mm1_waiting_error(200_000, **words))
    return near and lies_near(load.waiting > 0, expected.must_wait)


def many_servers_are_right(servers: int, utilisation: float, seed: int) -> bool:
    """M/M/c, Erlang C: the mean waiting, and the share that waits."""
    words = {"rate": 100 * servers * utilisation, "mean_service": 0.010, "servers": servers}
    load, expected = simulate(**words, requests=200_000, seed=seed), mmc(**words)
    near = lies_near(load.waiting, expected.waiting)
    return near and lies_near(load.waiting > 0, expected.must_wait)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("utilisation", [0.5, 0.8, 0.9])
def test_one_server(utilisation: float, seed: int) -> None:
    """M/M/1 waits as theory says, by its own standard error."""
    assert one_server_is_right(utilisation, seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("servers", "utilisation"), [(2, 0.8), (8, 0.8), (10, 0.8), (20, 0.9)])
def test_many_servers(servers: int, utilisation: float, seed: int) -> None:
    """M/M/c waits as Erlang C says."""
    assert many_servers_are_right(servers, utilisation, seed)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("utilisation", [0.5, 0.8, 0.9])
def test_equal_services(utilisation: float, seed: int) -> None:
    """M/D/1 waits half of what M/M/1 does."""
    load = simulate(
        rate=100 * utilisation, mean_service=0.010, service="constant", requests=200_000, seed=seed
    )
    assert lies_near(load.waiting, md1(rate=100 * utilisation, service=0.010).waiting)


@pytest.mark.parametrize("seed", SEEDS)
def test_lognormal_services(seed: int) -> None:
    """M/G/1, Pollaczek and Khinchine: it is the mean square that counts."""
    load = simulate(
        rate=60, mean_service=0.010, service="lognormal", spread=1.5, requests=400_000, seed=seed
    )
    expected = mg1(rate=60, mean_service=0.010, mean_square=0.010**2 * (1 + 1.5**2))
    assert lies_near(load.waiting, expected.waiting)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rare_slow_request_holds_up_all_others(seed: int) -> None:
    """99 % of 10 ms and 1 % of 1 s, half load: a mean waiting of 251 ms, not 10."""
    slow = np.random.default_rng(seed).random(400_000) < 0.01
    load = simulate(rate=25, services=np.where(slow, 1.0, 0.010), seed=seed)
    expected = mg1(rate=25, mean_service=0.0199, mean_square=0.01 + 0.99 * 0.010**2).waiting
    assert expected == pytest.approx(0.251, abs=5e-4)
    assert lies_near(load.waiting, expected)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("utilisation", "places"), [(0.9, 10), (1, 10), (1.2, 10), (2, 10)])
def test_a_bounded_line(utilisation: float, places: int, seed: int) -> None:
    """M/M/1/K turns away the share that theory says, and the others wait as it says."""
    words = {"rate": 100 * utilisation, "mean_service": 0.010}
    load = simulate(**words, requests=100_000, waiting_room=places - 1, seed=seed)
    expected = mm1k(**words, places=places)
    turned_away = np.zeros(load.requests)
    turned_away[np.searchsorted(load.arrival_ns, load.rejected_ns) + np.arange(load.rejected)] = 1
    assert lies_near(turned_away, expected.lost)
    assert lies_near(load.waiting, expected.waiting)


@pytest.mark.parametrize("seed", SEEDS)
def test_p99_is_4_6_times_the_mean(seed: int) -> None:
    """The response of M/M/1 is exponential."""
    load = simulate(rate=50, mean_service=0.010, requests=400_000, seed=seed)
    expected = mm1_percentile(99, rate=50, mean_service=0.010)
    assert lies_near(load.response > expected, 0.01)


def forgets_the_line(arrival: np.ndarray, service: np.ndarray, servers: int) -> np.ndarray:
    """A broken simulator: every 10,000 requests it begins with an empty line."""
    pieces = [slice(at, at + 10_000) for at in range(0, arrival.size, 10_000)]
    return np.concatenate([heap(arrival[own], service[own] * 97 // 100, servers) for own in pieces])


def hires_a_server(arrival: np.ndarray, service: np.ndarray, servers: int) -> np.ndarray:
    """A broken simulator: with one server too many."""
    return departures(arrival, service, servers + 1)


def serves_in_turn(arrival: np.ndarray, service: np.ndarray, servers: int) -> np.ndarray:
    """A broken simulator: it takes servers in turn, not the one that is free first."""
    return cyclic(arrival, service, servers) if servers > 1 else departures(arrival, service * 2, 1)


@pytest.mark.parametrize("broken", [forgets_the_line, hires_a_server, serves_in_turn])
def test_theory_catches_a_broken_simulator(broken: Callable[..., Any]) -> None:
    """The tests above can fail: each of these would not pass."""

    def instead(arrival: np.ndarray, service: np.ndarray, servers: int, out: np.ndarray) -> None:
        out[:] = broken(arrival, service, servers)

    with mock.patch.object(lines, "departures", instead):
        assert not one_server_is_right(0.9, 1)
        assert not many_servers_are_right(8, 0.8, 1)


# ---- What makes no sense is told ------------------------------------------------------------

NAN, INF = math.nan, math.inf
HIDDEN = np.ma.array([0.0, 1.0, 2.0], mask=[False, True, False])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"rate": -3}, "rate is -3 arrivals per second; give a number above 0"),
        ({"rate": 0}, "rate is 0 .*above 0"),
        ({"rate": NAN}, "rate is nan"),
        ({"rate": INF}, "rate is inf"),
        ({"mean_service": -0.1}, "mean service is -0.1 seconds; give a number from 0"),
        ({"mean_service": NAN}, "mean service is nan"),
        ({"servers": 0}, "number of servers is 0; give 1 to 1,000,000"),
        ({"servers": 10**400}, "number of servers is 1e400 or so"),
        ({"rate": 10**400}, "rate is 1e400 or so"),
        ({"rate": 5e-324}, "would last"),
        ({"mean_service": 1e308}, "would last"),
        ({"service": "lognormal", "spread": 1e200}, "spread is 1e[+]200 times .* 1,000 at most"),
        ({"rate": None, "arrivals": [1e308], "requests": None}, "would last"),
        ({"mean_service": None, "services": [1e308] * 2, "requests": None}, "would last"),
        ({"partitions": 2, "keys": [1e308] * 2}, "sum of all shares is beyond"),
        ({"bursts": [(1, 1e308, 3)]}, "would last"),
        ({"bursts": (5, 9, 1)}, r"burst 5 is no \(start, end, rate\)"),
        ({"outage": 5}, r"outage 5 is no \(start, end\)"),
        ({"requests": 0}, "number of requests is 0; give 1 or more"),
        ({"requests": 10**12}, "1,000,000,000,000 requests do not fit .* give 100,000,000"),
        ({"rate": 1e-12}, "would last .* 146 years"),
        ({"mean_service": 1e9, "service": "constant"}, "would last 4e[+]13 s"),
        ({"mean_service": 1e8}, "would last"),
        ({"mean_service": 1e300}, "would last"),
        ({"seed": -1}, "seed is -1; give 0 or more"),
        ({"service": "gamma"}, "no service 'gamma'; take \"exponential\""),
        ({"service": "lognormal", "spread": -1}, "spread is -1 "),
        ({"spread": 2}, 'spread=2 is for service="lognormal"'),
        ({"waiting_room": -1}, "waiting room is -1; give 0 or more"),
        ({"partitions": 0}, "partitions is 0"),
        ({"partitions": 2, "keys": [1, -1]}, r"keys\[1\] is -1"),
        ({"partitions": 2, "keys": [0, 0]}, "no key has a share above 0"),
        ({"partitions": 10**6, "rate": 1e-4}, "would last"),
        ({"partitions": 10**9}, "number of partitions is 1000000000; give 1 to 1,000,000"),
        ({"bursts": [(5, 5, 9)]}, "burst ends at 5 s, and begins at 5 s"),
        ({"bursts": [(5, 9)]}, r"burst \(5, 9\) is no \(start, end, rate\)"),
        ({"bursts": [(5, 9, -1)]}, "rate of a burst is -1 "),
        ({"bursts": [(5, 9, 1), (8, 10, 1)]}, "begins before the one in front of it ends"),
        ({"outage": (9, 5)}, "outage ends at 5 s, and begins at 9 s"),
        ({"outage": (9, NAN)}, "end of the outage is nan"),
        ({"arrivals": [1, 2]}, "rate and arrivals: both are given; take one of them, rate=95"),
        ({"services": [1, 2]}, "mean_service and services: both are given"),
        ({"rate": None}, "rate and arrivals: nothing is given"),
        ({"mean_service": None}, "mean_service and services: nothing is given"),
        ({"rate": None, "arrivals": [2, 1], "requests": None}, r"arrivals\[1\] is 1.0 s, before"),
        ({"rate": None, "arrivals": [1, NAN], "requests": None}, r"arrivals\[1\] is nan"),
        ({"rate": None, "arrivals": [-1, 1], "requests": None}, r"arrivals\[0\] is -1"),
        ({"rate": None, "arrivals": [1, INF], "requests": None}, r"arrivals\[1\] is inf"),
        ({"rate": None, "arrivals": []}, "arrivals is empty"),
        ({"rate": None, "arrivals": [[1]]}, r"arrivals has the shape \(1, 1\)"),
        ({"rate": None, "arrivals": 1}, "arrivals is 1; give a list or an array"),
        ({"rate": None, "arrivals": iter([1])}, "arrivals is <.*iterator.*>; give a list"),
        ({"rate": None, "arrivals": [1], "bursts": [(1, 2, 3)]}, "bursts change a rate"),
        ({"rate": None, "arrivals": [1, 2, 3]}, r"differ \(arrivals: 3, requests: 40,000\)"),
        ({"mean_service": None, "services": [1, NAN], "requests": None}, r"services\[1\] is nan"),
        ({"mean_service": None, "services": [1, -2], "requests": None}, r"services\[1\] is -2"),
        ({"mean_service": None, "services": [1], "service": "constant"}, "services are given"),
        ({"rate": None, "arrivals": [[1], [1, 2]]}, "arrivals holds lists of different lengths"),
        ({"rate": None, "arrivals": HIDDEN}, "arrivals has entries that are masked, .*compressed"),
        ({"partitions": 2, "keys": HIDDEN}, "keys has entries that are masked"),
        ({"service": np.array(["constant", "exponential"])}, "no service array"),
    ],
)
def test_a_value_that_makes_no_sense_is_told(words: dict[str, Any], sentence: str) -> None:
    """A sentence with the value and the way out."""
    with pytest.raises(ValueError, match=sentence):
        simulate(**{**A_DAY, **words})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"rate": "95"}, "rate is '95'; give a number of arrivals per second"),
        ({"rate": True}, "rate is True"),
        ({"servers": 1.5}, "number of servers is 1.5; give a whole number"),
        ({"servers": True}, "number of servers is True"),
        ({"requests": 1e6}, "number of requests is 1000000.0; give a whole number"),
        ({"waiting_room": 2.5}, "waiting room is 2.5"),
        ({"bursts": 5}, "bursts is 5; give a list"),
        ({"rate": None, "arrivals": [1], "bursts": None}, "bursts is None; give a list"),
        (
            {"rate": None, "arrivals": [Fraction(1)]},
            r"holds object; .* np.array\(arrivals, float\)",
        ),
        ({"seed": None}, "seed is None"),
        ({"rate": None, "arrivals": ["a"]}, "arrivals holds <U1; give numbers"),
        (
            {"mean_service": None, "services": np.array([10_000_000], "m8[ns]")},
            r"holds timedelta64\[ns\]; .* of seconds: services / np.timedelta64\(1, 's'\)",
        ),
        (
            {"rate": None, "arrivals": np.array(["2026-12-01"], "M8[s]")},
            r"seconds: \(arrivals - arrivals\[0\]\) / np.timedelta64\(1, 's'\)",
        ),
        ({"mean_service": np.timedelta64(10_000_000, "ns")}, "mean service is np.timedelta64"),
        ({"mean_service": None, "services": [1j]}, "services holds complex128"),
    ],
)
def test_a_value_of_a_wrong_type_is_told(words: dict[str, Any], sentence: str) -> None:
    """Texts, truth values and halves of servers are not taken for numbers."""
    with pytest.raises(TypeError, match=sentence):
        simulate(**{**A_DAY, **words})


@pytest.mark.parametrize("q", [-1, 100.5, NAN, 10**400])
def test_a_percentile_that_is_none_is_told(q: float) -> None:
    """From 0 to 100."""
    with pytest.raises(ValueError, match=r"percentile .*; give "):
        simulate(**A_DAY).percentile(q)


@pytest.mark.parametrize("t", [NAN, "noon", 10**400, None])
def test_a_time_that_is_none_is_told(t: Any) -> None:
    """Seconds, before and after the day as well."""
    load = simulate(arrivals=[0, 1], services=[1, 1])
    assert load.in_system([-1e300, -1, 0, 1e300]).tolist() == [0, 0, 1, 0]
    with pytest.raises(ValueError, match=r"there is no time .*; give seconds"):
        load.in_system(t)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_a_time_in_a_small_float_is_as_good(kind: type[np.floating[Any]]) -> None:
    """Not rounded again when it becomes nanoseconds, and 2,048 s do not overflow."""
    when = np.array([0.1, 0.3, 1.1, 2_048], kind)
    load = simulate(arrivals=when, services=[0.0, 0.1, 0.1, 0.1])
    assert load.in_system(when).tolist() == [0, 1, 1, 1]


def test_a_ragged_list_of_times_is_told() -> None:
    """In words that are not numpy's."""
    with pytest.raises(ValueError, match="t holds lists of different lengths; give"):
        simulate(arrivals=[0], services=[1]).in_system([[1], [1, 2]])


def test_a_summary_counts_as_people_do() -> None:
    """One request; thousands of partitions; and no rate of what took no time."""
    assert str(simulate(arrivals=[0], services=[1])).startswith("1 request, 1 server, 100.0 % busy")
    many = simulate(arrivals=[0], services=[1], partitions=10_000, servers=2_000).summary()
    assert many.startswith("1 request, 10,000 partitions with 2,000 servers")
    at_once = simulate(arrivals=[3, 3], services=[0, 0]).summary()
    assert "all served at one moment" in at_once and "nan" not in at_once


WORDS = ("rate", "mean_service", "servers", "seed", "spread", "waiting_room", "partitions")


@given(data=st.data(), words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
@settings(deadline=None, max_examples=300)
def test_any_number_gives_a_load_or_a_sentence(data: st.DataObject, words: list[str]) -> None:
    """Never an OverflowError, a MemoryError or a warning of numpy."""
    usual = {"rate": 95.0, "mean_service": 0.010, "requests": 20}
    kind = data.draw(st.sampled_from(["exponential", "constant", "lognormal"]))
    chosen = {word: data.draw(ANYTHING, label=word) for word in words}
    try:
        load = simulate(**{**usual, "service": kind, **chosen})
    except (ValueError, TypeError) as error:
        assert "; " in str(error)
    else:
        assert len(load) + load.rejected == 20 and load.summary()


@given(
    times=st.lists(st.floats(), min_size=1, max_size=5),
    lengths=st.lists(st.floats(), min_size=1, max_size=5),
    edges=st.lists(ANYTHING, min_size=2, max_size=2),
)
@settings(deadline=None, max_examples=300)
def test_any_array_gives_a_load_or_a_sentence(
    times: list[float], lengths: list[float], edges: list[Any]
) -> None:
    """In whatever order, and with an outage of any edges."""
    try:
        load = simulate(arrivals=times, services=lengths, outage=tuple(edges))
    except (ValueError, TypeError) as error:
        assert "; " in str(error)
    else:
        assert (load.departure_ns >= load.arrival_ns).all()


def test_a_partition_that_is_none_is_told() -> None:
    """They are numbered from 0."""
    with pytest.raises(ValueError, match="number of the partition is 3; give 0 to 2"):
        simulate(**A_DAY, partitions=3).part(3)


def test_values_of_numpy_are_values() -> None:
    """Numbers out of arrays, and arrays of whole numbers, may be passed on as they are."""
    load = simulate(rate=np.float32(10), mean_service=np.float64(0.1), requests=np.int64(3))
    assert isinstance(load, Load) and len(load) == 3
    given = simulate(arrivals=range(3), services=np.ones(3, np.int32), servers=np.int8(2))
    assert given.departure.tolist() == [1, 2, 3]
