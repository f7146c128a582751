"""Each lab runs from top to bottom on its servers, and shows what is stored, but for the times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import nbformat
import pytest

from tests.lesson import NOTEBOOKS, ROOT

LABS = sorted(NOTEBOOKS.glob("labs/*.ipynb"))
PATIENCE = 600  # seconds for a cell: a busy machine starts a server slowly
SANITIZED = Path(__file__).parent / "nbval_sanitize.cfg"
each = pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)


def compared(path: Path) -> CompletedProcess[str]:
    """What nbval says of a notebook."""
    words = ["--nbval", f"--nbval-sanitize-with={SANITIZED}", f"--nbval-cell-timeout={PATIENCE}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words, "-q", "-p", "no:cacheprovider", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@each
def test_a_lab_shows_what_is_stored(path: Path) -> None:
    """Compared by nbval, cell by cell."""
    done = compared(path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("path", [p for p in LABS if p.stem != "ten_systems"], ids=lambda p: p.stem)
def test_a_wrong_output_is_seen(path: Path, tmp_path: Path) -> None:
    """Another first letter in the first text that a cell prints: the lab fails there.

    That of the ten systems prints its first text after minutes: it is compared as the others are.
    """
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells):
        printed = [output for output in cell.get("outputs", []) if "text" in output]
        if printed:
            printed[0]["text"] = "X" + printed[0]["text"][1:]
            notebook.cells = notebook.cells[: number + 1]
            break
    nbformat.write(notebook, tmp_path / path.name)
    done = compared(tmp_path / path.name)
    assert done.returncode == 1, done.stdout[-3000:]
    assert "1 failed" in done.stdout
