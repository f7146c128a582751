"""What the hidden line of an order of lines says in a notebook that an instructor runs.

    check("lines", "off the loop", order_1)

The marks read this line, and run nothing: see grading/asked.py.
"""

from __future__ import annotations

from typing import Any

from course_lib.exercises import NotMet
from course_lib.line_order import read_order

from .grading.asked import LINES
from .grading.line_orders import is_right, said


def check(kind: str, name: str, answer: Any) -> None:
    """Say that the order works, or raise NotMet with what is wrong with it.

    Raises KeyError for what does not exist: then the notebook is wrong, not the student.
    """
    if kind != LINES:
        raise KeyError(kind)
    order = read_order(answer)
    if not is_right(name, order):
        raise NotMet(said(name, order))
    print(f"{name}: holds.")
