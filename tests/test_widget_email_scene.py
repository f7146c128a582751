"""The e-mail scene without a browser: what is sent is the traces', and the film tells the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.flow import run
from course_lib.scenarios import email
from course_lib.scenarios.mail_service import Setting, asynchronous, fates, synchronous
from course_lib.widgets.email_scene import EmailScene, clock_rows, scene
from tests.node import in_node

WAYS = {"synchronous": synchronous, "asynchronous": asynchronous}
HARDEST = {"mails": 6, "workers": 4, "crash": True, "outage": True, "every": 0.5}
FILM = """given.sides.map(([side, isAsync, times]) => times.map((time) => {
  const state = stateAt(side, time, isAsync);
  return { told: state.told, depth: state.depth, counts: state.counts, clocks: state.clocks,
           words: words(side, state, isAsync) };
}))"""


def film(setting: dict[str, Any], times: list[int], folder: Path) -> list[list[dict[str, Any]]]:
    """What the browser shows at some moments, of the synchronous and of the asynchronous side."""
    made = scene(Setting(**setting))
    sides = [[made[way], way == "asynchronous", times] for way in WAYS]
    found: list[list[dict[str, Any]]] = in_node(
        "email_scene.js", "stateAt, words", FILM, {"sides": sides}, folder
    )
    return found


def test_the_page_s_numbers_are_reproduced() -> None:
    """3000 ms against 60 ms, 50 times sooner accepted; sent and known 1.02 times as late."""
    traces = {name: run(way(Setting())) for name, way in WAYS.items()}
    assert clock_rows(traces) == [
        ["clock", "synchronous", "asynchronous", "sync / async"],
        ["accepted", "3,000 ms", "60 ms", "50.00 x"],
        ["sent", "3,000 ms", "3,060 ms", "0.98 x"],
        ["known to the user", "3,000 ms", "3,060 ms", "0.98 x"],
    ]


@pytest.mark.parametrize("mails", [1, 5])
def test_what_is_sent_says_what_the_clocks_say(mails: int) -> None:
    """The fates in the message are `email.clocks` of the e-mail's own runs, in milliseconds."""
    made = scene(Setting(mails=mails))
    for name, way in {"synchronous": email.synchronous, "asynchronous": email.asynchronous}.items():
        clocks = email.clocks(run(way(mails)))
        expected = [[round(1000 * t) for t in (c.accept, c.complete, c.know)] for c in clocks]
        assert [fate[1:4] for fate in made[name]["fates"]] == expected


@pytest.mark.parametrize("setting", [{}, {"mails": 4, "workers": 2}, HARDEST])
def test_every_span_is_one_of_the_trace(setting: dict[str, Any]) -> None:
    """Lane, start and end of each bar are those of a span of a run with the same setting."""
    made = scene(Setting(**setting))
    for name, way in WAYS.items():
        trace, side = run(way(Setting(**setting))), made[name]
        real = {(s.lane, round(1000 * s.start), round(1000 * s.end)) for s in trace.spans}
        assert side["spans"]
        assert {(side["lanes"][s[0]], s[2], s[3]) for s in side["spans"]} <= real
        assert side["end"] >= max(span[3] for span in side["spans"])


def test_a_change_is_small() -> None:
    """The hardest setting still fits into 2 kB of JSON, as Jupyter writes it."""
    answer = {"serial": "0.123456789 1", "answer": scene(Setting(**HARDEST))}
    assert len(json.dumps(answer)) <= 2_100
    assert len(json.dumps({"serial": "0.123456789 1", "answer": scene(Setting())})) < 700


def test_the_browser_asks_and_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is a setting; the answer is the scene for it, or a sentence."""
    widget, sent = EmailScene(), []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    question = {**widget.first["setting"], "mails": 3}
    widget._handle_custom_msg({"serial": "x 1", "question": question}, [])
    widget._handle_custom_msg({"serial": "x 2", "question": {**question, "workers": 0}}, [])
    assert sent[0] == {"serial": "x 1", "answer": scene(Setting(mails=3))}
    assert sent[1]["error"].startswith("the number of workers is 0; give a whole number from 1")


def test_the_film_of_one_mail(tmp_path: Path) -> None:
    """At 0, 30 ms, 1.5 s and the end: who waits, who is free, and what is in the queue."""
    sync, queued = film({}, [0, 30, 1500, 3060], tmp_path)
    assert [moment["told"] for moment in sync] == [["waiting"]] * 3 + [["told: sent"]]
    assert [m["told"] for m in queued] == [["waiting"]] * 2 + [["free"], ["told: sent"]]
    assert sync[2]["words"] == ["user: waiting", "server: sending e-mail 1"]
    assert queued[2]["words"] == [
        "user: free",
        "server: idle",
        "queue: 0 in line",
        "worker: sending e-mail 1",
    ]
    assert queued[2]["clocks"] == [60, "not yet", "not yet"]
    assert [moment[-1]["clocks"] for moment in (sync, queued)] == [[3000] * 3, [60, 3060, 3060]]


def test_the_film_counts_what_the_queue_holds(tmp_path: Path) -> None:
    """Four mails at once, one worker: three in line while it sends the first."""
    _, queued = film({"mails": 4, "every": 0.0}, [30, 100, 3100, 12_060], tmp_path)
    assert [moment["depth"] for moment in queued] == [0, 3, 2, 0]


@pytest.mark.parametrize(("ack", "lost", "duplicated"), [("before", 1, 0), ("after", 0, 1)])
def test_the_film_of_a_crash(ack: str, lost: int, duplicated: int, tmp_path: Path) -> None:
    """At its end it says what `fates` says: one lost or one doubled, and an error on the left."""
    setting = {"mails": 3, "crash": True, "ack": ack}
    sync, queued = film(setting, [60_000], tmp_path)
    told = fates(run(asynchronous(Setting(**setting))))  # type: ignore[arg-type]
    assert queued[0]["counts"] == {
        "accepted": 3,
        "sent": sum(fate.copies > 0 for fate in told),
        "failed": 0,
        "duplicated": duplicated,
        "lost": lost,
    }
    assert sync[0]["counts"] == {
        "accepted": 2, "sent": 3, "failed": 1, "duplicated": 0, "lost": 0
    }  # fmt: skip
    assert queued[0]["clocks"][1] == "never" if lost else queued[0]["clocks"][1] > 3000
