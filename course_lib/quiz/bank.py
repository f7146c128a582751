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
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase
from typing import Any, TypeGuard

from .question import SECTIONS, Choice, Question

FEWEST, MOST = 2, 6  # choices of a question
TOO_LONG = 1.5  # times the longest of the other choices: then it gives itself away
SHORT = 24  # letters; among choices as short as this, length tells nothing
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOTEBOOK = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
FIELDS = ("id", "section", "heading", "stem", "key")
CHOICE_FIELDS = ("text", "feedback", "misconception")
STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*', re.DOTALL
)


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
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except (OSError, ValueError) as problem:
        raise BankError(f"{path}: cannot be read ({problem}); give a TOML file") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> tuple[Question, ...]:
    """The questions of a bank's text; `name` stands for the file in what BankError says."""
    tables = _tables(text, name)
    places = _places(text)
    if len(places) != len(tables):
        raise BankError(f"{name}: begin each question with a line [[question]] of its own")
    faults = [
        f"{name}, line {line}, question {_name(table)}: {what}"
        for table, place in zip(tables, places, strict=True)
        for line, what in _faults(table, place)
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
        raise BankError(f"{name}: is not TOML: {problem}") from None
    questions = tables.get("question")
    if set(tables) != {"question"} or not isinstance(questions, list) or not questions:
        raise BankError(f"{name}: must hold [[question]] tables, one or more, and nothing else")
    if not all(isinstance(table, dict) for table in questions):
        raise BankError(f"{name}: begin each question with a line [[question]] of its own")
    return questions


# ---- where things stand -------------------------------------------------------------------------
@dataclass(frozen=True)
class _Place:
    """Lines of a question, from 1: of its head, of each field, of the head of each choice."""

    head: int
    fields: dict[str, int]
    choices: list[int]

    def line(self, field: str) -> int:
        """Of the field if it is written in the plain way, else of the question."""
        return self.fields.get(field, self.head)


def _places(text: str) -> list[_Place]:
    """Where each question stands, in a text that is TOML.

    What looks like a head inside a string or a comment is not one, so these are blanked first.
    """
    bare = STRING_OR_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)
    places: list[_Place] = []
    for number, line in enumerate(bare.split("\n"), start=1):
        if re.match(r"\s*\[\[\s*question\s*\]\]", line):
            places.append(_Place(number, {}, []))
        elif places and re.match(r"\s*\[\[\s*question\s*\.\s*choice\s*\]\]", line):
            places[-1].choices.append(number)
        elif places and not places[-1].choices and (field := re.match(r"\s*([\w-]+)\s*=", line)):
            places[-1].fields[field[1]] = number
    return places


# ---- what is wrong ------------------------------------------------------------------------------
def _faults(table: dict[str, Any], place: _Place) -> Iterator[tuple[int, str]]:
    """Line and sentence for each thing that is wrong with one question."""
    for field in FIELDS:
        if not _is_text(table.get(field)):
            yield place.line(field), f"has no {field}; write {field} = '…'"
    for field in sorted(table.keys() - {*FIELDS, "choice", "graded", "deeper"}):
        yield place.line(field), f"has a {field!r}, which is no field of it; take it out"
    if not isinstance(table.get("graded", False), bool):
        yield (
            place.line("graded"),
            "its graded is not true or false; write true, or leave it out",
        )
    name, section = table.get("id"), table.get("section")
    deeper = table.get("deeper", "")
    if not isinstance(deeper, str) or (deeper and not NOTEBOOK.fullmatch(deeper)):
        yield (
            place.line("deeper"),
            f'its deeper {deeper!r} is no name of a notebook, such as "webhooks"',
        )
    if _is_text(name) and not NAME.fullmatch(name):
        yield place.line("id"), f"its id {name!r} needs small letters, digits and dashes alone"
    if _is_text(section) and section not in SECTIONS:
        known = ", ".join(SECTIONS)
        yield place.line("section"), f"there is no section {section!r}; take one of {known}"
    yield from _choices_faults(table.get("choice", []), table.get("key"), place)


