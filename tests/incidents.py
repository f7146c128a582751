"""Lines of moves by chance, and a minute without chance, for tests."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from course_lib.incidents import Day, Move, parse, story, write
from course_lib.incidents.chance import MAILS, Draws
from course_lib.incidents.rules import COUNTS, RULES, TIMES, Rule, Value
from course_lib.incidents.stories import Traffic
from course_lib.incidents.system import System

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


EVEN = Draws([1000] * MAILS, [1000] * MAILS, [[1000] * COUNTS["attempts"]] * MAILS)
PLAIN = replace(
    story("outage"), traffic=(Traffic(start=0, mails=1, every=1000),), script=(), task=2000
)


START: dict[str, Value] = {"mode": "async", "ack": "after", "workers": 2, "bound": "none"}
START |= {"timeout": 5, "retry": "none", "key": "off"}


def one_mail(moves: str, mails: int = 1, **opening: Any) -> Day:
    """A minute with an e-mail at 1 s (or one each second), 2 s of work each, and these moves."""
    plain = replace(PLAIN, traffic=(Traffic(start=0, mails=mails, every=1000),))
    return System(plain, START | opening, parse(moves), EVEN).run()
