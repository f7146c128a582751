"""A quiz as nbgrader's source notebook: what students see, and the hidden line that marks it.

A question is three cells: its stem and choices, the answer `answer_1 = ""`, and a check that says
what is recorded. The choices' texts stand in the check as well, for that is all it needs to know;
its code is folded away, so that a student sees each choice once. The hidden line names the question
and how its choices were shuffled, and is read, never run; the key is in the bank alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_lib.quiz import Question
from course_lib.quiz.markup import markdown

from .notebook_file import KERNEL

INTRODUCTION = """\
# {title}

{count} questions with one best answer each.

- Type your letter between the quotes, like this: `answer_1 = "B"`, and press Shift-Enter twice.
- The second one runs the check below it, whose code is folded away.
- It says which answer is recorded, never whether it is right.
- You may change an answer as often as you like until you hand in.
- At the end, the last cell counts your answers. Save the notebook (Ctrl-S), then hand it in.

What was right, and why, comes with the feedback."""
CHECK = """\
from course_lib.answers import recorded

print(recorded({number}, In, {{
{choices}
}}))
### BEGIN HIDDEN TESTS
from course_lib.staff.marking import mark

mark({number}, In, {about})
### END HIDDEN TESTS"""
Cell = dict[str, Any]
COUNT = """\
from course_lib.answers import answered

print(answered(In, {{{letters}}}))"""


def quiz_notebook(
    questions: Sequence[Question], title: str, seed: int, bank: str = ""
) -> NotebookNode:
    """The source notebook of a quiz that asks these questions in this order.

    The choices are shuffled by the seed. `bank` says where the marks come from, if it is not
    nbgrader's own questions.toml: a path, absolute or from nbgrader's course root.
    """
    head = INTRODUCTION.format(title=title, count=len(questions))
    cells = [_locked(_text("introduction", head))]
    for number, question in enumerate(questions, start=1):
        cells += _cells(number, question.shuffled(seed), seed, bank)
    letters = ", ".join(f'{n}: "{one.letters}"' for n, one in enumerate(questions, start=1))
    cells.append(_folded(_locked(_code("count", COUNT.format(letters=letters)))))
    language = {"name": "python"}
    about = {"kernelspec": KERNEL, "language_info": language}
    raw = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.from_dict(raw)  # type: ignore[no-any-return,no-untyped-call]


def text_of(notebook: NotebookNode) -> str:
    """The text of the notebook's file."""
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, indent=1)).rstrip("\n") + "\n"  # type: ignore[no-untyped-call]


def _cells(number: int, question: Question, seed: int, bank: str) -> list[Cell]:
    """The three cells of a question, whose choices are in the order to be shown."""
    pairs = list(zip(question.letters, question.choices, strict=True))
    shown = "\n".join(f"- **{letter}** {markdown(choice.text)}" for letter, choice in pairs)
    stem = f"## Question {number}\n\n{markdown(question.stem)}\n\n{shown}"
    choices = "\n".join(
        f'    "{letter}": {json.dumps(choice.text, ensure_ascii=False)},'
        for letter, choice in pairs
    )
    about = f'"{question.id}", seed={seed}' + (f", bank={json.dumps(bank)}" if bank else "")
    check = CHECK.format(number=number, choices=choices, about=about)
    answer = _code(f"answer-{number}", f'answer_{number} = ""')
    answer["metadata"]["deletable"] = False
    return [
        _locked(_text(f"question-{number}", stem)),
        answer,
        _folded(_locked(_code(f"check-{number}", check), points=1)),
    ]


def _text(name: str, source: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _code(name: str, source: str) -> Cell:
    cell: Cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
    return cell | {"execution_count": None, "outputs": []}


def _folded(cell: Cell) -> Cell:
    """The cell with its code not shown, until somebody clicks on it."""
    cell["metadata"]["jupyter"] = {"source_hidden": True}
    return cell


def _locked(cell: Cell, points: int = 0) -> Cell:
    """The cell as one that students cannot change: an autograded test if it gives points."""
    about = {
        "grade": bool(points),
        "grade_id": cell["id"],
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    cell["metadata"]["nbgrader"] = about | ({"points": points} if points else {})
    return cell
