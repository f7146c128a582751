"""Practice questions without a browser: what is shown, what is counted, what is never in them."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from course_lib.quiz import SECTIONS, Question, practice_questions
from course_lib.quiz.markup import inline
from course_lib.widgets import questions
from course_lib.widgets.live import LiveWidget
from course_lib.widgets.questions import Session, practice, score
from tests.conftest import ROOT
from tests.lesson import Lesson, shown_texts
from tests.prose import DIGITS, value, values

QUESTIONS = practice_questions()


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """Each test begins with a fresh kernel's session."""
    fresh = Session()
    monkeypatch.setattr("course_lib.widgets.questions.SESSION", fresh)
    return fresh


def test_there_are_three_for_each_section() -> None:
    """27 questions in lessons, some more in deeper notebooks; and keys are spread."""
    lessons = Counter(q.notebook for q in QUESTIONS.values() if not q.deeper)
    assert lessons == dict.fromkeys(SECTIONS.values(), 3)
    keys = [question.key for question in QUESTIONS.values()]
    assert min(keys.count(letter) for letter in "ABCD") >= 5


def test_an_unknown_name_is_told_with_its_neighbours() -> None:
    """A slip of the pen is corrected by the message."""
    with pytest.raises(ValueError, match=r"no practice question 'good-nigth'; there is good-night"):
        practice("good-nigth")


def test_the_still_form_has_all_of_it() -> None:
    """Stem, four lettered choices that unfold; and the plain text gives nothing away."""
    question = QUESTIONS["good-night"]
    widget = practice("good-night")
    page = widget.still()
    assert page.count("<details>") == 4
    for letter, choice in zip("ABCD", question.choices, strict=True):
        summary = f"<summary><strong>{letter}</strong> {inline(choice.text)}</summary>"
        assert f"{summary}\n<p>{inline(choice.feedback)}</p>" in page
        assert choice.text in widget.words()
        assert choice.feedback not in widget.words()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_can_be_shown(name: str) -> None:
    """Its HTML is closed where it is opened, and has no star or tick left over."""
    open_tags: list[str] = []

    class Page(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

        def handle_data(self, data: str) -> None:
            assert "`" not in data
            assert "*" not in data.replace(" * ", "")

    Page().feed(practice(name).still())
    assert open_tags == []


def texts_of(question: Question) -> list[str]:
    """All that a student reads of it."""
    choices = [text for choice in question.choices for text in (choice.text, choice.feedback)]
    return [question.stem, *choices]


@cache
def numbers_of(lesson: str) -> set[object]:
    """Those of a lesson's prose, sources and outputs, up to where it asks."""
    path = ROOT / "notebooks" / lesson
    taught: list[str] = []
    for _, cell in Lesson(path, path.read_bytes()).cells:
        if "## Check yourself" in cell.source:
            break
        taught += [cell.source, *shown_texts(cell.get("outputs", []))]
    return set(values(taught))


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.id)
def test_its_numbers_are_those_of_its_lesson(question: Question) -> None:
    """A question or a feedback gives no number that the reader has not met."""
    said = {number for text in texts_of(question) for number in re.findall(DIGITS, text)}
    met = numbers_of(question.notebook)
    assert {number for number in said if value(number) not in met} == set()


def test_the_score_follows_the_answers() -> None:
    """First try, second try, still open: the board is told as soon as the browser tells us."""
    one, two, _ = (practice(name) for name in ("first-table", "which-one-blocks", "silent-buzzer"))
    board = score()
    one.set_state({"taken": ["C"]})
    two.set_state({"taken": ["B"]})
    assert [(line["tries"], line["right"]) for line in board.lines] == [
        (1, True), (1, False), (0, False)
    ]  # fmt: skip
    two.set_state({"taken": ["B", "A"]})
    assert (board.lines[1]["tries"], board.lines[1]["right"]) == (2, True)
    assert board.lines[1]["link"] == "deeper/waiting_and_computing.ipynb#Ten-waits-in-Python"
    assert board.words() == "3 practice questions in this notebook so far."


@pytest.mark.parametrize(("folder", "before"), [("notebooks", ""), ("deeper", "../")])
def test_links_start_where_the_notebook_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, before: str
) -> None:
    """In a deeper notebook they lead up first, on the question and on the board."""
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    link = before + QUESTIONS["first-table"].link
    assert practice("first-table").question["link"] == link
    assert score().lines[0]["link"] == link


def test_a_question_shown_again_remembers(session: Session) -> None:
    """Running a cell twice does not make a first try of the second."""
    practice("first-table").set_state({"taken": ["A"]})
    again = practice("first-table")
    assert again.taken == ["A"]
    assert session.tried == {"first-table": ["A"]}


def test_cells_that_run_again_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often: one board, one question, and one message for one answer."""
    sent: list[str] = []
    monkeypatch.setattr(
        LiveWidget, "send_state", lambda widget, key=None: sent.append(type(widget).__name__)
    )
    for _ in range(11):
        question, board = practice("first-table"), score()
    assert (practice("first-table"), score()) == (question, board)
    sent.clear()
    question.set_state({"taken": ["A"]})
    assert sent == ["Score"]


def test_the_pause_can_be_read_in() -> None:
    """Five seconds between a wrong answer and the next try."""
    assert practice("first-table").pause == questions.PAUSE == 5
