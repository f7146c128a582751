"""The instructor's notebook of an assignment: what it asks, and which cells are whose.

Its cells are those that nbgrader keeps in the gradebook since the assignment was generated, so that
what students saw is what is asked; their places, and the cells that nbgrader does not keep, come
from source/, where that is still there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .asked import Asked, AskedOrder, AskedProperty, AskedQuestion, asked_by


@dataclass(frozen=True, slots=True)
class Kept:
    """A cell as the gradebook keeps it."""

    name: str
    kind: str
    source: str
    locked: bool
    checksum: str
    points: float | None
    """None if it is not graded."""
    solution: bool
    task: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the skeleton."""

    name: str
    kind: str
    source: str
    """What a student has there who changed nothing."""
    kept: Kept | None = None
    """What the gradebook knows of it; None for a cell that belongs to nobody."""
    asks: Asked | None = None
    folded: bool = False
    """Whether its source is not shown unless asked for."""

    @property
    def locked(self) -> bool:
        """Whether what a student has in its place does not count."""
        return self.kept is not None and self.kept.locked

    @property
    def points(self) -> float:
        """How many there are to be had."""
        return (self.kept.points if self.kept else None) or 0.0

    @property
    def by_hand(self) -> bool:
        """Whether a person marks what a student wrote there."""
        return self.kept is not None and (self.kept.task or self.kept.solution)

    @property
    def about(self) -> dict[str, Any]:
        """The metadata by which nbgrader knows the cell; empty if it does not."""
        if self.kept is None:
            return {}
        one = self.kept
        graded = {"points": one.points} if one.points is not None else {}
        return graded | {
            "cell_type": one.kind,
            "checksum": one.checksum,
            "grade": one.points is not None and not one.task,
            "grade_id": one.name,
            "locked": one.locked,
            "schema_version": 3,
            "solution": one.solution,
            "task": one.task,
        }


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An assignment's notebook."""

    name: str
    places: tuple[Place, ...]
    metadata: Mapping[str, Any]

    @property
    def graded(self) -> list[Place]:
        """Those that are worth points."""
        return [one for one in self.places if one.kept and one.kept.points is not None]

    @property
    def commented(self) -> list[str]:
        """Names of the cells that may get a comment."""
        return [one.name for one in self.places if one.by_hand]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names that its answers are set to."""
        return tuple(
            f"answer_{one.asks.number}"
            if isinstance(one.asks, AskedQuestion)
            else one.asks.variable
            for one in self.places
            if isinstance(one.asks, (AskedQuestion, AskedOrder))
        )

    @property
    def only_answers(self) -> bool:
        """Whether no student's code has to be run to grade it."""
        return not any(isinstance(one.asks, AskedProperty) for one in self.places)


def skeleton(course: Path, assignment: str, notebook: str, kept: Sequence[Kept]) -> Skeleton:
    """The notebook whose cells the gradebook keeps so; BankError if its bank lacks a question."""
    # Workers do without what reads notebooks, which takes longer to import than all else they need.
    from ..forms.notebook_file import NotebookError, read

    left = {one.name: one for one in kept}
    path = course / "source" / assignment / f"{notebook}.ipynb"
    places, metadata = [], {}
    try:
        source = read(path)
    except (NotebookError, OSError):
        source = None
    for cell in source.cells if source else []:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        folded = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
        if name is None:
            places.append(Place(cell.id, cell.cell_type, cell.source))
        elif name in left:
            places.append(_place(left.pop(name), course, folded))
    places += [_place(one, course, False) for one in left.values()]
    if source:
        wanted = {key: source.metadata[key] for key in ("kernelspec", "language_info")}
        metadata = json.loads(json.dumps(wanted))  # plain: nbformat's kinds bring it along
    return Skeleton(notebook, tuple(places), metadata)


def _place(kept: Kept, course: Path, folded: bool) -> Place:
    asks = asked_by(kept.source, course) if kept.points is not None else None
    return Place(kept.name, kept.kind, kept.source, kept, asks, folded)
