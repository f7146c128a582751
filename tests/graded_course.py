"""A course with a generated quiz, into which tests put what students might hand in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from course_lib.quiz import Question
from course_lib.staff.analysis.question_sheet import asked_questions
from tests.classroom import classroom
from tests.conftest import ROOT
from tests.synthetic_class import filled

QUIZ = "module_0_quiz"
IN_TIME = "2030-03-01 12:00:00 UTC"
Raw = dict[str, Any]


@dataclass(frozen=True)
class GradedCourse:
    """The root of a course, and the quiz as students got it."""

    root: Path
    released: str

    @property
    def questions(self) -> list[Question]:
        """As the students saw them."""
        return asked_questions(self.root, QUIZ)

    @property
    def keys(self) -> list[str]:
        return [question.key for question in self.questions]

    @property
    def wrong(self) -> list[str]:
        """An answer to each question that is not the best."""
        return ["AB"[key == "A"] for key in self.keys]

    def sheet(self, answers: Sequence[str] | None = None) -> Raw:
        """The released notebook with these answers, or with the right ones."""
        raw: Raw = json.loads(filled(self.released, self.keys if answers is None else answers))
        return raw

    def folder(self, student: str, when: str = IN_TIME) -> Path:
        """Where a student's notebook belongs, with the time it came."""
        folder = self.root / "submitted" / student / QUIZ
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "timestamp.txt").write_text(when)
        return folder

    def hand_in(self, student: str, raw: Any = None, when: str = IN_TIME) -> Path:
        """Put a notebook where nbgrader's collect puts it: this one, or one with all right."""
        path = self.folder(student, when) / f"{QUIZ}.ipynb"
        raw = self.sheet() if raw is None else raw
        path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
        return path

    @property
    def gradebook(self) -> Any:
        """Its marks; to be used in a `with`."""
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}")

    def marks(self) -> dict[str, list[float | None]]:
        """Student → the mark of each question; None for one that waits for a person."""
        with self.gradebook as gradebook:
            return {
                one.student.id: [
                    grade.auto_score
                    for grade in sorted(one.notebooks[0].grades, key=lambda grade: grade.cell.name)
                ]
                for one in gradebook.assignment_submissions(QUIZ)
            }

    def graded(self, student: str) -> str:
        """The text of the graded notebook."""
        path = self.root / "autograded" / student / QUIZ / f"{QUIZ}.ipynb"
        return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GradedCourse]:
    """The course that each test gets a copy of."""
    with classroom(tmp_path_factory.mktemp("generated"), ROOT / "quizzes") as room:
        room.open(QUIZ)
        path = room.course / "release" / QUIZ / f"{QUIZ}.ipynb"
        course = GradedCourse(room.course, path.read_text(encoding="utf-8"))
    yield course


@pytest.fixture
def course(generated: GradedCourse, tmp_path: Path) -> GradedCourse:
    """A course of one's own."""
    root = tmp_path / "quizzes"
    shutil.copytree(generated.root, root)
    return GradedCourse(root, generated.released)


def every(kind: str, change: Callable[[Raw], Any], raw: Raw) -> Raw:
    """The notebook whose cells with an id that begins so are changed."""
    for cell in raw["cells"]:
        if str(cell.get("id", "")).startswith(kind):
            change(cell)
    return raw