def _choices_faults(choices: Any, key: Any, place: _Place) -> Iterator[tuple[int, str]]:
    """The same for the choices of a question, and for its key among them."""
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        yield place.head, "its choices are no tables; begin each with a line [[question.choice]]"
        return
    if not FEWEST <= len(choices) <= MOST:
        count = len(choices)
        yield place.head, f"has {count} choices; give {FEWEST} to {MOST} [[question.choice]]"
        return
    letters = ascii_uppercase[: len(choices)]
    judged = key in tuple(letters)
    if _is_text(key) and not judged:
        yield place.line("key"), f"its key {key!r} is no choice; take one of {', '.join(letters)}"
    lines = place.choices if len(place.choices) == len(choices) else [place.head] * len(choices)
    for letter, choice, line in zip(letters, choices, lines, strict=True):
        for what in _choice_faults(choice, letter == key, judged):
            yield line, f"choice {letter} {what}"
    for letter, what in _faults_beside([choice.get("text") for choice in choices]):
        yield lines[letters.index(letter)], what


def _choice_faults(choice: dict[str, Any], right: bool, judged: bool) -> Iterator[str]:
    """Of one choice by itself; a question without a key judges none of its choices."""
    for field in CHOICE_FIELDS[:2]:
        if not _is_text(choice.get(field)):
            yield f"has no {field}; write {field} = '…'"
    for field in sorted(choice.keys() - set(CHOICE_FIELDS)):
        yield f"has a {field!r}, which is no field of it; take it out"
    believed = choice.get("misconception", "")
    if not isinstance(believed, str):
        yield "has a misconception that is no text; write misconception = '…'"
    elif right and believed.strip():
        yield "is the key, and has a misconception: take it out"
    elif judged and not right and not believed.strip():
        yield "has no misconception; say what one believes who takes it"


def _faults_beside(texts: list[Any]) -> Iterator[tuple[str, str]]:
    """Letter and sentence for a choice that equals one before it, or that its length betrays."""
    lettered = zip(ascii_uppercase, texts, strict=False)
    known = {letter: _plain(text) for letter, text in lettered if _is_text(text)}
    for letter, text in known.items():
        others = {other: known[other] for other in known if other != letter}
        for other in others:
            if other < letter and _folded(others[other]) == _folded(text):
                yield letter, f"choices {other} and {letter} are equal: {text!r}; change one"
        longest = max(map(len, others.values()), default=len(text))
        if len(text) > max(TOO_LONG * longest, SHORT):
            yield (
                letter,
                f"choice {letter} gives itself away: {len(text)} letters; the longest of the "
                f"others has {longest}; make it shorter, or them longer",
            )


def _duplicates(tables: list[dict[str, Any]], places: list[_Place], name: str) -> Iterator[str]:
    """A sentence for each id that an earlier question has."""
    first: dict[str, int] = {}
    for table, place in zip(tables, places, strict=True):
        if not _is_text(table.get("id")):
            continue
        line = place.line("id")
        known = first.setdefault(table["id"], line)
        if known != line:
            yield (
                f"{name}, line {line}, question {_name(table)}: has the id of the question in line "
                f"{known}; give it one of its own"
            )


# ---- texts --------------------------------------------------------------------------------------
def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip())


def _plain(text: str) -> str:
    """On one line, with single spaces."""
    return " ".join(text.split())


def _folded(text: str) -> str:
    """As two choices are compared: in small letters, without a full stop. A sign counts."""
    return text.casefold().rstrip(".! ")


def _name(table: dict[str, Any]) -> str:
    name = table.get("id")
    return _plain(name) if _is_text(name) else "without an id"


def _question(table: dict[str, Any]) -> Question:
    choices = tuple(
        Choice(**{field: _plain(text) for field, text in choice.items()})
        for choice in table["choice"]
    )
    about = {field: _plain(table[field]) for field in FIELDS}
    graded, deeper = table.get("graded", False), table.get("deeper", "")
    return Question(**about, choices=choices, graded=graded, deeper=deeper)
