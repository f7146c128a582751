"""The exercises: what is handed in for each, and the properties that are looked for in it.

    check("retry", "attempts", retry)

Each exercise has a file here. A property looks at a piece from outside only: at what it does with
what it is given. A notebook asks with published cases, the marks with others of the same kind.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence

from ..loop.threads import THREADS_START
from ..validation import is_validating
from . import (
    breaker,
    dead_letters,
    deadline,
    handle_all,
    inbox,
    key_order,
    outbox,
    pipeline,
    retry,
    signature,
)
from .here import Here
from .property import Exercise, NotMet

EXERCISES: dict[str, Exercise] = {
    "handle_all": handle_all.EXERCISE,
    "run_pipeline": pipeline.EXERCISE,
    "retry": retry.EXERCISE,
    "consume": inbox.EXERCISE,
    "work_off": dead_letters.EXERCISE,
    "Breaker": breaker.EXERCISE,
    "verify": signature.EXERCISE,
    "outbox": outbox.EXERCISE,
    "consume_by_key": key_order.EXERCISE,
    "within": deadline.EXERCISE,
}


ONE_THREAD = (
    "not tried here: it needs threads side by side, and Python in a browser has one. JupyterLab on "
    "a computer tries it, and so do the marks."
)


def check(exercise: str, name: str, *pieces: object) -> None:
    """Say whether the property holds on published cases, or with what smallest case it does not.

    Where no thread can be started, as in a browser, a property that needs some says so instead.
    Raises NotMet in place of saying so while nbgrader validates, so that *Validate* tells it too.
    Raises KeyError for a property that does not exist: then the notebook is wrong, not the student.
    """
    asked = EXERCISES[exercise]
    if name in asked.needs_threads and not THREADS_START:
        print(f"{name}: {ONE_THREAD}")
        return
    student = Here(dict(zip(asked.pieces, pieces, strict=True)), _cells())
    try:
        asked.properties[name](student, random.Random(0))
    except NotMet as words:
        if is_validating():
            raise NotMet(str(words)) from None
        print(f"{name}: not yet. {words}")
    else:
        print(f"{name}: holds.")


def _cells() -> Sequence[str]:
    """All cells that this kernel has run, in the order in which it did; none outside of one."""
    run: Sequence[str] = vars(sys.modules["__main__"]).get("In", ())
    return run


__all__ = ["EXERCISES", "Exercise", "NotMet", "check"]
