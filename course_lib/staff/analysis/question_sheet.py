"""Which questions a quiz asks, with their choices in the order that its students see.

    questions = asked_questions(Path("quizzes"), "module_0_quiz")

The quiz's source notebook says so where it marks: `mark(1, In, "two-clocks", seed=7)`. So a quiz
that was drawn for a resit, or built from a private bank, is read like any other.
"""

from __future__ import annotations

from pathlib import Path

from course_lib.quiz import Question

from ..forms.notebook_file import NotebookError, read
from ..grading.asked import AskedQuestion, asked_by
from ..place import assignments_of, meant


class SheetError(ValueError):
    """A quiz whose questions cannot be told; says why, and the way out."""


def asked_questions(course: Path, assignment: str, bank: Path | None = None) -> list[Question]:
    """The questions in order of their numbers, each with its choices and its key as shown.

    `bank` is used instead of the one that the notebook names. Raises SheetError when there is no
    notebook, or no quiz in it, and BankError when the bank cannot be used.
    """
    path = course / "source" / assignment / f"{assignment}.ipynb"
    try:
        notebook = read(path)
    except NotebookError as problem:
        like = meant(assignment, assignments_of(course))
        raise SheetError(
            f"{problem}{like} Make it with: python -m course_lib.staff build"
        ) from None
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    asked = [asked_by(source, course, bank) for source in sources]
    found = {one.number: one.question for one in asked if isinstance(one, AskedQuestion)}
    if not found or sorted(found) != list(range(1, len(found) + 1)):
        raise SheetError(f"{path} is no quiz: its cells do not mark question 1, 2 and so on.")
    return [found[number] for number in sorted(found)]
