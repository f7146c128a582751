"""What students answered in a quiz: read from their notebooks, and never run.

    sheets, unread = read_class(Path("quizzes"), "module_0_quiz", questions)

An answer is a literal in a cell, `answer_1 = "B"`, so a file says all without a kernel. A student's
notebook may be anything at all: what cannot be read is told in a sentence and never stops the rest.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc  # type: ignore[import-untyped]

from course_lib.quiz import Question

from .notebook_file import NotebookError, read

LARGEST = 20_000_000  # bytes of a notebook; the quiz itself has under 30,000
SHOWN = 60  # characters of what a student wrote
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets


@dataclass(frozen=True, slots=True)
class Answer:
    """What one student says to one question."""

    taken: str = ""
    """The letter of a choice; empty for no answer, or for a problem."""
    problem: str = ""
    """Why there is no letter though something was written; part of a sentence."""


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
        student = folder.parent.name
        late = (due or Due()).late(student, handed_in(folder))
        try:
            answers = read_answers(folder / f"{assignment}.ipynb", questions)
            sheets.append(Sheet(student, answers, late))
        except UnreadableError as problem:
            unread.append(Unread(student, str(problem), late))
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
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    names = [f"answer_{number}" for number in range(1, len(questions) + 1)]
    found = {name: list(_written(name, sources)) for name in names}
    if not any(found.values()):
        raise UnreadableError(f"no cell of {path.name} sets answer_1 or any other answer")
    return tuple(
        _answer(name, found[name], question)
        for name, question in zip(names, questions, strict=True)
    )


def _written(name: str, sources: list[str]) -> Iterator[ast.expr | None]:
    """What each line `name = …` sets it to; None where a cell that does so is not Python."""
    for source in sources:
        if not re.search(rf"\b{name}\b", source):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):  # what Python thinks of their style
                lines = ast.parse(source).body
        except (SyntaxError, ValueError, *TOO_DEEP):
            if re.search(rf"^\s*{name}\s*=(?!=)", source, re.MULTILINE):
                yield None
            continue
        for line in lines:
            targets = line.targets if isinstance(line, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                yield line.value  # type: ignore[attr-defined]


def _answer(name: str, written: list[ast.expr | None], question: Question) -> Answer:
    if not written:
        return Answer(problem=f"no cell sets {name}")
    values = []
    for expression in written:
        if expression is None:
            return Answer(problem=f"the cell of {name} is not Python")
        try:
            values.append(ast.literal_eval(expression))
        except (ValueError, TypeError, SyntaxError, *TOO_DEEP):
            return Answer(problem=f"{name} is not set to a text in quotes, but to something to run")
    if any(value != values[0] for value in values):
        both = " and to ".join(_short(value) for value in values[:2])
        return Answer(problem=f"{name} is set {len(values)} times, to {both}")
    return _taken(name, values[0], question)


def _taken(name: str, value: object, question: Question) -> Answer:
    if not isinstance(value, str):
        return Answer(problem=f"{name} is {_short(value)}, which is no text in quotes")
    letter = value.strip().upper()
    if letter and letter not in tuple(question.letters):
        known = ", ".join(question.letters)
        return Answer(problem=f"{name} is {_short(value)}, and the choices are {known}")
    return Answer(letter)


def _short(value: object) -> str:
    try:
        text = repr(value)
    except (ValueError, *TOO_DEEP):  # a number with more digits than Python prints
        return "something too long to show"
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
