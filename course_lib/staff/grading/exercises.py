"""What the conversation says to the properties of exercises, or why it says nothing.

Each process that grades keeps one sandbox warm; a student's code never sees another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from .asked import AskedProperty

if TYPE_CHECKING:
    from ..conversation import Verdict
    from ..conversation.sandbox import Sandbox

_warm: list[Sandbox] = []


def verdicts(cells: Sequence[str], asked: Sequence[AskedProperty], seed: str) -> list[Verdict]:
    """One for each property, in order; `cells` are the student's code as IPython would run it."""
    if not asked:
        return []
    # A quiz does without all that a conversation needs.
    from course_lib.exercises import EXERCISES

    from ..conversation import Verdict

    known = [
        (one.exercise, one.name)
        for one in asked
        if one.exercise in EXERCISES and one.name in EXERCISES[one.exercise].properties
    ]
    said = iter(_judged(cells, known, seed))
    unknown = "needs a person: this course knows no such property any more"
    return [
        next(said) if (one.exercise, one.name) in known else Verdict(None, unknown) for one in asked
    ]


def _judged(cells: Sequence[str], asked: Sequence[tuple[str, str]], seed: str) -> list[Verdict]:
    from ..conversation import Verdict, judge
    from ..conversation.sandbox import NoSandbox

    why = ""
    for _ in range(2):  # a sandbox may have come to an end meanwhile
        try:
            return judge(cells, asked, seed, _sandbox())
        except NoSandbox as problem:
            return [Verdict(None, f"needs a sandbox: {problem}")] * len(asked)
        except Exception as problem:  # noqa: BLE001  no submission may end the run for the others
            why = f"{type(problem).__name__}: {problem}"
            close()
    return [Verdict(None, f"needs a person: the conversation broke off ({why})")] * len(asked)


def _sandbox() -> Sandbox:
    from ..conversation.sandbox import Sandbox

    if not _warm:
        _warm.append(Sandbox())
        Finalize(None, close, exitpriority=10)
    return _warm[0]


def close() -> None:
    """Take down what is kept warm."""
    while _warm:
        _warm.pop().close()
