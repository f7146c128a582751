"""The notebooks of the site: what a reader can open, run, change and hand in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..demo import copy_course
from ..forms.notebook_file import all_notebooks

ASSIGNMENTS = ("module_0_quiz", "module_0_exercises")


def notebooks(root: Path) -> list[Path]:
    """Every notebook of the site that is to be read, by its path from the course's folder."""
    return [path.relative_to(root) for path in all_notebooks(root / "notebooks")]


def gather(root: Path, target: Path) -> None:
    """Copy the notebooks with their pictures, and the assignments as students get them."""
    for path in notebooks(root):
        (target / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy(root / path, target / path)
    shutil.copytree(root / "notebooks" / "pictures", target / "notebooks" / "pictures")
    for name in ASSIGNMENTS:
        # At the top: a browser names a download after its whole path, and grading wants this name.
        (target / f"{name}.ipynb").write_bytes(released(root, name))


def released(root: Path, name: str) -> bytes:
    """An assignment without keys, solutions and hidden tests, as nbgrader releases it."""
    with tempfile.TemporaryDirectory() as spare:
        course = Path(spare) / "course"
        copy_course(root / "quizzes", course)
        # nbgrader starts programs that lie beside this Python.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        words = [sys.executable, "-m", "nbgrader", "generate_assignment", name]
        variables = os.environ | {"PATH": path}
        done = subprocess.run(
            words, cwd=course, env=variables, capture_output=True, text=True, check=False
        )
        made = course / "release" / name / f"{name}.ipynb"
        if done.returncode or not made.is_file():
            raise FileNotFoundError(f"{done.stderr}\n{name} could not be released, see above")
        return made.read_bytes()
