"""The cells that are graded: one for each property, with what the text promises for it."""

from __future__ import annotations

import re
import sys
from typing import Any

import nbformat
import pytest

from course_lib.exercises import EXERCISES, NotMet, check
from tests.exercises import NUMBERED, SOURCE, reference, setup

CELLS = {cell.id: cell for cell in nbformat.read(SOURCE, as_version=4).cells}
GRADED = re.compile(
    r"# (?P<points>\d+) points?: (?P<name>.+)\.\n"
    r"from course_lib\.exercises import check\n\n"
    r'check\("(?P<exercise>\w+)", "(?P=name)", (?P<pieces>[\w, ]+)\)'
)
PROMISED = re.compile(r"^- (.+?)(?: \((\d+) points?\))?: ", re.MULTILINE)
EACH = re.compile(r"each of these gives (\d+) points?")


def graded(exercise: str) -> list[tuple[str, re.Match[str], int]]:
    """The id of each graded cell of an exercise, what it says, and its points for nbgrader."""
    found = []
    for name, cell in CELLS.items():
        said = GRADED.fullmatch(cell.source)
        if said and said["exercise"] == exercise:
            about = cell.metadata["nbgrader"]
            assert about["grade"] and about["locked"] and not about["solution"]
            found.append((name, said, about["points"]))
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_property_is_a_cell_with_its_points(exercise: str) -> None:
    """In the order of the properties, asked with the names that the task defines."""
    cells = graded(exercise)
    assert [said["name"] for _, said, _ in cells] == list(EXERCISES[exercise].properties)
    (number,) = (number for number, name in NUMBERED.items() if name == exercise)
    for name, said, points in cells:
        assert name.startswith(f"ex{number}-")
        assert tuple(said["pieces"].split(", ")) == EXERCISES[exercise].pieces
        assert int(said["points"]) == points


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_text_promises_each_property_with_its_points(exercise: str) -> None:
    """A line for each, in the same order; what a line says of points counts before the rest."""
    cells = graded(exercise)
    number = cells[0][0].partition("-")[0]
    text = CELLS[f"{number}-props"].source
    (each,) = EACH.findall(text) or [""]
    promised = [(name, int(points or each)) for name, points in PROMISED.findall(text)]
    assert promised == [(said["name"], points) for _, said, points in cells]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_cells_of_the_reference_say_that_all_holds(
    exercise: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a student sees them, and nothing on stderr."""
    space: dict[str, Any] = {"__name__": "__main__"}
    cells = [setup(), reference(exercise), *(CELLS[name].source for name, _, _ in graded(exercise))]
    monkeypatch.setattr(sys.modules["__main__"], "In", cells, raising=False)  # as a kernel has it
    for cell in cells:
        exec(compile(cell, "<cell>", "exec", dont_inherit=True), space)
    said = "".join(f"{name}: holds.\n" for name in EXERCISES[exercise].properties)
    assert capsys.readouterr() == (said, "")


def test_a_check_tells_what_is_missing_and_raises_only_while_nbgrader_validates(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a notebook runs to its end, and *Validate* does not say that all is well."""

    async def handle_all(fn: Any, xs: Any, limit: Any) -> Any:
        return []

    check("handle_all", "results in order", handle_all)
    assert capsys.readouterr().out.startswith("results in order: not yet. The results come as")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(NotMet, match="Smallest case: "):
        check("handle_all", "results in order", handle_all)
