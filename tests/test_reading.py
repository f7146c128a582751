"""Check cell, marks, feedback and report read an answer alike: one of them never sees another."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import lxml.html
import nbformat
import pytest
from nbformat.v4 import new_code_cell

from course_lib.answers import recorded
from course_lib.quiz import read_bank
from course_lib.staff import build
from course_lib.staff.analysis.submissions import read_answers
from course_lib.staff.forms.quiz_notebook import quiz_notebook
from course_lib.staff.grading.feedback import FeedbackPage
from course_lib.staff.grading.marks import NoPoint, as_run, award
from tests.conftest import ROOT

BANK = ROOT / "quizzes" / "questions.toml"
GRADED = [one for one in read_bank(BANK) if one.graded][:1]
SHOWN = GRADED[0].shuffled(build.SEED)
TEXTS = {letter: SHOWN.choice(letter).text for letter in SHOWN.letters}


@pytest.fixture(autouse=True)
def grading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the root of a course, while nbgrader autogrades."""
    for name in ("questions.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / "quizzes" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


def told_by_the_check(sources: Sequence[str]) -> str:
    """The letter that is recorded when the cells were run from top to bottom."""
    said = recorded(1, [as_run(source) for source in sources], TEXTS)
    return said[len("recorded: ")] if said.startswith("recorded: ") else ""


def told_by_the_marks(sources: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    try:
        award(1, [as_run(source) for source in sources], SHOWN.id, seed=build.SEED)
        said = capsys.readouterr().out.removeprefix("1 point: ")
    except NoPoint as told:
        said = str(told).removeprefix("no point: ")
    return said[0] if said[1:3] == ", " else ""


def told_by_the_feedback(notebook: nbformat.NotebookNode) -> str:
    about = {"notebook": "quiz", "student": "ada", "score": 0.0, "max_score": 1.0}
    html, _ = FeedbackPage().from_notebook_node(notebook, {"nbgrader": about, "metadata": {}})
    box = lxml.html.fromstring(html).xpath("//div[contains(@class, 'box')]")[0].text_content()
    return str(box.partition("You chose ")[2][:1])


def told_by_the_report(notebook: nbformat.NotebookNode, folder: Path) -> str:
    path = folder / "quiz.ipynb"
    nbformat.write(notebook, path)
    return read_answers(path, [SHOWN])[0].letter


@pytest.mark.parametrize(
    ("sources", "letter"),
    [
        (["answer_1 = 'B'"], "B"),
        (["answer_1 = 'A'\nanswer_1 = 'C'"], "C"),
        (["answer_1 = 'C'", "answer_1 = ' a '"], "A"),
        (["answer_1 = 'C'", "%time 1\nanswer_1 = 'D'"], "D"),
        (["answer_1 = 'C'\nif True:\n    answer_1 = 'D'"], ""),
        (["answer_1: str = 'C'"], "C"),
        (["answer_1, answer_2 = 'C', 'D'"], "C"),
        (["answer_1 = 'A'", "answer_1 = ''"], ""),
        (["answer_1 = 'A'", "answer_1 = B"], ""),
        (["answer_1 = 'A'", "answer_1 = 'B"], ""),
        (["answer_1 = 'A'\nif"], ""),
        (["answer_1 = 'A'", "def f():\n    answer_1 = 'B'"], "A"),
        (["answer_1 = 'A'", "%%bash\nanswer_1 = 'B'"], "A"),
    ],
)
def test_all_four_agree(
    sources: list[str], letter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the student's cells above the check hold: the last that sets the answer counts."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    places = [cell.id for cell in notebook.cells]
    own = [new_code_cell(source, id=f"own-{n}") for n, source in enumerate(sources)]
    notebook.cells[places.index("answer-1") : places.index("check-1")] = own
    notebook.cells.append(new_code_cell("answer_1 = 'B'", id="below"))
    assert told_by_the_check(sources) == letter
    assert told_by_the_marks(sources, capsys) == letter
    assert told_by_the_feedback(notebook) == letter
    assert told_by_the_report(notebook, tmp_path) == letter


def test_what_a_student_left_in_the_place_of_a_name_harms_nobody(tmp_path: Path) -> None:
    """A cell whose nbgrader metadata are a number is read as any other."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    notebook.cells.insert(1, new_code_cell("answer_1 = 'B'", metadata={"nbgrader": 3}))
    assert told_by_the_report(notebook, tmp_path) == ""
    assert told_by_the_feedback(notebook) == ""
