"""What was recorded of an incident: plain values, which all pictures and verdicts are read from.

Times are whole milliseconds; None for what never came, or is not over at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .moves import Move
from .rules import Settings
from .stories import Story


@dataclass(slots=True)
class Stay:
    """Where the broker has an e-mail: "queue", "worker", "dead" (a killed worker's), "pause"."""

    place: str
    start: int
    end: int | None = None


@dataclass(slots=True)
class Mail:
    """One e-mail, and what became of it."""

    number: int
    """By the order of asking, from 1."""
    arrival: int
    chance: int
    """Its place in the draws."""
    is_sync: bool
    """Whether its user waits for the result."""
    is_yours: bool
    """Whether a move sent it."""
    accept: int | None = None
    """When its user was told yes: by an acknowledgement, or else by the result."""
    know: int | None = None
    """When its user was told that it is sent, or that it failed."""
    sent: list[int] = field(default_factory=list)
    """When a user got it: twice is once too often."""
    refused: int | None = None
    failed: int | None = None
    """When it was given up, and its user told so."""
    lost: int | None = None
    attempts: int = 0
    stays: list[Stay] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """What a worker does: "send", "file" (write down that it sent), "no answer", or "dead"."""

    worker: int
    kind: str
    mail: int
    """0 for nobody's."""
    attempt: int
    start: int
    due: int
    """When it would end if nothing came between."""
    end: int | None = None


@dataclass(slots=True)
class Shift:
    """A worker is there, and costs."""

    worker: int
    start: int
    end: int | None = None


@dataclass(slots=True)
class Spell:
    """The provider is "away" or "slow"."""

    kind: str
    start: int
    end: int


def is_now(one: Stay | Work | Shift, time: int) -> bool:
    """Whether it has begun by a moment, and is not over then."""
    return one.start <= time and (one.end is None or time < one.end)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened; `kind` is a sentence of words.toml, "log"."""

    at: int
    kind: str
    mail: int = 0
    worker: int = 0
    value: str = ""
    why: str = ""
    """The cause, if this is what breaks a promise: the end of a sentence's name in "cause"."""


@dataclass(slots=True)
class Day:
    """All of it."""

    story: Story
    opening: Settings
    moves: list[Move]
    mails: list[Mail] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
