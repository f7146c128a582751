"""Send an e-mail in two ways, side by side: a run of each, played as it went.

    EmailScene()
    EmailScene(mails=4, workers=2, crash=True)

What is shown comes from the traces of two real runs of `scenarios.mail_service`. Python sends the
browser their spans and events once for each setting; the browser moves what lies between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import traitlets

from ..drawing.words import Table, with_table
from ..flow import run
from ..scenarios.mail_service import (
    AWAY,
    LEAST_TASK,
    MOST_EVERY,
    MOST_MAILS,
    MOST_TASK,
    MOST_WORKERS,
    Fate,
    Mailing,
    asynchronous,
    fates,
    synchronous,
)
from ..timeline import Comparison
from ..trace import SECOND, Span, Trace
from .live import LiveWidget, source

CLOCKS = {"accept": "accepted", "complete": "sent", "know": "known to the user"}
MILLISECOND = SECOND // 1000
NUMBER = re.compile(r"\d+$")
FROM_LEFT_TO_RIGHT = ("user", "server", "queue", "worker", "provider")  # how lanes begin
SENDING, WAITING, OUT_OF_ORDER, ACCEPTING = range(4)  # what a span is for the browser
TICKS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)  # milliseconds between two of an axis

Row = Iterable[int | None]


def _number(name: str, words: str, least: float, most: float, unit: int = 1) -> list[Any]:
    limits = {"type": "number", "min": round(unit * least), "max": round(unit * most)}
    return [name, words, limits, unit]


def _check(name: str, words: str, off: Any, on: Any) -> list[Any]:
    return [name, words, {"type": "checkbox"}, [off, on]]


FIELDS = [
    _number("mails", "E-mails", 1, MOST_MAILS),
    _number("every", "One every … ms", 0, MOST_EVERY, unit=1000),
    _number("workers", "Workers", 1, MOST_WORKERS),
    _number("task", "Time to send one", LEAST_TASK, MOST_TASK, unit=1000),
    _check("crash", "A crash at the first e-mail", off=False, on=True),
    _check("outage", f"Provider away for {AWAY:g} s", off=False, on=True),
    _check("ack", "Ack before the work", off="after", on="before"),
]
"""What can be changed: name, label, the control's attributes; its units in one of the setting's, or
what it says when it is off and on.
"""
FIELDS[3][2] |= {"type": "range", "step": 100}


class EmailScene(LiveWidget):
    """The two ways of sending an e-mail as a scene to play, stop and change.

    The settings are those of `Mailing`: `mails`, `every`, `workers`, `task` (seconds), `crash`,
    `outage`, `ack`. Raises ValueError for one that cannot be run or drawn.
    """

    _esm = source("email_scene.js")
    _css = source("email_scene.css")
    settings = traitlets.Dict().tag(sync=True)
    """The settings that it opens with."""
    fields = traitlets.List(FIELDS).tag(sync=True)
    """What can be changed."""
    first = traitlets.Dict().tag(sync=True)
    """The scene as it opens."""

    def __init__(self, **settings: Any) -> None:
        self.setting = Mailing(**settings)
        super().__init__(settings=asdict(self.setting), first=scene(self.setting))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The scene for other settings."""
        return scene(Mailing(**question))

    def still(self) -> str:
        """Both timelines, and the three clocks of the first mail."""
        traces = _traces(self.setting)
        shown = {way: trace.show(*_lanes(trace)) for way, trace in traces.items()}
        picture = Comparison(shown)._repr_mimebundle_()["text/html"]
        return with_table(picture, Table("Three clocks of the first e-mail", clock_rows(traces)))

    def words(self) -> str:
        """The three clocks of the first mail as text."""
        rows = clock_rows(_traces(self.setting))
        return "\n".join("  ".join(cell.ljust(18) for cell in row).rstrip() for row in rows)


def _traces(setting: Mailing) -> dict[str, Trace]:
    return {way.__name__: run(way(setting)) for way in (synchronous, asynchronous)}


