"""Solutions of the exercises, right and wrong, one file for each exercise.

A file is a cell after another, each below a line that says what it is:

    #: right, with a task group
    #: wrong, the loop is blocked: loses "off the loop", says "it ticks at 0.00 s"
    #: wrong, nothing is done: loses all

`loses` names exactly the properties that do not hold, in quotes; `says` is a part of what the first
of these tells the student.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from course_lib.exercises import EXERCISES
from tests.conftest import ROOT

HERE = Path(__file__).parent
SOURCE = ROOT / "quizzes" / "source" / "module_0_exercises" / "module_0_exercises.ipynb"
NUMBERED = dict(enumerate(EXERCISES, start=1))
"""The exercises by their number in the notebook."""
HEAD = re.compile(r"^#: (right|wrong), ([^:\n]+)(?:: (.*))?$", re.MULTILINE)


@dataclass(frozen=True)
class Solution:
    """What somebody might hand in, and what has to become of it."""

    exercise: str
    name: str
    source: str
    loses: tuple[str, ...] = ()
    says: str = ""


@cache
def solutions(exercise: str) -> tuple[Solution, ...]:
    """All of one exercise, the reference of the source notebook first."""
    text = (HERE / f"{exercise}.txt").read_text(encoding="utf-8")
    heads = list(HEAD.finditer(text))
    if len(heads) != text.count("#: "):
        raise ValueError(f"{exercise}.txt: a line that begins with #: has another form")
    ends = [*(head.start() for head in heads[1:]), len(text)]
    found = [
        _solution(exercise, head, text[head.end() : end])
        for head, end in zip(heads, ends, strict=True)
    ]
    return (Solution(exercise, "the reference", reference(exercise)), *found)


def _solution(exercise: str, head: re.Match[str], source: str) -> Solution:
    kind, name, words = head.groups()
    loses, _, says = (words or "").partition(", says ")
    every = tuple(EXERCISES[exercise].properties)
    lost = every if loses == "loses all" else tuple(re.findall(r'"(.+?)"', loses))
    if bool(lost) != (kind == "wrong") or not set(lost) <= set(every):
        raise ValueError(f"{exercise}.txt, {name}: {kind}, and loses {loses!r}")
    return Solution(exercise, f"{kind}, {name}", source.strip() + "\n", lost, says.strip('"'))


@cache
def reference(exercise: str) -> str:
    """The solution cell of the source notebook, as an instructor has it."""
    notebook = nbformat.read(SOURCE, as_version=4)
    piece = EXERCISES[exercise].pieces[0]
    begin = re.compile(rf"^(async def|def|class) {piece}\b", re.MULTILINE)
    (source,) = (
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
        and "### BEGIN SOLUTION" in cell.source
        and begin.search(cell.source)
    )
    return str(source)


@cache
def setup() -> str:
    """The notebook's own imports."""
    notebook = nbformat.read(SOURCE, as_version=4)
    return str(next(cell.source for cell in notebook.cells if cell.get("id") == "setup"))
