"""Whether nbgrader's *Validate* runs a notebook, and an error that it shows as its words alone.

    if is_validating():
        raise WordsAlone("Question 2 has no answer.")

*Validate* tells a student what raises, and nothing of what is printed.
References: nbgrader's `validator.py`, which sets NBGRADER_EXECUTION.
"""

from __future__ import annotations

import os


class WordsAlone(Exception):  # noqa: N818  what is told with it may be no error at all
    """What a student is told, without the lines of the course that told it."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it, in place of a traceback."""
        return [str(self)]


def is_validating() -> bool:
    """Whether it is *Validate* that runs this; not so when a student does, or when it is graded."""
    return os.environ.get("NBGRADER_EXECUTION") == "validate"
