"""The e-mail scene as the browser gets it, once for each setting: two runs as rows of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..flow import run
from ..scenarios.mail_service import Fate, Mailing, asynchronous, fates, synchronous
from ..trace import SECOND, Span, Trace
from .rows import digits

CLOCKS = ("accept", "complete", "know")
MILLISECOND = SECOND // 1000
NUMBER = re.compile(r"\d+$")
FROM_LEFT_TO_RIGHT = ("user", "server", "queue", "worker", "provider")  # how lanes begin
SENDING, WAITING, OUT_OF_ORDER, ACCEPTING = range(4)  # what a span is for the browser
NO_BOX = 9  # of a span that the picture shows in none
TICKS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)  # milliseconds between two of an axis

NAMES = {
    "spans": "lane kind start end mail box",
    "fates": "asked accept complete know copies failed",
    "queue": "at change",
    "crashes": "at lane",
}
"""The fields of a side's rows, which travel once; times are milliseconds, a fate's from `asked`."""


def traces_of(setting: Mailing) -> dict[str, Trace]:
    """A run of each way, by its name."""
    return {way.__name__: run(way(setting)) for way in (synchronous, asynchronous)}


def scene(setting: Mailing) -> dict[str, Any]:
    """What the browser needs to show a setting: both runs, and the milliseconds from one tick of
    their axis to the next.
    """
    sides = {name: _side(trace) for name, trace in traces_of(setting).items()}
    end = max(side["end"] for side in sides.values())
    return {**sides, "tick": next(ms for ms in TICKS if end <= 5 * ms)}


def _side(trace: Trace) -> dict[str, Any]:
    """One run, in whole milliseconds: its lanes, the rows that `NAMES` names, and its end."""
    lanes = shown_lanes(trace)
    spans = list(_spans(trace, lanes))
    asked = [_ms(m.sent_ns) for m in trace.messages if m.label == "request"]
    told = zip(asked, fates(trace), strict=True)
    crashes = ([_ms(m.time_ns), lanes.index(m.lane)] for m in trace.marks if m.label == "crash")
    return {
        "lanes": lanes,
        "spans": digits(
            [*span, box] for span, box in zip(spans, _boxes(spans, lanes), strict=True)
        ),
        "fates": digits(_fate(at, fate) for at, fate in told),
        "queue": digits(sorted(_queue(trace))),
        "crashes": digits(crashes),
        "end": max(_ms(trace.duration_ns), *(span[3] for span in spans)),
    }


def shown_lanes(trace: Trace) -> list[str]:
    """From the user to the provider; that of the program itself, which only waits, is left out."""
    lanes = (lane for lane in trace.lanes if lane != "run")
    return sorted(lanes, key=lambda lane: FROM_LEFT_TO_RIGHT.index(lane.rstrip(" 0123456789")))


def _spans(trace: Trace, lanes: list[str]) -> Iterator[list[int]]:
    """Of each span that the browser shows all but its box."""
    for s in trace.spans:
        kind = _kind(s)
        if s.lane in lanes and kind is not None:
            yield [lanes.index(s.lane), kind, _ms(s.start_ns), _ms(s.end_ns), _number_in(s.label)]


def _kind(span: Span) -> int | None:
    """What a span is for the browser; None: nothing that it shows."""
    if span.label.startswith(("restart", "away")):
        return OUT_OF_ORDER
    if span.kind == "working":
        return ACCEPTING if span.label.startswith("accept") else SENDING
    return WAITING if span.label.startswith(("wait for provider", "request open")) else None


def _ms(time_ns: int) -> int:
    return round(time_ns / MILLISECOND)


def _number_in(name: str) -> int:
    """The number of a mail or a worker; the only one has none in its name, and is 1."""
    number = NUMBER.search(name)
    return int(number[0]) if number else 1


def _boxes(spans: Iterable[list[int]], lanes: list[str]) -> Iterator[int]:
    """In which box of the picture each span is: a worker has its own, a synchronous
    server has one for each mail that it sends at once.
    """
    held: list[tuple[int, int]] = []  # which mail each box of the server holds, and until when
    for lane, kind, start, end, mail in spans:
        if lanes[lane].startswith("worker"):
            yield _number_in(lanes[lane]) - 1
        elif lanes[lane] == "server" and kind != ACCEPTING:
            mine = [n for n, (other, _) in enumerate(held) if other == mail]
            free = [n for n, (_, until) in enumerate(held) if until <= start]
            box = (mine or free or [len(held)])[0]
            held[box : box + 1] = [(mail, end)]
            yield box
        else:
            yield NO_BOX


def _queue(trace: Trace) -> Iterator[list[int]]:
    """(time, by how many) of each change: a mail comes, is taken, or comes back unacknowledged."""
    for m in trace.messages:
        if m.label.startswith("mail"):
            yield [_ms(m.sent_ns), 1 if m.target == "queue" else -1]
    for mark in trace.marks:
        if mark.label == "ack timeout":
            yield [_ms(mark.time_ns), 1]


def _fate(asked: int, fate: Fate) -> list[int | None]:
    """A row of `NAMES["fates"]`; `failed` is 1 if the user was told so."""
    times = [getattr(fate, clock) for clock in CLOCKS]
    clocks = [None if time is None else round(1000 * time) for time in times]
    return [asked, *clocks, fate.copies, int(fate.failed)]
