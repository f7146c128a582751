"""The film in the browser: what it shows is what Python has, forwards and backwards."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from course_lib import run
from course_lib.camera import Film, record
from course_lib.camera.lines import NO_LINES
from course_lib.camera.moments import moments
from course_lib.camera.words import Words, sentences
from course_lib.widgets import film, share
from course_lib.widgets.film_scene import FilmScene
from course_lib.widgets.film_wire import pack
from tests.bench.film import MOST_BYTES, tables
from tests.conftest import ROOT
from tests.films import NAMES, program
from tests.films.generated import generated
from tests.node import in_node

MODULE = "film_state.js"
PROGRAMS: dict[str, Any] = {name: program(name) for name in NAMES}
PROGRAMS |= {f"by chance {seed}": generated(seed) for seed in range(8)}
PROGRAMS |= {"a hundred": tables(100, 1)}

WALK = """(() => {
  const film = unpack(given);
  const moments = film.after.slice(1).map((now) => ({
    clock: now.clock * film.axis.unit, ready: now.ready, timers: now.timers.map(([, who]) => who),
    states: now.states.map(({ words }) => words),
    tasks: now.alive.map((who) => [who, boxOf(now, who)]),
    waits: now.alive.filter((who) => now.waits[who]).map((who) => waitWords(film, now, who)),
  }));
  const walks = Object.fromEntries(["line", "turn", "moment"].map((unit) => {
    const there = [0], back = [];
    while (there.at(-1) < film.steps.length) there.push(next(film, there.at(-1), unit, 1));
    for (let k = film.steps.length; k; k = next(film, k, unit, -1)) back.unshift(k);
    return [unit, [there, [0, ...back]]];
  }));
  const bars = film.bars.map((bar) =>
    [bar.start, film.steps[positionOf(film, bar) - 1].start, bar.end]);
  const times = film.axis.ticks.map(([at]) => [at, film.steps[positionAt(film, at) - 1].start]);
  const out = film.after.at(-1).out, tales = film.steps.map(({ tale }) => tale);
  return { moments, walks, bars, times, out, tales };
})()"""
BOXES = {"ready queue": "ready", "waiting for others": "waiting"}


@pytest.fixture(params=PROGRAMS, scope="module")
def walked(request: pytest.FixtureRequest, tmp_path_factory: Any) -> tuple[Film, Any]:
    """A film, and what the browser makes of it at each of its steps."""
    made = record(PROGRAMS[request.param])
    names = "boxOf, next, positionAt, positionOf, unpack, waitWords"
    folder = tmp_path_factory.mktemp("film")
    return made, in_node(MODULE, names, WALK, pack(made), folder)


def test_each_step_is_what_python_has(walked: tuple[Film, Any]) -> None:
    """Ready queue, timers, things, boxes, what each waits for, and the sentence."""
    made, found = walked
    words = Words(made)
    for moment, seen in zip(moments(made), found["moments"], strict=True):
        step = moment.step
        assert seen["clock"] * words.unit.nanoseconds == pytest.approx(step.end_ns)
        assert seen["ready"] == list(step.ready)
        assert seen["timers"] == [who for _, who in step.timers]
        pairs = zip(made.things, step.states, strict=False)
        assert seen["states"] == [words.state(*pair) for pair in pairs]
        boxes = [[task, str(moment.box(task))] for task in moment.alive]
        assert seen["tasks"] == [[task, BOXES.get(box, box)] for task, box in boxes]
        waits = [words.wait(moment, task) for task in moment.alive if task in moment.waits]
        assert seen["waits"] == waits
    assert found["tales"] == list(sentences(made))
    assert found["out"] == "".join(step.printed for step in made.steps)


def test_back_undoes_forward(walked: tuple[Film, Any]) -> None:
    """By line, by turn and by moment the way back has the same stops."""
    for there, back in walked[1]["walks"].values():
        assert there == back


def test_a_bar_leads_to_where_it_begins_and_a_time_to_its_position(
    walked: tuple[Film, Any],
) -> None:
    """To a step that begins before the bar's end; and no later than the time."""
    for _, begin, end in walked[1]["bars"]:
        assert begin <= end
    for at, begin in walked[1]["times"]:
        assert begin <= at


