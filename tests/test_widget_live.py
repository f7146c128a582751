"""What all widgets share: a still form, one small module, questions that are answered once."""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput

from course_lib.widgets import EmailScene, Explorer, Incident, film, practice, score
from course_lib.widgets.film_scene import FilmScene
from course_lib.widgets.live import VIEW, LiveWidget
from course_lib.widgets.questions import Practice, Score, Session
from tests.films import program
from tests.node import node

MOST_BYTES = 15_000
WITH_A_SYSTEM = 30_000  # an incident has all of it in the page, to be played without a kernel
CLASSES: list[type[LiveWidget]] = [EmailScene, Explorer, FilmScene, Incident, Practice, Score]
MAKERS: dict[str, Callable[[], LiveWidget]] = {
    "EmailScene": EmailScene,
    "Explorer": Explorer,
    "Incident": Incident,
    "film": lambda: film(program("deadlock")),
    "practice": lambda: practice("good-night"),
    "score": score,
}


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with a fresh kernel's questions, of which each is one widget."""
    monkeypatch.setattr("course_lib.widgets.questions.SESSION", Session())


each_widget = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[RichOutput]:
    """What `display` is given, without a notebook around."""
    found: list[RichOutput] = []
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # which a shell takes
    monkeypatch.setattr(InteractiveShell, "initialized", classmethod(lambda cls: True))
    monkeypatch.setattr(
        "course_lib.widgets.live.display",
        lambda data, raw: found.append(RichOutput(data=data)),
    )
    return found


def test_widgets_are_numbered_and_not_named_by_chance() -> None:
    """A notebook's file holds the number: a second run from the top gives each the same again."""
    numbers = [int(make().model_id, 16) for make in MAKERS.values()]
    assert numbers == [numbers[0] + place for place in range(len(MAKERS))]
    assert numbers[-1] < 10_000


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_widget_is_small_and_asks_nobody(kind: type[LiveWidget]) -> None:
    """15 kB at the most, compressed, or twice that; no address in it, nothing that runs a text."""
    text = f"{kind._esm}\n{kind._css}"
    most = WITH_A_SYSTEM if kind is Incident else MOST_BYTES
    assert 1_000 < len(zlib.compress(text.encode())) <= most
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)  # types are imported in comments
    asked = re.findall(
        r"https?://(?!www\.w3\.org/2000/svg)|fetch\(|import[ (]|eval\(|innerHTML", code
    )
    assert asked == []


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_what_is_sent_is_one_module(kind: type[LiveWidget], tmp_path: Path) -> None:
    """Its files in one: no import is left, no name stands for two things, and it has a view."""
    (tmp_path / "widget.mjs").write_text(str(kind._esm), encoding="utf-8")
    (tmp_path / "program.mjs").write_text(
        'import widget from "./widget.mjs"; console.log(typeof widget.render);', encoding="utf-8"
    )
    done = node("program.mjs", folder=tmp_path)
    assert done.stdout == "function\n", done.stderr
    assert "@import" not in str(kind._css)


def test_a_file_stands_once_after_all_that_it_uses() -> None:
    """Two of a film's files use a third, which they find before them, and every word is there."""
    text = str(FilmScene._esm)
    order = [text.index(f"function {name}(") for name in ("unpack", "timelineView", "render")]
    assert order == sorted(order)
    assert text.count("function unpack(") == 1
    assert 'const by = event.shiftKey ? "turn" : undefined;' in text


@each_widget
def test_the_still_form_stands_before_the_widget(make: Any, shown: list[RichOutput]) -> None:
    """First HTML and text that every viewer shows, then the widget and how to wake it."""
    make()._ipython_display_()
    still, live = (output.data for output in shown)
    assert '<div class="course-still">' in still["text/html"]
    assert still["text/plain"].strip()
    assert set(live) == {VIEW, "text/plain"}
    assert live["text/plain"] == "In JupyterLab, run this cell to play with it."


@pytest.mark.parametrize("name", ["EmailScene", "Explorer"])
def test_a_picture_has_its_words_and_its_table(name: str) -> None:
    """The still form of a scene: a picture with alternative text, and the numbers as a table."""
    page = MAKERS[name]().still()
    assert re.search(r'<img alt="[^"]{30,}"', page)
    assert "<table>" in page
    assert "0.06 s" in page or "60 ms" in page


@each_widget
def test_the_same_widget_has_the_same_still_form(make: Any) -> None:
    """nbval compares it: no number of the widget, no time, no chance."""
    assert (make().still(), make().words()) == (make().still(), make().words())


@each_widget
def test_what_a_widget_holds_is_json(make: Any) -> None:
    """Its state travels as JSON, without NaN."""
    widget = make()
    state = {name: value for name, value in widget.get_state().items() if name != "layout"}
    assert json.loads(json.dumps(state, allow_nan=False))
