"""Questions with choices, and the files they are kept in.

    questions = read_bank("course_lib/practice.toml")
    question = questions[0].shuffled(seed=1)
    question.choice("B").feedback

One format serves the practice questions, which students have, and the graded ones, which they
do not. A file holds one table a question:

    [[question]]
    id = "two-clocks"                       # small letters, digits and dashes
    section = "visual_comparison"           # a lesson, see SECTIONS
    heading = "Three clocks"                # of the part of that lesson to read again
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

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from string import ascii_uppercase
from typing import Any

SECTIONS = {
    "restaurant": "01_restaurant.ipynb",
    "visual_comparison": "02_visual_comparison.ipynb",
    "when_to_use_each": "03_when_to_use_each.ipynb",
    "real_world_systems": "04_real_world_systems.ipynb",
    "patterns": "05_patterns.ipynb",
    "trade_offs": "06_trade_offs.ipynb",
    "common_mistakes": "07_common_mistakes.ipynb",
    "interactive_comparison": "08_interactive_comparison.ipynb",
    "key_takeaways": "09_key_takeaways.ipynb",
}
"""Name of a section → the notebook that teaches it."""

FEWEST, MOST = 2, 6  # choices of a question
TOO_LONG = 1.5  # times the longest of the other choices: then it gives itself away
SHORT = 24  # letters; among choices as short as this, length tells nothing
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FIELDS = {"id": str, "section": str, "heading": str, "stem": str, "key": str}
CHOICE_FIELDS = ("text", "feedback", "misconception")


class BankError(ValueError):
    """A bank that cannot be used: one line for each fault, with file, line, question, way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer that can be taken."""

    text: str
    feedback: str
    """Why it is right, or why it is not."""
    misconception: str = ""
    """What somebody believes who takes it; empty for the right choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A stem, its choices, and which of them is best."""

    id: str
    section: str
    """A key of SECTIONS."""
    heading: str
    """Of the part of that lesson to read again."""
    stem: str
    choices: tuple[Choice, ...]
    key: str
    """The letter of the best choice: "A" for the first."""
    graded: bool = False

    @property
    def letters(self) -> str:
        """The letters of its choices, "ABCD" for four."""
        return ascii_uppercase[: len(self.choices)]

    @property
    def right(self) -> Choice:
        """The best choice."""
        return self.choice(self.key)

    @property
    def link(self) -> str:
        """Notebook and heading to read again, as a link inside the folder of the notebooks."""
        return f"{SECTIONS[self.section]}#{self.heading.replace(' ', '-')}"

    def choice(self, letter: str) -> Choice:
        """The choice with this letter; ValueError if there is none."""
        if letter not in tuple(self.letters):
            known = ", ".join(self.letters)
            raise ValueError(f"question {self.id} has no choice {letter!r}; take one of {known}")
        return self.choices[self.letters.index(letter)]

    def shuffled(self, seed: int) -> Question:
        """The same question with its choices in an order that only the seed and its id decide."""
        order = list(range(len(self.choices)))
        random.Random(f"{seed} {self.id}").shuffle(order)
        place = order.index(self.letters.index(self.key))
        chosen = tuple(self.choices[number] for number in order)
        return replace(self, choices=chosen, key=self.letters[place])


def practice_questions() -> dict[str, Question]:
    """The practice questions of the course by their id, in order of the lessons."""
    source = files(__package__) / "practice.toml"
    questions = parse(source.read_text(encoding="utf-8"), "practice.toml")
    return {question.id: question for question in questions}


def read_bank(path: str | Path) -> tuple[Question, ...]:
    """The questions of a file, in its order; BankError says all that is wrong with it."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise BankError(f"{path}: cannot be read ({problem}); give a TOML file") from None
    return parse(text, path.name)


def parse(text: str, name: str) -> tuple[Question, ...]:
    """The questions of a bank's text; `name` stands for the file in what BankError says."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise BankError(f"{name}: is not TOML: {problem}") from None
    questions = tables.get("question")
    if set(tables) != {"question"} or not isinstance(questions, list) or not questions:
        raise BankError(f"{name}: must hold [[question]] tables, one or more, and nothing else")
    places = list(_places(text))
    if len(places) != len(questions) or not all(isinstance(table, dict) for table in questions):
        raise BankError(f"{name}: begin each question with a line [[question]] of its own")
    faults = [
        f"{name}, line {line}, question {_name(table)}: {what}"
        for table, place in zip(questions, places, strict=True)
        for line, what in _faults(table, place)
    ]
    faults += _duplicates(questions, places, name)
    if faults:
        raise BankError("\n".join(faults))
    return tuple(_question(table) for table in questions)


@dataclass(frozen=True)
class _Place:
    """Lines of a question, from 1: of its head, of each field, of the head of each choice."""

    head: int
    fields: dict[str, int]
    choices: list[int]


def _places(text: str) -> Iterator[_Place]:
    """Where each question stands. TOML keeps the order; what looks like a head inside a text of
    several lines is not one.
    """
    place: _Place | None = None
    quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not quotes:
            if re.match(r"\s*\[\[\s*question\s*\]\]", line):
                if place:
                    yield place
                place = _Place(number, {}, [])
            elif place and re.match(r"\s*\[\[\s*question\s*\.\s*choice\s*\]\]", line):
                place.choices.append(number)
            elif place and not place.choices and (field := re.match(r"\s*(\w+)\s*=", line)):
                place.fields[field[1]] = number
        for mark in re.findall(r'"""|\'\'\'', line):
            quotes = mark if not quotes else "" if mark == quotes else quotes
    if place:
        yield place


