"""Run the cells of a notebook as its kernel would: each for itself, whatever the others did."""

from __future__ import annotations

import ast
import contextlib
import inspect
import signal
import warnings
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

from course_lib.flow import run

SECONDS_A_CELL = 3.0
"""A cell that takes longer is stopped, as by a click on the square."""


class Quiet:
    """What magics find instead of IPython: they do nothing here."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def run_cells(cells: Sequence[str]) -> dict[str, Any]:
    """The names that they define. An error ends its cell, and no more."""
    namespace: dict[str, Any] = {"__name__": "__main__", "get_ipython": Quiet}
    for number, source in enumerate(cells, start=1):
        with contextlib.suppress(BaseException), warnings.catch_warnings(action="ignore"):
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile(source, f"<cell {number}>", "exec", flags, dont_inherit=True)
            with _limited(SECONDS_A_CELL):
                waiting = eval(code, namespace)
                if inspect.iscoroutine(waiting):  # as a kernel, but that nobody has to wait
                    run(waiting)
    return namespace


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
