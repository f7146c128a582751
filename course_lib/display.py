"""Traces in words: an alternative text for the picture, and the same facts as an HTML table.

The HTML holds only what JupyterLab keeps in a notebook that is not trusted, no `id` that could
occur twice, and nothing that differs from machine to machine but the picture itself.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .trace import KINDS, Kind, Span, Trace, Unit, unit_for

HEADINGS = ("lane", "from", "to", "for", "kind", "what")
ROWS = 60  # of a trace in the HTML table; its text table ends there too
WIDTH = 900  # CSS pixels; a narrower page shrinks the picture
FEW = 4  # lanes that an alternative text names
SHORT = 50  # letters of a name in an alternative text


def timeline(trace: Trace, png: bytes) -> str:
    """HTML of one trace: the picture with its alternative text, and the table."""
    return _figure(png, describe(trace), _table(trace, "Timeline as a table"))


def comparison(traces: Mapping[str, Trace], png: bytes) -> str:
    """HTML of traces on one time axis: the picture, the summary, and each one's table."""
    tables = [_rows(summary(traces), "Summary, times summed over lanes")]
    tables += [_table(trace, title) for title, trace in traces.items()]
    return _figure(png, describe_all(traces), "\n".join(tables))


def describe(trace: Trace) -> str:
    """One to three sentences for those who cannot see the picture."""
    unit = unit_for(trace.duration_ns)
    lanes = trace.shown_lanes
    if not lanes:
        return f"An empty timeline of {unit.text(trace.duration_ns)}: nothing was recorded."
    lanes_text = f"{len(lanes)} lane{'s'[: len(lanes) > 1]}"
    sentences = [f"Timeline of {unit.text(trace.duration_ns)} with {lanes_text}: {_names(lanes)}."]
    shown = [span for span in trace.spans if span.lane in set(lanes)]
    work = [span for span in shown if span.kind == "working"]
    if work:
        longest = max(work, key=lambda span: span.end_ns - span.start_ns)
        sentences.append(f"The longest work is {_about(longest, unit)}.")
    if blocked := [span for span in shown if span.kind == "blocked"]:
        total = unit.text(sum(span.end_ns - span.start_ns for span in blocked))
        worst = max(blocked, key=lambda span: span.end_ns - span.start_ns)
        sentences.append(f"Blocked for {total} in all, longest by {_about(worst, unit)}.")
    elif waits := [span for span in shown if span.kind in ("waiting", "ready")]:
        worst = max(waits, key=lambda span: span.end_ns - span.start_ns)
        sentences.append(f"The longest wait is {_about(worst, unit)}.")
    return " ".join(sentences)


def describe_all(traces: Mapping[str, Trace]) -> str:
    """One sentence that compares the durations, for those who cannot see the picture."""
    unit = unit_for(max(trace.duration_ns for trace in traces.values()))
    parts = [f"{_short(name)} takes {unit.text(t.duration_ns)}" for name, t in traces.items()]
    more = len(parts) - 2 * FEW
    told = "; ".join(parts[: 2 * FEW]) + (f"; and {more} more" if more > 0 else "")
    return f"{_count(len(traces), 'timeline')} on one time axis: {told}."


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


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


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


def _figure(png: bytes, alternative: str, tables: str) -> str:
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return (
        f'<img alt="{escape(alternative)}" width="{WIDTH}" src="{source}">\n'
        f"<details>\n<summary>The same as a table</summary>\n{tables}\n</details>"
    )


def _table(trace: Trace, caption: str) -> str:
    records = trace.records()
    table = _rows([HEADINGS, *records[:ROWS]], caption)
    if len(records) <= ROWS:
        return table
    call = f"trace.table(limit={len(records)})"
    return f"{table}\n<p>… and {len(records) - ROWS:,} more: <code>{call}</code></p>"


def _rows(rows: Iterable[Sequence[str]], caption: str) -> str:
    """A table whose first row and first column are headings."""
    heading, *body = rows
    lines = [f"<table>\n<caption>{escape(caption)}</caption>"]
    lines.append("<tr>" + "".join(f'<th scope="col">{escape(c)}</th>' for c in heading) + "</tr>")
    for name, *cells in body:
        first = f'<th scope="row">{escape(name)}</th>'
        lines.append(f"<tr>{first}" + "".join(f"<td>{escape(c)}</td>" for c in cells) + "</tr>")
    return "\n".join([*lines, "</table>"])
