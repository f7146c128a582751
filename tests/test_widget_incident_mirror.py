"""The browser's mirror of an incident: the same minute, moments, sentences and verdicts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from course_lib.incidents import Day, at, judge, names, play, story
from course_lib.incidents.words import say
from course_lib.widgets.incident_wire import kit
from tests.conftest import in_ci
from tests.incidents import line
from tests.node import in_node

LINES = 200
MOMENTS = (0, 21_000, 34_560, 60_000)
MIRROR = """await (async () => {
  const { play } = await import("./incident_system.js");
  return given.cases.map(({ name, seed, moves, moments }) => {
    const { kit, ...day } = play(given.kits[`${name} ${seed}`], moves);
    const whole = { kit, ...day };
    return { day, verdict: judge(whole), words: day.log.map((entry) => logWords(whole, entry)),
      moments: moments.map((time) => momentAt(whole, time)) };
  });
})()"""


def cases() -> Iterator[tuple[str, int, str]]:
    """Random lines over all incidents and many seeds, and each incident left alone and won."""
    chance = random.Random(7)
    for n in range(LINES):
        name = names()[n % len(names())]
        yield name, chance.randint(0, 20), line(name, chance)
    for name in names():
        for moves in ("", story(name).win):
            yield name, 7, moves


def as_told(day: Day, moments: list[int]) -> dict[str, Any]:
    """What Python computes, in the form in which the mirror tells it."""
    told = asdict(day)
    del told["story"]
    return {
        "day": told,
        "verdict": asdict(judge(day)),
        "words": [say("log", entry.kind, **asdict(entry)) for entry in day.log],
        "moments": [asdict(at(day, time)) for time in moments],
    }


@in_ci
@pytest.mark.slow
def test_the_browser_computes_the_same_minute(tmp_path: Path) -> None:
    """Log, works, fates, moments, sentences and verdict, for some hundred lines of moves."""
    given, kits, expected, chance = [], {}, [], random.Random(8)
    for name, seed, moves in cases():
        day = play(story(name), moves, seed=seed)
        events = [entry.at for entry in chance.sample(day.log, 3)]
        events += [mail.refused - 1 for mail in day.mails[-40:] if mail.refused is not None][:1]
        moments = [*MOMENTS, *events]
        given.append({"name": name, "seed": seed, "moves": moves, "moments": moments})
        kits[f"{name} {seed}"] = kit(story(name), seed)
        expected.append(as_told(day, moments))
    about = {"cases": given, "kits": kits}
    found = in_node("incident_state.js", "judge, logWords, momentAt", MIRROR, about, tmp_path)
    for one, mirrored, told in zip(given, found, expected, strict=True):
        assert mirrored == told, one
