"""Seconds a submission: nbgrader's own autograde beside the course's, in one run.

Both get the same released notebooks with right answers. nbgrader runs every cell in a kernel of its
own; the course reads answers, and lets exercises talk behind bars. Ours includes to start processes
and to write gradebook and graded notebooks; nbgrader's leaves out the four seconds that its command
needs to begin. Memory is the most that the writer held, and for each worker what the greatest held.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from course_lib.staff.analysis.question_sheet import asked_questions
from course_lib.staff.grading.class_run import course_settings, grade_class
from tests.classroom import Classroom, classroom
from tests.conftest import ROOT
from tests.exercises import NUMBERED, reference
from tests.synthetic_class import filled

QUIZ, EXERCISES = "module_0_quiz", "module_0_exercises"
OURS = {QUIZ: 10_000, EXERCISES: 60}
"""Assignment → how many submissions the course grades: a class, so that the seconds in which its
processes start are shared as they are in one; nbgrader's have been left out."""
THEIRS = {QUIZ: 4, EXERCISES: 8}
"""The seconds of few vary by half."""
AT_LEAST = {QUIZ: 500, EXERCISES: 15}
"""How many times nbgrader's speed is to be reached."""
MOST_SECONDS, MOST_BYTES = 60, 1_000_000_000
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of what getrusage calls one


def main() -> None:
    """Print seconds a submission, the ratio, and what is to be reached."""
    print("Seconds a submission (right answers), and how many times as fast")
    for assignment, count in OURS.items():
        theirs = _timed(assignment, THEIRS[assignment], stock)
        ours = _timed(assignment, count, lambda room, name: grade_class(_settings(room), name))
        stocks, our = theirs / THEIRS[assignment], ours / count
        print(
            f"{assignment:<20}{stocks:>9.3f} nbgrader{our:>10.5f} ours{stocks / our:>8,.0f} ×"
            f"   (to reach: ≥ {AT_LEAST[assignment]} ×)"
        )
        if assignment == QUIZ:
            print(
                f"{count:,} quizzes on {os.cpu_count()} cores: {ours:.0f} s "
                f"(to reach: < {MOST_SECONDS}), {_memory() / 1e6:.0f} MB "
                f"(to reach: < {MOST_BYTES / 1e6:.0f})"
            )


def stock(room: Classroom, assignment: str) -> None:
    """As nbgrader grades where nothing is set: every cell in a kernel."""
    config = room.config()
    del config["Autograde"]
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    result: dict[str, Any] = api.autograde(assignment, "*")
    if not result["success"]:
        raise SystemExit(str(result["log"]))


def _timed(assignment: str, count: int, grade: Callable[[Classroom, str], object]) -> float:
    """Seconds that it takes to grade so many submissions, in a course of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        classroom(Path(folder), ROOT / "quizzes") as room,
    ):
        room.open(assignment)
        text = answered(room, assignment)
        for number in range(count):
            home = room.course / "submitted" / f"student-{number:05}" / assignment
            home.mkdir(parents=True)
            (home / f"{assignment}.ipynb").write_text(text, encoding="utf-8")
            (home / "timestamp.txt").write_text("2030-03-01 12:00:00 UTC")
        begin = time.perf_counter()
        grade(room, assignment)
        return time.perf_counter() - begin


def answered(room: Classroom, assignment: str) -> str:
    """The released notebook with all answers right."""
    released = room.course / "release" / assignment / f"{assignment}.ipynb"
    text = released.read_text(encoding="utf-8")
    if assignment == QUIZ:
        return filled(text, [one.key for one in asked_questions(room.course, QUIZ)])
    raw = json.loads(text)
    for cell in raw["cells"]:
        if found := re.fullmatch(r"ex(\d+)-solution", cell["id"]):
            cell["source"] = reference(NUMBERED[int(found[1])])
    return json.dumps(raw)


def _settings(room: Classroom) -> Any:
    return course_settings(room.course)


def _memory() -> float:
    """Bytes, at most: this process holds nbgrader and its tests as well."""
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (os.cpu_count() or 1)
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + workers) * UNIT


if __name__ == "__main__":
    main()
