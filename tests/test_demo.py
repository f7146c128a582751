"""The demo: a course with an invented class, through which an instructor walks in five minutes."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.staff import demo
from course_lib.staff.analysis.question_sheet import asked_questions
from tests.conftest import ROOT, in_ci


@in_ci
@pytest.mark.slow
def test_every_step_of_it_works(tmp_path: Path) -> None:
    """From release to report, typed in a terminal: thirty marks, pages, a report, no warning."""
    out = tmp_path / "a course"
    done = subprocess.run(
        [sys.executable, "-m", "course_lib.staff", "demo", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for typed, _ in demo.STEPS:
        assert f"$ {typed or 'nbgrader collect module_0_quiz'}\n" in done.stdout
    rows = list(csv.DictReader((out / "grades.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["student_id"] for row in rows] == list(demo.NAMES)
    assert len({row["score"] for row in rows}) > 3
    assert len(list((out / "feedback").glob("*/*/*.html"))) == len(demo.NAMES)
    assert "of 29: " in done.stdout.partition("Misconceptions your class holds:")[2]


def test_a_folder_in_use_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written over; the sentence says what to do."""
    (tmp_path / "mine").write_text("kept")
    assert demo.main(["--out", str(tmp_path)]) == 1
    assert "is not empty. Delete it, or name another: --out FOLDER" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_step_that_fails_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """With what was typed, and what it said."""
    monkeypatch.setattr(demo, "STEPS", (("python -m course_lib.staff nothing", "is no command"),))
    assert demo.main(["--out", str(tmp_path / "new")]) == 1
    assert "python -m course_lib.staff nothing failed:\n" in capsys.readouterr().err


def test_the_class_is_the_same_each_time_and_not_all_of_one_mind() -> None:
    """So what the guide says of it stays true."""
    questions = asked_questions(ROOT / "quizzes", demo.QUIZ)
    first, again = (
        [demo.invented(questions, chance) for _ in demo.NAMES]
        for chance in (random.Random(demo.SEED), random.Random(demo.SEED))
    )
    assert first == again
    keys = [question.key for question in questions]
    right = [sum(a == b for a, b in zip(one, keys, strict=True)) for one in first]
    assert min(right) <= 2 and max(right) == 5
