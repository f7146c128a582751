"""The lines of the README for those who run notebooks by other tools: each is run as it stands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.staff.forms.notebook_file import normal_form
from tests.conftest import in_ci

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ("notebooks/00_start_here.ipynb", "notebooks/in_twelve_minutes.ipynb")
SECTION = "## For those who run notebooks by other tools"
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"\| `(.+)` \|$", README.partition(SECTION)[2].partition("\n## ")[0], re.M)
# The first line from each folder, the others from above the course; a person tries one, CI all.
CASES = [(LINES[0], folder) for folder in ("notebooks", ".", "..")]
CASES += [(line, "..") for line in LINES[1:]]

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the lines need, which they may write into."""
    course = tmp_path / "course"
    (course / "notebooks").mkdir(parents=True)
    (course / "tests").mkdir()
    for name in ("pyproject.toml", "conftest.py", "tests/nbval_sanitize.cfg", *NOTEBOOKS):
        shutil.copy(ROOT / name, course / name)
    return course


def run(line: str, copy: Path, folder: str) -> None:
    """A line of the README, as a person types it in `folder` with the environment switched on."""
    words = shlex.split(line)
    words = [os.path.relpath(copy / w, copy / folder) if w in NOTEBOOKS else w for w in words]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    path = str(Path(sys.executable).parent) + os.pathsep + variables.get("PATH", "")
    done = subprocess.run(
        words, cwd=copy / folder, env={**variables, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_there_are_lines() -> None:
    """The table is found, and each line names the notebook."""
    assert len(LINES) == 7
    assert all(any(notebook in line for notebook in NOTEBOOKS) for line in LINES)


@in_ci
@pytest.mark.parametrize(("line", "folder"), CASES)
def test_each_line_works_from_any_folder(copy: Path, line: str, folder: str) -> None:
    """From the notebooks' folder, from the course's and from above it."""
    run(line, copy, folder)


@in_ci
def test_a_second_run_changes_no_output(copy: Path) -> None:
    """By Jupyter itself: what differs is metadata, of which the normal form has none."""
    notebook = copy / NOTEBOOKS[1]
    before = notebook.read_bytes()
    ids = re.findall(rb'"model_id": "(.*)"', before)
    together = "--NotebookClient.coalesce_streams=True"  # a busy computer prints a line in two
    run(f"jupyter execute --inplace {together} {NOTEBOOKS[1]}", copy, ".")
    after = notebook.read_bytes()
    assert len(ids) > 1 and re.findall(rb'"model_id": "(.*)"', after) == ids
    is_same = normal_form(after).encode() == before  # pytest would compare them for half an hour
    assert is_same


@in_ci
def test_a_students_file_does_not_hide_a_module(copy: Path) -> None:
    """A queue.py beside the notebook, and one in the course's folder: all runs as before."""
    for place in (copy, copy / "notebooks"):
        for name in ("queue", "random", "email", "json"):
            (place / f"{name}.py").write_text("raise SystemExit('a student wrote this')\n")
    run(LINES[0], copy, "notebooks")
    run(LINES[1], copy, ".")
