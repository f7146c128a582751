"""Parsons problems: the lines of a small working piece in their order, as a property."""

from __future__ import annotations

from functools import partial
from typing import Any

from course_lib.line_order import read_order

from ..grading.line_orders import ORDERS, is_right, said
from ..grading.marks import NoPoint
from .property import Property


def in_order(name: str, answer: Any) -> None:
    """The answer is one of the orders that work, or how far it is right is told."""
    order = read_order(answer)
    if not is_right(name, order):
        raise NoPoint(said(name, order))


PROPERTIES: dict[str, Property] = {name: partial(in_order, name) for name in ORDERS}
