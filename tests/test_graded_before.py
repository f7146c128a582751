"""What was generated before answers were read still grades: a quiz has the points of that time.

graded_before.zip holds a course as instructors had it then: its settings, the bank of its quiz, a
gradebook with both assignments, what two students handed in, and the points that they got. Its
settings ran students' code beside the tests, so that a student could forge any mark: they grade
nobody any more, and say what to do. Exercises are judged by what they ask today; what this course
no longer asks waits for a person.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator

import pytest

from course_lib.staff import grade
from tests.classroom import Classroom, classroom, done
from tests.conftest import ROOT, in_ci

pytestmark = [
    in_ci,
    pytest.mark.slow,
    # nbgrader's own: it adds rows to its gradebook in an order that SQLAlchemy frowns on.
    pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"),
]

BEFORE = ROOT / "tests" / "graded_before.zip"
QUIZ, EXERCISES = "module_0_quiz", "module_0_exercises"
READ = 5 + 9
"""Questions and orders of lines that it asked."""
STUDENTS = ("ada", "ben")
"""One has everything right; the other is wrong here and there, and left a question out."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """That course, and today's settings beside its own."""
    old = tmp_path_factory.mktemp("old")
    with zipfile.ZipFile(BEFORE) as archive:
        archive.extractall(old)
    with classroom(tmp_path_factory.mktemp("class"), old) as room:
        (old / "gradebook.db").rename(room.course / "gradebook.db")
        for student in STUDENTS:
            (room.course / "submitted").mkdir(exist_ok=True)
            (old / "submitted" / student).rename(room.course / "submitted" / student)
        yield room


def test_the_settings_of_that_time_run_nobodys_code(room: Classroom) -> None:
    """They end with the way out, and leave no mark."""
    result = room.api.autograde(QUIZ, "ben")
    assert not result["success"]
    assert "these settings run what a student wrote" in result["log"]
    assert "python -m course_lib.staff grade" in result["log"]
    with room.gradebook as gradebook:
        sheet = gradebook.find_submission_notebook(QUIZ, QUIZ, "ben")
        assert {grade.auto_score for grade in sheet.grades} == {None}


def test_the_points_are_those_of_that_time(room: Classroom) -> None:
    """Of every question and every order of lines; a property of old is asked again, or waits."""
    known = json.loads((room.course / "points.json").read_text(encoding="utf-8"))
    for assignment in (QUIZ, EXERCISES):
        assert grade.main([assignment, "--course", str(room.course)]) == 0
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
            read = {name for name in found if name.startswith("check") or "lines" in name}
            assert len(read) == READ
            assert {name: found[name] for name in read} == {
                name: known[student][name] for name in read
            }


def test_the_feedback_is_written_under_the_settings_of_that_time(room: Classroom) -> None:
    """By the page that the course's own nbgrader_config.py names."""
    for assignment in (QUIZ, EXERCISES):
        done(room.api.generate_feedback(assignment))
        for student in STUDENTS:
            page = room.course / "feedback" / student / assignment / f"{assignment}.html"
            assert "<h1>Feedback: " in page.read_text(encoding="utf-8")
