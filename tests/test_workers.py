"""The processes that work through a class: what they import, and on which processor they stay."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from course_lib.staff.grading import workers
from tests.conftest import ROOT


def test_a_worker_imports_nothing_that_reads_notebooks() -> None:
    """It gets what is asked, and reads submissions by itself: nbformat takes a second to import."""
    program = "import sys, course_lib.staff.grading.workers; print('nbformat' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_workers_are_spread_over_the_processors_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each stays on one of them, and where there are more workers, they share."""
    stayed: list[set[int]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7, 2, 5}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _, on: stayed.append(on), raising=False)
    for number in range(4):
        workers._stay_on_one_processor(number)
    assert stayed == [{2}, {5}, {7}, {2}]


def test_a_system_without_processors_to_choose_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS, which has no such call."""
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    workers._stay_on_one_processor(0)
