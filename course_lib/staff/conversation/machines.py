"""The computers on which the processes of a scene run: the same cells, each behind its own bars.

A cell can take away what keeps the processes of one computer from leaving each other signs, for it
is run before them and in the process that they are made of. Between two computers it can not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from .sandbox import Sandbox, Submission


class Machines:
    """As many as were asked for, made when they are: most exercises need one."""

    def __init__(self, sandbox: Sandbox, cells: Sequence[str]) -> None:
        self.sandbox = sandbox
        self.cells = cells
        self.has_hung = False
        """Whether something that hung in one was tried again."""
        self._made: list[Submission] = []
        self._end = ExitStack()

    def first(self, count: int) -> Sequence[Submission]:
        """So many of them; raises Silent or Broken where the cells do not come to their end.

        The time that there is for all goes on once the cells are run again.
        """
        while len(self._made) < count:
            begin = time.monotonic()
            one = self._end.enter_context(self.sandbox.submission(self.cells))
            for other in self._made:
                other.until += time.monotonic() - begin
                one.until = other.until
            self._made.append(one)
        return self._made[:count]

    def __enter__(self) -> Machines:
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
