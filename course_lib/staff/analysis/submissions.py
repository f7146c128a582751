"""What students answered in a quiz: read from their notebooks, and never run.

    sheets, unread = read_class(Path("quizzes"), "module_0_quiz", questions)

An answer is a literal in a cell, `answer_1 = "B"`, so a file says all without a kernel. A student's
notebook may be anything at all: what cannot be read is told in a sentence and never stops the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course_lib.answers import Reading, read_answer
from course_lib.quiz import Question

from ..grading.marks import readable
from ..grading.patience import patiently
from ..grading.submission import (
    UnreadableError,
    read_submission,
    timestamp_in,
    who_handed_in,
    writable,
)
from ..grading.timestamp import time_of


@dataclass(frozen=True, slots=True)
class Sheet:
    """All answers of one student, in order of the questions."""

    student: str
    answers: tuple[Reading, ...]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A submission of which nothing can be read, and why."""

    student: str
    why: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """When an assignment has to be in, for everybody and for those who have an extension.

    Times are naive and in UTC, as nbgrader keeps them.
    """

    when: datetime | None = None
    extended: Mapping[str, datetime | None] | None = None

    def late(self, student: str, handed_in: datetime | None) -> bool:
        """Whether a submission came after its time; never, if one of both times is unknown."""
        until = (self.extended or {}).get(student) or self.when
        return until is not None and handed_in is not None and handed_in > until


def read_class(
    course: Path, assignment: str, questions: Sequence[Question], due: Due | None = None
) -> tuple[list[Sheet], list[Unread]]:
    """The newest submission of each student, as nbgrader collected it, by student's name.

    `questions` as the students saw them. Returns those that can be read, and those that cannot.
    """
    sheets, unread = [], []
    for name in who_handed_in(course / "submitted", assignment):
        folder, student = course / "submitted" / name / assignment, writable(name)
        late = (due or Due()).late(student, handed_in(folder))
        try:
            answers = read_answers(folder, assignment, questions)
            sheets.append(Sheet(student, answers, late))
        except UnreadableError as problem:
            unread.append(Unread(student, writable(str(problem)), late))
    return sheets, unread


def any_time(course: Path, assignment: str) -> bool:
    """Whether it is known of any submission when it came; a ZIP file of others brings no times."""
    submitted = course / "submitted"
    names = who_handed_in(submitted, assignment)
    return any(handed_in(submitted / name / assignment) for name in names)


def handed_in(folder: Path) -> datetime | None:
    """When a submission was handed in, from its timestamp.txt; None if that says nothing."""
    return time_of(timestamp_in(folder))


def read_answers(folder: Path, notebook: str, questions: Sequence[Question]) -> tuple[Reading, ...]:
    """What a student's notebook says to each question, as the marks take it; UnreadableError says
    why it says nothing.
    """
    names = [f"answer_{number}" for number in range(1, len(questions) + 1)]
    with patiently():
        cells = readable(read_submission(folder, notebook).cells, names)
        answers = tuple(
            read_answer(number, cells, question.letters)
            for number, question in enumerate(questions, start=1)
        )
    if not any(answer.values for answer in answers):
        raise UnreadableError(f"no cell of {notebook}.ipynb sets answer_1 or any other answer")
    return answers
