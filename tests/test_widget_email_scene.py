"""The e-mail scene without a browser: what is sent is the traces', and the scene tells the same."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise, product
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.flow import run
from course_lib.scenarios import email
from course_lib.scenarios.mail_service import Mailing, asynchronous, fates, synchronous
from course_lib.timeline import Comparison
from course_lib.trace import Trace
from course_lib.widgets import email_scene
from course_lib.widgets.email_scene import EmailScene, clock_rows
from course_lib.widgets.email_wire import NAMES, NO_BOX, OUT_OF_ORDER, scene
from tests.node import in_node

WAYS = {"synchronous": synchronous, "asynchronous": asynchronous}
HARDEST = {"mails": 6, "workers": 4, "crash": True, "outage": True, "every": 0.5}
ACKS = ("before", "after")
END = 100_000  # milliseconds, after every scene
PLAYED = """given.scenes.map(({ scene, times }) => {
  const sides = unpack(scene, given.names);
  return sides.map((side) => times.map((time) => {
    const state = stateAt(side, time);
    return { told: state.told, depth: state.depth, counts: state.counts,
             clocks: state.clocks.map(clockWords), means: state.clocks.map(({ mean }) => mean),
             answer: answerOf(side), words: words(side, state), verdict: verdict(sides, time) };
  }));
})"""

Moment = dict[str, Any]


def played(asked: list[dict[str, Any]], times: list[int], folder: Path) -> list[list[Any]]:
    """What the browser shows of each setting at some moments, synchronous and asynchronous."""
    scenes = [{"scene": scene(Mailing(**s)), "times": times} for s in asked]
    given = {"scenes": scenes, "names": NAMES}
    names = "answerOf, clockWords, stateAt, unpack, verdict, words"
    found: list[list[Any]] = in_node("email_state.js", names, PLAYED, given, folder)
    return found


def moments(setting: dict[str, Any], times: list[int], folder: Path) -> list[list[Moment]]:
    return played([setting], times, folder)[0]


def rows(kind: str, packed: str) -> list[dict[str, Any]]:
    """Numbers as the browser reads them, by the names of their fields."""
    texts = [row.split(" ") for row in packed.split(",") if row]
    names = NAMES[kind].split()
    return [
        dict(zip(names, (None if n == "-" else int(n) for n in row), strict=True)) for row in texts
    ]


def test_the_page_s_numbers_are_reproduced() -> None:
    """3000 ms against 60 ms, 50 times sooner accepted; sent and known 1.02 times as late."""
    traces = {name: run(way(Mailing())) for name, way in WAYS.items()}
    assert clock_rows(traces) == [
        ["time until", "synchronous", "asynchronous", "which is"],
        ["accepted", "3,000 ms", "60 ms", "50.00 x sooner"],
        ["sent", "3,000 ms", "3,060 ms", "1.02 x as long"],
        ["known to the user", "3,000 ms", "3,060 ms", "1.02 x as long"],
    ]


def test_what_never_comes_is_compared_with_nothing() -> None:
    """Ack first and a crash: accepted, never sent; the synchronous user has an error."""
    setting = Mailing(crash=True, ack="before")
    traces = {name: run(way(setting)) for name, way in WAYS.items()}
    assert clock_rows(traces)[1:] == [
        ["accepted", "never", "60 ms", "-"],
        ["sent", "3,000 ms", "never", "-"],
        ["known to the user", "3,000 ms", "never", "-"],
    ]


@pytest.mark.parametrize("mails", [1, 5])
def test_what_is_sent_says_what_the_clocks_say(mails: int) -> None:
    """The fates in the message are `email.clocks` of the e-mail's own runs, in milliseconds."""
    made = scene(Mailing(mails=mails))
    for name, way in {"synchronous": email.synchronous, "asynchronous": email.asynchronous}.items():
        clocks = email.clocks(run(way(mails)))
        expected = [[round(1000 * t) for t in (c.accept, c.complete, c.know)] for c in clocks]
        told = rows("fates", made[name]["fates"])
        assert [[f["accept"], f["complete"], f["know"]] for f in told] == expected


