"""A film as the browser gets it, once: lists of rows whose fields have names.

Times are whole numbers of `unit`, a text stands once in `texts`, and a list that has changed is
told by what stands where others stood: a film of a thousand turns has a tenth of a megabyte.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..camera import Film, Kind
from ..camera.moments import moments
from ..camera.turns import turns
from ..camera.words import Words, sentences
from ..trace import KINDS, unit_for
from .rows import rows

TICKS = 6  # at most, between 0 and the end of the time axis

Rows = dict[str, str]


class Texts:
    """Each text once; rows of numbers say which."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """The number of a text."""
        return self._places.setdefault(text, len(self._places))

    def all(self) -> list[str]:
        """The texts, in the order of their numbers."""
        return list(self._places)


class Wire:
    """One film on its way."""

    def __init__(self, film: Film) -> None:
        self.film, self.words, self.texts = film, Words(film), Texts()
        self.moments = list(moments(film))
        self.unit = math.gcd(*_times(film)) or 1
        self.lanes = list(film.trace.shown_lanes)

    def packed(self) -> dict[str, Any]:
        """All that the browser gets, as JSON."""
        film = self.film
        return {
            "cast": [{"name": actor.name, "kind": actor.kind} for actor in film.cast],
            "things": [{"name": thing.name, "kind": thing.kind} for thing in film.things],
            "sources": [
                {"name": one.name, "first": one.first, "lines": list(one.lines)}
                for one in film.sources
            ],
            "axis": self._axis(),
            "steps": self._steps(),
            "turns": rows("who kind first last", _turns(film)),
            "ready": _changes([step.ready for step in film.steps], self._first()),
            "timers": _changes([self._timers(step.timers) for step in film.steps]),
            "made": rows("step who", self._made()),
            "waits": rows("step who source line over text thing ...others", self._waits()),
            "states": self._states(),
            "values": rows("step text", self._values()),
            "printed": [
                {"step": n, "words": step.printed}
                for n, step in enumerate(film.steps)
                if step.printed
            ],
            "lanes": self.lanes,
            "bars": rows("lane row kind start end text", self._bars()),
            "marks": rows("lane at text", self._marks()),
            "arrows": rows("source target sent received text", self._arrows()),
            "problem": film.problem,
            "notes": [f"{note[0].upper()}{note[1:]}." for note in film.notes],
            "texts": self.texts.all(),
        }

    def _at(self, time_ns: int) -> int:
        return time_ns // self.unit

    def _axis(self) -> dict[str, Any]:
        """The end, what one of its units is for people, and the numbers below it."""
        end, scale = self.film.trace.duration_ns, unit_for(self.film.trace.duration_ns)
        apart = _apart(end / scale.nanoseconds)
        ticks = [n * apart for n in range(int(end / scale.nanoseconds / apart) + 1)]
        return {
            "end": self._at(end),
            "unit": self.unit / scale.nanoseconds,
            "scale": scale.name,
            "ticks": [[tick * scale.nanoseconds / self.unit, f"{tick:g}"] for tick in ticks],
        }

    def _steps(self) -> Rows:
        told = zip(self.film.steps, sentences(self.film), strict=True)
        return rows(
            "kind who source line end tale",
            (
                [
                    step.kind,
                    step.actor,
                    step.source,
                    step.line,
                    self._at(step.end_ns),
                    self._of(tale),
                ]
                for step, tale in told
            ),
        )

    def _of(self, text: str) -> int:
        return self.texts.place(text)

    def _timers(self, timers: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple((self._at(due), who) for due, who in timers)

    def _first(self) -> tuple[int, ...]:
        """The task of the run itself, which is there, and ready, before the first step."""
        return self.moments[0].alive[:1] if self.moments else ()

    def _made(self) -> Iterator[list[int]]:
        known = self._first()
        for n, moment in enumerate(self.moments):
            yield from ([n, who] for who in moment.alive[len(known) :])
            known = moment.alive

    def _waits(self) -> Iterator[list[int]]:
        """`thing` is a lock, whose holder is told with it, or -1."""
        for n, moment in enumerate(self.moments):
            for who, wait in moment.step.waits.items():
                what = self._of(self.words.base(wait))
                is_held = wait.thing if wait.reason == "lock" else -1
                place = [wait.source, wait.line, int(wait.is_end), what, is_held]
                yield [n, who, *place, *wait.others]

    def _states(self) -> list[dict[str, Any]]:
        """The states of things, where one is not as before."""
        found: list[dict[str, Any]] = []
        last: Sequence[tuple[Any, ...]] = ()
        for n, step in enumerate(self.film.steps):
            for number, state in enumerate(step.states):
                if number >= len(last) or last[number] != state:
                    found.append({"step": n, "thing": number, **self._state(number, state)})
            last = step.states
        return found

    def _state(self, number: int, state: tuple[Any, ...]) -> dict[str, Any]:
        """Its words; of a queue its places and items, of a lock who holds it (-1: nobody)."""
        thing = self.film.things[number]
        words = self.words.state(thing, state)
        if thing.kind.endswith("Queue"):
            return {"words": words, "holder": -1, "places": state[0], "items": list(state[2:])}
        return {"words": words, "holder": state[0] if thing.kind == "Lock" and state else -1}

    def _values(self) -> Iterator[list[int]]:
        """Where the variables are not what the same actor had before."""
        last: dict[int, str] = {}
        for n, step in enumerate(self.film.steps):
            if step.kind < Kind.LOOP and step.values != last.get(step.actor, ""):
                last[step.actor] = step.values
                yield [n, self._of(step.values)]

    def _bars(self) -> Iterator[list[int]]:
        for lane, name in enumerate(self.lanes):
            for row, spans in enumerate(self.film.trace.rows(name)):
                for span in spans:
                    times = self._at(span.start_ns), self._at(span.end_ns)
                    yield [lane, row, KINDS.index(span.kind), *times, self._of(span.text)]

    def _marks(self) -> Iterator[list[int]]:
        for mark in self.film.trace.marks:
            yield [self.lanes.index(mark.lane), self._at(mark.time_ns), self._of(mark.label)]

    def _arrows(self) -> Iterator[list[int]]:
        for one in self.film.trace.messages:
            ends = self.lanes.index(one.source), self.lanes.index(one.target)
            times = self._at(one.sent_ns), self._at(one.received_ns)
            yield [*ends, *times, self._of(one.label)]


def pack(film: Film) -> dict[str, Any]:
    """The film for the browser."""
    found: dict[str, Any] = _writable(Wire(film).packed())
    return found


def _writable(value: Any) -> Any:
    """The same, where half a sign, which no file and no message can hold, is told by its number."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _writable(part) for name, part in value.items()}
    return [_writable(part) for part in value] if isinstance(value, (list, tuple)) else value


