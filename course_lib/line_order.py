"""The order that a student gives some lines, read alike by the check cell and by the marks.

print(ordered([3, 1, 4], lines=4))
read_order((3, 1, 4)).lines
order_in("order_1", ["order_1 = [3, 1, 4]"]).lines
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .written import BRACKETS, QUOTES, WORD, plain, settings, shown


@dataclass(frozen=True, slots=True)
class Order:
    """What an answer says: the numbers of lines, or why it says none."""

    lines: tuple[int, ...] = ()
    fault: str = ""
    """Part of a sentence; empty if there are lines."""
    empty: bool = False
    """Whether it is a list with nothing in it, as in a cell that nobody touched."""
    unset: bool = False
    """Whether no cell sets it."""
    person: bool = False
    """Whether somebody has to look what is meant: it is not plain to see."""
    note: str = ""
    """How it was mended, as part of a sentence; empty if it is as it should be."""

    @property
    def nothing(self) -> bool:
        """Whether nothing sets it, or only to a list with nothing in it."""
        return self.unset or self.empty


def ordered(answer: Any, *, lines: int) -> str:
    """Which order is recorded, or what is wrong with it and how it should look."""
    order = read_order(answer, lines)
    if order.fault:
        form = f"write the numbers of the lines as a list, like [2, 1], each from 1 to {lines}"
        return f"{order.fault}: {form}"
    note = f"\n{order.note}." if order.note else ""
    return f"recorded: lines {', '.join(map(str, order.lines))}{note}"


def order_in(name: str, cells: Sequence[str], most: int | None = None) -> Order:
    """What cells set the name to, read and not run: the last one from top to bottom counts."""
    found = settings(name, cells)
    if not found:
        return Order(fault=f"no cell sets {name}", unset=True)
    last = found[-1]
    if last.fault:
        return Order(fault=f"{name} {last.fault}", person=last.person)
    order = read_order(last.value, most)
    if order.empty and len({one.text for one in found}) > 1:
        return replace(
            order, fault=f"{name} is empty below another order", person=True, empty=False
        )
    if last.mended and not order.note and not order.fault:
        return replace(order, note=f"read as {list(order.lines)}, typed {last.text}")
    return order


def read_order(answer: Any, most: int | None = None) -> Order:
    """The lines in a list, in several numbers with commas between, or in a text of such numbers;
    `most` is the last there is.

    True is no number here, though Python takes it for 1.
    """
    numbers = _numbers(answer)
    if numbers is None:
        fault = f"this is of type {type(answer).__name__}, and no list"
        return Order(fault=fault, person=_holds_lines(answer, most))
    if not numbers:
        return Order(fault="not answered yet", empty=True)
    seen: set[int] = set()
    for number in numbers:
        if type(number) is not int or number < 1 or (most is not None and number > most):
            fault = f"{shown(number)} is no line"
            return Order(fault=fault, person=_holds_lines(answer, most))
        if number in seen:
            fault = f"line {number} stands twice, and each is used once or not at all"
            person = isinstance(answer, str) and _holds_lines(answer, most)  # "1. 3, 2. 1"
            return Order(fault=fault, person=person)
        seen.add(number)
    same = isinstance(answer, (list, tuple)) and list(answer) == numbers
    note = "" if same else f"read as {numbers}, typed {shown(answer)}"
    return Order(tuple(numbers), note=note)


def _numbers(answer: Any) -> list[Any] | None:
    """What stands in a list; None if the answer is none, and no text of one either."""
    if isinstance(answer, str):
        bare = plain(answer).strip(QUOTES + BRACKETS + " .")
        parts = re.split(r"[\s,;>→、،؛-]+", bare) if bare else []
        return [_number(part) for part in parts]
    if isinstance(answer, (list, tuple)):
        return [_number(one) for one in answer]
    return None


def _number(one: Any) -> Any:
    """A whole number that is written as a text; else what it is."""
    if isinstance(one, str) and re.fullmatch(r"\d{1,9}", plain(one).strip(".")):
        return int(plain(one).strip("."))
    return one


def _holds_lines(answer: Any, most: int | None) -> bool:
    """Whether numbers of lines are in it all the same, as in {3, 1}, 31, "3 and 1" or, with their
    places before them, ["1. 3", "2. 1"], or the lines themselves: not so plain that it could be
    read, and too plain to be passed over.
    """
    if _holds_code(answer):
        return True
    told = list(answer.values()) if isinstance(answer, dict) else answer
    found = re.findall(r"\d+", re.sub(r"\.0\b", "", plain(shown(told))))
    numbers = [int(one) for one in (found[0] if len(found) == 1 else found)]
    places, lines = numbers[::2], numbers[1::2]
    if len(places) == len(lines) and places == [*range(1, len(places) + 1)]:
        numbers = lines
    return 0 < len(numbers) == len({one for one in numbers if 1 <= one <= (most or one)})


def _holds_code(answer: Any) -> bool:
    """Whether it is several texts, or a text of several lines, with a word in each."""
    texts = answer.strip().splitlines() if isinstance(answer, str) else answer
    if not isinstance(texts, (list, tuple)) or len(texts) < 2:
        return False
    return all(isinstance(one, str) and WORD.search(one) for one in texts)