@pytest.mark.parametrize("setting", [{}, {"mails": 4, "workers": 2}, HARDEST])
def test_every_span_is_one_of_the_trace(setting: dict[str, Any]) -> None:
    """Lane, start and end of each bar are those of a span of a run with the same setting."""
    made = scene(Mailing(**setting))
    for name, way in WAYS.items():
        trace, side = run(way(Mailing(**setting))), made[name]
        real = {(s.lane, round(1000 * s.start), round(1000 * s.end)) for s in trace.spans}
        spans = rows("spans", side["spans"])
        assert spans
        assert {(side["lanes"][s["lane"]], s["start"], s["end"]) for s in spans} <= real
        assert side["end"] >= max(s["end"] for s in spans)
        assert len(rows("crashes", side["crashes"])) == sum(m.label == "crash" for m in trace.marks)


@pytest.mark.parametrize("setting", [{"mails": 6, "workers": 3, "every": 0.5}, HARDEST])
def test_a_box_holds_one_mail_at_a_time(setting: dict[str, Any]) -> None:
    """And there are no more boxes than workers, on either side."""
    for side in (scene(Mailing(**setting))[way] for way in WAYS):
        spans = [s for s in rows("spans", side["spans"]) if s["box"] != NO_BOX]
        held = sorted((s["box"], s["start"], s["end"]) for s in spans)
        assert {box for box, _, _ in held} <= set(range(setting["workers"]))
        for (box, _, end), (other, start, _) in pairwise(held):
            assert box != other or end <= start


def test_the_still_picture_has_the_lanes_of_the_moving_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same order, and without the program's own, which only waits for the others."""
    drawn: list[dict[str, tuple[str, ...]]] = []

    def compared(traces: dict[str, Trace]) -> Comparison:
        drawn.append({way: trace.shown_lanes for way, trace in traces.items()})
        return Comparison(traces)

    monkeypatch.setattr(email_scene, "Comparison", compared)
    EmailScene().still()
    moving = scene(Mailing())
    assert drawn == [{way: tuple(moving[way]["lanes"]) for way in WAYS}]
    assert drawn[0]["asynchronous"] == ("user", "server", "queue", "worker")


def test_an_outage_and_a_restart_are_spans_of_their_own() -> None:
    """The provider is away from 0 to 10 s; the worker crashes once sent, and takes a second."""
    side = scene(Mailing(outage=True, crash=True))["asynchronous"]
    assert out_of_order(side) == [("provider", 0, 10_000), ("worker", 13_000, 14_000)]