def _turns(film: Film) -> Iterator[list[int]]:
    for turn in turns(film):
        yield [turn.actor, turn.kind, turn.first, turn.last]


def _changes(values: Sequence[tuple[Any, ...]], last: tuple[Any, ...] = ()) -> Rows:
    """A row for each list that is not as the one before: its step, how many stay at its front and
    at its back, and what stands between them.
    """
    found: list[list[int]] = []
    for n, value in enumerate(values):
        if value != last:
            front = _same(last, value)
            back = _same(last[front:][::-1], value[front:][::-1])
            between = value[front : len(value) - back]
            flat = (n for part in between for n in (part if isinstance(part, tuple) else (part,)))
            found.append([n, front, back, *flat])
            last = value
    return rows("step front back ...between", found)


def _same(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many are the same at the front of both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _apart(length: float) -> float:
    """From one number of an axis of this length to the next: 1, 2 or 5 of a power of ten."""
    steps = (step * 10.0**power for power in range(-9, 12) for step in (1, 2, 5))
    return next((step for step in steps if length <= TICKS * step), length)


def _times(film: Film) -> set[int]:
    trace = film.trace
    times = {trace.duration_ns} | {mark.time_ns for mark in trace.marks}
    for step in film.steps:
        times |= {step.start_ns, step.end_ns, *(due for due, _ in step.timers)}
    times |= {time for span in trace.spans for time in (span.start_ns, span.end_ns)}
    return times | {time for one in trace.messages for time in (one.sent_ns, one.received_ns)}
