"""The container that Codespaces and editors make: as far as it can be read without an engine."""

from __future__ import annotations

import json
import shlex

import pytest

import start
from course_lib.staff import lock
from tests.conftest import ROOT

TOLD = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def test_its_python_is_the_one_of_environment_yml() -> None:
    """One and the same for Binder, hubs and this."""
    assert TOLD["image"].endswith(f":{lock.CONDA_PYTHON}")


def test_its_command_makes_the_environment_of_start_py(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same versions and hashes, in the folder in which the editor looks for its Python."""
    words = shlex.split(TOLD["postCreateCommand"])
    made: list[list[str]] = []
    monkeypatch.setattr(start, "environment", made.append)
    assert words[:2] == ["python3", "-c"]
    exec(words[2], {})
    assert made == [[start.STUDENT]]
    python = TOLD["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"


def test_what_it_opens_is_there() -> None:
    """The first notebook."""
    assert TOLD["customizations"]["codespaces"]["openFiles"] == [start.FIRST_NOTEBOOK]
