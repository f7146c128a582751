"""The order that a student gives some lines, read alike by the check cell and by the marks.

print(ordered([3, 1, 4], lines=4))
read_order((3, 1, 4)).lines
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """What an answer says: the numbers of lines, or why it says none."""

    lines: tuple[int, ...] = ()
    fault: str = ""
    """Part of a sentence; empty if there are lines."""
    empty: bool = False
    """Whether it is a list with nothing in it, as in a cell that nobody touched."""


def ordered(answer: Any, *, lines: int) -> str:
    """Which order is recorded, or what is wrong with it and how it should look."""
    order = read_order(answer, lines)
    if order.fault:
        form = f"write the numbers of the lines as a list, like [2, 1], each from 1 to {lines}"
        return f"{order.fault}: {form}"
    return f"recorded: lines {', '.join(map(str, order.lines))}"


def read_order(answer: Any, most: int | None = None) -> Order:
    """The lines in a list, or in several numbers with commas between; `most` is the last there is.

    True is no number here, though Python takes it for 1.
    """
    if not isinstance(answer, (list, tuple)):
        return Order(fault=f"this is of type {type(answer).__name__}, and no list")
    if not answer:
        return Order(fault="not answered yet", empty=True)
    seen: set[int] = set()
    for number in answer:
        if type(number) is not int or number < 1 or (most is not None and number > most):
            return Order(fault=f"{number!r} is no line")
        if number in seen:
            return Order(fault=f"line {number} stands twice, and each is used once or not at all")
        seen.add(number)
    return Order(tuple(answer))
