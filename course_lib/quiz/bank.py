"""Files of questions: the format of a bank, and the reader that says what is wrong with one.

    questions = read_bank("course_lib/quiz/practice.toml")
    question = questions[0].shuffled(seed=1)
    question.choice("B").feedback

One format serves the practice questions, which students have, and the graded ones, which they
do not. A file holds one table a question:

    [[question]]
    id = "two-clocks"                       # small letters, digits and dashes
    section = "visual_comparison"           # a lesson, see SECTIONS
    heading = "Three clocks"                # of the part of that lesson to read again
    deeper = "webhooks"                     # if that part is in notebooks/deeper/webhooks.ipynb
    stem = "Which clock does a 202 stop?"
    key = "A"                               # the letter of the best choice, as written here

    [[question.choice]]                     # two to six of them; the first is A
    text = "The time to accept."
    feedback = "Why this choice is right, or is not."
    misconception = "an ack means done"     # of each wrong choice, and of no right one

`graded = true` marks the questions of the quiz, in their order; without it a question is one of
the pool, or for practice. Stems and feedback are Markdown with code spans and emphasis alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from .faults import FIELDS, faults_of, is_text
from .markup import plain
from .place import Place, places_of
from .question import Choice, Question

QUOTES = " \t\r\"'"
HALF = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16; bytes that are not UTF-8 become one


class BankError(ValueError):
    """A bank that cannot be used: one line for each fault, with file, line, question, way out."""


def practice_questions() -> dict[str, Question]:
    """The practice questions of the course by their id, in order of the lessons."""
    source = files(__package__) / "practice.toml"
    questions = parse(source.read_text(encoding="utf-8"), "practice.toml")
    return {question.id: question for question in questions}


def read_bank(path: str | Path) -> tuple[Question, ...]:
    """The questions of a file, in its order; BankError says all that is wrong with it."""
    path = Path(path)
    try:
        # Some editors begin a file with a mark. What is not UTF-8 is told with its line.
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except (OSError, ValueError) as problem:
        raise BankError(f"{path}: cannot be read ({problem}); give a TOML file") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> tuple[Question, ...]:
    """The questions of a bank's text; `name` stands for the file in what BankError says."""
    if half := HALF.search(text):
        line = text.count("\n", 0, half.start()) + 1
        what = f"holds {half[0]!a}, which is no sign of UTF-8; write it anew"
        raise BankError(f"{_where(name, text, line)}: {what}")
    tables = _tables(text, name)
    places = places_of(text)
    if len(places) != len(tables):
        raise BankError(f"{name}: begin each question with a line [[question]] of its own")
    faults = [
        f"{name}, line {line}, question {_name(table)}: {what}"
        for table, place in zip(tables, places, strict=True)
        for line, what in faults_of(table, place)
    ]
    faults += _duplicates(tables, places, name)
    if faults:
        raise BankError("\n".join(faults))
    return tuple(_question(table) for table in tables)


def _tables(text: str, name: str) -> list[dict[str, Any]]:
    """What stands in the [[question]] tables, one or more, of any shape."""
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise BankError(f"{name}: is not TOML: brackets in brackets, too deep to read") from None
    except ValueError as problem:  # TOMLDecodeError is one, and so is a number without end
        found = re.search(r"\bat line (\d+)", str(problem))
        place = _where(name, text, int(found[1])) if found else name
        raise BankError(f"{place}: is not TOML: {problem}") from None
    questions = tables.get("question")
    if set(tables) != {"question"} or not isinstance(questions, list) or not questions:
        raise BankError(f"{name}: must hold [[question]] tables, one or more, and nothing else")
    if not all(isinstance(table, dict) for table in questions):
        raise BankError(f"{name}: begin each question with a line [[question]] of its own")
    return questions


def _where(name: str, text: str, line: int) -> str:
    """A place in a text that need not be TOML: file, line and, as far as it can be told, question.

    The id is taken as it is written.
    """
    above = [place for place in places_of(text) if place.head <= line]
    if not above:
        return f"{name}, line {line}"
    written = text.split("\n")[above[-1].line("id") - 1].partition("=")[2]
    return f"{name}, line {line}, question {_name({'id': written.strip(QUOTES)})}"


def _duplicates(tables: list[dict[str, Any]], places: list[Place], name: str) -> Iterator[str]:
    """A sentence for each id that an earlier question has."""
    first: dict[str, int] = {}
    for table, place in zip(tables, places, strict=True):
        if not is_text(table.get("id")):
            continue
        line = place.line("id")
        known = first.setdefault(table["id"], line)
        if known != line:
            yield (
                f"{name}, line {line}, question {_name(table)}: has the id of the question in line "
                f"{known}; give it one of its own"
            )


def _name(table: dict[str, Any]) -> str:
    name = table.get("id")
    if not is_text(name):
        return "without an id"
    return "".join(sign if sign.isprintable() else "?" for sign in plain(name))


def _question(table: dict[str, Any]) -> Question:
    choices = tuple(
        Choice(**{field: plain(text) for field, text in choice.items()})
        for choice in table["choice"]
    )
    about = {field: plain(table[field]) for field in FIELDS}
    graded, deeper = table.get("graded", False), table.get("deeper", "")
    return Question(**about, choices=choices, graded=graded, deeper=deeper)