def _faults(table: Any, place: _Place) -> Iterator[tuple[int, str]]:
    """Line and sentence for each thing that is wrong with one question."""
    for field, kind in FIELDS.items():
        value = table.get(field)
        if not isinstance(value, kind) or not value.strip():
            yield place.fields.get(field, place.head), f"has no {field}; write {field} = '…'"
    for field in set(table) - {*FIELDS, "choice", "graded"}:
        yield place.fields.get(field, place.head), f"has a {field!r}, which is no field of it"
    if not isinstance(table.get("graded", False), bool):
        yield place.fields["graded"], f"graded is {table['graded']!r}; write true or leave it out"
    name, section = table.get("id"), table.get("section")
    if isinstance(name, str) and name.strip() and not NAME.fullmatch(name):
        yield place.fields["id"], f"its id {name!r} needs small letters, digits and dashes alone"
    if isinstance(section, str) and section.strip() and section not in SECTIONS:
        known = ", ".join(SECTIONS)
        yield place.fields["section"], f"there is no section {section!r}; take one of {known}"
    yield from _choice_faults(table, place)


def _choice_faults(table: Any, place: _Place) -> Iterator[tuple[int, str]]:
    choices = table.get("choice", [])
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        yield place.head, "its choices are no tables; begin each with a line [[question.choice]]"
        return
    if not FEWEST <= len(choices) <= MOST:
        count = len(choices)
        yield place.head, f"has {count} choices; give {FEWEST} to {MOST} [[question.choice]]"
        return
    letters, key = ascii_uppercase[: len(choices)], table.get("key")
    if isinstance(key, str) and key.strip() and key not in tuple(letters):
        yield place.fields["key"], f"its key {key!r} is no choice; take one of {', '.join(letters)}"
    lines = place.choices if len(place.choices) == len(choices) else [place.head] * len(choices)
    texts = [str(choice.get("text", "")).strip() for choice in choices]
    for letter, choice, text, line in zip(letters, choices, texts, lines, strict=True):
        for field in CHOICE_FIELDS[:2]:
            if not isinstance(choice.get(field), str) or not choice[field].strip():
                yield line, f"choice {letter} has no {field}; write {field} = '…'"
        believed = str(choice.get("misconception", "")).strip()
        if letter == key and believed:
            yield line, f"choice {letter} is the key, and has a misconception: take it out"
        if key in tuple(letters) and letter != key and not believed:
            yield line, f"choice {letter} has no misconception; say what one believes who takes it"
        for field in set(choice) - set(CHOICE_FIELDS):
            yield line, f"choice {letter} has a {field!r}, which is no field of it"
        first = [_folded(other) for other in texts].index(_folded(text))
        if text and letters[first] < letter:
            yield line, f"choices {letters[first]} and {letter} are equal: {text!r}"
        longest = max(len(other) for other in texts if other is not text)
        if len(text) > max(TOO_LONG * longest, SHORT):
            yield (
                line,
                (
                    f"choice {letter} gives itself away: {len(text)} letters; the longest of the "
                    f"others has {longest}; make it shorter, or them longer"
                ),
            )


def _duplicates(questions: list[Any], places: list[_Place], name: str) -> Iterator[str]:
    first: dict[str, int] = {}
    for table, place in zip(questions, places, strict=True):
        line = place.fields.get("id", place.head)
        if (known := first.setdefault(str(table.get("id")), line)) != line and table.get("id"):
            yield (
                f"{name}, line {line}, question {_name(table)}: has the id of the question in line "
                f"{known}; give it one of its own"
            )


def _folded(text: str) -> str:
    """The text as two choices are compared: letters and digits alone, small."""
    return re.sub(r"\W+", " ", text).strip().casefold()


def _name(table: Any) -> str:
    return str(table.get("id") or "without an id")


def _question(table: dict[str, Any]) -> Question:
    choices = tuple(
        Choice(**{field: " ".join(text.split()) for field, text in choice.items()})
        for choice in table["choice"]
    )
    about = {field: " ".join(table[field].split()) for field in FIELDS}
    return Question(**about, choices=choices, graded=table.get("graded", False))
