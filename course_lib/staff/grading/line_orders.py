"""Parsons problems: the lines of a small working piece in their order.

An answer is a list of numbers. Every order that works is accepted; a line that is not needed is
left out.
"""

from __future__ import annotations

from course_lib.line_order import Order

ORDERS: dict[str, tuple[tuple[int, ...], ...]] = {
    "off the loop": ((3, 1, 4),),
    "a bounded queue": ((4, 2, 1, 5),),
    "a wait with jitter": ((2, 5, 1),),
    "an inbox": ((3, 1, 4, 2), (3, 4, 1, 2)),
    "a dead letter": ((2, 4, 1, 3),),
    "an open breaker": ((1, 4, 2),),
    "a signature": ((4, 1, 3),),
    "a relay": ((2, 4, 1),),
    "a line for each key": ((3, 1, 4),),
}
"""Name of a piece → the orders of its lines that work."""


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
    right = max(_alike(order.lines, known) for known in ORDERS[name])
    return (
        f"Your order is {list(order.lines)}. From its beginning, {right} of its lines are in place."
        + note
    )


def _alike(answer: tuple[int, ...], order: tuple[int, ...]) -> int:
    same = [a == b for a, b in zip(answer, order, strict=False)]
    return [*same, False].index(False)
