"""A stopwatch that writes down gives a trace like any other."""

from __future__ import annotations

import pytest

from course_lib.brokers import measured
from course_lib.brokers.measured import Measured


def test_what_was_seen_is_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans, marks and messages at their moments, in seconds from the start."""
    times = iter(n * 1_000_000_000 for n in range(100))
    monkeypatch.setattr(measured.time, "monotonic_ns", lambda: next(times))
    seen = Measured()  # at 0
    seen.message("shop", "orders", "a cake")  # at 1 and 2
    with seen.span("worker", "works"):  # from 3
        seen.mark("worker", "half way")  # at 4
    trace = seen.trace()  # at 5 the block ends, at 6 the trace
    assert [(s.lane, s.label, s.kind, s.start, s.end) for s in trace.spans] == [
        ("worker", "works", "working", 3.0, 5.0)
    ]
    assert [(m.label, m.time) for m in trace.marks] == [("half way", 4.0)]
    assert [(m.source, m.target, m.sent) for m in trace.messages] == [("shop", "orders", 1.0)]
    assert trace.duration == 6.0
    assert "real seconds" in trace.table()


def test_a_block_that_fails_is_written_down_too() -> None:
    """Its error goes on."""
    seen = Measured()
    with pytest.raises(ConnectionError), seen.span("worker", "works"):
        raise ConnectionError
    assert [span.label for span in seen.trace().spans] == ["works"]
