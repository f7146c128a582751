"""Traces in words: an alternative text for the picture, and the same facts as an HTML table.

The HTML holds only what JupyterLab keeps in a notebook that is not trusted, no `id` that could
occur twice, and nothing that differs from machine to machine but the picture itself.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..checked import plural
from ..page import render
from ..trace import KINDS, Kind, Span, Trace, Unit, unit_for

HEADINGS = ("lane", "from", "to", "for", "kind", "what")
# Columns of words; cells of numbers stand to the right.
WORDS = ("lane", "kind", "what", "name", "promise", "why")
ROWS = 60  # of a trace in the HTML table; its text table ends there too
WIDTH = 900  # CSS pixels; a narrower page shrinks the picture
FEW = 4  # lanes that an alternative text names
SHORT = 50  # letters of a name in an alternative text


@dataclass(frozen=True, slots=True)
class Table:
    """What stands below a picture and says the same."""

    caption: str
    rows: Sequence[Sequence[str]]
    """The first holds the headings, as the first of each row is one."""
    left_out: int = 0
    """Rows that are not shown."""
    call: str = ""
    """What to type to see those as well."""


def timeline(trace: Trace, png: bytes) -> str:
    """HTML of one trace: the picture with its alternative text, and the table."""
    return figure(png, describe(trace), [_table(trace, "Timeline as a table")], trace.notes)


def comparison(traces: Mapping[str, Trace], png: bytes) -> str:
    """HTML of traces on one time axis: the picture, the summary, and each one's table."""
    tables = [Table("Summary, times summed over lanes", summary(traces))]
    tables += [_table(trace, title) for title, trace in traces.items()]
    notes = [f"{title}: {note}" for title, trace in traces.items() for note in trace.notes]
    return figure(png, describe_all(traces), tables, notes)


def figure(png: bytes, alternative: str, tables: Sequence[Table], notes: Sequence[str] = ()) -> str:
    """HTML of a picture with its alternative text, notes below it, and tables to unfold."""
    picture = {"png": b64encode(png).decode(), "width": WIDTH, "alternative": alternative}
    return render("figure.html", **picture, tables=tables, notes=notes, words=WORDS)


def with_table(picture: str, table: Table) -> str:
    """HTML of a picture, which is HTML already, with a table in the open below it."""
    return render("picture_and_table.html", picture=picture, table=table, words=WORDS)


def _table(trace: Trace, caption: str) -> Table:
    records = trace.records()
    rows = [HEADINGS, *records[:ROWS]]
    return Table(caption, rows, max(len(records) - ROWS, 0), f"trace.table(limit={len(records)})")


def describe(trace: Trace) -> str:
    """One to three sentences for those who cannot see the picture."""
    unit = unit_for(trace.duration_ns)
    lanes = trace.shown_lanes
    if not lanes:
        return f"An empty timeline of {unit.text(trace.duration_ns)}: nothing was recorded."
    rows = f"{plural(len(lanes), 'lane')}: {_names(lanes)}"
    sentences = [f"Timeline of {unit.text(trace.duration_ns)} with {rows}."]
    if work := _longest(trace, "working"):
        sentences.append(f"The longest work is {_about(work, unit)}.")
    if blocked := _longest(trace, "blocked"):
        total = unit.text(_sum(trace, "blocked"))
        sentences.append(f"Blocked for {total} in all, longest by {_about(blocked, unit)}.")
    elif wait := _longest(trace, "waiting", "ready"):
        sentences.append(f"The longest wait is {_about(wait, unit)}.")
    return " ".join(sentences)


def _longest(trace: Trace, *kinds: Kind) -> Span | None:
    """The first of the longest spans of some kinds in the lanes that the picture shows."""
    lanes = set(trace.shown_lanes)
    spans = (s for s in trace.spans if s.kind in kinds and s.lane in lanes)
    return max(spans, key=lambda span: span.end_ns - span.start_ns, default=None)


def describe_all(traces: Mapping[str, Trace]) -> str:
    """One sentence that compares the durations, for those who cannot see the picture."""
    unit = unit_for(max(trace.duration_ns for trace in traces.values()))
    parts = [f"{_short(name)} takes {unit.text(t.duration_ns)}" for name, t in traces.items()]
    more = len(parts) - 2 * FEW
    told = "; ".join(parts[: 2 * FEW]) + (f"; and {more} more" if more > 0 else "")
    return f"{plural(len(traces), 'timeline')} on one time axis: {told}."


def summary(traces: Mapping[str, Trace]) -> list[tuple[str, ...]]:
    """Heading and one row a trace: name, duration, and time of each kind summed over its lanes."""
    unit = unit_for(max(trace.duration_ns for trace in traces.values()))
    rows: list[tuple[str, ...]] = [("name", "duration", *KINDS)]
    for name, trace in traces.items():
        totals = (unit.text(_sum(trace, kind)) for kind in KINDS)
        rows.append((name, unit.text(trace.duration_ns), *totals))
    return rows


def summary_table(traces: Mapping[str, Trace]) -> str:
    """The summary as text."""
    rows = summary(traces)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for name, *numbers in rows:
        cells = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def _sum(trace: Trace, kind: Kind) -> int:
    """Nanoseconds of a kind in the lanes that the picture shows."""
    lanes = set(trace.shown_lanes)
    chosen = (s for s in trace.spans if s.kind == kind and s.lane in lanes)
    return sum(span.end_ns - span.start_ns for span in chosen)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _names(lanes: Sequence[str]) -> str:
    named = ", ".join(_short(lane) for lane in lanes[:FEW])
    more = len(lanes) - FEW
    return f"{named} and {more:,} more" if more > 0 else named


def _about(span: Span, unit: Unit) -> str:
    start, length = unit.text(span.start_ns), unit.text(span.end_ns - span.start_ns)
    return f"“{_short(span.text)}” in {_short(span.lane)}, {length} from {start}"
