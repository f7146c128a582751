"""A trace in the words of the "Trace Event Format" (Google), which the Perfetto viewer reads.

A row of the viewer is a "thread". An arrow there joins two bars and is lost where it finds none; so
each lane that sends or gets messages has one row more, with a bar of length 0 for each end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .trace import Span, Trace

Event = dict[str, Any]


def events(trace: Trace) -> Iterator[Event]:
    """Each row with its name, and what is in it; times are in microseconds."""
    numbers = count(1)
    talk = {lane for m in trace.messages for lane in (m.source, m.target)}
    first_row: dict[str, int] = {}
    row_of_messages: dict[str, int] = {}
    for lane in trace.lanes:
        for row in trace.rows(lane) or [[]]:
            thread = next(numbers)
            first_row.setdefault(lane, thread)
            yield from _row(thread, lane)
            yield from (_bar(thread, span) for span in row)
        if lane in talk:
            row_of_messages[lane] = next(numbers)
            yield from _row(row_of_messages[lane], f"{lane}: messages")
    for mark in trace.marks:
        about = {"ph": "i", "s": "t", "name": mark.label, "cat": "mark"}
        yield {**about, **_at(first_row[mark.lane], mark.time_ns)}
    for number, m in enumerate(trace.messages):
        about = {"name": m.label, "cat": "message"}
        sent = _at(row_of_messages[m.source], m.sent_ns)
        received = _at(row_of_messages[m.target], m.received_ns)
        yield {"ph": "X", "dur": 0, **about, **sent}
        yield {"ph": "s", "id": number, **about, **sent}
        yield {"ph": "X", "dur": 0, **about, **received}
        yield {"ph": "f", "bp": "e", "id": number, **about, **received}


def _row(thread: int, name: str) -> Iterator[Event]:
    row = {"ph": "M", "pid": 1, "tid": thread}
    yield {**row, "name": "thread_name", "args": {"name": name}}
    yield {**row, "name": "thread_sort_index", "args": {"sort_index": thread}}


def _bar(thread: int, span: Span) -> Event:
    about = {"kind": span.kind, "reason": span.reason, "line": span.line}
    bar = {"ph": "X", "name": span.label, "cat": span.kind, "args": about}
    return {**bar, "dur": (span.end_ns - span.start_ns) / 1000, **_at(thread, span.start_ns)}


def _at(thread: int, time_ns: int) -> Event:
    return {"pid": 1, "tid": thread, "ts": time_ns / 1000}
