"""Where two texts differ, in as many lines as a person reads."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

SHOWN_LINES, SHOWN_WIDTH = 24, 160


def differing(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """The lines that one of two texts has alone: with - those of the old, with + of the new."""
    lines = difflib.unified_diff([*old], [*new], lineterm="", n=0)
    changed = (line for line in islice(lines, 2, None) if not line.startswith("@@"))
    return first([f"{line[0]} {line[1:]}" for line in changed])


def first(lines: Sequence[str]) -> list[str]:
    """As many as a person reads, indented, and how many more there are."""
    more = len(lines) - SHOWN_LINES
    told = [*lines[:SHOWN_LINES], f"… and {more:,} more"] if more > 0 else lines
    return [f"  {line}" for line in told]


def pieces(line: str) -> Iterator[str]:
    """A line in parts that can be shown whole: cut off, two that differ would look the same."""
    for begin in range(0, max(1, len(line)), SHOWN_WIDTH):
        yield line[begin : begin + SHOWN_WIDTH]
