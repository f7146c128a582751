"""Every cell of every notebook gives in the browser what it gives on the computer.

All of them run in one kernel, in a browser that reaches nothing but the site. Its Python is 3.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from course_lib.staff.web.contents import notebooks
from tests.conftest import ROOT
from tests.site.kernel import Kernel
from tests.site.reader import profile

THREADS = "four threads compute at the same time on the computer; a browser has one, and says so"
DIFFERENT = {
    ("00_start_here.ipynb", "%run -m course_lib.environment"): (
        "a page brings JupyterLab along, and nbgrader and nbval are not for readers"
    ),
    ("waiting_and_computing.ipynb", "def live("): "threads on the live clock; a browser says so",
    ("waiting_and_computing.ipynb", "wall, worked ="): THREADS,
    ("deeper_waiting_and_computing.ipynb", "def four_at_once("): THREADS,
}
"""The notebook, and how the cell begins → why it differs in a browser."""


@pytest.fixture(scope="module")
def kernel(host: Any, play: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One for all notebooks; no outside address was asked."""
    with profile(play, tmp_path_factory.mktemp("profile")) as (context, outside):
        yield Kernel(context.new_page(), host[0])
    assert outside == []


@pytest.mark.parametrize("path", notebooks(ROOT), ids=str)
def test_each_cell_gives_the_same_text(path: Path, kernel: Kernel) -> None:
    """stdout, stderr, errors, and each text form of what is shown."""
    different = [each for each in kernel.differences(path) if not _is_known(path, each[0])]
    assert different == []


def _is_known(path: Path, source: str) -> bool:
    return any(path.name == name and source.startswith(begin) for name, begin in DIFFERENT)
