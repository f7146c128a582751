"""What was seen in real time, as a trace, so that it stands beside a simulation on one picture.

seen = Measured()
seen.message("shop", "orders", "a cake")
with seen.span("worker 2", "waits", "waiting"):
    message = await queue.get()
seen.mark("worker 2", "a cake again")
compare(predicted=run(prediction), measured=seen.trace())
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..trace import Arrow, Kind, Mark, Span, Trace


class Measured:
    """A stopwatch that writes down; it starts at 0 when it is made. All times are real ones."""

    def __init__(self) -> None:
        self._began = time.monotonic_ns()
        self._spans: list[Span] = []
        self._marks: list[Mark] = []
        self._arrows: list[Arrow] = []

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return self._now() / 1e9

    def mark(self, lane: str, label: str) -> None:
        """Something happened in a lane just now."""
        self._marks.append(Mark(lane, label, self._now()))

    def message(self, source: str, target: str, label: str) -> None:
        """Something went from one lane to another just now, as fast as it is drawn."""
        self._arrows.append(Arrow(source, target, label, self._now(), self._now()))

    @contextmanager
    def span(self, lane: str, label: str, kind: Kind = "working") -> Iterator[None]:
        """A lane does something, or waits, as long as the block takes."""
        began = self._now()
        try:
            yield
        finally:
            self._spans.append(Span(lane, label, kind, began, self._now()))

    def trace(self) -> Trace:
        """All that was written down until now."""
        return Trace(
            sorted(self._spans, key=lambda span: span.start_ns),
            self._marks,
            self._arrows,
            duration_ns=self._now(),
            notes=["these are real seconds, and differ a little each time"],
        )

    def _now(self) -> int:
        return time.monotonic_ns() - self._began
