"""What a notebook costs those who run a hub: the memory of its kernel is the price of a seat."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.staff.forms.notebook_file import all_notebooks
from tests.conftest import ROOT, in_ci

MOST = 200 * 1024  # kilobytes of 1,024 bytes
# As a hub sets it: large arrays go back to the system, and do not leave holes that nobody fills.
HUB = {"MALLOC_MMAP_THRESHOLD_": "1048576"}
PEAK = "print(next(line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line))"
# The largest ones of all; the others stay below 160.
LARGE = ("06_trade_offs", "08_interactive_comparison", "the_slow_ones", "overload", "on_call")
NOTEBOOKS = [
    path for path in all_notebooks() if path.stem in LARGE and path.parent.name != "answers"
]


@in_ci
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_seat_is_small(path: Path) -> None:
    """The kernel's largest size, after all cells, and the libraries are in it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    folder = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, kernel_name="python3", allow_errors=True, resources=folder)
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT), **HUB})
    said = notebook.cells[-1].outputs[0]["text"]
    assert int(said) <= MOST, f"{int(said):,} kilobytes"
