"""That only one grader works on a course at a time: a lock that ends with its process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where nbgrader's exchange does not work either
    fcntl = None  # type: ignore[assignment]


class BusyError(Exception):
    """Somebody else is grading this course; says who."""


@contextmanager
def one_grader(file: Path) -> Iterator[None]:
    """Hold the lock; BusyError if another process does. A killed one holds nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as held:
        if fcntl is not None:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                held.seek(0)
                who = held.read().strip() or "another one"
                raise BusyError(
                    f"Somebody is grading here already (process {who}): wait until they are done."
                ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
