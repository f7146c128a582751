"""What a property of an exercise is: something that holds, or is told with its smallest case.

    def order(student: Student, chance: random.Random) -> None:
        …
        expect(result == right, "The results come in order.", case, seen=result, wanted=right)

A property looks at a student's piece from outside only: at what it did with what was handed in.
So the same property runs beside the piece, in a notebook, and with the piece behind bars.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ..validation import WordsAlone
from .student import Student

Property = Callable[[Student, random.Random], None]
"""`chance` draws the cases: 0 seeds those that are published."""
SHOWN = 300  # letters of what was seen


@dataclass(frozen=True, slots=True)
class Exercise:
    """What a student defines for it, and its properties by name, in the order of their cells."""

    pieces: tuple[str, ...]
    properties: dict[str, Property]
    needs_threads: frozenset[str] = frozenset()
    """Properties for which several threads must really go on side by side."""
    in_turn: frozenset[str] = frozenset()
    """Properties whose scenes are processes one after the other, of which none knows another's
    memory."""
    machines: int = 1
    """On how many computers its processes run in turn: on each, none finds what one has left on
    another."""


class NotMet(WordsAlone):
    """A property that does not hold, and why: rule, smallest case, what was seen and wanted."""


def expect(holds: object, rule: str, case: str, *, seen: object, wanted: object = "") -> None:
    """Raise NotMet unless it holds, with the rule, the case, and what was seen and wanted there."""
    if not holds:
        end = "" if wanted == "" else f"\nWanted: {short(wanted)}"
        raise NotMet(told(rule, case, seen) + end)


def told(rule: str, case: str, seen: object) -> str:
    """The words for what does not hold: the rule, and what was seen in which smallest case."""
    return f"{rule}\nSmallest case: {case}\nYours: {short(seen)}"


def short(value: object, most: int = SHOWN) -> str:
    """In one line, cut where it is too long to be read, and each sign that nobody sees by its
    number: one that turns the writing would turn all that stands behind it.
    """
    text = " ".join(str(value).split())
    text = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
