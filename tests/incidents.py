"""Lines of moves by chance, for tests."""

from __future__ import annotations

import random

from course_lib.incidents import Move, story, write
from course_lib.incidents.rules import RULES, TIMES, Rule, Value

MOST_MOVES = 20


def value(rule: Rule, chance: random.Random) -> Value:
    """Something that a rule allows, small numbers more often."""
    if rule.words and (not rule.most or chance.random() < 0.3):
        return chance.choice(rule.words)
    return chance.randint(rule.least, chance.choice([min(6, rule.most), rule.most]))


def move(name: str, chance: random.Random) -> Move:
    """One that this incident allows, at any time; it sends nothing."""
    word = chance.choice(["kill", "away", "slow", *story(name).may])
    time = TIMES["step"] * chance.randint(0, TIMES["end"] // TIMES["step"])
    return Move(time, word, value(RULES[word], chance))


def moves(name: str, chance: random.Random) -> list[Move]:
    """Up to twenty, of all kinds, one of which sends e-mails."""
    some = [move(name, chance) for _ in range(chance.randint(0, MOST_MOVES - 1))]
    time = TIMES["step"] * chance.randint(0, TIMES["end"] // TIMES["step"])
    return [*some, Move(time, "send", chance.randint(1, 50))]


def line(name: str, chance: random.Random) -> str:
    """The same, as one writes it."""
    return write(moves(name, chance))
