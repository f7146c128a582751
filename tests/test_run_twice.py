"""A cell that a reader runs twice works again, and shows the same."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell

from course_lib.staff.forms.notebook_file import COLOUR, all_notebooks, read
from course_lib.staff.record import run
from tests.conftest import ROOT
from tests.lesson import shown_texts

pytestmark = pytest.mark.slow

# In CI each that is read with a hand on the keys, so no answers; a person's run has one of them,
# whose cells have much to keep between them.
MOST = slice(None) if os.environ.get("CI") else slice(1)
NOTEBOOKS = sorted(
    (path for path in all_notebooks() if path.parent.name != "answers"),
    key=lambda path: path.name != "two_writes.ipynb",
)[MOST]
NUMBER = re.compile(r"\bIn\[\d+\]")  # of the cell, in a traceback


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_cell_may_be_run_twice(path: Path) -> None:
    """No error that is not announced, nothing on stderr, and the same words as at first."""
    notebook = read(path)
    twice = [
        (cell, new_code_cell(cell.source, metadata=cell.metadata))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    notebook.cells = [cell for both in twice for cell in both]
    run(notebook, path.parent)
    for first, again in twice:
        assert _said(again) == _said(first), first.source


def _said(cell: Any) -> list[str]:
    return [NUMBER.sub("In[]", COLOUR.sub("", text)) for text in shown_texts(cell.outputs)]
