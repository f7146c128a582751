"""Whether a student's piece has a property, asked by the hidden cells of the exercises.

    check("verify", "versions", verify)

Each exercise has a file here with its properties by name, each a function of the piece. A property
that does not hold is told with the smallest case in which it does not, and never with the test.
"""

from __future__ import annotations

from ..grading.marks import NoPoint
from . import (
    line_order,
    signature,
)
from .property import Property, hold

EXERCISES: dict[str, dict[str, Property]] = {
    "verify": signature.PROPERTIES,
    "lines": line_order.PROPERTIES,
}


def check(exercise: str, name: str, *pieces: object) -> None:
    """Say that the property holds, or raise NoPoint with what was seen.

    Raises KeyError for a property that does not exist: then the notebook is wrong, not the student.
    """
    hold(EXERCISES[exercise][name], *pieces)
    print(f"{name}: holds.")


__all__ = ["EXERCISES", "NoPoint", "check"]
