"""A log of a run, written by hand and read: what each entry says, in nanoseconds.

On the real clock turns take time; on the virtual one they do not, so programs cannot show it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from course_lib.loop.recorder import (
    BLOCKED,
    ENTER,
    EVENT_LOOP,
    LEAVE,
    MARK,
    RESUMED,
    SEND,
    Recorder,
)
from course_lib.trace import Arrow, Mark, Span

END = 1000


class Log:
    """What a loop writes down, for actors "a", "b" … in lanes of their names."""

    def __init__(self, **noise: int) -> None:
        self.recorder = Recorder(**noise)

    def note(self, actor: Any, time_ns: int, what: Any = None, details: Any = None) -> Log:
        """An event, or with None the very end of an actor."""
        if actor != EVENT_LOOP:
            self.recorder.names[actor] = (actor, False)
        self.recorder.note(actor, time_ns, what, details)
        return self

    def wait(self, actor: str, time_ns: int, reason: str) -> Log:
        """The end of a turn: what the actor waits for from then on."""
        self.recorder.names[actor] = (actor, False)
        self.recorder.log.extend((actor, time_ns, reason, None, 0))
        return self

    def spans(self) -> list[Span]:
        return self.recorder.read(END)[0]

    def rows(self) -> list[tuple[str, str, str, int, int]]:
        return [(s.lane, s.label, s.kind, s.start_ns, s.end_ns) for s in self.spans()]


def named(label: str, lane: str | None = None) -> Any:
    """A span as a program makes it."""
    return SimpleNamespace(label=label, lane=lane)


def test_a_turn_is_ready_works_blocks_and_waits() -> None:
    """Woken at 40, it runs at 100, blocks from 150 to 250, and sleeps from 300 to 900."""
    log = Log().note("a", 100, RESUMED, 40).note("a", 150, BLOCKED, (250, 7, "queue.get"))
    log.wait("a", 300, "sleep").note("a", 950, RESUMED, 900).note("a", END)
    assert log.spans() == [
        Span("a", "loop busy", "ready", 40, 100, "loop busy"),
        Span("a", "a", "working", 100, 150),
        Span("a", "queue.get", "blocked", 150, 250, "queue.get", 7),
        Span("a", "a", "working", 250, 300),
        Span("a", "sleep", "waiting", 300, 900, "sleep"),
        Span("a", "loop busy", "ready", 900, 950, "loop busy"),
        Span("a", "a", "working", 950, END),
    ]


def test_who_was_woken_before_its_last_turn_ended_is_ready_from_then_on() -> None:
    """An actor is never told to be in two states."""
    log = Log().note("a", 0, BLOCKED, (50, None, "time.sleep")).wait("a", 100, "queue get")
    log.note("a", 300, RESUMED, 80).note("a", 300)
    assert log.rows()[1:] == [("a", "a", "working", 50, 100), ("a", "loop busy", "ready", 100, 300)]


def test_a_turn_without_an_event_begins_when_it_ends() -> None:
    """It took no time, so what went before it lasted until then."""
    log = Log().wait("a", 0, "sleep").wait("a", 400, "lock")
    assert log.rows() == [("a", "sleep", "waiting", 0, 400), ("a", "lock", "waiting", 400, END)]


def test_what_is_no_longer_than_the_noise_is_left_out() -> None:
    """A live clock shows the computer's own; a stretch as long as the noise is noise."""
    log = (
        Log(noise_ns=10)
        .note("a", 0, BLOCKED, (10, None, "time.sleep"))
        .note("a", 10, BLOCKED, (21, None, "time.sleep"))
    )
    assert log.note("a", 21).rows() == [("a", "time.sleep", "blocked", 10, 21)]
    assert Log().note("a", 5, RESUMED, 5).note("a", 6).rows() == [("a", "a", "working", 5, 6)]


def test_stretches_of_a_span_are_joined_over_the_noise() -> None:
    """Of one kind and reason, with a gap no longer than the noise."""
    cook = named("cook")

    def log(gap: int) -> Log:
        made = Log(noise_ns=10).note("a", 0, RESUMED, 0).note("a", 0, ENTER, cook)
        made.wait("a", 100, "sleep").note("a", 200 + gap, RESUMED, 200 + gap)
        return made.note("a", 400, LEAVE, cook).note("a", 400)

    assert log(gap=0).rows() == [("a", "cook", "working", 0, 400)]
    spaced = Log(noise_ns=10).note("a", 0, RESUMED, 0).note("a", 0, ENTER, cook)
    spaced.wait("a", 100, "lock").note("a", 110, RESUMED, 105).note("a", 300)
    assert spaced.rows() == [("a", "cook", "working", 0, 300)]
    spaced = Log(noise_ns=9).note("a", 0, RESUMED, 0).note("a", 0, ENTER, cook)
    spaced.wait("a", 100, "lock").note("a", 110, RESUMED, 109).note("a", 300)
    assert spaced.rows() == [("a", "cook", "working", 0, 100), ("a", "cook", "working", 110, 300)]


def test_a_turn_is_cut_where_a_span_begins_and_ends() -> None:
    """What comes before and after it has the actor's own name."""
    cook = named("cook", lane="kitchen")
    log = Log().note("a", 0, RESUMED, 0).note("a", 100, ENTER, cook).note("a", 300, LEAVE, cook)
    assert log.note("a", 400).rows() == [
        ("a", "a", "working", 0, 100),
        ("kitchen", "cook", "working", 100, 300),
        ("a", "a", "working", 300, 400),
    ]


