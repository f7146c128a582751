"""What is wrong with a question of a bank, in sentences, each with its line and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any, TypeGuard

from ..checked import plural
from . import markup
from .markup import plain
from .place import Place
from .question import SECTIONS

FEWEST, MOST = 2, 6  # choices of a question
LONGEST_ID = 80  # letters; it becomes the name of a file
TOO_LONG = 1.5  # times the longest of the other choices: then it gives itself away
SHORT = 24  # letters; among choices as short as this, length tells nothing
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NOTEBOOK = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
FIELDS = ("id", "section", "heading", "stem", "key")
CHOICE_FIELDS = ("text", "feedback", "misconception")


def faults_of(table: dict[str, Any], place: Place) -> Iterator[tuple[int, str]]:
    """Line and sentence for each thing that is wrong with one question."""
    for field in FIELDS:
        if not is_text(table.get(field)):
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
    if is_text(name) and not NAME.fullmatch(name):
        yield place.line("id"), f"its id {name!r} needs small letters, digits and dashes alone"
    if is_text(name) and len(name) > LONGEST_ID:
        yield place.line("id"), f"its id has {len(name)} letters; take {LONGEST_ID} at most"
    if is_text(section) and section not in SECTIONS:
        known = ", ".join(SECTIONS)
        yield place.line("section"), f"there is no section {section!r}; take one of {known}"
    for field in ("heading", "stem"):
        for what in _text_faults(table.get(field)):
            yield place.line(field), f"its {field} {what}"
    yield from _choices_faults(table.get("choice", []), table.get("key"), place)


def _choices_faults(choices: Any, key: Any, place: Place) -> Iterator[tuple[int, str]]:
    """The same for the choices of a question, and for its key among them."""
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        yield place.head, "its choices are no tables; begin each with a line [[question.choice]]"
        return
    if not FEWEST <= len(choices) <= MOST:
        count = plural(len(choices), "choice")
        yield place.head, f"has {count}; give {FEWEST} to {MOST} [[question.choice]]"
        return
    letters = ascii_uppercase[: len(choices)]
    judged = key in tuple(letters)
    if is_text(key) and not judged:
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
        if not is_text(choice.get(field)):
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
    for field in CHOICE_FIELDS:
        yield from (f"its {field} {what}" for what in _text_faults(choice.get(field)))


def _text_faults(text: object) -> Iterator[str]:
    """Of a text that is one; all others are told as missing."""
    return markup.faults(plain(text)) if is_text(text) else iter(())


def _faults_beside(texts: list[Any]) -> Iterator[tuple[str, str]]:
    """Letter and sentence for a choice that equals one before it, or that its length betrays."""
    lettered = zip(ascii_uppercase, texts, strict=False)
    known = {letter: plain(text) for letter, text in lettered if is_text(text)}
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


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def _folded(text: str) -> str:
    """As two choices are compared: in small letters, without a full stop. A sign counts."""
    return text.casefold().rstrip(".! ")
