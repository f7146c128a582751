"""One thing that is handed in, and what must become of it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]
QUIZ, EXERCISES = "module_0_quiz", "module_0_exercises"
MARKS = "\u0315\u0316" * 100_000
"""Accents for one letter, each second of which belongs before all that stand before it."""


@dataclass(frozen=True)
class HandIn:
    """A submission of the corpus."""

    name: str
    assignment: str
    points: float | str
    """Wanted in the gradebook: a number, "all", "all but one", or "lines" for orders of lines."""
    put: Callable[[Path, Notebook], None]
    """Writes it into a folder, beginning with a notebook in which all is right."""
    told: str = ""
    """A pattern that must be found in what is told of it, in notebook, gradebook or summary."""
    person: bool = False
    """Whether it must be among those that need a person."""

    @property
    def student(self) -> str:
        """The name of its folder."""
        return re.sub(r"\W+", "-", self.name).strip("-")


def write(folder: Path, assignment: str, notebook: Notebook | str | bytes, name: str = "") -> None:
    """The submission's file, as text, as bytes or as a notebook."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, dict):
        notebook = json.dumps(notebook)
    if isinstance(notebook, str):
        notebook = notebook.encode()
    (folder / (name or f"{assignment}.ipynb")).write_bytes(notebook)


def changed(
    assignment: str, change: Callable[[Notebook], Notebook | str | bytes | None]
) -> Callable[[Path, Notebook], None]:
    """A `put` that writes what `change` makes of the notebook, in place if it gives nothing."""

    def put(folder: Path, notebook: Notebook) -> None:
        notebook = copy.deepcopy(notebook)
        made = change(notebook)
        write(folder, assignment, notebook if made is None else made)

    return put


def cell(notebook: Notebook, name: str) -> Notebook:
    """The cell of this id."""
    found: Notebook = next(one for one in notebook["cells"] if one.get("id") == name)
    return found


def code(source: str, **metadata: Any) -> Notebook:
    """A cell of a student's own."""
    return {"cell_type": "code", "execution_count": 1, "metadata": metadata, "outputs": [],
            "source": source}  # fmt: skip


def on_top(notebook: Notebook, source: str, **metadata: Any) -> None:
    """Put a cell of code before all others."""
    notebook["cells"].insert(0, code(source, **metadata))


def at_the_end(notebook: Notebook, source: str, **metadata: Any) -> None:
    """Put a cell of code behind all others."""
    notebook["cells"].append(code(source, **metadata))


def key(notebook: Notebook, number: int) -> str:
    """The letter of the right answer, as it stands in the notebook in which all is right."""
    found = re.search(r"= ['\"](.)['\"]", cell(notebook, f"answer-{number}")["source"])
    if found is None:
        raise ValueError(f"answer {number} is no letter")
    return found[1]


def another(letter: str) -> str:
    """A letter that is not this one."""
    return "A" if letter != "A" else "B"
