"""What students answered in a quiz: read from their notebooks, and never run.

    sheets, unread = read_class(Path("quizzes"), "module_0_quiz", questions)

An answer is a literal in a cell, `answer_1 = "B"`, so a file says all without a kernel. A student's
notebook may be anything at all: what cannot be read is told in a sentence and never stops the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc  # type: ignore[import-untyped]

from course_lib.answers import read_answer
from course_lib.quiz import Question

from ..forms.notebook_file import NotebookError, read
from ..grading.marks import as_run

LARGEST = 20_000_000  # bytes of a notebook; the quiz itself has under 30,000
ADVICE = re.compile(r"[.:]?\s+(?:[Ww]rite|run) .*", re.DOTALL)  # to the student, what to do
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets


@dataclass(frozen=True, slots=True)
class Answer:
    """What one student says to one question."""

    taken: str = ""
    """The letter of a choice; empty for no answer, or for one that is no letter of a choice."""
    problem: str = ""
    """What an instructor should look at, as part of a sentence: for one, why there is no letter
    though something was written.
    """

    @property
    def unclear(self) -> bool:
        """Whether something was written that is no choice."""
        return not self.taken and bool(self.problem)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All answers of one student, in order of the questions."""

    student: str
    answers: tuple[Answer, ...]
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


def read_answers(path: Path, questions: Sequence[Question]) -> tuple[Answer, ...]:
    """The answers in a student's notebook; UnreadableError says why there are none."""
    if not path.is_file():
        raise UnreadableError(f"there is no {path.name} in it")
    if (size := path.stat().st_size) > LARGEST:
        raise UnreadableError(
            f"{path.name} has {size:,} bytes, and more than {LARGEST:,} is no quiz"
        )
    try:
        notebook = read(path)
    except NotebookError as problem:
        raise UnreadableError(str(problem).replace(str(path), path.name)) from None
    except (OSError, AttributeError, *TOO_DEEP) as problem:
        raise UnreadableError(f"{path.name} is no notebook ({type(problem).__name__})") from None
    cells = [as_run(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    names = [f"answer_{number}" for number in range(1, len(questions) + 1)]
    if not any(set_to(name, cells) for name in names):
        raise UnreadableError(f"no cell of {path.name} sets answer_1 or any other answer")
    return tuple(
        _answer(number, cells, question) for number, question in enumerate(questions, start=1)
    )


def _answer(number: int, cells: Sequence[str], question: Question) -> Answer:
    """As the marks take it: the last cell that sets it counts."""
    name = f"answer_{number}"
    said = read_answer(number, cells, question.letters)
    values = set_to(name, cells)
    if said.letter:
        more = f"{name} is set in {len(values)} ways, and the last counts"
        return Answer(said.letter, more if len(values) > 1 else "")
    if said.problem.startswith(f"{name} is empty"):
        return Answer()
    return Answer(problem=writable(ADVICE.sub("", said.problem).strip()))


def writable(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


def set_to(name: str, cells: Sequence[str]) -> list[str]:
    """The different things, as they are written, that lines `name = …` set it to; the last last."""
    found = re.findall(rf"^\s*{name}\s*=(?!=)[ \t]*(.*?)\s*$", "\n".join(cells), re.MULTILINE)
    return list(reversed(dict.fromkeys(reversed(found))))
