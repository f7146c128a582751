"""A film: all that a run did, step by step, and what there was after each step.

A Trace says how long who did what. A film says also in which order things happen that take no
time, on which lines, and what stands in the loop's ready queue and among its timers meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

from ..trace import Trace

NOBODY = -1


class Kind(IntEnum):
    """What a step is."""

    LINE = 0
    """A line of the student's ran."""
    RESUME = 1
    """A task has a turn again, and goes on where it waited."""
    LOOP = 2
    """The loop does something itself, or calls something back."""
    JUMP = 3
    """Nobody could go on, so the clock jumped to the next timer."""


ENDS = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Wait:
    """What a task does between two of its turns, or how it ended."""

    reason: str
    """"sleep", "queue get", "gather" …; one of `ENDS` at its end."""
    until_ns: int = -1
    """When its own timer rings; -1 if it has none."""
    source: int = NOBODY
    line: int = 0
    """Where it waits: a place in `Film.sources`, and a line there; 0 for a library's."""
    thing: int = NOBODY
    """A place in `Film.things`: the queue or lock that it waits for."""
    others: tuple[int, ...] = ()
    """The tasks that it waits for, as places in `Film.cast`."""
    error: str = ""
    """The class of the error that it failed with."""

    @property
    def is_end(self) -> bool:
        """Whether the task is over."""
        return self.reason in ENDS


@dataclass(frozen=True, slots=True)
class Thing:
    """A queue, a lock or the like, by the name that the program has for it."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who can have a turn."""

    name: str
    kind: Literal["task", "callback", "thread"] = "callback"

    @property
    def is_task(self) -> bool:
        """Whether it is a task, and no callback of the loop's nor a thread."""
        return self.kind == "task"


@dataclass(frozen=True, slots=True)
class Source:
    """Lines of one file, or of one cell of a notebook."""

    name: str
    first: int
    lines: tuple[str, ...]


@dataclass(slots=True)
class Step:
    """One thing that happened, and what there is after it. Times are nanoseconds of the run."""

    kind: Kind
    turn: int
    """The number of the turn that it belongs to; a jump of the clock has one of its own."""
    actor: int
    """A place in `Film.cast`; of a jump 0, the loop."""
    start_ns: int
    source: int = NOBODY
    line: int = 0
    end_ns: int = 0
    """Later than its start only where the clock jumps, or where a line blocks."""
    raised: str = ""
    ready: tuple[int, ...] = ()
    """Who can go on, in the order in which the loop will take them."""
    timers: tuple[tuple[int, int], ...] = ()
    """(when it rings, for whom) of each, the next one first."""
    states: tuple[tuple[Any, ...], ...] = ()
    """How each thing stands, in the order of `Film.things`: of a queue its places and what lies in
    it, of a lock who holds it, of a semaphore how many are free, of an event whether it is set."""
    waits: dict[int, Wait] = field(default_factory=dict)
    """Of the tasks whose turn ended in this step."""
    made: tuple[int, ...] = ()
    """The tasks that were made in it."""
    printed: str = ""
    values: str = ""
    """The plain local variables of the code that ran, after it."""


@dataclass(frozen=True, slots=True)
class Film:
    """All that a run did, with its trace."""

    steps: list[Step]
    cast: list[Actor]
    """The first is the event loop."""
    things: list[Thing]
    sources: list[Source]
    trace: Trace
    problem: str = ""
    """What went wrong at the end: the message of Stuck, or the error."""
    notes: tuple[str, ...] = ()
    """Sentences about what the film could not show."""
