"""Send an e-mail in two ways, side by side: a run of each, played like a film.

    EmailScene()
    EmailScene(mails=4, workers=2, crash=True)

What is shown comes from the traces of two real runs of `scenarios.mail_service`. Python sends the
browser their spans and events once for each setting; the browser moves what lies between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import traitlets

from ..display import table_html
from ..flow import run
from ..scenarios.mail_service import Fate, Setting, asynchronous, fates, synchronous
from ..timeline import Comparison
from ..trace import KINDS, SECOND, Trace
from .live import LiveWidget, source

CLOCKS = {"accept": "accepted", "complete": "sent", "know": "known to the user"}
MILLISECOND = SECOND // 1000
NUMBER = re.compile(r"\d+$")


class EmailScene(LiveWidget):
    """The two ways of sending an e-mail as a scene to play, stop and change.

    The settings are those of `Setting`: `mails`, `every`, `workers`, `task` (seconds), `crash`,
    `outage`, `ack`. Raises ValueError for one that cannot be run or drawn.
    """

    _esm = source("email_scene.js")
    _css = source("email_scene.css")
    first = traitlets.Dict().tag(sync=True)
    """The scene as it opens."""

    def __init__(self, **settings: Any) -> None:
        self.setting = Setting(**settings)
        super().__init__(first=scene(self.setting))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The scene for other settings."""
        return scene(Setting(**question))

    def still(self) -> str:
        """Both timelines, and the three clocks of the first mail."""
        traces = _traces(self.setting)
        picture = Comparison(traces)._repr_mimebundle_()["text/html"]
        return f"{picture}\n{table_html(clock_rows(traces), 'Three clocks of the first e-mail')}"

    def words(self) -> str:
        """The three clocks of the first mail as text."""
        rows = clock_rows(_traces(self.setting))
        return "\n".join("  ".join(cell.ljust(18) for cell in row).rstrip() for row in rows)


def _traces(setting: Setting) -> dict[str, Trace]:
    return {way.__name__: run(way(setting)) for way in (synchronous, asynchronous)}


def clock_rows(traces: dict[str, Trace]) -> list[list[str]]:
    """Heading and a row a clock: milliseconds in both ways, and their ratio."""
    left, right = (fates(trace)[0] for trace in traces.values())
    rows = [["clock", *traces, "sync / async"]]
    for clock, name in CLOCKS.items():
        a, b = getattr(left, clock), getattr(right, clock)
        ratio = f"{a / b:.2f} x" if a and b else "-"
        rows.append([name, _milliseconds(a), _milliseconds(b), ratio])
    return rows


def _milliseconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{1000 * seconds:,.0f} ms"


def scene(setting: Setting) -> dict[str, Any]:
    """What the browser needs to show a setting, times in whole milliseconds."""
    sides = {name: _side(trace) for name, trace in _traces(setting).items()}
    return {"setting": asdict(setting), **sides}


def _side(trace: Trace) -> dict[str, Any]:
    """One run: its lanes; spans (lane, kind, start, end, mail); fates; when the queue grew or
    shrank (time, by how many); crashes (time, lane); the end.
    """
    lanes = [lane for lane in trace.lanes if lane != "run"]
    lanes.sort(key=lambda lane: ("user", "serv", "queu", "work").index(lane[:4]))
    spans = [
        [lanes.index(s.lane), KINDS.index(s.kind), _ms(s.start_ns), _ms(s.end_ns), _mail(s.label)]
        for s in trace.spans
        if s.lane in lanes and (s.kind == "working" or s.label.startswith(("wait", "request")))
    ]
    crashes = [[_ms(m.time_ns), lanes.index(m.lane)] for m in trace.marks if m.label == "crash"]
    asked = [_ms(m.sent_ns) for m in trace.messages if m.label == "request"]
    told = zip(asked, fates(trace), strict=True)
    return {
        "lanes": lanes,
        "spans": spans,
        "fates": [_fate(at, fate) for at, fate in told],
        "queue": sorted(_queue(trace)),
        "crashes": crashes,
        "end": max(_ms(trace.duration_ns), *(span[3] for span in spans)),
    }


def _ms(time_ns: int) -> int:
    return round(time_ns / MILLISECOND)


def _mail(label: str) -> int:
    """The number of a mail; the only one has none in its name, and is 1."""
    number = NUMBER.search(label)
    return int(number[0]) if number else 1


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
