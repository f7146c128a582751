"""Marks for a quiz, asked for by the hidden line of each check while nbgrader autogrades.

    award(1, In, "two-clocks", seed=7)

Released quizzes know it as `course_lib.staff.marking.mark`. One point for the best choice. Anything
else raises NoPoint, whose words are all that the graded notebook shows of it; at any other time
than autograding nothing happens.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from course_lib.answers import Reading, read_answer
from course_lib.quiz import BankError, Question, read_bank

BANK = "questions.toml"
COURSE = "nbgrader_config.py"  # is in the root of a course


class NoPoint(Exception):  # noqa: N818  it is no error to be wrong
    """A question, or a property of an exercise, without its points, and why."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: these words alone, and no line of the test."""
        return [str(self)]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question as the student saw it, and what was answered."""

    question: Question
    answer: Reading

    @property
    def right(self) -> bool:
        """Whether the best choice was taken."""
        return self.answer.letter == self.question.key


def award(number: int, cells: Sequence[str], name: str, *, seed: int, bank: str = BANK) -> None:
    """Print what was taken if it is the best choice, and raise NoPoint if it is not.

    `cells` are the sources of the cells that were run, `name` is the question's id, `seed` has
    shuffled its choices, `bank` is a path, from the course root if it is not absolute. Raises
    BankError when there is no such bank or question: then nbgrader must not give marks.
    """
    if os.environ.get("NBGRADER_EXECUTION") != "autograde":
        return
    judged = judge(number, cells, asked(course_root(Path.cwd()) / bank, name, seed))
    if not judged.right:
        raise NoPoint(f"no point: {words(judged)}")
    print(f"1 point: {words(judged)}")


def judge(
    number: int, cells: Sequence[str], question: Question, below: Sequence[str] = ()
) -> Judged:
    """What cells answer to a question whose choices are in the order that was shown.

    `cells` stand above its check, and only they count; `below` are those under it.
    """
    return Judged(question, read_answer(number, cells, question.letters, below))


def asked(bank: Path, name: str, seed: int) -> Question:
    """The question of this id as it was shown; BankError if the bank lacks it."""
    questions = {question.id: question for question in read_bank(bank)}
    if name not in questions:
        raise BankError(f"{bank.name}: has no question {name!r}; is it the bank of this quiz?")
    return questions[name].shuffled(seed)


def asked_in(source: str, course: Path, bank: Path | None = None) -> tuple[int, Question] | None:
    """What a quiz's check asks, by its hidden line `mark(…)`: number and question as it was shown.

    `source` is the cell's, before its release or after nbgrader has put the line back; None if it
    is no such check. `bank` is read instead of the one that the line names.
    """
    if "course_lib.staff.marking" not in source:
        return None
    for line in ast.parse(source).body:
        call = line.value if isinstance(line, ast.Expr) else None
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "mark"
        ):
            number, name = (ast.literal_eval(call.args[place]) for place in (0, 2))
            named = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
            return number, asked(bank or course / named.get("bank", BANK), name, named["seed"])
    return None


def words(judged: Judged) -> str:
    """The choice taken, as text, or why there is none; and what else is worth a look."""
    letter = judged.answer.letter
    note = f"\n{judged.answer.note}." if judged.answer.note else ""
    if letter:
        return f"{letter}, {judged.question.choice(letter).text}{note}"
    return f"not answered. {judged.answer.problem}{note}"


def course_root(folder: Path) -> Path:
    """The nearest folder upwards that is the root of an nbgrader course."""
    for root in (folder, *folder.parents):
        if (root / COURSE).is_file():
            return root
    raise BankError(f"{folder} is in no course: no folder above it has an {COURSE}")


def about_cell(cell: NotebookNode) -> dict[str, Any]:
    """What nbgrader notes of a cell; empty for a student's own, whatever that claims to be."""
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) and "grade_id" in about else {}


def as_run(source: str) -> str:
    """The cell as IPython runs it, magics and the like as Python; as it is, if it cannot."""
    try:
        with warnings.catch_warnings(action="ignore"):  # what IPython thinks of strange line ends
            return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return source