def out_of_order(side: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Lane, start and end of what is out of order."""
    out = [s for s in rows("spans", side["spans"]) if s["kind"] == OUT_OF_ORDER]
    return [(side["lanes"][s["lane"]], s["start"], s["end"]) for s in out]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_crash_costs_both_sides_the_same(workers: int) -> None:
    """Who crashes is away for a second, a worker or one of the server's senders: so with the crash,
    too, both mails are sent 60 ms later by the queue.
    """
    made = scene(Mailing(mails=2, every=0, workers=workers, crash=True))
    assert out_of_order(made["synchronous"]) == [("server", 3000, 4000)]
    crashed = "worker" if workers == 1 else "worker 1"
    assert out_of_order(made["asynchronous"]) == [(crashed, 3060, 4060)]
    done = [[f["complete"] for f in rows("fates", made[way]["fates"])] for way in WAYS]
    assert done[1] == [time + 60 for time in done[0]]


def test_a_change_is_small() -> None:
    """The hardest settings fit into 1,800 bytes of JSON, as Jupyter writes it; one mail into 500.

    What is around it on the way, both ways, is the benchmark's to measure.
    """
    hard = [HARDEST | {"workers": w, "ack": a} for w in (1, 2, 4) for a in ACKS]
    sizes = [len(json.dumps(EmailScene(**setting).shown)) for setting in hard]
    assert max(sizes) <= 1_800
    assert len(json.dumps(EmailScene().shown)) < 500


@settings(max_examples=20, deadline=None)
@given(
    st.builds(
        Mailing,
        mails=st.integers(1, 6),
        every=st.sampled_from([0, 0.25, 1, 1.0]),
        task=st.sampled_from([3, 3.0, 0.2, 9.9]),
        crash=st.booleans(),
        ack=st.sampled_from(ACKS),
    )
)
def test_the_line_of_code_opens_the_same_state(setting: Mailing) -> None:
    """What a student copies is what a neighbour gets."""
    line = EmailScene(**asdict(setting)).line
    opened = eval(line, {"EmailScene": EmailScene})  # our own line, in our own words
    assert opened.setting == setting


def test_the_usual_line_says_nothing() -> None:
    """Whoever changes nothing copies `EmailScene()`."""
    assert EmailScene().line == "EmailScene()"
    assert EmailScene(mails=3, crash=True).line == "EmailScene(mails=3, crash=True)"


def test_what_the_browser_sets_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scene for it, or a sentence."""
    widget = EmailScene()
    widget.set_state({"settings": {"mails": 3}})
    assert widget.shown == {"of": {"mails": 3}, "turn": 1, **scene(Mailing(mails=3))}
    widget.set_state({"settings": {"workers": 0}})
    assert widget.shown["problem"].startswith("the number of workers is 0; give a whole number")
    assert widget.setting == Mailing(mails=3)


def test_before_send_nobody_has_begun(tmp_path: Path) -> None:
    """Nothing waits and nothing works until somebody asks for it."""
    sync, queued = moments({"mails": 2}, [-1], tmp_path)
    assert sync[0]["words"] == ["users: 2 ready", "server: idle"]
    assert queued[0]["words"] == [
        "users: 2 ready",
        "server: idle",
        "queue: 0 in line",
        "worker: idle",
    ]


def test_the_scene_of_one_mail(tmp_path: Path) -> None:
    """At 0, 30 ms, 1.5 s and the end: who waits, who is free, and what is in the queue."""
    sync, queued = moments({}, [0, 30, 1500, 3060], tmp_path)
    assert [moment["told"] for moment in sync] == [["waiting"]] * 3 + [["told: sent"]]
    assert [m["told"] for m in queued] == [["waiting"]] * 2 + [["free"], ["told: sent"]]
    assert sync[2]["words"] == ["user: waiting", "server: sending e-mail 1"]
    assert queued[1]["words"][1] == "server: accepting e-mail 1"
    assert queued[2]["words"] == [
        "user: free",
        "server: idle",
        "queue: 0 in line",
        "worker: sending e-mail 1",
    ]
    assert queued[2]["clocks"] == ["60 ms", "not yet", "not yet"]
    assert [moment[-1]["clocks"] for moment in (sync, queued)] == [
        ["3,000 ms"] * 3,
        ["60 ms", "3,060 ms", "3,060 ms"],
    ]
    assert [moment[0]["answer"] for moment in (sync, queued)] == [3000, 60]


def test_the_scene_counts_what_the_queue_holds(tmp_path: Path) -> None:
    """Four mails at once, one worker: three in line while it sends the first."""
    _, queued = moments({"mails": 4, "every": 0.0}, [30, 100, 3100, 12_060], tmp_path)
    assert [moment["depth"] for moment in queued] == [0, 3, 2, 0]


def test_the_scene_says_what_is_out_of_order(tmp_path: Path) -> None:
    """In words: a worker that starts again, a provider that is away and then there."""
    _, queued = moments({"outage": True, "crash": True}, [5000, 13_500, 14_500], tmp_path)
    assert [moment["words"][-2:] for moment in queued] == [
        ["worker: waiting for the provider with e-mail 1", "provider: away"],
        ["worker: starting again (has crashed once)", "provider: there"],
        ["worker: idle (has crashed once)", "provider: there"],
    ]


@pytest.mark.slow
def test_at_its_end_every_scene_says_what_the_fates_say(tmp_path: Path) -> None:
    """Accepted, sent, failed, duplicated, lost, and the three clocks, for 48 settings."""
    choices = product((1, 3, 6), (1, 2), (False, True), (False, True), ACKS)
    names = ("mails", "workers", "crash", "outage", "ack")
    asked = [dict(zip(names, choice, strict=True)) for choice in choices]
    for setting, sides in zip(asked, played(asked, [END], tmp_path), strict=True):
        for way, (moment,) in zip(WAYS.values(), sides, strict=True):
            told = fates(run(way(Mailing(**setting))))
            assert moment["counts"] == {
                "accepted": sum(fate.accept is not None for fate in told),
                "sent": sum(fate.copies > 0 for fate in told),
                "told failed": sum(fate.failed for fate in told),
                "told failed, but sent": sum(fate.sent_all_the_same for fate in told),
                "duplicated": sum(max(0, fate.copies - 1) for fate in told),
                "lost": sum(fate.lost for fate in told),
            }
            for n, clock in enumerate(("accept", "complete", "know")):
                times = [t for fate in told if (t := getattr(fate, clock)) is not None]
                some = f" ({len(times)} of {len(told)})" if len(times) < len(told) else ""
                if not times:
                    assert moment["clocks"][n] == "never"
                else:
                    assert moment["means"][n] == pytest.approx(1000 * mean(times), abs=0.01)
                    assert moment["clocks"][n].endswith(f" ms{some}")


def test_one_failure_does_not_make_the_mean_never(tmp_path: Path) -> None:
    """It is the mean of the others, and says of how many; and it is compared with nothing."""
    sync, queued = moments({"mails": 6, "crash": True}, [END], tmp_path)
    assert sync[0]["clocks"][0].endswith(" ms (5 of 6)")
    assert queued[0]["clocks"][0] == "60 ms"
    clocks = [{"came": n, "of": 6, "mean": 50, "isOpen": False} for n in (5, 6)]
    assert in_node("email_state.js", "compared", "compared(...given)", clocks, tmp_path) == "–"


@pytest.mark.parametrize("mails", [1, 3])
def test_one_number_for_one_thing(mails: int, tmp_path: Path) -> None:
    """The sentence is about the first answers, whose times stand above it; the table has means."""
    sync, queued = moments({"mails": mails}, [50, 2999, 3000], tmp_path)
    assert [moment["answer"] for moment in (sync[0], queued[0])] == [3000, 60]
    assert [moment["verdict"] for moment in sync] == [
        "", "", "The first asynchronous user has an answer 50.0 times sooner: accepted, not sent."
    ]  # fmt: skip


def test_an_error_is_not_called_an_answer(tmp_path: Path) -> None:
    """Where the first synchronous user is told of a failure, the sentence says so."""
    sync, _ = moments({"crash": True}, [3000], tmp_path)
    assert sync[0]["verdict"] == (
        "The first asynchronous user is told “accepted” 50.0 times sooner"
        " than the synchronous one “failed”."
    )
    assert sync[0]["counts"]["told failed, but sent"] == 1


@pytest.mark.parametrize(
    ("sync", "queued", "expected"),
    [
        (3000, 60, "50.00 × sooner"),
        (3000, 3060, "1.02 × as long"),
        (3000, 3000, "1.00 × as long"),
        (None, 60, "–"),
        (3000, "open", "–"),
    ],
)
def test_times_are_compared_in_words(sync: Any, queued: Any, expected: str, tmp_path: Path) -> None:
    """The ratio is the larger over the smaller, and says which is which."""
    clocks = [
        {"came": int(mean is not None), "of": 1, "mean": mean, "isOpen": mean == "open"}
        for mean in (sync, queued)
    ]
    said = in_node("email_state.js", "compared", "compared(...given)", clocks, tmp_path)
    assert said == expected
