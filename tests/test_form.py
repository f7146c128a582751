"""Whoever answered another form than the one that was released is told, and nobody else."""

from __future__ import annotations

import pytest

from course_lib.staff.grading.form import another_form
from course_lib.staff.grading.skeleton import Kept, Place, Skeleton
from course_lib.staff.grading.submission import Cell, Submission

QUESTION = """## Question 1

Who brings the bread?

- **A** The baker.
- **B** The waiter, at *once*.
- **C** The cook.
- **D** Nobody.
"""
KEPT = Kept("question-1", "markdown", QUESTION, True, "", None, False, False)
QUIZ = Skeleton("quiz", (Place("question-1", "markdown", QUESTION, KEPT),), {})


def told(source: str, name: str = "question-1") -> str:
    return another_form(QUIZ, Submission((Cell("markdown", source, (name,)),)))


@pytest.mark.parametrize(
    "source",
    [
        QUESTION,
        QUESTION.replace("The cook.", "The cook!  ← this one?"),
        QUESTION.replace("at *once*", "AT ONCE").replace("- ", "* "),
        QUESTION.replace("bread", "butter"),
        QUESTION.replace("- **D** Nobody.\n", ""),
        "",
    ],
)
def test_the_form_that_was_released_may_be_written_on(source: str) -> None:
    """Notes, a corrected word, a line that was deleted: a letter means what it meant."""
    assert told(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        QUESTION.replace("**A**", "**X**").replace("**B**", "**A**").replace("**X**", "**B**"),
        "- **A** One.\n- **B** Two.\n- **C** Three.\n- **D** Nobody.\n",
    ],
)
def test_other_choices_or_another_order_is_another_form(source: str) -> None:
    """One letter with another one's text is enough, or most of them with texts unknown here."""
    assert told(source) == (
        "question-1 has other choices than the form that was released, or in another order"
    )


def test_a_cell_of_ones_own_is_no_question() -> None:
    """Only the cell that the instructor calls so is looked at."""
    assert told("- **A** Nobody.\n", "mine") == ""
