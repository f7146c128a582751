"""The processes that work through a class: what they import."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT


def test_a_worker_imports_nothing_that_reads_notebooks() -> None:
    """It gets what is asked, and reads submissions by itself: nbformat takes a second to import."""
    program = "import sys, course_lib.staff.grading.workers; print('nbformat' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
