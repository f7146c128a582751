"""What is said to the order that a student gives some lines: whether it can be read, not more.

print(ordered([3, 1, 4], lines=4))
"""

from __future__ import annotations

from typing import Any


def ordered(answer: Any, *, lines: int) -> str:
    """Which order is recorded, or what is wrong with it and how it should look."""
    form = f"write the numbers of the lines as a list, like [2, 1], each from 1 to {lines}"
    if not isinstance(answer, list):
        return f"this is of type {type(answer).__name__}, and no list: {form}"
    if not answer:
        return f"not answered yet: {form}"
    for number in answer:
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= lines:
            return f"{number!r} is no line: {form}"
        if answer.count(number) > 1:
            return f"line {number} stands twice: each line is used once, or not at all"
    return f"recorded: lines {', '.join(map(str, answer))}"
