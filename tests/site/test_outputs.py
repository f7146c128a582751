"""Every cell of every notebook gives in the browser what it gives on the computer.

All of them run in one kernel, in a browser that reaches nothing but the site. Its Python is 3.14.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from course_lib.staff.web.contents import notebooks
from tests.conftest import ROOT
from tests.site.kernel import Kernel

DIFFERENT = {
    # A page brings JupyterLab along, and nbgrader and nbval are not for readers.
    ("00_start_here.ipynb", "%run -m course_lib.environment"): "all well: 5 of 5",
    # Threads on the live clock, and four that compute at the same time.
    ("waiting_and_computing.ipynb", "def live("): "Python in a browser has one thread",
    ("waiting_and_computing.ipynb", "wall, worked ="): "not in a browser",
    ("deeper_waiting_and_computing.ipynb", "def four_at_once("): "not in a browser",
}
"""The notebook, and how the cell begins → what it says about it there, in its code or below it."""


@pytest.mark.parametrize("path", notebooks(ROOT), ids=str)
def test_each_cell_gives_the_same_text(path: Path, kernel: Kernel) -> None:
    """stdout, stderr, errors, and each text form of what is shown."""
    different = [each for each in kernel.differences(path) if not _says_so(path, each)]
    assert different == []


def _says_so(path: Path, cell: tuple[str, dict[str, str], dict[str, str]]) -> bool:
    """Whether it is one of those that differ, and tells its reader."""
    source, _, found = cell
    return any(
        path.name == name and source.startswith(begin) and said in f"{source}{found}"
        for (name, begin), said in DIFFERENT.items()
    )