def test_a_mark_stands_where_its_actor_is() -> None:
    """In the innermost span's lane, or in the one that it names."""
    log = Log().note("a", 0, RESUMED, 0).note("a", 10, MARK, ("first", None))
    log.note("a", 20, ENTER, named("serve", "hall")).note("a", 20, ENTER, named("cook", "kitchen"))
    log.note("a", 30, MARK, ("second", None)).note("a", 40, MARK, ("third", "street"))
    log.note(EVENT_LOOP, 35, MARK, ("bell", None)).note("a", 50)
    assert log.recorder.read(END)[1] == [
        Mark("a", "first", 10),
        Mark("kitchen", "second", 30),
        Mark("event loop", "bell", 35),
        Mark("street", "third", 40),
    ]


def test_messages_are_in_the_order_of_their_sending() -> None:
    """Whoever's turn ends first."""
    log = Log().note("a", 0, RESUMED, 0).note("b", 5, RESUMED, 5)
    log.note("a", 20, SEND, ("a", "b", "late", 70)).note("b", 10, SEND, ("b", "a", "soon", 60))
    log.note("a", 30).note("b", 40)
    assert log.recorder.read(END)[2] == [
        Arrow("b", "a", "soon", 10, 60),
        Arrow("a", "b", "late", 20, 70),
    ]


def test_a_callback_blocks_in_a_lane_of_its_own() -> None:
    """The event loop's: it is the loop that stands still."""
    log = (
        Log()
        .note(EVENT_LOOP, 100, BLOCKED, (400, 3, "time.sleep"))
        .note(EVENT_LOOP, 500, MARK, ("x", None))
    )
    assert log.spans() == [Span("event loop", "time.sleep", "blocked", 100, 400, "time.sleep", 3)]


def test_who_is_cut_short_is_told_to_the_end() -> None:
    """In the middle of a turn it works until then, in between two it waits."""
    cook, serve = named("cook"), named("serve")
    log = Log().note("a", 100, RESUMED, 100).note("a", 200, ENTER, cook)
    log.note("b", 0, ENTER, serve).wait("b", 300, "queue get")
    assert log.rows() == [
        ("b", "serve", "working", 0, 300),
        ("a", "a", "working", 100, 200),
        ("a", "cook", "working", 200, END),
        ("b", "serve", "waiting", 300, END),
    ]


def test_a_span_that_is_never_left_is_kept() -> None:
    """However short it was: somebody gave it a name."""
    log = Log().note("a", END, ENTER, named("cook")).note("b", 0, ENTER, named("serve"))
    log.note("b", 0, ENTER, named("smile")).wait("b", 0, "sleep")
    assert ("a", "cook", "working", END, END) in log.rows()
    assert [row[1:] for row in log.rows() if row[0] == "b"] == [
        ("serve", "working", 0, END),
        ("smile", "working", 0, END),
    ]


def test_a_lane_left_twice_waits_once() -> None:
    """Hall, kitchen, hall, cellar: who is in the cellar is away from the hall once."""
    log = Log().note("a", 0, RESUMED, 0)
    for label, lane in (
        ("serve", "hall"),
        ("cook", "kitchen"),
        ("fetch", "hall"),
        ("dig", "cellar"),
    ):
        log.note("a", 0, ENTER, named(label, lane))
    away = [s for s in log.note("a", 500).spans() if s.end_ns == 500 and s.duration]
    assert [(s.lane, s.label, s.kind, s.reason) for s in away] == [
        ("kitchen", "cook", "waiting", "dig in cellar"),
        ("hall", "fetch", "waiting", "dig in cellar"),
        ("cellar", "dig", "working", ""),
    ]


def test_what_begins_at_one_moment_keeps_the_order_of_the_log() -> None:
    """The first to be resumed is told first, also where its turn ends last."""
    log = Log().note("a", 0, RESUMED, 0).note("b", 0, RESUMED, 0)
    log.wait("b", 50, "lock").wait("a", 60, "lock")
    assert [row[0] for row in log.rows()] == ["b", "a", "b", "a"]


def test_who_is_ready_first_is_told_first() -> None:
    """By the places in the log where they were resumed, whoever's turn ends first."""
    log = Log().note("a", 10, RESUMED, 0).note("b", 10, RESUMED, 0).note("b", 10).note("a", 10)
    assert [row[0] for row in log.rows()] == ["a", "b"]


def test_who_is_cut_short_is_told_where_its_turn_began() -> None:
    """In the order of the log, though somebody else's turn ended before it went on."""
    log = Log().note("a", 100, RESUMED, 100).note("b", 100, RESUMED, 100).note("b", 150)
    log.note("a", 200, ENTER, named("cook"))
    assert [row[0] for row in log.rows()] == ["a", "b", "a"]


def test_made_up_names_are_numbered_where_there_are_several() -> None:
    """And given ones are left alone."""
    recorder = Recorder()
    recorder.names = {1: ("cook", True), 2: ("cook", False), 3: ("cook", True), 4: ("main", True)}
    assert recorder.lanes() == {
        EVENT_LOOP: "event loop",
        1: "cook 1",
        2: "cook",
        3: "cook 2",
        4: "main",
    }


def test_a_log_that_is_broken_off_is_no_log() -> None:
    """Five values an entry: less means that it was written to while it is read."""
    log = Log().note("a", 0)
    log.recorder.log.pop()
    with pytest.raises(ValueError, match="shorter"):
        log.spans()
