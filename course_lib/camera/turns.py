"""The turns of a film: whose each was, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from .film import Film, Kind
from .moments import Moment, moments
from .words import Words


@dataclass(frozen=True, slots=True)
class Turn:
    """What the loop let happen between two of its decisions: the steps `first` to `last`."""

    actor: int
    kind: Kind
    first: int
    last: int


def turns(film: Film) -> Iterator[Turn]:
    """The turns of a film, and the jumps of its clock, in their order."""
    numbered = enumerate(film.steps)
    for _, group in groupby(numbered, key=lambda pair: pair[1].turn):
        steps = list(group)
        (first, begin), (last, _) = steps[0], steps[-1]
        yield Turn(begin.actor, begin.kind, first, last)


def turn_rows(film: Film, most: int | None = None) -> list[list[str]]:
    """Heading, and a row a turn, at most so many: when, whose, what came of it, and on which line
    it waits then. Which lines ran before is counted otherwise by each CPython.
    """
    words, there = Words(film), list(moments(film))
    rows = [["at", "who", "line", "then"]]
    for turn in list(turns(film))[:most]:
        steps = film.steps[turn.first : turn.last + 1]
        wait = steps[-1].waits.get(turn.actor)
        line = str(wait.line) if wait is not None and wait.line else ""
        name = film.cast[turn.actor].name
        if turn.kind is Kind.JUMP:
            who, then = "nobody", f"the clock jumps to {words.time(steps[0].end_ns)}"
        elif film.cast[turn.actor].kind == "thread":
            who, then = name, "goes on"
        elif turn.kind is Kind.LOOP:
            who, then = "the loop", name
        else:
            who, then = name, _then(words, there[turn.last], turn.actor)
        rows.append([words.time(steps[0].start_ns), who, line, then])
    return rows


def _then(words: Words, moment: Moment, actor: int) -> str:
    wait = moment.waits.get(actor)
    if wait is None:
        return ""
    text = words.wait(moment, actor)
    if wait.is_end:
        return text
    return "is ready again at once" if actor in moment.step.ready else f"waits {text}"
