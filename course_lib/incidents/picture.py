"""A day as a trace, so that it has the course's picture and table of a run."""

from __future__ import annotations

from collections.abc import Iterator

from ..trace import SECOND, Mark, Span, Trace
from .day import Day, Work
from .judging import judge
from .moves import Move
from .rules import TIMES

MILLISECOND = SECOND // 1000
YOURS, PROMISES, PROVIDER = "your moves", "promises", "provider"


def picture(day: Day) -> Trace:
    """Workers, the provider, your moves and the promises that broke, as lanes of a timeline."""
    spans = [*_works(day), *_spells(day)]
    marks = [*map(_move, day.moves), *_breaks(day)]
    lanes = [f"worker {number}" for number in sorted({shift.worker for shift in day.shifts})]
    seen = {span.lane for span in spans} | {mark.lane for mark in marks}
    shown = [lane for lane in (*lanes, PROVIDER, YOURS, PROMISES) if lane in seen]
    spans.sort(key=lambda span: span.start_ns)
    marks.sort(key=lambda mark: mark.time_ns)
    return Trace(spans, marks, duration_ns=TIMES["end"] * MILLISECOND).show(*shown)


def _span(lane: str, label: str, kind: str, start: int, end: int | None) -> Span:
    until = min(TIMES["end"] if end is None else end, TIMES["end"])
    return Span(lane, label, kind, start * MILLISECOND, until * MILLISECOND)  # type: ignore[arg-type]


def _works(day: Day) -> Iterator[Span]:
    """What a worker does; sending and writing down are one piece for the eye."""
    for work in day.works:
        lane = f"worker {work.worker}"
        if work.kind == "dead":
            yield _span(lane, "killed", "blocked", work.start, work.end)
        elif work.kind == "no answer":
            yield _span(lane, f"no answer for e-mail {work.mail}", "waiting", work.start, work.end)
        elif work.kind == "send":
            yield _span(lane, f"e-mail {work.mail}", "working", work.start, _filed(day, work))


def _filed(day: Day, sent: Work) -> int | None:
    """The end of the writing down that followed, if the sending came to its end."""
    following = (
        work
        for work in day.works
        if work.worker == sent.worker and work.kind == "file" and work.start == sent.end
    )
    return next((work.end for work in following), sent.end)


def _spells(day: Day) -> Iterator[Span]:
    for spell in day.spells:
        kind = "blocked" if spell.kind == "away" else "waiting"
        yield _span(PROVIDER, spell.kind, kind, spell.start, spell.end)


def _move(move: Move) -> Mark:
    return Mark(YOURS, f"{move.what} {move.value}", move.at * MILLISECOND)


def _breaks(day: Day) -> Iterator[Mark]:
    for finding in judge(day).findings:
        if finding.broken is not None:
            yield Mark(PROMISES, f"broken: {finding.promise}", finding.broken * MILLISECOND)
