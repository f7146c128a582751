"""What a machine can say about style, it says here and not in a review."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)],
    ids=["ruff check", "ruff format --check", "mypy"],
)
def test_nothing_to_complain_about(words: tuple[str, ...]) -> None:
    """The linter, the formatter and the type checker have nothing to say."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"python -m {' '.join(words)} says:\n{done.stdout}{done.stderr}"
