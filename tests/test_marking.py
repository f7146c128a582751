"""Marks: one point for the best choice, none for anything else, and never a line of the test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade
from traitlets.config import Config

from course_lib.quiz import BankError, read_bank
from course_lib.staff import build
from course_lib.staff.forms.quiz_notebook import quiz_notebook
from course_lib.staff.grading.marks import NoPoint, asked, award, course_root
from course_lib.staff.grading.steps import NeedsMarks
from tests.conftest import ROOT

BANK = ROOT / "quizzes" / "questions.toml"
SHOWN = [one.shuffled(build.SEED) for one in read_bank(BANK) if one.graded]


@pytest.fixture(autouse=True)
def grading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place and the variable that a kernel of `nbgrader autograde` has."""
    for name in ("questions.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / "quizzes" / name, tmp_path)
    place = tmp_path / "autograded" / "ada" / build.QUIZ
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


def marked(number: int, cell: str) -> None:
    award(number, ["", cell], SHOWN[number - 1].id, seed=build.SEED)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_only_the_best_choice_gives_the_point(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each letter of each question of the quiz."""
    question = SHOWN[number - 1]
    for letter in question.letters:
        text = question.choice(letter).text
        if letter == question.key:
            marked(number, f"answer_{number} = '{letter.lower()}'")
            assert capsys.readouterr() == (f"1 point: {letter}, {text}\n", "")
        else:
            with pytest.raises(NoPoint) as caught:
                marked(number, f"answer_{number} = '{letter}'")
            assert str(caught.value) == f"no point: {letter}, {text}"


@pytest.mark.parametrize("cell", ['answer_1 = ""', "answer_1 = 3", "answer_1 = B", "x = 1", "("])
def test_no_answer_gives_no_point(cell: str) -> None:
    """Empty, no letter, not there: not answered, with the reason."""
    with pytest.raises(NoPoint, match=r"^no point: not answered\. .*answer_1"):
        marked(1, cell)


@pytest.mark.parametrize("when", ["", "validate"])
def test_nothing_is_marked_at_any_other_time(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instructor who runs or validates the source notebook sees what a student sees."""
    monkeypatch.setenv("NBGRADER_EXECUTION", when)
    award(1, ["answer_1 = 'no'"], "no-such-question", seed=1)


def test_what_a_kernel_shows_is_the_words_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source cell as IPython runs it: no line of the test, and nothing on stderr."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    first = read_bank(BANK)[:1]
    cells = {cell.id: cell for cell in quiz_notebook(first, "A", build.SEED).cells}
    forgetful = Config(HistoryManager={"enabled": False})
    shell = InteractiveShell.instance(colors="nocolor", config=forgetful)
    try:
        with capture_output() as shown:
            shell.run_cell("answer_1 = B", store_history=True)
        with capture_output() as shown:
            shell.run_cell(cells["check-1"].source, store_history=True)
    finally:
        InteractiveShell.clear_instance()
    recorded, _, rest = shown.stdout.partition("\n")
    assert recorded.startswith("not recorded: B has no quotes around it")
    assert rest.strip() == "no point: not answered. B has no quotes around it: " + (
        'write answer_1 = "B"'
    )
    assert shown.stderr == ""


@pytest.mark.parametrize(
    ("outputs", "points"),
    [
        ([new_output("stream", text="recorded: B, x\n1 point: B, x\n")], 1),
        ([new_output("error", ename="NoPoint", evalue="no point", traceback=["no point"])], 0),
    ],
)
def test_nbgrader_takes_it_so(outputs: list[Any], points: int) -> None:
    """Printed lines give the point, the error gives none."""
    about = {"grade": True, "solution": False, "points": 1, "grade_id": "check-1", "locked": True}
    cell = new_code_cell("", metadata={"nbgrader": about}, outputs=outputs)
    assert determine_grade(cell) == (points, 1)


def test_a_bank_that_is_not_the_quizs_is_an_error_and_no_mark() -> None:
    """Another bank, or none: BankError, which stops the grading of that notebook."""
    with pytest.raises(BankError, match=r"questions\.toml: has no question 'x'"):
        award(1, [], "x", seed=1)
    with pytest.raises(BankError, match="cannot be read"):
        award(1, [], "x", seed=1, bank="private.toml")
    with pytest.raises(BankError, match="is in no course"):
        course_root(Path("/"))


@pytest.mark.parametrize("name", ["BankError", "ModuleNotFoundError"])
def test_grading_stops_where_tests_could_not_do_their_work(name: str) -> None:
    """What is not the student's fault costs no student a point: it is said instead."""
    about = {"grade": True, "solution": False, "points": 1, "grade_id": "check-1", "locked": True}
    hidden = "from course_lib.staff.marking import mark"
    error = new_output("error", ename=name, evalue="no course_lib", traceback=[])
    cell = new_code_cell(hidden, metadata={"nbgrader": about}, outputs=[error])
    with pytest.raises(RuntimeError, match="no marks given, for check-1 says: no course_lib"):
        NeedsMarks().preprocess_cell(cell, {}, 0)
    error.ename = "NoPoint"
    assert NeedsMarks().preprocess_cell(cell, {}, 0)[0] is cell


def test_the_order_of_the_choices_is_that_of_the_seed() -> None:
    """As the notebook shows them; another seed, another order."""
    assert asked(BANK, SHOWN[0].id, build.SEED) == SHOWN[0]
    orders = {asked(BANK, SHOWN[0].id, seed).choices for seed in range(8)}
    assert len(orders) > 4
