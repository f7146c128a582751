"""Which questions a quiz's notebook asks, with their choices in the order that students see.

    questions = asked_questions(Path("quizzes"), "module_0_quiz", bank)

Read from what the notebook shows and from nothing else: so it holds for a quiz that was drawn for a
resit, for another seed, and for one that an instructor changed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from course_lib.quiz import Question, read_bank

from .notebook_file import NotebookError, read

MARKS = 6  # letters and digits that may stand before a choice on its line: its letter, a number


class SheetError(ValueError):
    """A quiz whose questions cannot be told; says why, and the way out."""


def asked_questions(course: Path, assignment: str, bank: Path) -> list[Question]:
    """The questions in order of their numbers, each with its choices and its key as shown.

    Raises SheetError when the notebook is missing or asks what is not in the bank, and BankError
    when the bank cannot be used.
    """
    known = read_bank(bank)
    path = course / "source" / assignment / f"{assignment}.ipynb"
    try:
        notebook = read(path)
    except NotebookError as problem:
        raise SheetError(f"{problem} It says what the quiz asks: {WAY_OUT}") from None
    shown = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found = [question for text in shown for question in _in(text, known)]
    if not found:
        raise SheetError(f"{path} asks no question of {bank}: give its own bank with --bank.")
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    answers = set(re.findall(r"^answer_\d+(?= = )", code, re.MULTILINE))
    if len(found) != len(answers):
        raise SheetError(
            f"{path} has {len(answers)} answers, and {len(found)} of its questions are in {bank}: "
            "give its own bank with --bank."
        )
    return found


WAY_OUT = "python -m course_lib.staff build makes it."


def _in(text: str, known: Sequence[Question]) -> Iterator[Question]:
    """The question that a cell shows: of several that fit, the one with the longest stem."""
    whole = folded(text)
    fitting = [question for question in known if folded(question.stem) in whole]
    for question in sorted(fitting, key=lambda one: -len(one.stem)):
        order = _order(text, question)
        if order is not None:
            key = order.index(question.letters.index(question.key))
            choices = tuple(question.choices[number] for number in order)
            yield replace(question, choices=choices, key=question.letters[key])
            return


def _order(text: str, question: Question) -> list[int] | None:
    """Numbers of the choices as their lines follow each other; None if one is not shown."""
    texts = [folded(choice.text) for choice in question.choices]
    order: list[int] = []
    for line in text.splitlines():
        rests = {n: _rest(folded(line), choice) for n, choice in enumerate(texts)}
        fitting = [n for n, rest in rests.items() if rest is not None and n not in order]
        if fitting:
            order.append(min(fitting, key=lambda n: rests[n] or 0))
    return order if len(order) == len(texts) else None


def _rest(line: str, choice: str) -> int | None:
    """How many letters stand on the line before the choice, and None if it is not there."""
    rest = len(line) - len(choice)
    return rest if line.endswith(choice) and rest <= MARKS else None


def folded(text: str) -> str:
    """Letters, digits and signs alone, small: markup, spaces and line breaks make no difference.

    A point or a minus before a digit stays: 1.1 is not 11.
    """
    return re.sub(r"</?[a-z]+>|[\s*_`\\|,:;()\[\]]+|[.-](?!\d)", "", text.casefold())
