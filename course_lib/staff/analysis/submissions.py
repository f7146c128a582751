"""What students answered in a quiz: read from their notebooks, and never run.

    sheets, unread = read_class(Path("quizzes"), "module_0_quiz", questions)

An answer is a literal in a cell, `answer_1 = "B"`, so a file says all without a kernel. A student's
notebook may be anything at all: what cannot be read is told in a sentence and never stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import parse_utc  # type: ignore[import-untyped]

from course_lib.answers import Reading, read_answer
from course_lib.quiz import Question

from ..forms.notebook_file import NotebookError, parse
from ..grading.marks import about_cell, as_run

LARGEST = 20_000_000  # bytes of a notebook; the quiz itself has under 30,000
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets


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


class UnreadableError(Exception):
    """A notebook that gives no answers at all; says why, as part of a sentence."""


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
    for folder in sorted((course / "submitted").glob(f"*/{assignment}")):
        student = writable(folder.parent.name)
        late = (due or Due()).late(student, handed_in(folder))
        try:
            answers = read_answers(folder / f"{assignment}.ipynb", questions)
            sheets.append(Sheet(student, answers, late))
        except UnreadableError as problem:
            unread.append(Unread(student, writable(str(problem)), late))
    return sheets, unread


def handed_in(folder: Path) -> datetime | None:
    """When a submission was handed in, from its timestamp.txt; None if that says nothing."""
    try:
        when: datetime = parse_utc((folder / "timestamp.txt").read_text(encoding="utf-8").strip())
    except (OSError, ValueError, OverflowError, AttributeError):
        return None
    return when


def read_answers(path: Path, questions: Sequence[Question]) -> tuple[Reading, ...]:
    """What a student's notebook says to each question; UnreadableError says why it says nothing."""
    if not path.is_file():
        raise UnreadableError(f"there is no {path.name} in it")
    if (size := path.stat().st_size) > LARGEST:
        raise UnreadableError(
            f"{path.name} has {size:,} bytes, and more than {LARGEST:,} is no quiz"
        )
    try:
        notebook = parse(path.read_bytes(), path.name)
    except NotebookError as problem:
        raise UnreadableError(str(problem)) from None
    except (OSError, AttributeError, *TOO_DEEP) as problem:
        raise UnreadableError(f"{path.name} is no notebook ({type(problem).__name__})") from None
    answers = tuple(_answers(notebook, questions))
    if not any(answer.values or answer.note for answer in answers):
        raise UnreadableError(f"no cell of {path.name} sets answer_1 or any other answer")
    return answers


def _answers(notebook: NotebookNode, questions: Sequence[Question]) -> Iterator[Reading]:
    """As the marks take them: of the cells above a check, the last that sets the answer counts."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ran = [as_run(cell.source) for cell in code]
    names = [about_cell(cell).get("grade_id") for cell in code]
    for number, question in enumerate(questions, start=1):
        check = names.index(f"check-{number}") if f"check-{number}" in names else len(names)
        found = read_answer(number, ran[:check], question.letters, ran[check:])
        yield replace(found, fault=writable(found.fault))


def writable(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
