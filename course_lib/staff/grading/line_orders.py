"""Parsons problems: the lines of a small working piece in their order.

An answer is a list of numbers. Every order of the needed lines that works is accepted. A line that
is not needed is left out, as the task says; only one that somebody may well add is forgiven.
"""

from __future__ import annotations

from course_lib.checked import plural
from course_lib.line_order import Order

ORDERS: dict[str, tuple[tuple[int, ...], ...]] = {
    "off the loop": ((3, 1, 4),),
    "a bounded queue": ((4, 2, 1), (4, 2, 1, 5)),
    "a wait with jitter": ((2, 5, 1),),
    "an inbox": ((3, 1, 4), (3, 4, 1), (3, 1, 4, 2), (3, 4, 1, 2)),
    "a dead letter": ((2, 4, 1, 3),),
    "an open breaker": ((1, 4, 2),),
    "a signature": ((4, 1, 3),),
    "a relay": ((2, 4, 1),),
    "a line for each key": ((3, 1, 4),),
    "a clean-up": ((4, 3, 6, 7, 1, 2),),
}
"""Name of a piece → the orders of its lines that work; first one of the needed lines alone."""


def is_right(name: str, order: Order) -> bool:
    """Whether the order is one of those that work; KeyError if there is no such piece."""
    return order.lines in ORDERS[name]


def said(name: str, order: Order) -> str:
    """What the student is told: never an order that works."""
    note = f"\n{order.note}." if order.note else ""
    if order.fault:
        why = "" if order.empty else f" ({order.fault})"
        return f"not answered: write the numbers of the lines as a list, like [2, 1]{why}{note}"
    if is_right(name, order):
        return f"Your order is {list(order.lines)}, and it works.{note}"
    return f"No point for {list(order.lines)}: {_why(order.lines, ORDERS[name])}.{note}"


def _why(answer: tuple[int, ...], orders: tuple[tuple[int, ...], ...]) -> str:
    """First of the lines, and of their order only when they are the right ones."""
    faults, needed = [], set(orders[0])
    if spare := sorted(set(answer).difference(*orders)):
        faults.append(f"{_lines(spare)} not needed")
    if missing := len(needed.difference(answer)):
        verb = "is" if missing == 1 else "are"
        faults.append(f"{plural(missing, 'line')} of the {len(needed)} needed {verb} missing")
    if faults:
        return ", and ".join(faults)
    right = max(_alike(answer, order) for order in orders if len(order) == len(answer))
    return f"these are the right lines, but in another order from place {right + 1} on"


def _lines(numbers: list[int]) -> str:
    told = " and ".join(map(str, numbers))
    return f"line {told} is" if len(numbers) == 1 else f"lines {told} are"


def _alike(answer: tuple[int, ...], order: tuple[int, ...]) -> int:
    same = [a == b for a, b in zip(answer, order, strict=True)]
    return [*same, False].index(False)
