"""What a graded cell asks is read from the instructor's notebook, and never run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from course_lib.quiz import BankError, read_bank
from course_lib.staff import build
from course_lib.staff.grading.asked import (
    AskedOrder,
    AskedProperty,
    AskedQuestion,
    asked,
    asked_by,
    course_root,
)
from course_lib.staff.marking import mark
from tests.conftest import ROOT

QUIZZES = ROOT / "quizzes"
BANK = QUIZZES / "questions.toml"
SHOWN = [one.shuffled(build.SEED) for one in read_bank(BANK) if one.graded]
CHECK = """print(recorded(1, In, {}))
### BEGIN HIDDEN TESTS
from course_lib.staff.marking import mark

mark(1, In, "submit-order", seed=2)
### END HIDDEN TESTS"""


def test_the_order_of_the_choices_is_that_of_the_seed() -> None:
    """As the notebook shows them; another seed, another order."""
    assert asked(BANK, SHOWN[0].id, build.SEED) == SHOWN[0]
    orders = {asked(BANK, SHOWN[0].id, seed).choices for seed in range(8)}
    assert len(orders) > 4


def test_a_check_says_what_it_asks() -> None:
    """Number, question and order of the choices, from its hidden line, which is not run."""
    assert asked_by(CHECK, QUIZZES) == AskedQuestion(1, asked(BANK, "submit-order", 2))


def test_a_check_may_name_its_bank(tmp_path: Path) -> None:
    """From the root of the course; somebody who has another bank at hand may say so."""
    course = tmp_path / "course"
    course.mkdir()
    own = Path(shutil.copy(BANK, course / "private.toml"))
    named = CHECK.replace("seed=2", 'seed=2, bank="private.toml"')
    assert asked_by(named, course) == AskedQuestion(1, asked(own, "submit-order", 2))
    assert asked_by(CHECK, tmp_path / "nowhere", own) == asked_by(named, course)
    with pytest.raises(BankError, match=r"questions\.toml.*cannot be read"):
        asked_by(CHECK, course)


def test_a_bank_that_is_corrected_is_read_anew(tmp_path: Path) -> None:
    """A key that was wrong: whoever asks again gets the right one."""
    bank = tmp_path / "bank.toml"
    shutil.copy(BANK, bank)
    first = asked(bank, "submit-order", 2)
    text = bank.read_text(encoding="utf-8")
    start = text.index('id = "submit-order"')
    place = text.index("key = ", start)
    other = "A" if text[place + 7] != "A" else "C"
    bank.write_text(f"{text[: place + 7]}{other}{text[place + 8 :]}", encoding="utf-8")
    os.utime(bank, ns=(1, 1))
    with pytest.raises(BankError):  # its misconceptions do not fit the new key
        asked(bank, "submit-order", 2)
    shutil.copy(BANK, bank)
    assert asked(bank, "submit-order", 2) == first


@pytest.mark.parametrize(
    "source",
    [
        "print(recorded(1, In, {}))",
        "from course_lib.staff.marking import mark\nprint('later')\nfirst = mark\nmark",
        "from course_lib.staff.marking import mark\nIn.mark(1, In, 'submit-order', seed=2)",
        "assert retry(3) == 3",
        "this is no Python",
    ],
    ids=["released", "no call", "another's mark", "a test of somebody's", "no Python"],
)
def test_other_cells_ask_nothing(source: str) -> None:
    """Such as a check as students have it."""
    assert asked_by(source, QUIZZES) is None


def test_an_order_and_a_property_are_asked_by_name() -> None:
    """With the variable, and how many lines there are if the visible check says so."""
    check = "print(ordered(order_1, lines=4))\ncheck('lines', 'off the loop', order_1)"
    assert asked_by(check, QUIZZES) == AskedOrder("off the loop", "order_1", 4)
    assert asked_by(check.split("\n")[1], QUIZZES) == AskedOrder("off the loop", "order_1")
    asks = AskedProperty("retry", "full jitter")
    assert asked_by("check('retry', 'full jitter', retry)", QUIZZES) == asks


def test_a_bank_that_is_not_the_quizs_is_an_error_and_no_mark() -> None:
    """Another bank, or no course: BankError, before anybody gets a mark."""
    with pytest.raises(BankError, match=r"questions\.toml: has no question 'x'"):
        asked(BANK, "x", 1)
    with pytest.raises(BankError, match="is in no course"):
        course_root(Path("/"))


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


@pytest.mark.parametrize("when", ["", "validate"])
def test_running_the_line_does_nothing(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instructor who runs or validates the source notebook sees what a student sees."""
    monkeypatch.setenv("NBGRADER_EXECUTION", when)
    mark(1, ["answer_1 = 'no'"], "no-such-question", seed=1)


def test_running_the_line_gives_nobody_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nbgrader's own autograde a cell that raises nothing is worth all its points."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(RuntimeError, match="answers are read and not run: grade with"):
        mark(1, [], "submit-order", seed=2)
