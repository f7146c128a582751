"""What was generated before the library got its rooms still grades, with the points of that time.

graded_before.zip holds a course as instructors had it then: its settings, the bank of its quiz, a
gradebook with both assignments, whose 54 hidden cells call `staff.marking` and `staff.checks`, what
two students handed in, and the points that they got.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator

import pytest

from tests.classroom import Classroom, classroom, done
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    # nbgrader's own: it adds rows to its gradebook in an order that SQLAlchemy frowns on.
    pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"),
]

BEFORE = ROOT / "tests" / "graded_before.zip"
QUIZ, EXERCISES = "module_0_quiz", "module_0_exercises"
STUDENTS = ("ada", "ben") if os.environ.get("CI") else ("ben",)
"""One has everything right; the other is wrong here and there, and left a question out."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """That course, graded and told today."""
    old = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(BEFORE) as archive:
        archive.extractall(old)
    with classroom(tmp_path_factory.mktemp("class"), old) as room:
        (old / "gradebook.db").rename(room.course / "gradebook.db")
        for student in STUDENTS:
            (room.course / "submitted").mkdir(exist_ok=True)
            (old / "submitted" / student).rename(room.course / "submitted" / student)
        for assignment in (QUIZ, EXERCISES):
            done(room.api.autograde(assignment, "*"))
            done(room.api.generate_feedback(assignment))
        yield room


def test_the_points_are_those_of_that_time(room: Classroom) -> None:
    """Of every hidden test of both assignments."""
    known = json.loads((room.course / "points.json").read_text(encoding="utf-8"))
    with room.gradebook as gradebook:
        for student in STUDENTS:
            marks = [
                mark
                for assignment in (QUIZ, EXERCISES)
                for mark in gradebook.find_submission_notebook(
                    assignment, assignment, student
                ).grades
            ]
            found = {mark.cell.name: mark.auto_score for mark in marks if mark.max_score}
            assert len(found) == 54
            assert found == known[student]


def test_the_feedback_is_written_under_the_settings_of_that_time(room: Classroom) -> None:
    """By the page that the course's own nbgrader_config.py names."""
    for student in STUDENTS:
        for assignment in (QUIZ, EXERCISES):
            page = room.course / "feedback" / student / assignment / f"{assignment}.html"
            assert "<h1>Feedback: " in page.read_text(encoding="utf-8")
