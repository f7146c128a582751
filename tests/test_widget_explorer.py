"""The explorer without a browser: its numbers, its still form, what it asks the simulator for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from course_lib.load import simulate
from course_lib.theory import md1, mmc
from course_lib.widgets.explorer import MANY, MENU, Explorer, crowd
from course_lib.widgets.schedule import LIMITS, Setting, draw_chance, schedule, summary


def test_it_opens_with_what_it_is_given() -> None:
    """The setting, what presets fall back on, and chance for its seed."""
    explorer = Explorer(rate=0.5, mode="async reject", bound=5, seed=4)
    assert (explorer.first["rate"], explorer.first["mode"]) == (0.5, "async reject")
    assert (explorer.first["seed"], explorer.usual["seed"], explorer.usual["rate"]) == (4, 1, 0.3)
    assert explorer.draws["gaps"] == draw_chance(4).gaps


def test_its_words_are_the_schedules_numbers() -> None:
    """The table says p50 and p99 of the three clocks, and what became of the requests."""
    rows = Explorer().rows()
    p50, p99 = summary(Setting(), draw_chance(1))["clocks"]["complete"]
    assert rows[2] == ["done", f"{p50 / 1e6:.2f} s", f"{p99 / 1e6:.2f} s"]
    assert ["accepted", "200", ""] in rows


def test_its_picture_is_the_depth_of_the_queue() -> None:
    """The line of the still form steps as the schedule's queue does."""
    line = Explorer().chart().lines[0]
    made = schedule(Setting(), draw_chance(1))
    assert len(line.x) == len(made.depth) + 1
    assert line.y[-1] == 0
    assert max(line.y) == 7


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
    mean, theory = (float(n) for n in re.findall(r"mean ([\d.]+) s", told))
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
    explorer = Explorer()
    told = explorer.answer({"rate": 0.5, "seed": 4, "known": 1})
    assert told == {"crowd": crowd(Setting(rate=0.5)), "seed": 4, "draws": Explorer(seed=4).draws}
    assert set(explorer.answer({"rate": 0.5, "seed": 4, "known": 4})) == {"crowd"}
    assert explorer.answer({"known": 4})["seed"] == 1


def test_a_change_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Question and answer of a change are a few hundred bytes."""
    explorer, sent = Explorer(), []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append(content))
    question = {"serial": "1a2b3 12", "question": {"rate": 0.31, "known": 1}}
    explorer._handle_custom_msg(question, [])
    assert len(json.dumps(question)) + len(json.dumps(sent[0])) < 300
    assert sent[0]["answer"] == {"crowd": crowd(Setting(rate=0.31))}


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
    fields = {name: (tuple(limits), modes) for name, _, *limits, _, modes in MENU["fields"]}
    assert {name: limits for name, (limits, _) in fields.items()} == {
        name: (least, most) for name, (least, most, _) in LIMITS.items()
    }
    assert fields["bound"][1] == ["async reject", "async wait"]
    assert "sync one thread" not in fields["workers"][1]
    assert len(fields["rate"][1]) == 5


def test_what_cannot_be_drawn_is_refused() -> None:
    """By the constructor, in a sentence."""
    with pytest.raises(ValueError, match=r"rate is 50; give a number from 0\.02 to 5 "):
        Explorer(rate=50)
    with pytest.raises(ValueError, match=r"seed is -1; give a whole number from 0 to 9,999"):
        Explorer(seed=-1)
