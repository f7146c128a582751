"""What all widgets share: a still form, one small module, questions that are answered once."""

from __future__ import annotations

import json
import re
import threading
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
from course_lib.widgets.questions import Practice, Score
from tests.films import program
from tests.node import in_node, node

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
each_widget = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[RichOutput]:
    """What `display` is given, without a notebook around."""
    found: list[RichOutput] = []
    monkeypatch.setattr(InteractiveShell, "initialized", classmethod(lambda cls: True))
    monkeypatch.setattr(
        "course_lib.widgets.live.display",
        lambda data, raw: found.append(RichOutput(data=data)),
    )
    return found


class Answering(LiveWidget):
    """A widget that can be asked, and notes where it answered."""

    _esm = "export default { render() {} }"

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.threads: list[threading.Thread] = []
        super().__init__()

    def answer(self, question: int) -> int:
        self.threads.append(threading.current_thread())
        if question < 0:
            raise ValueError(f"{question} is below 0; give a number from 0")
        return 2 * question

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)


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
    assert live["text/plain"] == "Run this cell to play with it."


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


def test_a_question_is_answered_with_its_serial() -> None:
    """So that the browser knows an old answer from the newest."""
    widget = Answering()
    widget._handle_custom_msg({"serial": "a 1", "question": 21}, [])
    assert widget.sent == [{"serial": "a 1", "answer": 42}]


def test_a_wrong_question_is_answered_with_its_sentence() -> None:
    """Of what a reader can mend; nothing is raised where nobody sees it."""
    widget = Answering()
    widget._handle_custom_msg({"serial": "a 1", "question": -1}, [])
    assert widget.sent == [{"serial": "a 1", "error": "-1 is below 0; give a number from 0"}]


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [({"question": "x"}, TypeError, "'<' not supported"), ({}, KeyError, "question")],
)
def test_a_fault_of_ours_is_said_to_be_ours_and_raised(
    asked: dict[str, Any], kind: type[Exception], words: str
) -> None:
    """The reader hears that the course is to blame, and the log gets the lines."""
    widget = Answering()
    with pytest.raises(kind, match=words):
        widget._reply({"serial": "a 1"} | asked)
    said = widget.sent[0]["error"]
    assert said.startswith(f"A fault of the course, not yours; please tell us: {kind.__name__}: ")
    assert words in said


async def ask_from_another_thread(widget: Answering) -> None:
    import asyncio

    message = ({"serial": "a 1", "question": 1}, [])
    await asyncio.to_thread(widget._handle_custom_msg, *message)
    await asyncio.sleep(0)


def test_a_question_from_another_thread_is_answered_in_the_main_one() -> None:
    """JupyterLab delivers on a thread of its own, where a run would share clocks with a cell."""
    import asyncio

    async def main() -> Answering:
        widget = Answering()
        await ask_from_another_thread(widget)
        return widget

    widget = asyncio.run(main())
    assert widget.threads == [threading.main_thread()]


@each_widget
def test_what_a_widget_holds_is_json(make: Any) -> None:
    """Its state travels as JSON, without NaN."""
    widget = make()
    state = {name: value for name, value in widget.get_state().items() if name != "layout"}
    assert json.loads(json.dumps(state, allow_nan=False))


ASKING = """(() => {
  const sent = [], told = [], handlers = {};
  const model = { on: (name, act) => { handlers[name] = act; }, off: () => {},
                  send: (message) => sent.push(message) };
  const notice = { dataset: {}, textContent: "" };
  const { ask, leave } = asker(model, notice, (answer) => told.push(answer),
                               (sentence) => told.push(`refused: ${sentence}`));
  for (const question of given.first) ask(question);
  const answer = (serial, more) => handlers["msg:custom"]({ serial, ...more });
  answer("another view's 1", { answer: "not ours" });
  answer(sent[0].serial, { answer: "old" });
  answer(sent[0].serial, { answer: "old, and late" });
  answer(sent[1].serial, { answer: "new" });
  ask("bad");
  answer(sent[2].serial, { error: "no such thing" });
  leave();
  return { sent: sent.map(({ question }) => question), told };
})()"""


def test_only_the_newest_question_is_asked_and_only_its_answer_shown(tmp_path: Path) -> None:
    """One at a time; what came between is never sent, and a stale answer is dropped."""
    given = {"first": ["a", "b", "c", "d"]}
    found = in_node("live.js", "asker", ASKING, given, tmp_path)
    assert found == {"sent": ["a", "d", "bad"], "told": ["new", "refused: no such thing"]}
