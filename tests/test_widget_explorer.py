"""The explorer without a browser: its numbers, its still form, what it asks the simulator for."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.load import simulate
from course_lib.theory import md1, mmc
from course_lib.widgets.crowd import MANY, _doubt, crowd
from course_lib.widgets.explorer import MENU, Explorer
from course_lib.widgets.measures import lines, percentile, summary
from course_lib.widgets.schedule import LIMITS, UNIT, Setting, draw_chance, schedule
from tests.node import in_node


def test_it_opens_with_what_it_is_given() -> None:
    """The setting, what presets fall back on, and chance for its seed."""
    explorer = Explorer(rate=0.5, mode="async reject", bound=5, seed=4)
    assert explorer.setting == Setting(rate=0.5, mode="async reject", bound=5)
    assert (explorer.settings["seed"], explorer.usual["seed"], explorer.usual["rate"]) == (
        4,
        1,
        0.3,
    )
    assert explorer.draws["gaps"] == draw_chance(4).gaps == explorer.chance.gaps


def test_its_words_are_the_schedules_numbers() -> None:
    """p50 and p99 of the three clocks; and what became of the requests, under its own heading."""
    explorer = Explorer()
    p50, p99 = summary(Setting(), draw_chance(1))["clocks"]["complete"]
    clocks, counts = explorer.rows()
    assert clocks[2] == ["done", f"{p50 / 1e6:.2f} s", f"{p99 / 1e6:.2f} s"]
    assert counts[:2] == [["became", "requests"], ["accepted", "200"]]
    assert [len(rows[0]) for rows in (clocks, counts)] == [3, 2]


def test_its_pictures_are_the_age_and_the_depth_of_the_queue() -> None:
    """First how long the oldest has waited, as the schedule's queue has it."""
    age, depth = (chart.lines[0] for chart in Explorer().charts())
    made = schedule(Setting(), draw_chance(1))
    waits = [(time - since) / UNIT for time, by, since in made.depth if by < 0]
    assert max(age.y) == max(waits)
    assert len(depth.x) == len(age.x) == len(lines(made)[0]) + 1
    assert (depth.y[-1], age.y[-1]) == (0, 0)
    assert max(depth.y) == 7


@pytest.mark.parametrize(
    ("setting", "formula"),
    [
        ({"rate": 0.1}, md1(rate=0.1, service=3.0).response),
        ({"rate": 0.1, "random_tasks": True},
         mmc(rate=0.1, mean_service=3.0, servers=1).response),
        ({"rate": 0.5, "workers": 3, "random_tasks": True},
         mmc(rate=0.5, mean_service=3.0, servers=3).response),
    ],
)  # fmt: skip
def test_many_requests_come_close_to_theory(setting: dict[str, Any], formula: float) -> None:
    """The sentence has the simulated mean and the formula's, and they agree within 5 %."""
    told = crowd(Setting(**setting))
    mean, theory = (float(n) for n in re.findall(r"mean ([\d.]+)", told))
    assert theory == pytest.approx(0.06 + formula, abs=0.005)
    assert mean == pytest.approx(theory, rel=0.05)


def test_many_requests_are_the_load_simulators() -> None:
    """p50 and p99 are those of `simulate`, and an acceptance before them."""
    load = simulate(rate=0.2, mean_service=3.0, service="constant", requests=MANY)
    told = crowd(Setting(rate=0.2))
    assert (
        f"p50 {0.06 + load.percentile(50):,.2f} s, p99 {0.06 + load.percentile(99):,.2f} s" in told
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"rate": 0.5}, "1.50 times of what can be done is asked for"),
        ({"rate": 0.5, "mode": "async reject", "bound": 5}, "% refused"),
        ({"rate": 0.5}, "the queue grows by 0.17 requests a second"),
        ({"rate": 0.2, "task": 5.0}, "Exactly what can be done is asked for"),
        ({"failure": 0.1}, "the simulator knows no crashes"),
        ({"random_arrivals": False}, "done after p50 3.06 s, p99 3.06 s"),
        ({"random_arrivals": False, "rate": 0.2, "task": 5.0}, "Nothing is left to chance"),
        ({"rate": 0.3333333}, "Almost all that can be done is asked for (100.00 %)"),
        ({"order": "lifo"}, "done after mean"),
    ],
)
def test_what_it_says_where_no_formula_holds(setting: dict[str, Any], expected: str) -> None:
    """Overload, a bound, what the simulator cannot do, and no chance at all."""
    assert expected in crowd(Setting(**setting))


def test_the_refused_are_as_many_as_theory_says() -> None:
    """M/M/1/K beside the simulated share, where both arrivals and work are random."""
    told = crowd(Setting(rate=0.4, mode="async reject", bound=4, random_tasks=True))
    simulated, theory = (float(n) for n in re.findall(r"([\d.]+) % refused", told))
    assert theory == 25.1
    assert simulated == pytest.approx(theory, abs=1.5)


def test_who_waits_at_the_door_is_served_when_an_endless_queue_would() -> None:
    """So very many requests can be simulated for it, too."""
    doors = crowd(Setting(mode="async wait", bound=2))
    assert doors == crowd(Setting(mode="async unbounded"))


