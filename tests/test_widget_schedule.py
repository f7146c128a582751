"""The explorer's schedule: the same integers in the browser, the load simulator's, the laws'."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.load import simulate
from course_lib.theory import mm1k
from course_lib.widgets.measures import counts, lines, little, percentile
from course_lib.widgets.schedule import (
    ACCEPT_US,
    UNIT,
    Ack,
    Draws,
    Mode,
    Order,
    Setting,
    draw_chance,
    nearest,
    schedule,
)
from tests.node import in_node

CLOCKS = ("accept", "complete", "know")
SETTINGS = st.builds(
    Setting,
    rate=st.floats(0.02, 5),
    task=st.floats(0.1, 10),
    workers=st.integers(1, 8),
    mode=st.sampled_from(get_args(Mode)),
    bound=st.integers(1, 50),
    order=st.sampled_from(get_args(Order)),
    failure=st.floats(0, 0.5),
    ack=st.sampled_from(get_args(Ack)),
    random_arrivals=st.booleans(),
    random_tasks=st.booleans(),
)
MIRROR = """await import("./explorer_schedule.js").then(({ schedule, twin }) =>
  given.cases.map((setting) => {
  const made = schedule(setting, given.draws);
  const { clocks } = measured(made), lines = linesOf(made);
  return { outcomes: made.outcomes.map((one) => [one.arrival, one.accept, one.complete, one.know,
      one.copies, one.refused, one.failed]),
    works: made.works.map((one) => [one.request, one.worker, one.start, one.end]),
    ranks: Object.values(clocks).flatMap((ranks) => Object.values(ranks)),
    depth: made.depth.map((one) => [one.time, one.by, one.since]),
    counts: counts(made), little: little(made),
    lines: [lines.depth, lines.age], twin: twin(setting).mode };
}))"""


def many_settings() -> Iterator[Setting]:
    """Some for each mode, order, ack and kind of chance, with numbers from all of their range."""
    chance = random.Random(7)
    kinds = product(get_args(Mode), get_args(Order), get_args(Ack), (False, True), (False, True))
    for mode, order, ack, arrivals, tasks in list(kinds) * 5:
        yield Setting(
            mode=mode, order=order, ack=ack, random_arrivals=arrivals, random_tasks=tasks,
            rate=round(chance.uniform(0.02, 5), 2), task=round(chance.uniform(0.1, 10), 1),
            workers=chance.randint(1, 8), bound=chance.randint(1, 50),
            failure=chance.choice([0.0, 0.05, 0.3]),
        )  # fmt: skip


def as_told(setting: Setting, draws: Draws) -> dict[str, Any]:
    """What Python computes, in the form in which the mirror tells it."""
    made = schedule(setting, draws)
    outcomes = [
        [f.arrival, f.accept, f.complete, f.know, f.copies, f.refused, f.failed]
        for f in made.outcomes
    ]
    return {
        "outcomes": outcomes,
        "works": [list(work) for work in made.works],
        "depth": [list(change) for change in made.depth],
        "ranks": [percentile(q, made, clock) for clock in CLOCKS for q in (50, 99)],
        "counts": counts(made),
        "little": list(little(made)),
        "lines": [[list(point) for point in line] for line in lines(made)],
        "twin": setting.twin().mode,
    }


def test_the_browser_computes_the_same_integers(tmp_path: Path) -> None:
    """720 settings through the module that the browser runs, and through Python."""
    draws, cases = draw_chance(seed=3, requests=80), list(many_settings())
    about = {"draws": asdict(draws), "cases": [asdict(setting) for setting in cases]}
    names = "counts, linesOf, little, measured"
    found = in_node("explorer_measures.js", names, MIRROR, about, tmp_path)
    assert len(found) == 720
    for setting, mirrored in zip(cases, found, strict=True):
        assert mirrored == as_told(setting, draws), setting


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_it_is_the_load_simulator_where_both_can_do_it(setting: Setting, seed: int) -> None:
    """Without crashes, first in, first out, and without a door to wait at: the same departures, to
    the nanosecond.
    """
    setting = replace(setting, failure=0.0, order="fifo")
    if setting.mode == "async wait":
        setting = replace(setting, mode="async unbounded")
    draws = draw_chance(seed, requests=60)
    made = schedule(setting, draws)
    before = 0 if setting.synchronous else ACCEPT_US
    sizes = draws.tasks if setting.random_tasks else [UNIT] * 60
    load = simulate(
        arrivals=[(outcome.arrival + before) / UNIT for outcome in made.outcomes],
        services=[nearest(size * setting.task) / UNIT for size in sizes],
        servers=setting.servers,
        waiting_room=setting.bound if setting.refuses else None,
    )
    done = [1000 * outcome.complete for outcome in made.outcomes if outcome.complete is not None]
    assert done == load.departure_ns.tolist()
    assert counts(made)["refused"] == load.rejected


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_with_equal_workers_async_is_never_done_sooner(setting: Setting, seed: int) -> None:
    """Every request of the queue is complete at the same time or later than the synchronous one."""
    setting = replace(setting, failure=0.0, order="fifo", mode="async unbounded")
    draws = draw_chance(seed, requests=60)
    sync, queued = schedule(setting.twin(), draws), schedule(setting, draws)
    for one, other in zip(sync.outcomes, queued.outcomes, strict=True):
        assert one.complete is not None
        assert other.complete is not None
        assert other.complete >= one.complete


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_littles_law_is_exact(setting: Setting, seed: int) -> None:
    """From empty to empty, the area under the number is the sum of the stays."""
    counted, _, _, product_ = little(schedule(setting, draw_chance(seed, requests=60)))
    assert counted == pytest.approx(product_, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_every_request_is_accounted_for(setting: Setting, seed: int) -> None:
    """Accepted, refused or failed; lost only with ack first, doubled only with ack last."""
    made = schedule(setting, draw_chance(seed, requests=60))
    found = counts(made)
    assert found["accepted"] + found["refused"] + found["told failed, but done"] == 60
    if setting.synchronous or setting.ack == "after":
        assert found["lost"] == 0
    if setting.synchronous or setting.ack == "before":
        assert found["duplicated"] == 0
    waiting = np.cumsum([change for _, change, _ in made.depth])
    assert (waiting >= 0).all()
    assert waiting[-1] == 0


def test_the_pages_own_demo_is_fifty_times() -> None:
    """3000 ms against 60: a ratio of 50.0, and complete takes 1.02 times as long."""
    demo = {"rate": 0.05, "random_arrivals": False}
    sync = schedule(Setting(**demo, mode="sync N threads"), draw_chance(1))  # type: ignore[arg-type]
    queued = schedule(Setting(**demo), draw_chance(1))  # type: ignore[arg-type]
    accept = [percentile(50, made, "accept") for made in (sync, queued)]
    complete = [percentile(50, made, "complete") for made in (sync, queued)]
    assert accept == [3_000_000, 60_000]
    assert accept[0] / accept[1] == 50.0  # type: ignore[operator]
    assert complete[1] / complete[0] == pytest.approx(1.02)  # type: ignore[operator]


def test_beyond_full_load_the_queue_grows_as_it_must() -> None:
    """At a rate of 0.5 and a capacity of 1/3 the depth grows by a sixth per second, within 10 %."""
    made = schedule(Setting(rate=0.5), draw_chance(1, requests=4000))
    last = made.outcomes[-1].arrival
    depth = sum(change for time, change, _ in made.depth if time <= last)
    assert depth / (last / UNIT) == pytest.approx(0.5 - 1 / 3, rel=0.10)


def test_a_bounded_queue_refuses_as_many_as_the_formula_says() -> None:
    """M/M/1/K with K = bound + 1: the share of the refused, within four standard errors or so."""
    setting = Setting(rate=0.4, mode="async reject", bound=4, random_tasks=True)
    shares = [
        counts(schedule(setting, draw_chance(seed, 1000)))["refused"] / 1000 for seed in range(12)
    ]
    expected = mm1k(rate=0.4, mean_service=3.0, places=5).lost
    error = float(np.std(shares, ddof=1)) / np.sqrt(12)
    assert float(np.mean(shares)) == pytest.approx(expected, abs=4 * error)


def test_crashes_lose_or_double() -> None:
    """The same crashes: ack first loses as many as ack last doubles at the first delivery."""
    first = counts(schedule(Setting(rate=0.1, failure=0.1, ack="before"), draw_chance(1)))
    last = counts(schedule(Setting(rate=0.1, failure=0.1, ack="after"), draw_chance(1)))
    assert first["lost"] > 5
    assert (first["duplicated"], last["lost"]) == (0, 0)
    assert last["duplicated"] >= first["lost"]
    assert (first["done"], last["done"]) == (200 - first["lost"], 200)


def test_who_never_has_a_time_makes_its_percentile_never() -> None:
    """A tenth is lost: half are done in time, but 99 of 100 never; all are accepted at once."""
    made = schedule(Setting(rate=0.1, failure=0.1, ack="before"), draw_chance(1))
    assert percentile(50, made, "complete") is not None
    assert percentile(99, made, "complete") is None
    assert percentile(99, made, "know") is None
    assert percentile(99, made, "accept") == ACCEPT_US


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_waiting_at_the_door_changes_nobodys_work(setting: Setting, seed: int) -> None:
    """Without crashes a full queue that lets wait is done when an endless one is."""
    setting, draws = replace(setting, failure=0.0, order="fifo"), draw_chance(seed, requests=60)
    doors = schedule(replace(setting, mode="async wait"), draws)
    endless = schedule(replace(setting, mode="async unbounded"), draws)
    assert doors.works == endless.works


# All come within a second, and each takes three: the first is at work when the others are there.
RUSH = Setting(rate=5.0, task=3.0, random_arrivals=False)


@pytest.mark.parametrize(
    ("order", "served"),
    [
        ("fifo", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("lifo", [0, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("priority", [0, 4, 9, 1, 2, 3, 5, 6, 7, 8]),
    ],
)
def test_who_is_served_next(order: Order, served: list[int]) -> None:
    """The first that came, the last, or each fifth before the others."""
    made = schedule(replace(RUSH, order=order), draw_chance(1, requests=10))
    assert [work.request for work in made.works] == served


@pytest.mark.parametrize("order", ["lifo", "priority"])
def test_what_comes_back_has_its_old_place(order: Order) -> None:
    """By its first arrival: behind the newer ones, or before them."""
    draws = Draws(
        [UNIT] * 10, [UNIT] * 10, [[0] * 5, *[[999] * 5] * 9]
    )  # the first crashes, always
    made = schedule(replace(RUSH, order=order, failure=0.001), draws)
    again = [n for n, work in enumerate(made.works) if work.request == 0]
    assert again[:2] == ([0, 3] if order == "priority" else [0, 10])


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_an_order_changes_who_waits_and_not_how_much(setting: Setting, seed: int) -> None:
    """With equal work for all the departures are the same moments, so the mean is the same, too."""
    setting, draws = replace(setting, failure=0.0, random_tasks=False), draw_chance(seed, 60)
    ends = [
        sorted(work.end for work in schedule(replace(setting, order=order), draws).works)
        for order in get_args(Order)
    ]
    assert ends[0] == ends[1] == ends[2]


@settings(max_examples=60, deadline=None)
@given(SETTINGS, st.integers(0, 1000))
def test_the_oldest_has_waited_as_long_as_anybody_will(setting: Setting, seed: int) -> None:
    """The highest point of the age is the longest wait, in each order."""
    made = schedule(setting, draw_chance(seed, 60))
    _, age = lines(made)
    assert max(value for _, value in age) == max(c.time - c.since for c in made.depth if c.by < 0)


def test_the_same_seed_is_the_same_chance() -> None:
    """And another seed another."""
    assert draw_chance(5) == draw_chance(5)
    assert draw_chance(5) != draw_chance(6)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"rate": 0}, "rate is 0; give a number from 0.02 to 5 (requests per second)"),
        ({"rate": "fast"}, "rate is 'fast'"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"bound": 0}, "bound is 0; give a whole number from 1 to 50 (places in the queue)"),
        ({"workers": 1.5}, "workers is 1.5; give a whole number from 1 to 8"),
        ({"workers": True}, "workers is True"),
        ({"task": 1e9}, "task is 1000000000.0; give a number from 0.1 to 10 (seconds)"),
        ({"failure": 0.9}, "failure is 0.9"),
        ({"mode": "both"}, "mode is 'both'; take one of 'sync one thread'"),
        ({"order": "random"}, "order is 'random'; take one of 'fifo', 'lifo', 'priority'"),
        ({"random_tasks": "yes"}, "random_tasks is 'yes'; take True or False"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, Any], expected: str) -> None:
    """Before anything is computed: the value, the limits, the unit."""
    with pytest.raises(ValueError, match=";") as caught:
        Setting(**wrong)
    assert expected in str(caught.value)
