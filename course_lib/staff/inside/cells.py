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

SECONDS_A_CELL = {signal.ITIMER_PROF: 3.0, signal.ITIMER_REAL: 15.0}
"""Of processor, and real ones: a cell that takes longer is stopped, as by a click on the square.

A computer that is busy with other submissions takes several real seconds for one of processor.
"""


class Quiet:
    """What magics find instead of IPython: they do nothing here."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


FROM_IPYTHON = {
    "get_ipython": Quiet,
    "display": lambda *_, **__: None,
    "In": [""],
    "Out": dict[int, Any](),
    **dict.fromkeys(("_", "__", "___", "_i", "_ii", "_iii"), ""),
}
"""Names that a kernel has before the first cell."""


def run_cells(cells: Sequence[str]) -> dict[str, Any]:
    """The names that they define. An error ends its cell, and no more."""
    namespace: dict[str, Any] = {"__name__": "__main__", **FROM_IPYTHON}
    for number, source in enumerate(cells, start=1):
        with contextlib.suppress(BaseException), warnings.catch_warnings(action="ignore"):
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            code = compile(source, f"<cell {number}>", "exec", flags, dont_inherit=True)
            with _limited():
                waiting = eval(code, namespace)
                if inspect.iscoroutine(waiting):  # as a kernel, but that nobody has to wait
                    run(waiting)
    return namespace


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGALRM, stop)
    for timer, seconds in SECONDS_A_CELL.items():
        signal.setitimer(timer, seconds, seconds / 3)  # again, if it goes on all the same
    try:
        yield
    finally:
        for timer in SECONDS_A_CELL:
            signal.setitimer(timer, 0)