def test_another_seed_brings_its_chance() -> None:
    """Once: for the seed that the browser knows there is the sentence only."""
    explorer, sent = Explorer(), []
    explorer._send = lambda message, buffers=None: sent.append(set(message["state"]))
    explorer.set_state({"settings": {"rate": 0.5, "seed": 4}})
    explorer.set_state({"settings": {"rate": 0.4, "seed": 4}})
    assert explorer.draws == Explorer(seed=4).draws
    assert sorted(name for state in sent for name in state) == ["draws", "shown", "shown"]


def test_the_seed_changes_what_very_many_see() -> None:
    """As it changes the two hundred."""
    told = {crowd(Setting(), seed) for seed in range(5)}
    assert len(told) == 5


def test_a_mean_says_how_sure_it_is() -> None:
    """In 20 runs out of 20 or so theory lies within its two standard errors, doubled."""
    theory = mmc(rate=0.2, mean_service=3.0, servers=1).response + 0.06
    far = 0
    for seed in range(20):
        told = crowd(Setting(rate=0.2, random_tasks=True), seed)
        mean, doubt = map(float, re.search(r"mean ([\d.]+) ± ([\d.]+) s", told).groups())
        assert abs(mean - theory) <= 2 * doubt
        far += abs(mean - theory) > doubt
    assert far <= 3


def test_a_change_is_small() -> None:
    """What travels both ways for a change is a few hundred bytes."""
    explorer, sent = Explorer(), []
    explorer._send = lambda message, buffers=None: sent.append(message)
    question = {"settings": {"rate": 0.31}}
    explorer.set_state(question)
    assert len(json.dumps(question)) + len(json.dumps(sent)) < 350
    shown = {"of": {"rate": 0.31}, "turn": 1, "crowd": crowd(Setting(rate=0.31))}
    assert [message["state"] for message in sent] == [{"shown": shown}]


def test_a_twin_has_the_same_room_and_the_same_crashes(tmp_path: Path) -> None:
    """Five places on both sides, and both refuse; the sentence says how many."""
    setting = Setting(rate=0.5, mode="async reject", bound=5)
    draws, other = draw_chance(1), setting.twin()
    assert other == Setting(rate=0.5, mode="sync reject", bound=5)
    about = {"setting": asdict(setting), "draws": asdict(draws)}
    said = in_node("explorer_words.js", "comparison", COMPARED, about, tmp_path)
    here, there = (schedule(one, draws) for one in (setting, other))
    mine, theirs = (percentile(50, made, "accept") for made in (here, there))
    refused = summary(other, draws)["counts"]["refused"]
    assert (
        f"as many workers and places answers after {theirs / 1e6:.2f} s: {theirs / mine:.1f} ti"
        in said
    )
    assert f"It refuses {refused} requests, this one 58." in said
    assert refused > 50
    crashing = Setting(failure=0.3, rate=0.2)
    assert crashing.twin().failure == 0.3


COMPARED = """await Promise.all(
  ["schedule", "measures"].map((name) => import(`./explorer_${name}.js`)),
).then(([{ schedule, twin }, { measured }]) => {
  const [here, there] = [given.setting, twin(given.setting)]
    .map((setting) => measured(schedule(setting, given.draws)));
  return comparison(here, there, given.setting);
})"""


def test_the_presets_can_be_drawn() -> None:
    """Each is a setting, and the first is the page's demo."""
    made = {name: Setting(**preset) for name, preset in MENU["presets"].items()}
    assert len(made) == 8
    assert next(iter(made.items())) == (
        "the page's own demo",
        Setting(rate=0.05, random_arrivals=False),
    )


def test_a_control_has_the_limits_of_the_schedule() -> None:
    """Least and most, and the modes in which it plays a part."""
    fields = {field["name"]: field for field in MENU["fields"]}
    limits = {name: field["limits"] for name, field in fields.items()}
    assert {name: (one["min"], one["max"]) for name, one in limits.items()} == {
        name: (least, most) for name, (least, most, _) in LIMITS.items()
    }
    assert fields["bound"]["modes"] == ["sync reject", "async reject", "async wait"]
    assert "sync one thread" not in fields["workers"]["modes"]
    assert len(fields["rate"]["modes"]) == 6


def test_what_cannot_be_drawn_is_refused() -> None:
    """By the constructor, in a sentence."""
    with pytest.raises(ValueError, match=r"rate is 50; give a number from 0\.02 to 5 "):
        Explorer(rate=50)
    with pytest.raises(ValueError, match=r"seed is -1; give a whole number from 0 to 9,999"):
        Explorer(seed=-1)


@pytest.mark.parametrize("requests", [40, 397, 20_000])
def test_the_doubt_is_that_of_twenty_means(requests: int) -> None:
    """Also where the parts cannot be of one length: two standard errors, each part by itself."""
    response = np.random.default_rng(7).exponential(size=requests)
    edges = [part * requests // 20 for part in range(21)]
    means = [response[a:b].mean() for a, b in pairwise(edges)]
    assert _doubt(response) == pytest.approx(2 * np.std(means, ddof=1) / 20**0.5)
