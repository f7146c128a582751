"""What a graded cell asks: read from the instructor's own notebook, and never run.

    mark(1, In, "two-clocks", seed=7)        a question of a bank
    check("lines", "off the loop", order_1)  some lines in their order
    check("retry", "attempts", retry)        a property of a piece of code

Nothing that a student handed in is looked at here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from course_lib.quiz import BankError, Question, read_bank

BANK = "questions.toml"
COURSE = "nbgrader_config.py"  # is in the root of a course
LINES = "lines"
"""What the properties of lines in their order are called together."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of a quiz, its choices in the order that was shown."""

    number: int
    question: Question


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """Lines to put in order: of which piece, in which variable, how many there are if known."""

    name: str
    variable: str
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class AskedProperty:
    """A property of an exercise's piece of code."""

    exercise: str
    name: str


Asked = AskedQuestion | AskedOrder | AskedProperty


def asked_by(source: str, course: Path, bank: Path | None = None) -> Asked | None:
    """What a graded cell asks; None if it is no such cell.

    `source` is the cell's, before its release or after nbgrader has put its hidden lines back;
    `bank` is read instead of the one that the line names. Raises BankError when the bank lacks the
    question: then nobody must get a mark.
    """
    calls = list(_calls(source))
    for name, call in calls:
        words = _constants(call)
        if name == "mark" and len(words) >= 3:
            named = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
            at = bank or course / named.get("bank", BANK)
            return AskedQuestion(words[0], asked(at, words[2], named["seed"]))
        if name == "check" and len(words) >= 2:
            if words[0] != LINES:
                return AskedProperty(words[0], words[1])
            return AskedOrder(words[1], ast.unparse(call.args[2]), _lines(calls))
    return None


def asked(bank: Path, name: str, seed: int) -> Question:
    """The question of this id as it was shown; BankError if the bank lacks it."""
    questions = _questions(bank, bank.stat().st_mtime_ns if bank.is_file() else 0)
    if name not in questions:
        raise BankError(f"{bank.name}: has no question {name!r}; is it the bank of this quiz?")
    return questions[name].shuffled(seed)


def course_root(folder: Path) -> Path:
    """The nearest folder upwards that is the root of an nbgrader course."""
    for root in (folder, *folder.parents):
        if (root / COURSE).is_file():
            return root
    raise BankError(f"{folder} is in no course: no folder above it has an {COURSE}")


@cache
def _questions(bank: Path, changed: int) -> dict[str, Question]:
    """By id; `changed` is the time of the file's last change, so that a new one is read anew."""
    return {question.id: question for question in read_bank(bank)}


def _calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls at the top level of a cell, each as a line of its own or inside a print."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return
    for line in lines:
        call = line.value if isinstance(line, ast.Expr) else None
        while isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            yield call.func.id, call
            call = call.args[0] if call.func.id == "print" and call.args else None


def _constants(call: ast.Call) -> list[Any]:
    """The arguments of a call, None for each that is no constant."""
    return [one.value if isinstance(one, ast.Constant) else None for one in call.args]


def _lines(calls: list[tuple[str, ast.Call]]) -> int | None:
    """How many lines there are to order, by the visible `ordered(order_1, lines=4)`."""
    for name, call in calls:
        for word in call.keywords:
            if name == "ordered" and word.arg == "lines" and isinstance(word.value, ast.Constant):
                return int(str(word.value.value))
    return None
