"""A trace is one value: text, totals, rows and a file for Perfetto are all read from it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from course_lib.trace import SECOND, Arrow, Mark, Span, Trace, unit_for

S = SECOND


def span(lane: str, label: str, kind: Any, start: float, end: float, *more: Any) -> Span:
    return Span(lane, label, kind, round(start * S), round(end * S), *more)


MEAL = Trace(
    [
        span("waiter", "order", "working", 0, 60),
        span("cook", "soup", "working", 60, 180.5),
        span("cook", "cake", "blocked", 120, 300, "time.sleep", 7),
        span("waiter", "queue get", "waiting", 60, 300, "queue get", 12),
        span("main", "gather", "waiting", 0, 300, "gather", 3),
    ],
    [Mark("waiter", "bell", 180 * S)],
    [Arrow("waiter", "cook", "ticket", 60 * S, 62 * S)],
    duration_ns=300 * S,
)


def test_the_table_says_it_all() -> None:
    """One line an activity, lane by lane, in one unit; lanes that wait for tasks are left out."""
    assert MEAL.table() == "\n".join(
        [
            "lane     from         to        for  kind     what",
            "waiter  0 min      1 min      1 min  working  order",
            "waiter  1 min      5 min      4 min  waiting  queue get (line 12)",
            "waiter  1 min  1.033 min  0.033 min  message  ticket → cook",
            "waiter  3 min      3 min             mark     bell",
            "cook    1 min  3.008 min  2.008 min  working  soup",
            "cook    2 min      5 min      3 min  blocked  cake (time.sleep, line 7)",
        ]
    )
    assert repr(MEAL) == MEAL.table()


def test_a_long_table_says_how_to_see_the_rest() -> None:
    """`limit` cuts it, and the last line says by how much."""
    lines = MEAL.table(limit=2).splitlines()
    assert len(lines) == 4
    assert lines[-1] == "… and 4 more: trace.table(limit=6)"


def test_lanes_may_be_chosen() -> None:
    """The lanes asked for, in the order asked for."""
    found = [row[0] for row in MEAL.records(["main", "cook"])]
    assert found == ["main", "cook", "cook"]
    assert MEAL.lanes == ("waiter", "main", "cook")
    assert MEAL.shown_lanes == ("waiter", "cook")


def test_an_empty_trace_is_a_trace() -> None:
    """Nothing happened, and all of it can be read."""
    empty = Trace()
    assert (empty.duration, empty.lanes, empty.records()) == (0, (), [])
    assert empty.table() == "lane  from  to  for  kind  what"


def test_totals_by_lane_and_kind() -> None:
    """Seconds in spans of a kind; overlapping ones count each."""
    assert MEAL.total("cook", "working") == 120.5
    assert MEAL.total("waiter", "waiting") == 240
    assert MEAL.total("waiter", "blocked") == 0


def test_a_lane_or_kind_that_is_not_there_gets_a_sentence() -> None:
    """The message names those there are."""
    with pytest.raises(ValueError, match="no lane 'oven' in this trace; its lanes are: waiter"):
        MEAL.total("oven", "working")
    with pytest.raises(ValueError, match="no kind 'busy'; the kinds are working, waiting"):
        MEAL.total("cook", "busy")  # type: ignore[arg-type]


def test_rows_hold_no_two_spans_at_once() -> None:
    """Spans of one lane that overlap go into rows of their own."""
    assert [[s.label for s in row] for row in MEAL.rows("cook")] == [["soup"], ["cake"]]
    assert [[s.label for s in row] for row in MEAL.rows("waiter")] == [["order", "queue get"]]


def test_equal_by_what_happened() -> None:
    """Traces are equal when all that they tell is equal; the result does not count."""
    again = Trace(MEAL.spans, MEAL.marks, MEAL.messages, duration_ns=300 * S, result="paid")
    assert again == MEAL
    assert Trace(MEAL.spans, MEAL.marks, (), duration_ns=300 * S) != MEAL
    assert MEAL != "MEAL"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.9999, "999.9 ms"),
        (1, "1 s"),
        (119.5, "119.5 s"),
        (120, "2 min"),
        (3599, "59.983 min"),
        (3 * 3600, "3 h"),
    ],
)
def test_a_unit_that_is_easy_to_read(seconds: float, text: str) -> None:
    """Milliseconds, seconds, minutes or hours, by the length of the whole."""
    nanoseconds = round(seconds * S)
    assert unit_for(nanoseconds).text(nanoseconds) == text


def test_the_perfetto_file_keeps_to_its_format(tmp_path: Path) -> None:
    """Valid JSON; one row a thread with a name; slices of a thread follow each other; arrows pair.

    By the rules of the "Trace Event Format": X has ts and dur in microseconds, s and f share an
    id, and an arrow begins and ends on a thread that is there.
    """
    path = MEAL.to_perfetto(tmp_path / "meal.json")
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    assert names == {1: "waiter", 2: "main", 3: "cook", 4: "cook"}
    for thread in names:
        slices = [e for e in events if e["ph"] == "X" and e["tid"] == thread]
        assert all(a["ts"] + a["dur"] <= b["ts"] for a, b in pairwise(slices))
    slices = [e for e in events if e["ph"] == "X"]
    assert len(slices) == len(MEAL.spans)
    assert sum(e["dur"] for e in slices) == sum(s.duration for s in MEAL.spans) * 1e6
    (begin,) = [e for e in events if e["ph"] == "s"]
    (end,) = [e for e in events if e["ph"] == "f"]
    assert (begin["id"], begin["ts"], end["ts"]) == (end["id"], 60e6, 62e6)
    assert {names[begin["tid"]], names[end["tid"]]} == {"waiter", "cook"}
    (instant,) = [e for e in events if e["ph"] == "i"]
    assert (instant["name"], instant["ts"], names[instant["tid"]]) == ("bell", 180e6, "waiter")
    assert {e["ph"] for e in events} == {"M", "X", "i", "s", "f"}
    assert all({"ph", "name", "pid", "tid"} <= e.keys() for e in events)


def test_a_trace_shows_the_lanes_that_are_asked_for() -> None:
    """In that order, in its table too; the trace itself is equal, and so is its result."""
    trace = two_tables()
    shown = trace.show("table 2", "table 1")
    assert shown.shown_lanes == ("table 2", "table 1")
    assert [row[0] for row in shown.records()] == ["table 2", "table 1"]
    assert shown == trace and shown.result == trace.result


def two_tables() -> Trace:
    spans = [span(f"table {n}", "eat", "working", n, n + 1) for n in (1, 2)]
    return Trace(spans, result="bill")


@pytest.mark.parametrize(
    ("lanes", "said"),
    [((), r"name the lanes to show, of: table 1, table 2"), (("bar",), r"there is no lane 'bar'")],
)
def test_a_lane_that_cannot_be_shown_is_told(lanes: tuple[str, ...], said: str) -> None:
    """No lane at all, or one that the trace does not have."""
    with pytest.raises(ValueError, match=said):
        two_tables().show(*lanes)
