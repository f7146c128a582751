"""The incident in a notebook: one line saves it, Python and browser agree, and it can be read."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.incidents import names, play, story
from course_lib.incidents.picture import picture
from course_lib.widgets import Incident
from course_lib.widgets.incident_wire import kit
from tests.incidents import line
from tests.node import in_node


def lines() -> list[dict[str, Any]]:
    """Settings of all incidents, with moves and settings of one's own, and without."""
    chance = random.Random(11)
    opening = [{}, {"ack": "before"}, {"workers": 2}, {"bound": 7}, {"timeout": 3, "key": "on"}]
    found = []
    for name in names():
        for given in opening:
            if set(given) <= set(story(name).may):
                moves = line(name, chance) if chance.random() < 0.7 else ""
                found.append({"name": name, "seed": 7, "moves": moves, "opening": given})
    return found


@pytest.mark.parametrize("settings", lines(), ids=str)
def test_the_line_is_the_whole_save_file(settings: dict[str, Any]) -> None:
    """Who runs it has the same incident, and the same line."""
    made = Incident(settings["name"], seed=7, moves=settings["moves"], **settings["opening"])
    again = eval(made.line, {"Incident": Incident})
    assert again.settings == made.settings == settings
    assert (again.line, again.verdict(), again.still()) == (made.line, made.verdict(), made.still())


def test_the_browser_writes_the_same_line(tmp_path: Path) -> None:
    """To be copied from there."""
    found = in_node("incident_moves.js", "lineOf", "given.map(lineOf)", lines(), tmp_path)
    made = [Incident(s["name"], seed=7, moves=s["moves"], **s["opening"]) for s in lines()]
    assert found == [one.line for one in made]


def test_it_says_how_it_stands() -> None:
    """Verdict, moves and any moment, of the line as it is now."""
    made = Incident("friday", seed=7)
    assert not made.verdict().is_won
    made.set_state({"settings": {**made.settings, "moves": "10 ack after"}})  # as the browser does
    assert made.verdict().is_won
    assert made.moves == "10 ack after"
    assert made.line == 'Incident("friday", seed=7, moves="10 ack after")'
    assert made.at(9.9).settings["ack"] == "before"
    assert made.at(10).settings["ack"] == "after"
    assert "ack after" in made.trace.table(limit=100)
    made.undo()
    made.undo()
    assert made.line == 'Incident("friday", seed=7)'


def test_a_line_gets_its_one_form() -> None:
    """However the moves were typed, also where Python sets them."""
    made = Incident("friday", moves=" 10.0  ack   after,3 send")
    assert made.moves == "10 ack after, 3 send 1"
    made.settings = {**made.settings, "moves": "04.5 kill 1"}
    assert made.moves == "4.5 kill 1"


def test_another_incident_and_another_seed_bring_their_own_kit() -> None:
    """The browser needs no kernel for moves; for these it gets what it needs."""
    made = Incident("monday")
    assert made.kit == kit(story("monday"), 1)
    made.settings = {**made.settings, "name": "sale"}
    assert made.kit == kit(story("sale"), 1)
    made.settings = {**made.settings, "seed": 2}
    assert made.kit == kit(story("sale"), 2)


def test_a_seed_of_numpy_is_a_seed() -> None:
    """What travels to the browser is a plain number, however the seed was counted."""
    made = Incident("friday", seed=np.int64(7))
    assert json.dumps(made.settings) == json.dumps(Incident("friday", seed=7).settings)
    assert made.line == 'Incident("friday", seed=7)'


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ["friday"]}, "there is no incident ['friday']; take one of 'monday', 'friday'"),
        ({"name": "tuesday"}, "there is no incident 'tuesday'; take one of 'monday', 'friday'"),
        ({"moves": "3 send, 21 kil 2"}, 'move 2, "21 kil 2": there is no "kil"'),
        ({"moves": "3 mode sync"}, "you cannot change mode in this incident; take one of send"),
        ({"seed": -1}, "seed is -1; give a whole number from 0 to 9,999"),
        ({"opening": {"mode": "sync"}}, "mode is not yours to set in the incident 'friday'"),
        ({"opening": {"ack": "never"}}, "ack is 'never'; take before or after"),
        ({"opening": {"ack": 0}}, "ack is 0; take before or after"),
    ],
)
def test_what_cannot_be_played_is_a_sentence_and_changes_nothing(
    wrong: dict[str, Any], words: str
) -> None:
    """At the start, and later."""
    about = {"name": "friday", "seed": 1, "moves": "", "opening": {}, **wrong}
    with pytest.raises(ValueError, match=re.escape(words)):
        Incident(about["name"], seed=about["seed"], moves=about["moves"], **about["opening"])
    made = Incident("friday", moves="5 kill 1")
    before = (made.settings, made.kit)
    with pytest.raises(ValueError, match=re.escape(words)):
        made.settings = {**made.settings, **wrong}
    assert (made.settings, made.kit) == before


@pytest.mark.parametrize("time", [-1, 61, float("nan")])
def test_a_moment_lies_in_the_minute(time: float) -> None:
    """The limits are in the sentence."""
    with pytest.raises(ValueError, match="give seconds from 0 to 60"):
        Incident().at(time)


def test_the_still_form_has_picture_verdict_and_line() -> None:
    """Where no script runs; the signs are words."""
    page = Incident("friday", seed=7).still()
    assert re.search(r'<img alt="Timeline of 60 s with 4 lanes: worker 1, [^"]+"', page)
    assert "none lost</th><td>broken</td><td>21.0 s</td>" in page
    assert "was killed in the middle of it.</td>" in page
    assert "<code>Incident(&quot;friday&quot;, seed=7)</code>" in page
    won = Incident("friday", seed=7, moves="10 ack after")
    assert "3 promises kept, with 1 move." in won.still()
    assert "✓ none lost: Kept: 0 of" in won.words()


@pytest.mark.parametrize("name", names())
def test_the_picture_shows_what_happened(name: str) -> None:
    """Each lane is one of ours; moves and broken promises are marks at their moments."""
    day = play(story(name), line(name, random.Random(2)), seed=1)
    trace = picture(day)
    allowed = {*(f"worker {n}" for n in range(1, 7)), "provider", "your moves", "promises"}
    assert set(trace.shown_lanes) <= allowed
    marks = [mark.time_ns // 1_000_000 for mark in trace.marks if mark.lane == "your moves"]
    assert marks == sorted(move.at for move in day.moves)
    assert trace.duration == 60
    sent = {mail.number for mail in day.mails if mail.sent}
    assert sent <= {int(s.label.split()[-1]) for s in trace.spans if s.label.startswith("e-mail")}
