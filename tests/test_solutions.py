"""Solutions of the exercises, right and wrong: each keeps and loses exactly what it must.

Each is tried beside the piece, as the check of the notebook does it with published cases, and
behind bars, as the marks do it with others.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from course_lib.exercises import EXERCISES, NotMet
from course_lib.exercises.here import Here
from course_lib.staff.conversation import judge
from course_lib.staff.conversation.sandbox import Sandbox
from tests.conftest import in_ci
from tests.exercises import Solution, setup, solutions

FOR_A_PERSON = 2
"""Solutions of each exercise that are tried on a person's computer: the first ones, all right."""
SOLUTIONS = [
    pytest.param(one, id=f"{exercise}-{one.name}", marks=() if number < FOR_A_PERSON else in_ci)
    for exercise in EXERCISES
    for number, one in enumerate(solutions(exercise))
]


def told_here(solution: Solution) -> dict[str, str]:
    """Which properties do not hold in this process, and what is said of each."""
    space: dict[str, Any] = {"__name__": "student"}
    for cell in (setup(), solution.source):
        exec(compile(cell, "<cell>", "exec", dont_inherit=True), space)
    asked, told = EXERCISES[solution.exercise], {}
    pieces = {piece: space.get(piece) for piece in asked.pieces}
    for name, holds in asked.properties.items():
        try:
            holds(Here(pieces, [setup(), solution.source]), random.Random(0))
        except NotMet as words:
            told[name] = str(words)
    return told


def told_behind(solution: Solution, sandbox: Sandbox) -> dict[str, str]:
    """The same behind bars."""
    asked = [(solution.exercise, name) for name in EXERCISES[solution.exercise].properties]
    verdicts = judge([setup(), solution.source], asked, "a class", sandbox)
    return {name: one.said for (_, name), one in zip(asked, verdicts, strict=True) if not one.holds}


def as_expected(solution: Solution, told: dict[str, str]) -> None:
    assert set(told) == set(solution.loses), told
    if told:
        assert solution.says in told[solution.loses[0]]


@pytest.mark.slow
@pytest.mark.parametrize("solution", SOLUTIONS)
def test_in_the_notebook(solution: Solution, capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly the properties that the solution breaks do not hold, and stderr stays empty."""
    as_expected(solution, told_here(solution))
    assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize("solution", SOLUTIONS)
def test_behind_bars(solution: Solution, sandbox: Sandbox) -> None:
    """The same, judged by the conversation alone."""
    as_expected(solution, told_behind(solution, sandbox))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_property_is_lost_alone_by_some_solution(exercise: str) -> None:
    """So one slip can cost one property; and something right is written in several styles."""
    known = solutions(exercise)
    alone = {one.loses[0] for one in known if len(one.loses) == 1}
    assert alone == set(EXERCISES[exercise].properties)
    assert sum(not one.loses for one in known) >= 3
