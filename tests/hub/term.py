"""A class of three on a hub, from the first log-in to the feedback: what each of them saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_lib.staff.bundle import TOP, keys_of_quizzes
from tests.conftest import ROOT
from tests.exercises import solutions
from tests.synthetic_class import filled

from . import site
from .hub import Hub, Seat, running_hub, served
from .people import people

QUIZ, EXERCISES = "module_0_quiz", "module_0_exercises"
COURSE = "sync-async"
KEYS = keys_of_quizzes(ROOT / "quizzes")[QUIZ]
SPY = """import os
if any(name.startswith(("JUPYTERHUB", "JPY")) for name in os.environ):
    raise RuntimeError("this is a hub, and I act as you")
"""


@dataclass(frozen=True)
class Term:
    """Three seats, and the folders that they share."""

    hub: Hub
    place: Path
    instructor: Seat
    ada: Seat
    bob: Seat

    @property
    def exchange(self) -> Path:
        return self.place / "exchange"

    def panel(self, seat: Seat, action: str, assignment: str) -> None:
        """The buttons of a student's Assignment List."""
        told = {"course_id": COURSE, "assignment_id": assignment}
        seat.does("POST", f"assignments/{action}", data=told)

    def formgrader(self, path: str, method: str = "POST") -> object:
        """The buttons of Formgrader, and what it lists."""
        return self.instructor.does(method, f"formgrader/api/{path}")

    def hand_in(self, seat: Seat, assignment: str, text: str) -> None:
        path = f"{assignment}/{assignment}.ipynb"
        told = {"type": "notebook", "content": json.loads(text)}
        seat.does("PUT", f"api/contents/{path}", json=told)
        self.panel(seat, "submit", assignment)

    def marks(self, assignment: str) -> dict[str, float]:
        """Points in the instructor's gradebook, by student."""
        found = self.formgrader(f"submissions/{assignment}", "GET")
        return {one["student"]: one["score"] for one in found if one["autograded"]}


@contextmanager
def a_class(place: Path) -> Iterator[Term]:
    """Three people of this machine, each with a server on the hub and the lessons pulled."""
    exchange = site.exchange(place / "exchange")
    course = site.checkout(place / "course")
    try:
        site.install(course, place / "dist")
        with (
            people(place, "teacher", "ada", "bob") as persons,
            served(site.lessons(course, place / "repositories")) as address,
        ):
            teacher, *students = persons
            site.checkout(teacher.home / "course")
            teacher.owns(teacher.home / "course")
            names = {one.name for one in persons}
            with running_hub(place / "hub", exchange, teacher.name, names) as hub:
                instructor, ada, bob = [hub.log_in(one) for one in (teacher, *students)]
                for seat in (ada, bob):
                    told = {"repo": address, "branch": "main", "targetpath": TOP}
                    said = seat.does("GET", "git-pull/api", params=told)
                    assert '"phase": "finished"' in said, said
                yield Term(hub, place, instructor, ada, bob)
    finally:
        site.uninstall()


def graded(term: Term) -> None:
    """Release, fetch, answer, submit, collect, grade, and give back."""
    for assignment in (QUIZ, EXERCISES):
        term.formgrader(f"assignment/{assignment}/assign")
        term.formgrader(f"assignment/{assignment}/release")
    for seat, answers in ((term.ada, KEYS), (term.bob, [_another(key) for key in KEYS])):
        term.panel(seat, "fetch", QUIZ)
        home = seat.person.home
        text = (home / QUIZ / f"{QUIZ}.ipynb").read_text(encoding="utf-8")
        term.hand_in(seat, QUIZ, filled(text, answers))
    term.panel(term.ada, "fetch", EXERCISES)
    text = (term.ada.person.home / EXERCISES / f"{EXERCISES}.ipynb").read_text(encoding="utf-8")
    term.hand_in(term.ada, EXERCISES, with_breaker(text, SPY + solutions("Breaker")[1].source))
    for assignment in (QUIZ, EXERCISES):
        term.formgrader(f"assignment/{assignment}/collect")
    # The quiz by the command, in a terminal; the exercises by Formgrader's button.
    told = term.instructor.types(
        "python", "-m", "course_lib.staff", "grade", QUIZ, folder="course/quizzes"
    )
    assert set(term.marks(QUIZ)) == {term.ada.person.name, term.bob.person.name}, told
    term.formgrader(f"submission/{EXERCISES}/{term.ada.person.name}/autograde")
    term.formgrader(f"assignment/{QUIZ}/generate_feedback")
    term.formgrader(f"assignment/{QUIZ}/release_feedback")
    for seat in (term.ada, term.bob):
        term.panel(seat, "fetch_feedback", QUIZ)


def _another(key: str) -> str:
    return next(letter for letter in "ABCD" if letter != key)


def with_breaker(notebook: str, source: str) -> str:
    """The exercises with a solution of the sixth, and of no other."""
    raw = json.loads(notebook)
    (cell,) = [
        cell
        for cell in raw["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "ex6-solution"
    ]
    cell["source"] = source
    return json.dumps(raw)
