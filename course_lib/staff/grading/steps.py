"""How `nbgrader autograde` and Formgrader's button grade: as `staff grade` does, one by one.

    c.Autograde.exporter_class = "course_lib.staff.grading_steps.GradedNotebook"
    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = []

nbgrader asks the exporter for each notebook that it finds, so nothing of its own reads what was
handed in, and no kernel is started. What it does before, reading times and copying other files, is
looked at first: where that cannot be safe, all of it is refused.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters.base import NbGraderException  # type: ignore[import-untyped]
from nbgrader.preprocessors import NbGraderPreprocessor  # type: ignore[import-untyped]

from course_lib.quiz import BankError

from .class_run import NOTES, course_settings, look_whose, task_of, write_outcomes
from .database import GradebookError
from .gradebook import Book
from .one_grader import BusyError, one_grader
from .submission import LARGEST
from .timestamp import time_of
from .work import graded_texts

COMMAND = "python -m course_lib.staff grade"


class GradedNotebook(NotebookExporter):
    """What nbgrader turns a submission into: give it to Autograde.exporter_class."""

    def __init__(self, **words: Any) -> None:
        """Raises NbGraderException, as nbgrader wants it, if there is a reason not to begin."""
        super().__init__(**words)  # type: ignore[no-untyped-call]
        converter: Any = self.parent
        self._course = course_settings(Path(converter.coursedir.root), converter.coursedir.db_url)
        self._assignment = converter.coursedir.assignment_id
        try:
            refuse(map(Path, converter.assignments), self._assignment)
            with one_grader(self._course.root / NOTES / "lock"), closing(self._book()) as book:
                look_whose(book, self._course)
                self._task = task_of(self._course, book)
        except (BankError, BusyError, GradebookError) as problem:
            self.log.error("%s", problem)
            raise NbGraderException(str(problem)) from None

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **words: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The graded notebook, with its marks in the gradebook; what is graded is left as it is."""
        student = (resources or {})["nbgrader"]["student"]
        if Path(filename).resolve().is_relative_to(self._course.graded.resolve()):
            return super().from_filename(filename, resources, **words)
        outcome, texts = graded_texts(self._task, student)
        name = Path(filename).stem
        notebook = nbformat.reads(texts[name], as_version=4)  # type: ignore[no-untyped-call]
        with closing(self._book()) as book:
            write_outcomes(book, [outcome])
        made: tuple[NotebookNode, dict[str, Any]] = super().from_notebook_node(  # type: ignore[no-untyped-call]
            notebook, resources, **words
        )
        return made

    def _book(self) -> Book:
        return Book(self._course.database, self._assignment, self._course.penalty, self.log.warning)


def refuse(folders: Iterable[Path], assignment: str) -> None:
    """Raise GradebookError if nbgrader cannot copy what is in these folders without danger."""
    for folder in folders:
        for path in (folder.parent, folder, *folder.rglob("*")):
            if reason := _danger(path):
                raise GradebookError(
                    f"{path}: {reason}. That is nothing for nbgrader; "
                    f"this grades all others, and says so: {COMMAND} {assignment}"
                )


def _danger(path: Path) -> str:
    """What could become of nbgrader if it took this file for one like any other."""
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        return "it is a link"
    if stat.S_ISDIR(about.st_mode):
        return ""
    if not stat.S_ISREG(about.st_mode):
        return "it is a pipe or a device"
    if about.st_size > LARGEST:
        return f"it has {about.st_size:,} bytes, and at most {LARGEST:,} are read"
    return "" if path.name != "timestamp.txt" or _is_time(path) else "it says no time"


def _is_time(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        return False
    return not text or time_of(text) is not None


class _Refused(NbGraderPreprocessor):  # type: ignore[misc]
    """A step of settings that ran students' code: it ends the grading before any is run."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        raise RuntimeError(
            "these settings run what a student wrote: take c.Autograde from the course's own "
            f"nbgrader_config.py, or grade with {COMMAND}"
        )


class OverwriteCells(_Refused):
    """Known to the settings of courses from before answers were read."""


class NeedsMarks(_Refused):
    """Known to the settings of courses from before answers were read."""
