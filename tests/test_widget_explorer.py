"""The explorer without a browser: its numbers, its still form, what it asks the simulator for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from course_lib.load import simulate
from course_lib.theory import md1, mmc
from course_lib.widgets.explorer import MANY, Explorer, crowd
from course_lib.widgets.live import source
from course_lib.widgets.schedule import Setting, draw, schedule, summary


def test_it_opens_with_what_it_is_given() -> None:
    """The setting, what presets fall back on, and chance for its seed."""
    explorer = Explorer(rate=0.5, mode="async reject", bound=5, seed=4)
    assert (explorer.first["rate"], explorer.first["mode"]) == (0.5, "async reject")
    assert explorer.usual["rate"] == 0.3
    assert explorer.draws["gaps"] == draw(4).gaps


def test_its_words_are_the_schedules_numbers() -> None:
    """The table says p50 and p99 of the three clocks, and what became of the requests."""
    rows = Explorer().rows()
    p50, p99 = summary(Setting(), draw(1))["clocks"]["complete"]
    assert rows[2] == ["done", f"{p50 / 1e6:.2f} s", f"{p99 / 1e6:.2f} s"]
    assert ["accepted", "200", ""] in rows


def test_its_picture_is_the_depth_of_the_queue() -> None:
    """The line of the still form steps as the schedule's queue does."""
    line = Explorer().chart().lines[0]
    made = schedule(Setting(), draw(1))
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
        ({"mode": "async wait"}, "only without crashes, and without waiting"),
        ({"failure": 0.1}, "only without crashes"),
        ({"random_arrivals": False}, "done after p50 3.06 s, p99 3.06 s"),
    ],
)
def test_what_it_says_where_no_formula_holds(setting: dict[str, Any], expected: str) -> None:
    """Overload, a bound, what the simulator cannot do, and no chance at all."""
    assert expected in crowd(Setting(**setting))


def test_a_change_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Question and answer of a change are a few hundred bytes."""
    explorer, sent = Explorer(), []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append(content))
    question = {"serial": "0.1234567 12", "question": {**explorer.first, "rate": 0.31}}
    explorer._handle_custom_msg(question, [])
    assert len(json.dumps(question)) + len(json.dumps(sent[0])) < 700
    assert sent[0]["answer"] == crowd(Setting(rate=0.31))


def test_the_presets_can_be_drawn() -> None:
    """Each preset of the browser is a setting, and the first is the page's demo."""
    block = re.search(r"const PRESETS = \{(.*?)^\};", source("explorer.js"), re.S | re.M)
    assert block
    presets = re.findall(r'^"([^"]+)": \{(.*)\},$', block[1], re.M)
    assert len(presets) == 8
    for _, text in presets:
        pairs = re.findall(r"(\w+): (\"[^\"]*\"|[\w.]+)", text)
        given = {name: {"true": True, "false": False}.get(v) for name, v in pairs}
        values = {n: json.loads(v) if given[n] is None else given[n] for n, v in pairs}
        Setting(**values)
    assert presets[0][0] == "the page's own demo"


def test_what_cannot_be_drawn_is_refused() -> None:
    """By the constructor, in a sentence."""
    with pytest.raises(ValueError, match=r"rate is 50; give a number from 0\.02 to 5\.0"):
        Explorer(rate=50)
