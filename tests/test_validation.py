"""What speaks to *Validate*, and how it is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.answers import Unanswered
from course_lib.exercises import NotMet
from course_lib.validation import WordsAlone, is_validating
from tests.conftest import ROOT


@pytest.mark.parametrize(("when", "said"), [("validate", True), ("autograde", False), ("", False)])
def test_only_validate_validates(when: str, said: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else who runs a notebook does, nbgrader's own autograde included."""
    monkeypatch.setenv("NBGRADER_EXECUTION", when)
    assert is_validating() is said
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert not is_validating()


def test_a_notebook_shows_the_words_alone(tmp_path: Path) -> None:
    """As IPython prints an error: neither the name of its class nor a line of the course."""
    program = "import course_lib.validation as v; raise v.WordsAlone('Two lines,\\nso far.')"
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=NoColor", "-c", program],
        cwd=ROOT,
        env=os.environ | {"IPYTHONDIR": str(tmp_path)},  # so that it stands in no history
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout + done.stderr == "Two lines,\nso far.\n"


@pytest.mark.parametrize("kind", [NotMet, Unanswered])
def test_the_quiz_and_the_exercises_speak_alike(kind: type[WordsAlone]) -> None:
    """By the one error that is shown so."""
    assert issubclass(kind, WordsAlone)
    assert kind._render_traceback_ is WordsAlone._render_traceback_
