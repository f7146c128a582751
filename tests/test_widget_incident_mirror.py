"""The browser's mirror of an incident: the same minute, moments, sentences and verdicts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.incidents import at, judge, names, play, story
from course_lib.incidents.words import say
from course_lib.widgets.incident_wire import kit
from tests.incidents import line
from tests.node import in_node

LINES = 200
MOMENTS = (0, 7_300, 15_000, 21_000, 34_560, 59_999, 60_000)
MIRROR = """await (async () => {
  const { play } = await import("./incident_system.js");
  return given.cases.map(({ name, seed, moves }) => {
    const { kit, ...day } = play(given.kits[`${name} ${seed}`], moves);
    const whole = { kit, ...day };
    return { day, verdict: judge(whole), words: day.log.map((entry) => logWords(whole, entry)),
      moments: given.moments.map((time) => momentAt(whole, time)) };
  });
})()"""


def cases() -> Iterator[dict[str, Any]]:
    """Random lines over all incidents and many seeds, and each incident left alone and won."""
    chance = random.Random(7)
    for n in range(LINES):
        name = names()[n % len(names())]
        yield {"name": name, "seed": chance.randint(0, 20), "moves": line(name, chance)}
    for name in names():
        for moves in ("", story(name).win):
            yield {"name": name, "seed": 7, "moves": moves}


def as_told(name: str, seed: int, moves: str) -> dict[str, Any]:
    """What Python computes, in the form in which the mirror tells it."""
    day = play(story(name), moves, seed=seed)
    told = asdict(day)
    del told["story"]
    return {
        "day": told,
        "verdict": asdict(judge(day)),
        "words": [say("log", entry.kind, **asdict(entry)) for entry in day.log],
        "moments": [asdict(at(day, time)) for time in MOMENTS],
    }


def test_the_browser_computes_the_same_minute(tmp_path: Path) -> None:
    """Log, works, fates, moments, sentences and verdict, for some hundred lines of moves."""
    listed = list(cases())
    kits = {f"{one['name']} {one['seed']}": kit(story(one["name"]), one["seed"]) for one in listed}
    about = {"cases": listed, "kits": kits, "moments": MOMENTS}
    found = in_node("incident_state.js", "judge, logWords, momentAt", MIRROR, about, tmp_path)
    for one, mirrored in zip(listed, found, strict=True):
        assert mirrored == as_told(**one), one
