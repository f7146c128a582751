"""A trace is one value: text, totals, rows and a file for Perfetto are all read from it."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from course_lib.trace import KINDS, SECOND, Arrow, Mark, Span, Trace, Unit, unit_for

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


def test_times_are_seconds_for_people() -> None:
    """Whole nanoseconds inside, and a float of seconds by the shorter name."""
    cake, bell, ticket = MEAL.spans[2], MEAL.marks[0], MEAL.messages[0]
    assert (cake.start, cake.end, cake.duration) == (120, 300, 180)
    assert bell.time == 180
    assert (ticket.sent, ticket.received) == (60, 62)
    assert MEAL.duration == 300


def test_there_are_four_kinds() -> None:
    """In the order in which pictures and tables name them."""
    assert KINDS == ("working", "waiting", "ready", "blocked")


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


def test_a_table_of_sixty_is_shown_whole() -> None:
    """One more, and the last line says so."""
    spans = [span("oven", "bake", "working", hour, hour + 1) for hour in range(61)]
    assert len(Trace(spans[:60]).table().splitlines()) == 61
    assert Trace(spans).table().splitlines()[60:] == [
        "oven  59 s  60 s  1 s  working  bake",
        "… and 1 more: trace.table(limit=61)",
    ]


def test_each_column_is_as_wide_as_its_longest() -> None:
    """Also where a short time takes more digits than a late moment."""
    trace = Trace([span("oven", "bake", "working", 1.875, 2)])
    assert trace.table().splitlines() == [
        "lane     from   to      for  kind     what",
        "oven  1.875 s  2 s  0.125 s  working  bake",
    ]


def test_a_lane_is_there_as_soon_as_anything_happens_in_it() -> None:
    """A mark, or one end of an arrow, is enough; the order is that of time."""
    note = Arrow("waiter", "cook", "ticket", 1 * S, 3 * S)
    trace = Trace([span("host", "greet", "working", 4, 5)], [Mark("guest", "in", 2 * S)], [note])
    assert trace.lanes == trace.shown_lanes == ("waiter", "guest", "cook", "host")


@pytest.mark.parametrize("reason", ["gather", "task", "task group", "tasks"])
def test_who_only_waits_for_other_tasks_has_no_row(reason: str) -> None:
    """Their own lanes show the same time; a mark makes such a lane worth one."""
    spans = [span("main", reason, "waiting", 0, 1, reason), span("cook", "soup", "working", 0, 1)]
    assert Trace(spans).shown_lanes == ("cook",)
    assert Trace(spans[:1]).shown_lanes == ("main",)
    assert Trace(spans, [Mark("main", "half", S // 2)]).shown_lanes == ("main", "cook")


def test_a_row_is_taken_by_who_fits_behind_its_last() -> None:
    """The third begins when the second is not over, though the first is."""
    starts = [(0, 2), (2, 6), (4, 8), (6, 7)]
    spans = [span("cook", f"{begin}", "working", begin, end) for begin, end in starts]
    rows = [[s.label for s in row] for row in Trace(spans).rows("cook")]
    assert rows == [["0", "2", "6"], ["4"]]


def test_a_run_lasts_as_long_as_it_is_told() -> None:
    """A given duration counts, be it longer or shorter than what is in it."""
    spans, late = [span("cook", "soup", "working", 0, 2)], Arrow("cook", "guest", "soup", S, 3 * S)
    assert Trace(spans, duration_ns=5 * S).duration_ns == 5 * S
    assert Trace(spans, duration_ns=0).duration_ns == 0
    assert Trace(spans).duration_ns == 2 * S
    assert Trace(spans, (), [late]).duration_ns == 3 * S
    assert Trace(spans, duration_ns=5 * S) != Trace(spans)


def test_what_came_back_is_kept() -> None:
    """`result` is what the coroutine returned."""
    assert Trace(result="paid").result == "paid"
    assert Trace().result is None


def test_a_trace_may_be_read_later() -> None:
    """Once, when somebody looks; its duration and its result are known before."""
    asked = []

    def read() -> Any:
        asked.append("read")
        return MEAL.spans, MEAL.marks, MEAL.messages

    trace = Trace.later(read, duration_ns=300 * S, result="paid")
    assert (trace.duration, trace.result, asked) == (300, "paid", [])
    assert trace == MEAL
    assert trace.lanes == MEAL.lanes
    assert asked == ["read"]


def test_a_notebook_gets_the_table_as_text() -> None:
    """What is shown where there are no pictures."""
    assert MEAL._repr_mimebundle_()["text/plain"] == MEAL.table()


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
    with pytest.raises(ValueError, match="no kind 'busy'; take one of 'working', 'waiting'"):
        MEAL.total("cook", "busy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"its lanes are: waiter, main, cook$"):
        MEAL.show("oven")
    with pytest.raises(ValueError, match=r"name the lanes to show, of: none$"):
        Trace().show()
    with pytest.raises(ValueError, match=r"its lanes are: none$"):
        Trace().total("oven", "working")


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
    assert MEAL == ANY  # what is no trace may know better


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.9999, "999.9 ms"),
        (1, "1 s"),
        (119.5, "119.5 s"),
        (120, "2 min"),
        (3599, "59.983 min"),
        (10_799, "179.983 min"),
        (10_800, "3 h"),
    ],
)
def test_a_unit_that_is_easy_to_read(seconds: float, text: str) -> None:
    """Milliseconds, seconds, minutes or hours, by the length of the whole."""
    nanoseconds = round(seconds * S)
    assert unit_for(nanoseconds).text(nanoseconds) == text


def test_a_time_that_rounds_to_nothing_has_no_sign() -> None:
    """A clock may be set back a little between two looks at it."""
    assert Unit("s", S).text(-1) == Unit("s", S).text(1) == "0 s"
    assert Unit("s", S).text(-S) == "-1 s"


def test_the_perfetto_file_keeps_to_its_format(tmp_path: Path) -> None:
    """Valid JSON; one row a thread with a name; slices of a thread follow each other; arrows pair.

    By the rules of the "Trace Event Format": X has ts and dur in microseconds, s and f share an
    id, and an arrow begins and ends on a thread that is there.
    """
    path = MEAL.to_perfetto(tmp_path / "meal.json")
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    lanes = ["waiter", "waiter: messages", "main", "cook", "cook", "cook: messages"]
    assert names == dict(enumerate(lanes, 1))
    for thread in names:
        slices = [e for e in events if e["ph"] == "X" and e["tid"] == thread]
        assert all(a["ts"] + a["dur"] <= b["ts"] for a, b in pairwise(slices))
    slices = [e for e in events if e["ph"] == "X"]
    assert len(slices) == len(MEAL.spans) + 2 * len(MEAL.messages)
    assert sum(e["dur"] for e in slices) == sum(s.duration for s in MEAL.spans) * 1e6
    (begin,) = [e for e in events if e["ph"] == "s"]
    (end,) = [e for e in events if e["ph"] == "f"]
    assert (begin["id"], begin["ts"], end["ts"]) == (end["id"], 60e6, 62e6)
    assert (names[begin["tid"]], names[end["tid"]]) == ("waiter: messages", "cook: messages")
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


def test_the_perfetto_file_says_what_the_viewer_shows(tmp_path: Path) -> None:
    """Begin and length of a slice, its kind, reason and line; rows in our order; arrows to slices.

    By the "Trace Event Format": sort_index orders the threads, an instant of scope t is drawn in
    its thread, and bp "e" ties an arrow to the slice that it ends in.
    """
    text = MEAL.to_perfetto(tmp_path / "meal.json").read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "żurek" in Trace([span("cook", "żurek", "working", 0, 1)]).to_perfetto(
        tmp_path / "soup.json"
    ).read_text(encoding="utf-8")
    events = json.loads(text)["traceEvents"]
    [cake] = [e for e in events if e["name"] == "cake"]
    assert (cake["ts"], cake["dur"], cake["cat"]) == (120e6, 180e6, "blocked")
    assert cake["args"] == {"kind": "blocked", "reason": "time.sleep", "line": 7}
    order = {e["tid"]: e["args"]["sort_index"] for e in events if e["name"] == "thread_sort_index"}
    assert order == {row: row for row in range(1, 7)}
    kinds = {e["ph"]: (e["cat"], e.get("s"), e.get("bp")) for e in events if e["ph"] in "isf"}
    assert kinds == {
        "i": ("mark", "t", None),
        "s": ("message", None, None),
        "f": ("message", None, "e"),
    }
    assert {e["pid"] for e in events} == {1}


def test_an_arrow_has_a_bar_at_each_end_and_a_mark_the_first_row(tmp_path: Path) -> None:
    """A bar of length 0 right before it in the file, in a row that is for messages alone."""
    events = json.loads(MEAL.to_perfetto(tmp_path / "meal.json").read_text(encoding="utf-8"))
    threads = {e["ph"]: e["tid"] for e in events["traceEvents"] if e["ph"] in "isf"}
    assert threads == {"i": 1, "s": 2, "f": 6}
    bars = [(e["tid"], e["ts"]) for e in events["traceEvents"] if e.get("dur") == 0]
    assert bars == [(2, 60e6), (6, 62e6)]


@pytest.mark.parametrize("limit", [-1, 1.5, "all"])
def test_a_limit_that_is_none_is_told(limit: Any) -> None:
    """A table of all but one would look like a whole one."""
    with pytest.raises((TypeError, ValueError), match=r"the limit is .*; give"):
        MEAL.table(limit=limit)
