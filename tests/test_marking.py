"""Marks: one point for the best choice, none for anything else, and never a line of the test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade
from traitlets.config import Config

from course_lib.quiz import BankError, read_bank
from course_lib.staff import build
from course_lib.staff.forms.quiz_notebook import quiz_notebook
from course_lib.staff.grading.marks import (
    NoPoint,
    about_cell,
    as_run,
    asked,
    asked_in,
    award,
    course_root,
)
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


CHECK = """print(recorded(1, In, {}))
### BEGIN HIDDEN TESTS
from course_lib.staff.marking import mark

mark(1, In, "submit-order", seed=2)
### END HIDDEN TESTS"""


def test_a_check_says_what_it_asks() -> None:
    """Number, question and order of the choices, from its hidden line, which is not run."""
    number, question = asked_in(CHECK, ROOT / "quizzes") or (0, None)
    assert (number, question) == (1, asked(BANK, "submit-order", 2))


def test_a_check_may_name_its_bank(tmp_path: Path) -> None:
    """From the root of the course; somebody who has another bank at hand may say so."""
    course = tmp_path / "course"
    course.mkdir()
    own = shutil.copy(BANK, course / "private.toml")
    named = CHECK.replace("seed=2", 'seed=2, bank="private.toml"')
    assert asked_in(named, course) == (1, asked(own, "submit-order", 2))
    assert asked_in(CHECK, tmp_path / "nowhere", own) == asked_in(named, course)
    with pytest.raises(BankError, match=r"questions\.toml.*cannot be read"):
        asked_in(CHECK, course)


@pytest.mark.parametrize(
    "source",
    [
        "print(recorded(1, In, {}))",
        "from course_lib.staff.checks import check\nmark(1, In, 'submit-order', seed=2)",
        "from course_lib.staff.marking import mark\nprint('later')\nfirst = mark\nmark",
        "from course_lib.staff.marking import mark\nIn.mark(1, In, 'submit-order', seed=2)",
    ],
    ids=["released", "another check", "no call", "another's mark"],
)
def test_other_cells_ask_nothing(source: str) -> None:
    """Such as a check as students have it."""
    assert asked_in(source, ROOT / "quizzes") is None


@pytest.mark.parametrize(
    ("metadata", "about"),
    [
        ({}, {}),
        (
            {"nbgrader": {"grade_id": "check-1", "grade": True}},
            {"grade_id": "check-1", "grade": True},
        ),
        ({"nbgrader": {"grade": True}}, {}),
        ({"nbgrader": ["grade_id"]}, {}),
        ({"nbgrader": "grade_id"}, {}),
    ],
)
def test_a_students_own_cell_is_none_of_nbgraders(
    metadata: dict[str, Any], about: dict[str, Any]
) -> None:
    """Whatever it says of itself."""
    assert about_cell(new_code_cell("", metadata=metadata)) == about


def test_a_cell_is_read_as_ipython_runs_it() -> None:
    """With its magics as Python; what is no Python stays as it is."""
    assert as_run("%matplotlib inline\nanswer_1 = 'B'") == (
        "get_ipython().run_line_magic('matplotlib', 'inline')\nanswer_1 = 'B'\n"
    )
    assert as_run("answer_1 = 'B'\n  (") == "answer_1 = 'B'\n  (\n"


@pytest.mark.parametrize(
    "error", [SyntaxError, ValueError, IndexError, RecursionError, MemoryError]
)
def test_a_cell_that_ipython_cannot_read_stays_as_it_is(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it says of it: the reader of answers has words of its own for that."""

    def refuse(_: object, cell: str) -> str:
        raise error(cell)

    monkeypatch.setattr(TransformerManager, "transform_cell", refuse)
    assert as_run("answer_1 = B") == "answer_1 = B"


def test_the_root_of_a_course_is_the_nearest_folder_upwards(tmp_path: Path) -> None:
    """That has nbgrader's settings; a folder of that name is none."""
    (tmp_path / "nbgrader_config.py").touch()
    deep = tmp_path / "source" / "quiz"
    deep.mkdir(parents=True)
    assert course_root(deep) == course_root(tmp_path) == tmp_path
    (deep / "nbgrader_config.py").mkdir()
    assert course_root(deep) == tmp_path
    (deep.parent / "nbgrader_config.py").touch()
    assert course_root(deep) == deep.parent


def test_what_else_is_worth_a_look_stands_below_the_mark(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An answer set in two ways: the last counts, and the student is told."""
    key = SHOWN[0].key
    other = next(letter for letter in SHOWN[0].letters if letter != key)
    marked(1, f"answer_1 = '{other}'\nanswer_1 = '{key}'")
    told = capsys.readouterr().out.splitlines()
    assert told[1:] == ["answer_1 is set in 2 ways, and the last counts."]
    with pytest.raises(NoPoint, match=r"\nanswer_1 is set in 2 ways, and the last counts\.$"):
        marked(1, f"answer_1 = '{key}'\nanswer_1 = '{other}'")
    with pytest.raises(NoPoint, match=r"(?s)^no point: not answered\. .*\nanswer_1 is set in 2"):
        marked(1, f"answer_1 = '{key}'\nanswer_1 = 3")
