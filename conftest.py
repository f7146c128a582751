"""How pytest runs the notebooks: from any folder, on any number of processes, beside any plugin."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent
CELL_TIMEOUT, NBVALS_TIMEOUT = 120, 2000  # seconds; the second is what it takes unless told
# xdist's workers begin in this folder; without it a student's queue.py here would end them.
SAFE_PATH, FOR_WORKERS = "PYTHONSAFEPATH", "while xdist begins"
# Before the packages, of which one has a folder `tests`, too, and after Python's own modules, which
# no student's queue.py here shall hide.
sys.path[:] = [place for place in sys.path if place != str(ROOT)]
sys.path.insert(next(n for n, p in enumerate(sys.path) if p.endswith("-packages")), str(ROOT))


if os.environ.get(SAFE_PATH) == FOR_WORKERS:
    del os.environ[SAFE_PATH]  # this is such a worker, and begun


def pytest_configure(config: pytest.Config) -> None:
    """nbval compares every notebook, strictly, unless something else was asked for."""
    asked = config.option
    if getattr(asked, "numprocesses", None):
        os.environ.setdefault(SAFE_PATH, FOR_WORKERS)
    if not hasattr(asked, "nbval"):  # somebody has turned it off
        return
    if not asked.nbval_lax and not getattr(asked, "nbmake", False):
        asked.nbval = True
    if asked.nbval_sanitize_with is None:
        asked.nbval_sanitize_with = str(ROOT / "tests" / "nbval_sanitize.cfg")
    if asked.nbval_cell_timeout == NBVALS_TIMEOUT:
        asked.nbval_cell_timeout = CELL_TIMEOUT
    from nbval import kernel

    kernel.start_new_kernel = twice(kernel.start_new_kernel)


def twice(start: Callable[..., Any]) -> Callable[..., Any]:
    """Start another kernel where one died before it spoke.

    Jupyter gives a kernel numbers of ports that were free a moment ago: beside other tests one of
    them may be somebody else's by now.
    """

    def started(**words: Any) -> Any:
        try:
            return start(**words)
        except RuntimeError:
            return start(**words)

    return started


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With xdist, the cells of a notebook and the tests of a file stay in one process.

    The files come in order of their names, in which the long ones, in a browser, are the first.
    """
    from xdist.scheduler import LoadFileScheduling

    if config.getoption("dist") not in ("load", "loadfile", "loadscope", "worksteal"):
        return None
    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)
