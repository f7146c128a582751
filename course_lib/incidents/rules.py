"""What can be set, what a move can be, and how long things take: for Python and the browser.

All times are whole milliseconds, unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = int | str
Settings = dict[str, Value]

SECOND = 1_000
TIMES = {
    "end": 60 * SECOND,  # of an incident
    "accept": 60,  # until the server has put a request into the queue
    "file": 400,  # a worker writes down that it has sent an e-mail; after that it acknowledges
    "restart": 5 * SECOND,  # until a killed worker is back
    "no_answer": SECOND,  # until a worker gives up a call to a provider that is away
    "backoff": 2 * SECOND,  # the most of the first pause; it doubles with each attempt
    "step": 100,  # between two times that a move can have
}
"""Assumptions, of the size that such things have; chosen so that each can be watched."""
COUNTS = {
    "attempts": 5,  # deliveries of one e-mail; after the last it is set aside
    "slower": 3,  # how many times longer an e-mail takes while the provider is slow
    "workers": 6,  # that fit the picture
    "moves": 60,  # in one incident
    "sent": 100,  # e-mails that moves may send in one incident
    "script": 200,  # e-mails that come by themselves
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What may stand behind a word: one of some words, or a whole number between two limits."""

    example: str
    words: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    unit: str = ""
    is_optional: bool = False
    """Whether it may be left out, and is 1 then."""

    @property
    def needs(self) -> str:
        """What to give, in words."""
        number = f"a whole number from {self.least} to {self.most}{self.unit}" if self.most else ""
        return " or ".join([*([number] if number else []), *self.words])

    def takes(self, number: int) -> bool:
        """Whether a number may stand there; where only words may, none may."""
        return bool(self.most) and self.least <= number <= self.most

    def as_wire(self) -> dict[str, Any]:
        """For the browser."""
        return {
            "example": self.example,
            "words": list(self.words),
            "least": self.least,
            "most": self.most,
            "optional": self.is_optional,
            "needs": self.needs,
        }


ACTS = {
    "send": Rule("send 20", least=1, most=50, unit=" e-mails", is_optional=True),
    "kill": Rule("kill 2", least=1, most=COUNTS["workers"]),
    "away": Rule("away 5", least=1, most=30, unit=" seconds"),
    "slow": Rule("slow 5", least=1, most=30, unit=" seconds"),
}
"""What anybody may do in every incident, and what a story's script does."""
SETTINGS = {
    "mode": Rule("mode async", ("sync", "async")),
    "ack": Rule("ack after", ("before", "after")),
    "workers": Rule("workers 3", least=1, most=COUNTS["workers"]),
    "bound": Rule("bound 10", ("none",), least=1, most=99),
    "timeout": Rule("timeout 8", least=1, most=30, unit=" seconds"),
    "retry": Rule("retry backoff", ("none", "now", "backoff")),
    "key": Rule("key on", ("off", "on")),
}
"""How the system is set: the way of an answer, when a worker acknowledges, how many workers, how
many e-mails may wait, the ack timeout, what a worker does when the provider fails it, and whether
an e-mail carries an idempotency key.
"""
RULES = ACTS | SETTINGS


def seconds(time: int) -> str:
    """A time in seconds with one decimal, the half rounded up: "21.4"."""
    tenths = (time + 50) // 100
    return f"{tenths // 10}.{tenths % 10}"


def setting(name: str, value: Any) -> Value:
    """A value that a setting may have.

    Raises ValueError for another one, with those that it may have.
    """
    rule = SETTINGS[name]
    is_number = type(value) is int
    fits = rule.takes(value) if is_number else isinstance(value, str) and value in rule.words
    if not fits:
        raise ValueError(f"{name} is {value!r}; take {rule.needs}")
    found: Value = value
    return found
