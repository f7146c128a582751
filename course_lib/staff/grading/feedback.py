"""The feedback that `nbgrader generate_feedback` writes: one page of HTML for each notebook.

Quizzes and exercises go through here. The page says why for what a student chose, and shows what a
student wrote as text: nothing of it runs in a browser. No line of a hidden test is in it, and of
outputs only what tests said, as text. The setting `reveal` adds the best choices; the page is made
from the bank and the submitted answers each time, so it can be set later without grading again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException  # type: ignore[import-untyped]
from nbgrader.preprocessors import GetGrades  # type: ignore[import-untyped]
from traitlets import Bool

from course_lib.answers import Reading
from course_lib.quiz import BankError

from ..forms.notebook_file import NotebookError, read
from .asked import AskedQuestion, asked_by, course_root
from .feedback_page import Asked, Part, Solution, Tested, Words, page
from .marks import Judged, as_run, judge
from .patience import patiently
from .rebuilt import ANSWER

WAITS = "waits"
"""Where in nbgrader's metadata of a graded cell it is kept whether it waits for a person."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Grades(GetGrades):  # type: ignore[misc]
    """nbgrader's points and comments, and whether a person still has to look at a cell."""

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._get_score(cell, resources)
        about = cell.metadata.nbgrader
        where = (about.grade_id, self.notebook_id, self.assignment_id, self.student_id)
        about[WAITS] = self.gradebook.find_grade(*where).needs_manual_grade


class FeedbackPage(Exporter):
    """What nbgrader turns a graded notebook into: give it to GenerateFeedback.exporter_class."""

    reveal = Bool(False, help="Name the best choice of each question too.").tag(config=True)
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def __init__(self, **words: Any) -> None:
        """Raises NbGraderException, as nbgrader wants it, if a bank has faults: with --force it
        would delete the old page of each student, and fail to make the new one.
        """
        super().__init__(**words)  # type: ignore[no-untyped-call]
        converter: Any = self.parent
        try:
            for path in next(iter(getattr(converter, "assignments", {}).values()), []):
                _must_have_banks(Path(path), Path(converter.coursedir.root))
        except BankError as problem:
            self.log.error("%s", problem)
            raise NbGraderException(str(problem)) from None

    def from_notebook_node(  # type: ignore[override]  # as all of nbconvert's that give text
        self, nb: NotebookNode, resources: Any = None, **words: Any
    ) -> tuple[str, Any]:
        """The page, and nbconvert's resources; Grades has put the points there."""
        nb, resources = super().from_notebook_node(nb, resources, **words)
        about = resources["nbgrader"]
        parts = list(_parts(nb, course_root(Path.cwd())))
        return page(about, parts, reveal=self.reveal), resources


def _must_have_banks(notebook: Path, course: Path) -> None:
    """Raise BankError if a bank that its questions are from has faults."""
    with suppress(NotebookError):  # told when its turn comes
        for cell in read(notebook).cells:
            if about_cell(cell).get("grade"):
                asked_by(cell.source, course)


def _parts(notebook: NotebookNode, course: Path) -> Iterator[Part]:
    """What the page says, cell by cell."""
    for cell in notebook.cells:
        about = about_cell(cell)
        if cell.cell_type != "code":
            yield Words(cell.source, trusted=bool(about.get("locked")), **_marks(about))
        elif about.get("grade") and not about.get("solution"):
            points = (about.get("score") or 0.0, about.get("points") or 0.0)
            judged = _judged(cell, notebook, course)
            waits = about.get(WAITS, True)
            yield Asked(*judged, points, waits) if judged else _tested(cell, points)
        elif not about.get("locked") and not re.match(r"\s*answer_\d+\s*=[^\n]*\s*$", cell.source):
            yield Solution(cell.source, **_marks(about))


def _judged(check: NotebookNode, notebook: NotebookNode, course: Path) -> tuple[int, Judged] | None:
    """Number of the question that a quiz's check asks, and what stands for it; None for another
    test.
    """
    found = asked_by(check.source, course)
    if not isinstance(found, AskedQuestion):
        return None
    kept = check.metadata.get(ANSWER)
    if isinstance(kept, dict):  # what the marks went by
        known = {field.name: kept[field.name] for field in fields(Reading) if field.name in kept}
        return found.number, Judged(found.question, Reading(**known))
    with patiently():
        ran = [as_run(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
        return found.number, judge(found.number, ran, found.question)


def _tested(cell: NotebookNode, points: tuple[float, float]) -> Tested:
    """What a test said: printed lines, and errors without the lines that raised them."""
    said = []
    for output in cell.outputs:
        if output.output_type == "stream":
            said.append(output.text)
        elif output.output_type == "error":
            said.append(_error(output))
    text = COLOUR.sub("", "\n".join(part.rstrip("\n") for part in said))
    return Tested(cell.metadata.nbgrader.grade_id, text, points)


def _error(output: NotebookNode) -> str:
    """The error's words; its name too, unless it draws its own traceback, as ours do."""
    if "\n".join(output.traceback).strip() == output.evalue.strip():
        return str(output.evalue)
    return f"{output.ename}: {output.evalue}"


def about_cell(cell: NotebookNode) -> dict[str, Any]:
    """What nbgrader notes of a cell; empty for a student's own, whatever that claims to be."""
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) and "grade_id" in about else {}


def _marks(about: dict[str, Any]) -> dict[str, Any]:
    points = (about.get("score") or 0.0, about.get("points") or 0.0) if about.get("grade") else None
    return {"points": points, "comment": about.get("comment") or ""}
