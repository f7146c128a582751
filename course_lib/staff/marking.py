"""The name by which the lines of quizzes say what they ask: they are read, and never run.

    mark(1, In, "two-clocks", seed=7)

`course_lib.staff.grading.asked` reads the number, the question and how its choices were shuffled.
"""

from __future__ import annotations

import os
from typing import Any


def mark(*_: Any, **__: Any) -> None:
    """Nothing, for an instructor who runs the source notebook.

    Raises RuntimeError where nbgrader's own autograde runs it, which would give the point to
    everybody: then the course's nbgrader_config.py is not in use.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        raise RuntimeError(
            "answers are read and not run: grade with python -m course_lib.staff grade, "
            "or take the course's own nbgrader_config.py"
        )


__all__ = ["mark"]
