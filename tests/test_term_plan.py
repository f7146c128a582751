"""The README's plan for a term: all of the course is in it, and each exercise after its lesson."""

from __future__ import annotations

import json
import re

from tests.conftest import ROOT
from tests.exercises import NUMBERED, SOURCE

README = (ROOT / "README.md").read_text(encoding="utf-8")


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


WEEKS = [
    ([*numbers(before), *numbers(now)], numbers(exercises))
    for before, now, exercises in re.findall(
        r"^\| \d \| ([\d, ]+) \| (\d\d)?.* \| ([\d, ]*)\|$", README, re.MULTILINE
    )
]
"""The lessons of each week, and the exercises that can be done from then on."""


def test_each_lesson_and_each_exercise_is_in_it_once() -> None:
    """The lessons in their order."""
    assert [lesson for lessons, _ in WEEKS for lesson in lessons] == list(range(11))
    assert sorted(each for _, exercises in WEEKS for each in exercises) == list(NUMBERED)


def test_no_exercise_comes_before_what_it_is_about() -> None:
    """The lessons that it names, and those that lead to the deeper notebooks that it names."""
    early = {
        exercise: week
        for week, (lessons, exercises) in enumerate(WEEKS, start=1)
        for exercise in exercises
        if max(lessons_of(exercise)) > max(lessons)
    }
    assert early == {}


def lessons_of(exercise: int) -> list[int]:
    cells = json.loads(SOURCE.read_text(encoding="utf-8"))["cells"]
    texts = ("".join(cell["source"]) for cell in cells)
    text = next(text for text in texts if text.startswith(f"## {exercise}. "))
    rows = [
        next(row for row in README.splitlines() if f"deeper/{name}.ipynb" in row)
        for name in re.findall(r"`deeper/(\w+)`", text)
    ]
    named = re.findall(r"lesson (\d+)", text)
    return [int(number) for number in [*named, *(row.split("|")[1] for row in rows)]]
