"""Moves as one writes them: "21 kill 2, 34 away 5, 40 ack after".

A move says when, what, and with what value: the second (one decimal at most), a word of `RULES`,
and a word or number that the rule allows. They stand in the order in which they were made, which
need not be that of their times; to undo is to drop the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .rules import ACTS, COUNTS, RULES, TIMES, Rule, Value
from .words import say

TIME = re.compile(r"\d{1,2}(\.\d)?", re.ASCII)
NUMBER = re.compile(r"\d{1,3}", re.ASCII)
SPACE = re.compile(r"[ \t\n\r]+")  # what JavaScript and Python both take for it


@dataclass(frozen=True, slots=True)
class Move:
    """One thing done at one moment."""

    at: int
    """Milliseconds."""
    what: str
    value: Value

    def __str__(self) -> str:
        """As it is written; that is the form of a save file."""
        second, tenths = divmod(self.at // TIMES["step"], 10)
        time = f"{second}.{tenths}" if tenths else str(second)
        return f"{time} {self.what} {self.value}"


def write(moves: Iterable[Move]) -> str:
    """Moves as one line, in one form."""
    return ", ".join(map(str, moves))


def parse(text: str, may: Iterable[str] = RULES) -> list[Move]:
    """The moves of a line, in its order; `may` are the words that are allowed.

    Raises ValueError for the first that is wrong: which one, and what is right.
    """
    if not isinstance(text, str):
        raise TypeError(f'the moves are {text!r}; give them as a text, like "21 kill 2"')
    if not text.strip(" \t\n\r"):
        return []
    known = [*ACTS, *(word for word in may if word not in ACTS)]
    return [*_checked(text.split(","), known)]


def _checked(parts: list[str], known: list[str]) -> Iterator[Move]:
    sent = 0
    for number, part in enumerate(parts, 1):
        found = [word for word in SPACE.split(part) if word]
        move = _move(found, known)
        if isinstance(move, Move) and move.what == "send":
            sent += int(move.value)
            if sent > COUNTS["sent"]:
                move = say("wrong", "mails", count=sent, most=COUNTS["sent"])
        if number > COUNTS["moves"]:
            move = say("wrong", "moves", most=COUNTS["moves"])
        if isinstance(move, str):
            raise ValueError(say("wrong", "where", number=number, move=" ".join(found), fault=move))
        yield move


def _move(found: list[str], known: list[str]) -> Move | str:
    """The move of some words, or what is wrong with it."""
    if not found:
        return say("wrong", "empty")
    time = _time(found[0])
    if time is None:
        return say("wrong", "time", word=found[0], end=TIMES["end"] // 1000)
    if len(found) == 1:
        return say("wrong", "nothing", move=found[0])
    what = found[1]
    if what not in known:
        kind = "closed" if what in RULES else "what"
        return say("wrong", kind, word=what, known=", ".join(known))
    rule = RULES[what]
    if len(found) > 3:
        return say("wrong", "more", word=found[3], time=found[0], example=rule.example)
    value = _value(rule, found[2:])
    if value is None:
        about = {"what": what, "needs": rule.needs, "example": f"{found[0]} {rule.example}"}
        name = "missing" if len(found) == 2 else "value"
        return say("wrong", name, word=found[-1], **about)
    return Move(time, what, value)


def _time(word: str) -> int | None:
    """Milliseconds, if it is a time within the incident."""
    if not TIME.fullmatch(word):
        return None
    second, _, tenth = word.partition(".")
    time = 1000 * int(second) + TIMES["step"] * int(tenth or 0)
    return time if time <= TIMES["end"] else None


def _value(rule: Rule, words: list[str]) -> Value | None:
    """What a rule makes of the words behind it, none or one; None if it does not allow them."""
    if not words:
        return 1 if rule.is_optional else None
    if words[0] in rule.words:
        return words[0]
    if NUMBER.fullmatch(words[0]) and rule.takes(int(words[0])):
        return int(words[0])
    return None