def clock_rows(traces: dict[str, Trace]) -> list[list[str]]:
    """Heading and a row a clock: milliseconds in both ways, and how the second compares."""
    left, right = (fates(trace)[0] for trace in traces.values())
    rows = [["time until", *traces, "which is"]]
    for clock, name in CLOCKS.items():
        a, b = getattr(left, clock), getattr(right, clock)
        rows.append([name, _milliseconds(a), _milliseconds(b), _compared(a, b)])
    return rows


def _milliseconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{1000 * seconds:,.0f} ms"


def _compared(synchronous: float | None, asynchronous: float | None) -> str:
    if synchronous is None or asynchronous is None:
        return "-"
    if synchronous > asynchronous:
        return f"{synchronous / asynchronous:.2f} x sooner"
    return f"{asynchronous / synchronous:.2f} x as long"


def scene(setting: Mailing) -> dict[str, Any]:
    """What the browser needs to show a setting: both runs, the milliseconds from one tick of their
    axis to the next, and the setting as code.
    """
    sides = {name: _side(trace) for name, trace in _traces(setting).items()}
    end = max(side["end"] for side in sides.values())
    tick = next(ms for ms in TICKS if end <= 5 * ms)
    return {**sides, "tick": tick, "code": as_code(setting)}


def as_code(setting: Mailing) -> str:
    """The line of Python that opens a scene with this setting."""
    usual = asdict(Mailing())
    changes = (f"{k}={v!r}" for k, v in asdict(setting).items() if v != usual[k])
    return f"EmailScene({', '.join(changes)})"


def _side(trace: Trace) -> dict[str, Any]:
    """One run, times in whole milliseconds: its lanes, and in rows of numbers its spans (lane,
    kind, start, end, mail, box), fates, changes of the queue (time, by how many) and crashes
    (time, lane); the end.
    """
    lanes = _lanes(trace)
    spans = [
        [lanes.index(s.lane), kind, _ms(s.start_ns), _ms(s.end_ns), _number_in(s.label)]
        for s in trace.spans
        if s.lane in lanes and (kind := _kind(s)) is not None
    ]
    for span, box in zip(spans, _boxes(spans, lanes), strict=True):
        span.append(box)
    asked = [_ms(m.sent_ns) for m in trace.messages if m.label == "request"]
    told = zip(asked, fates(trace), strict=True)
    crashes = ([_ms(m.time_ns), lanes.index(m.lane)] for m in trace.marks if m.label == "crash")
    return {
        "lanes": lanes,
        "spans": _packed(spans),
        "fates": _packed(_fate(at, fate) for at, fate in told),
        "queue": _packed(sorted(_queue(trace))),
        "crashes": _packed(crashes),
        "end": max(_ms(trace.duration_ns), *(span[3] for span in spans)),
    }


def _lanes(trace: Trace) -> list[str]:
    """From the user to the provider; that of the program itself, which only waits, is left out."""
    lanes = (lane for lane in trace.lanes if lane != "run")
    return sorted(lanes, key=lambda lane: FROM_LEFT_TO_RIGHT.index(lane.rstrip(" 0123456789")))


def _packed(rows: Iterable[Row]) -> str:
    """Rows of numbers as text, two thirds as long as JSON's; "-" for what never came."""
    return ",".join(" ".join("-" if n is None else str(n) for n in row) for row in rows)


def _kind(span: Span) -> int | None:
    """What a span is for the browser; None: nothing that it shows."""
    if span.label in ("restart", "away"):
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
    """In which box of the picture each span is, 9 for none: a worker has its own, a synchronous
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
            yield 9


def _queue(trace: Trace) -> Iterator[list[int]]:
    """(time, by how many) of each change: a mail comes, is taken, or comes back unacknowledged."""
    for m in trace.messages:
        if m.label.startswith("mail"):
            yield [_ms(m.sent_ns), 1 if m.target == "queue" else -1]
    for mark in trace.marks:
        if mark.label == "ack timeout":
            yield [_ms(mark.time_ns), 1]


def _fate(asked: int, fate: Fate) -> list[int | None]:
    """When it was asked for, milliseconds of the three clocks, copies, 1 if told that it failed."""
    times = [getattr(fate, clock) for clock in CLOCKS]
    clocks = [None if time is None else round(1000 * time) for time in times]
    return [asked, *clocks, fate.copies, int(fate.failed)]
