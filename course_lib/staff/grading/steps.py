"""Two of the steps of `nbgrader autograde`, so that it neither cries wolf nor fails in silence."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader import utils  # type: ignore[import-untyped]
from nbgrader.preprocessors import (  # type: ignore[import-untyped]
    ClearHiddenTests,
    NbGraderPreprocessor,
)
from nbgrader.preprocessors import OverwriteCells as NbgradersOverwriteCells

OURS_TO_MEND = ("BankError", "ImportError", "ModuleNotFoundError")


class OverwriteCells(NbgradersOverwriteCells):  # type: ignore[misc]
    """nbgrader's own, which puts the hidden tests back and warns of every cell that has some.

    This one warns only when a cell is not as it was released, so that a warning means something.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        self._submitted = str(cell.source)
        after: tuple[NotebookNode, Any] = super().preprocess_cell(cell, resources, cell_index)
        return after

    def report_change(self, name: str, attr: str, old: Any, new: Any) -> None:
        if attr != "checksum" or self._submitted != self._released(name):
            super().report_change(name, attr, old, new)

    def _released(self, name: str) -> str:
        """The source of a cell as students got it."""
        known = self.gradebook.find_source_cell(name, self.notebook_id, self.assignment_id)
        cell = new_code_cell(known.source)  # type: ignore[no-untyped-call]
        ClearHiddenTests(enforce_metadata=False).preprocess_cell(cell, {}, 0)
        return str(cell.source)


class NeedsMarks(NbGraderPreprocessor):  # type: ignore[misc]
    """Stops the grading of a notebook whose tests could not do their work.

    A bank that is not there, or another Python's environment, is no fault of the student's; but to
    nbgrader a test that fails is worth no points, whatever it failed of.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        if utils.is_grade(cell) and "course_lib.staff" in cell.source:
            for output in cell.get("outputs", []):
                if output.output_type == "error" and output.ename in OURS_TO_MEND:
                    name = cell.metadata.nbgrader.grade_id
                    raise RuntimeError(f"no marks given, for {name} says: {output.evalue}")
        return cell, resources
