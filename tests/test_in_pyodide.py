"""Numbers, films and virtual threads are the same in the Python of the browser, which can start no
thread, and whose default integers have 32 bits. It is a Python 3.14.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import pyodide
from tests.conftest import ROOT, in_ci, missing

NUMBERS = ("test_load.py", "test_load_many.py", "test_theory.py", "test_scaling.py")
TESTS = (*NUMBERS, "test_camera_moments.py", "test_threads.py")
NOT_THERE = (
    "live or processes or loop_of_its_own or one_of_the_run or after_the_run_a_pool"
    " or whose_call_is_just_over or older"
)
"""Of the tests of threads: the live clock, processes, and what begins threads outside of a run."""


@pytest.fixture(scope="module")
def fetched() -> None:
    """Node and Pyodide have to be there; numpy for it is fetched in CI."""
    if os.environ.get("CI") and pyodide.is_missing().startswith("No numpy"):
        pyodide.fetch()
    if what := pyodide.is_missing():
        missing(what)


@in_ci
@pytest.mark.slow
@pytest.mark.usefixtures("fetched")
def test_the_same_is_true_in_the_python_of_the_browser() -> None:
    """pytest runs in Pyodide in node, with the same files of tests."""
    packages = Path(pytest.__file__).parent.parent
    folders = [str(path) for path in (ROOT, packages, pyodide.PURE, pyodide.NUMPY)]
    tests = [f"tests/{name}" for name in TESTS]
    words = ["-k", f"not test_threads or (AheadThreads and not ({NOT_THERE}))"]
    done = subprocess.run(
        ["node", str(ROOT / "tests" / "in_pyodide.mjs"), *folders, *tests, *words],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=1_500,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-5_000:]
    assert "default integer: int32" in said
