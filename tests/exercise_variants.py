"""Answers to the exercises: the reference of the source notebook, and wrong ones by name.

`reference(n)` is the source of the solution cell of exercise n, `wrong(n)` its wrong variants, each
a change of the reference, with the property that it breaks and words of the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import nbformat

from tests.conftest import ROOT

SOURCE = ROOT / "quizzes" / "source" / "module_0_exercises" / "module_0_exercises.ipynb"
NAMES = {
    1: ("handle_all", ("handle_all",)),
    2: ("run_pipeline", ("run_pipeline",)),
    3: ("retry", ("retry",)),
    4: ("consume", ("consume",)),
    5: ("work_off", ("work_off",)),
    6: ("Breaker", ("Breaker",)),
    7: ("verify", ("verify",)),
    8: ("outbox", ("place_order", "relay")),
    9: ("consume_by_key", ("consume_by_key",)),
    10: ("within", ("within",)),
}
"""Number → the exercise's name, and the names that the student defines."""


@dataclass(frozen=True)
class Variant:
    """A wrong answer: what is changed, which property notices, and words of what it says."""

    name: str
    changes: tuple[tuple[str, str], ...]
    property: str
    says: str

    def source(self, number: int) -> str:
        text = reference(number)
        for old, new in self.changes:
            if old not in text:
                raise ValueError(f"{self.name}: exercise {number} has no {old!r}")
            text = text.replace(old, new)
        return text


@cache
def reference(number: int) -> str:
    """The solution cell as an instructor has it."""
    notebook = nbformat.read(SOURCE, as_version=4)
    source: str = next(c.source for c in notebook.cells if c.id == f"ex{number}-solution")
    return source


def defined(number: int, source: str) -> list[Any]:
    """What a cell with this source defines, after the notebook's own imports."""
    notebook = nbformat.read(SOURCE, as_version=4)
    space: dict[str, Any] = {"__name__": "student"}
    exec(next(c.source for c in notebook.cells if c.id == "setup"), space)
    exec(source, space)
    return [space[name] for name in NAMES[number][1]]


def one(name: str, old: str, new: str, prop: str, says: str) -> Variant:
    return Variant(name, ((old, new),), prop, says)


WRONG: dict[int, list[Variant]] = {
    7: [
        one("==", "hmac.compare_digest(mine, theirs)", "mine == theirs", "constant time",
            "compare_digest was not called"),
        one("no window", "abs(now - int(t)) > tolerance", "False", "the window",
            "t is 301 s ago"),
        one("one-sided", "abs(now - int(t))", "now - int(t)", "the window", "t is 301 s ahead"),
        one("unsigned time", 'f"{int(t)}.".encode() + body', "body", "raw bytes",
            "the sender's own header"),
        one("accepts v0", 'key == "v1"', 'key in ("v0", "v1")', "versions",
            "A v0 counts for nothing"),
        one("first only", "for theirs in given)", "for theirs in given[:1])", "versions",
            "the second is right"),
        one("raises", "(AttributeError, ValueError, StopIteration)", "(KeyError,)",
            "malformed headers", "nothing is raised"),
        one("without its edge", "> tolerance", ">= tolerance", "the window", "t is 300 s ago"),
    ],
}  # fmt: skip


def wrong(number: int) -> list[Variant]:
    """The wrong variants of an exercise; those of `tests/exercises` have theirs there."""
    return WRONG.get(number, [])
