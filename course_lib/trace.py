"""A trace: what happened in a run, and when.

Everything the course says about a run is read from this one value:
the picture, the text table, the numbers in the prose and the tests.
Times are whole nanoseconds inside and seconds (float) for people; 0 is the start of the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal, NoReturn, get_args

from .checked import one_of, whole
from .perfetto import events

Kind = Literal["working", "waiting", "ready", "blocked"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SECOND = 1_000_000_000  # nanoseconds
OTHER_TASKS = frozenset({"gather", "task", "task group", "tasks"})
"""Reasons of a span that only waits for other tasks, whose own lanes show the same time."""


@dataclass(frozen=True, slots=True)
class Span:
    """One activity in one lane: a piece of work, or a stretch of waiting."""

    lane: str
    label: str
    kind: Kind
    start_ns: int
    end_ns: int
    reason: str = ""
    """What holds it up ("sleep", "queue get", "broker", "loop busy" …); empty for work."""
    line: int | None = None
    """Line of the student's code that waits or blocks."""

    @property
    def start(self) -> float:
        """Seconds from the start of the run."""
        return self.start_ns / SECOND

    @property
    def end(self) -> float:
        """Seconds from the start of the run."""
        return self.end_ns / SECOND

    @property
    def duration(self) -> float:
        """Seconds from start to end."""
        return (self.end_ns - self.start_ns) / SECOND

    @property
    def text(self) -> str:
        """The label, and in brackets what holds it up and on which line."""
        reason = "" if self.reason == self.label else self.reason
        line = "" if self.line is None else f"line {self.line}"
        notes = ", ".join(note for note in (reason, line) if note)
        return f"{self.label} ({notes})" if notes else self.label


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment in a lane that somebody gave a name."""

    lane: str
    label: str
    time_ns: int

    @property
    def time(self) -> float:
        """Seconds from the start of the run."""
        return self.time_ns / SECOND


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message that goes from one lane to another."""

    source: str
    target: str
    label: str
    sent_ns: int
    received_ns: int

    @property
    def sent(self) -> float:
        """Seconds from the start of the run at which it left its source."""
        return self.sent_ns / SECOND

    @property
    def received(self) -> float:
        """Seconds from the start of the run at which it reached its target."""
        return self.received_ns / SECOND


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit in which a trace is easiest to read."""

    name: str
    nanoseconds: int

    def text(self, time_ns: int) -> str:
        """A time as a number with at most three decimals, and the unit: "2.5 s"."""
        number = f"{time_ns / self.nanoseconds:.3f}".rstrip("0").rstrip(".")
        return f"{'0' if number == '-0' else number} {self.name}"


def unit_for(duration_ns: int) -> Unit:
    """Milliseconds below one second, then seconds, minutes from two minutes, hours from three."""
    if duration_ns < SECOND:
        return Unit("ms", SECOND // 1000)
    if duration_ns < 120 * SECOND:
        return Unit("s", SECOND)
    if duration_ns < 3 * 3600 * SECOND:
        return Unit("min", 60 * SECOND)
    return Unit("h", 3600 * SECOND)


Parts = tuple[Sequence[Span], Sequence[Mark], Sequence[Arrow]]


class Trace:
    """All that happened in one run, in order of its beginning.

    `spans`, `marks` and `messages` are tuples; `lanes` the names of the rows, in order of first
    appearance; `duration` the seconds the whole run took; `result` what its coroutine returned;
    `notes` sentences about what a run could not show, such as real time that it took. The same
    program may have others the next time, so traces are equal whatever their notes.
    """

    picture: ClassVar[Callable[[Trace], dict[str, str]]] = lambda trace: {}
    """What a notebook shows besides the table. The course says what, in `course_lib/__init__`: the
    value itself needs no library to draw with."""

    def __init__(
        self,
        spans: Sequence[Span] = (),
        marks: Sequence[Mark] = (),
        messages: Sequence[Arrow] = (),
        *,
        duration_ns: int | None = None,
        result: Any = None,
        notes: Sequence[str] = (),
    ) -> None:
        self._read: Callable[[], Parts] = lambda: (spans, marks, messages)
        self._duration_ns = duration_ns
        self.result = result
        self.notes = tuple(notes)

    @classmethod
    def later(cls, read: Callable[[], Parts], **about: Any) -> Trace:
        """A trace whose spans, marks and messages are read when somebody first looks at them."""
        trace = cls(**about)
        trace._read = read
        return trace

    @cached_property
    def _parts(self) -> Parts:
        return self._read()

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Every activity, in order of its start."""
        return tuple(self._parts[0])

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Every moment that was given a name, in order of time."""
        return tuple(self._parts[1])

    @cached_property
    def messages(self) -> tuple[Arrow, ...]:
        """Every arrow, in order of sending."""
        return tuple(self._parts[2])

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from the start of the run to its end."""
        if self._duration_ns is not None:
            return self._duration_ns
        return max([0, *(s.end_ns for s in self.spans), *(m.received_ns for m in self.messages)])

    @property
    def duration(self) -> float:
        """Seconds from the start of the run to its end."""
        return self.duration_ns / SECOND

    @cached_property
    def lanes(self) -> tuple[str, ...]:
        """Names of the rows, in order of first appearance."""
        seen = [(s.start_ns, s.lane) for s in self.spans]
        seen += [(m.time_ns, m.lane) for m in self.marks]
        for message in self.messages:
            seen.append((message.sent_ns, message.source))
            seen.append((message.received_ns, message.target))
        return tuple(dict.fromkeys(lane for _, lane in sorted(seen, key=lambda pair: pair[0])))

    @cached_property
    def shown_lanes(self) -> tuple[str, ...]:
        """The lanes worth a row: all but those that only wait for other tasks, like most mains."""
        shown = {m.lane for m in self.marks}
        shown |= {lane for m in self.messages for lane in (m.source, m.target)}
        shown |= {s.lane for s in self.spans if s.reason not in OTHER_TASKS}
        return tuple(lane for lane in self.lanes if lane in shown) or self.lanes

    def show(self, *lanes: str) -> Trace:
        """The same trace, which shows itself in these lanes, from top to bottom, and no others.

        Raises ValueError for a lane that the trace does not have, or for none at all.
        """
        if not lanes:
            raise ValueError(f"name the lanes to show, of: {', '.join(self.lanes) or 'none'}")
        for lane in lanes:
            self.known(lane)
        about = {"duration_ns": self.duration_ns, "result": self.result, "notes": self.notes}
        shown = Trace.later(lambda: self._parts, **about)
        shown.shown_lanes = tuple(dict.fromkeys(lanes))
        return shown

    def known(self, lane: str) -> str:
        """A lane that the trace has. Raises ValueError for any other, with those that it has."""
        if lane not in self.lanes:
            names = ", ".join(self.lanes) or "none"
            raise ValueError(f"there is no lane {lane!r} in this trace; its lanes are: {names}")
        return lane

    def total(self, lane: str, kind: Kind) -> float:
        """Seconds that a lane spent in spans of a kind; spans that overlap count each.

        Raises ValueError for a lane or kind that the trace does not have.
        """
        one_of("kind", kind, KINDS)
        self.known(lane)
        chosen = (s for s in self.spans if s.lane == lane and s.kind == kind)
        return sum(s.end_ns - s.start_ns for s in chosen) / SECOND

    def rows(self, lane: str) -> list[list[Span]]:
        """The spans of a lane in as many rows as it needs for none to overlap another."""
        rows: list[list[Span]] = []
        for span in sorted((s for s in self.spans if s.lane == lane), key=lambda s: s.start_ns):
            for row in rows:
                if row[-1].end_ns <= span.start_ns:
                    row.append(span)
                    break
            else:
                rows.append([span])
        return rows

    def records(self, lanes: Iterable[str] | None = None) -> list[tuple[str, ...]]:
        """What the picture shows as rows of text: lane, from, to, for, kind, what.

        Lane by lane (`shown_lanes` unless told), in order of time; marks and messages stand in
        the lane they start from.
        """
        text = unit_for(self.duration_ns).text
        found: list[tuple[str, int, tuple[str, ...]]] = []
        for s in self.spans:
            times = (text(s.start_ns), text(s.end_ns), text(s.end_ns - s.start_ns))
            found.append((s.lane, s.start_ns, (s.lane, *times, s.kind, s.text)))
        for mark in self.marks:
            at = text(mark.time_ns)
            found.append((mark.lane, mark.time_ns, (mark.lane, at, at, "", "mark", mark.label)))
        for m in self.messages:
            times = (text(m.sent_ns), text(m.received_ns), text(m.received_ns - m.sent_ns))
            row = (m.source, *times, "message", f"{m.label} → {m.target}")
            found.append((m.source, m.sent_ns, row))
        order = {lane: i for i, lane in enumerate(self.shown_lanes if lanes is None else lanes)}
        shown = [record for record in found if record[0] in order]
        return [row for _, _, row in sorted(shown, key=lambda r: (order[r[0]], r[1]))]

    def table(self, *, lanes: Iterable[str] | None = None, limit: int = 60) -> str:
        """The trace as text, one line an activity, at most `limit` of them; then its notes."""
        header = ("lane", "from", "to", "for", "kind", "what")
        whole("limit", limit, least=0)
        records = self.records(lanes)
        rows = [header, *records[:limit]]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = []
        for lane, start, end, length, kind, what in rows:
            times = (start.rjust(widths[1]), end.rjust(widths[2]), length.rjust(widths[3]))
            cells = (lane.ljust(widths[0]), *times, kind.ljust(widths[4]), what)
            lines.append("  ".join(cells).rstrip())
        if len(records) > limit:
            lines.append(f"… and {len(records) - limit} more: trace.table(limit={len(records)})")
        return "\n".join([*lines, *(f"Note: {note}." for note in self.notes)])

    def to_perfetto(self, path: str | Path) -> Path:
        """Write the trace for the Perfetto viewer (ui.perfetto.dev → Open trace file)."""
        path = Path(path)
        text = json.dumps({"traceEvents": list(events(self))}, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        return path

    def __await__(self) -> NoReturn:
        """Refused, in a sentence: a trace is there already."""
        raise TypeError("run gives a Trace at once: leave the `await` away")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        mine = (self.spans, self.marks, self.messages, self.duration_ns)
        return mine == (other.spans, other.marks, other.messages, other.duration_ns)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return self.table()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.table(), **self.picture()}