def test_a_moment_has_more_turns_and_a_turn_more_lines(walked: tuple[Film, Any]) -> None:
    """So going by moment is quickest."""
    lines, turns, whole = (len(walked[1]["walks"][unit][0]) for unit in ("line", "turn", "moment"))
    assert lines >= turns >= whole


@pytest.mark.parametrize("size", [(3, 110), (100, 3)])
def test_a_film_of_a_thousand_turns_is_small(size: tuple[int, int]) -> None:
    """Under half a megabyte."""
    made = record(tables(*size))
    turns = made.steps[-1].turn
    data = json.dumps(pack(made), ensure_ascii=False, allow_nan=False).encode()
    assert turns > 1_000
    assert len(data) / turns * 1_000 < MOST_BYTES


def test_half_a_sign_is_told_by_its_number(tmp_path: Path) -> None:
    """In a name, an item or a print: a message or a file with it could not be written."""

    class Half:
        def __repr__(self) -> str:
            return "\ud800"

    async def main() -> None:
        queue: asyncio.Queue[Half] = asyncio.Queue()
        queue.put_nowait(Half())
        await asyncio.create_task(asyncio.sleep(1), name="\udfff")

    scene = film(main)
    data = json.dumps(scene.data, ensure_ascii=False).encode().decode()
    assert r"\\ud800" in data
    assert r"\\udfff" in data
    assert r"\udfff" in share(scene, tmp_path / "half.html").read_text(encoding="utf-8")


def test_the_still_form_is_timeline_turns_and_problem() -> None:
    """Where no script runs, or no kernel was ever there."""
    scene = film(program("deadlock"))
    page = scene.still()
    assert re.search(r'<img alt="Timeline of 1 s[^"]+"', page)
    assert "<caption" in page
    assert "Turns of the event loop" in page
    assert "waits for the lock bob, which transfer 2 holds" in page.replace("&#x27;", "'")
    assert "<pre>every task waits at 1 s" in page
    assert scene.words().splitlines()[:3] == [
        "at   who         line  then",
        "0 s  main        15    waits for transfer 1 and transfer 2",
        "0 s  transfer 1  8     waits until 1 s",
    ]


def test_the_still_form_is_the_same_where_another_tool_looks_at_each_line() -> None:
    """As under coverage: a lesson's outputs are compared there, too. The live film says so."""
    made = record(program("deadlock"))
    blind = replace(made, notes=(NO_LINES,))
    assert FilmScene(blind).still() == FilmScene(made).still()
    assert pack(blind)["notes"][0].startswith("Another tool (a debugger, or one")


def test_a_long_film_says_how_much_of_it_the_table_shows() -> None:
    """The table of a still form ends after sixty turns."""
    page = film(tables(3, 20)).still()
    assert re.search(r"Turns of the event loop \(the first 60 of \d+\)", page)


def test_a_film_has_the_trace_of_its_run() -> None:
    """To be looked at like any other."""
    assert film(program("blocked")).trace.lanes == run(program("blocked")).lanes


def test_nothing_that_ran_is_shown_without_complaint() -> None:
    """The shortest program of all, and one that fails at once."""

    async def nothing() -> None:
        pass

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    assert film(nothing).words().splitlines()[1].endswith("done")
    assert "ValueError: no" in film(fails).still()


def test_the_state_knows_of_no_page() -> None:
    """It runs in node, without anything of a browser's."""
    folder = Path(ROOT / "course_lib" / "widgets")
    text = (folder / "film_state.js").read_text(encoding="utf-8")
    assert re.findall(r"\b(document|window|make|put|addEventListener)\(", text) == []
    assert FilmScene._esm
