"""The exercises in the browser: what says there whether a piece does as it should."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from course_lib.exercises import EXERCISES
from tests.conftest import in_ci
from tests.exercises import Solution, setup, solutions
from tests.site.kernel import Kernel, texts

CHECK = """from course_lib.exercises import check
for name in {names}:
    check({exercise!r}, name, {pieces})"""
SAID = re.compile(r"^([^:\n]+): (holds|not yet|not tried here)\b", re.M)


def tried(exercise: str) -> Iterator[Any]:
    """The right one of an instructor, and for each property one that loses it alone."""
    right, *others = solutions(exercise)
    wrong = {one.loses[0]: one for one in reversed(others) if len(one.loses) == 1}
    for one in (right, *wrong.values()):
        marks = [] if one is right else [in_ci]
        yield pytest.param(exercise, one, id=f"{exercise}: {one.name}", marks=marks)


TRIED = [case for exercise in EXERCISES for case in tried(exercise)]


@pytest.mark.parametrize(("exercise", "solution"), TRIED)
def test_the_checks_say_what_they_say_on_a_computer(
    exercise: str, solution: Solution, kernel: Kernel
) -> None:
    """Of right pieces and of wrong ones, but for what needs threads side by side: that is told."""
    asked = EXERCISES[exercise]
    kernel.begin()
    kernel.run(setup())
    kernel.run(solution.source)
    pieces = ", ".join(asked.pieces)
    cell = CHECK.format(names=list(asked.properties), exercise=exercise, pieces=pieces)
    told = texts(kernel.run(cell))
    wanted = {
        name: "not tried here" if name in asked.needs_threads
        else "not yet" if name in solution.loses
        else "holds"
        for name in asked.properties
    }  # fmt: skip
    assert dict(SAID.findall(told["stdout"])) == wanted, told


def test_the_notebook_runs_as_it_is_handed_out(kernel: Kernel, built: Path) -> None:
    """Nobody has written anything: no cell fails but those that say so."""
    cells = json.loads((built / "live" / "files" / "module_0_exercises.ipynb").read_bytes())[
        "cells"
    ]
    kernel.begin()
    failed = [
        (source, told["error"])
        for source in ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        if "error" in (told := texts(kernel.run(source)))
    ]
    assert failed == []
