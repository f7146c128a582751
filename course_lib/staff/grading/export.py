"""`nbgrader export`: the table of all marks, in which nothing is a silent zero, and no formula.

    c.ExportApp.plugin_class = "course_lib.staff.grading.export.GradesTable"

Its columns are those of nbgrader's own, and one more that says how many cells need a person.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader import api  # type: ignore[import-untyped]
from nbgrader.plugins import ExportPlugin  # type: ignore[import-untyped]
from sqlalchemy import case, func, select

from ..forms.spreadsheet import written

FILE = "grades.csv"
COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
    "needs_manual_grade",
)
Cell = str | float | None


class GradesTable(ExportPlugin):  # type: ignore[misc]
    """Every student of every assignment, or of those that were named."""

    def export(self, gradebook: Any) -> None:
        """Write the file that was named, or FILE."""
        path = Path(self.to or FILE)
        rows = [
            row
            for assignment in gradebook.assignments
            if not self.assignment or assignment.name in map(str, self.assignment)
            for row in _rows(gradebook, assignment)
            if not self.student or row[3] in list(map(str, self.student))
        ]
        try:
            path.write_text(written(COLUMNS, rows), encoding="utf-8", newline="")
        except OSError as problem:
            sys.exit(
                f"{path} cannot be written ({problem.strerror}): close the program that shows it, "
                "or name another file: nbgrader export --to FILE"
            )


def _rows(gradebook: Any, assignment: Any) -> Iterator[list[Cell]]:
    """A row for each student; who has handed in nothing has no points."""
    marks, off = _marks(gradebook, assignment), _penalties(gradebook, assignment)
    most = float(assignment.max_score)
    for student in gradebook.students:
        points, waits, when = marks.get(student.id, (0.0, 0, None))
        penalty = off.get(student.id, 0.0)
        who: list[Cell] = [student.id, student.last_name, student.first_name, student.email]
        times: list[Cell] = [_text(assignment.duedate), _text(when)]
        score = max(0.0, points - penalty)
        yield [assignment.name, *times, *who, points, penalty, score, most, waits]


def _marks(gradebook: Any, assignment: Any) -> dict[str, tuple[float, int, Any]]:
    """Student → points, cells that need a person, time; one question for all of them."""
    sheet, submitted, mark = api.SubmittedNotebook, api.SubmittedAssignment, api.Grade
    query = (
        select(
            submitted.student_id,
            func.coalesce(func.sum(mark.score), 0.0),
            func.coalesce(func.sum(case((mark.needs_manual_grade, 1), else_=0)), 0),
            submitted.timestamp,
        )
        .select_from(submitted)
        .outerjoin(sheet, sheet.assignment_id == submitted.id)
        .outerjoin(mark, mark.notebook_id == sheet.id)
        .where(submitted.assignment_id == assignment.id)
        .group_by(submitted.student_id, submitted.timestamp)
    )
    return {name: (float(sum_), int(waits), when)
            for name, sum_, waits, when in gradebook.db.execute(query)}  # fmt: skip


def _penalties(gradebook: Any, assignment: Any) -> dict[str, float]:
    """Student → the points that are taken off for being late."""
    sheet, submitted = api.SubmittedNotebook, api.SubmittedAssignment
    query = (
        select(submitted.student_id, func.sum(sheet.late_submission_penalty))
        .join(sheet, sheet.assignment_id == submitted.id)
        .where(submitted.assignment_id == assignment.id)
        .group_by(submitted.student_id)
    )
    return {name: float(off or 0.0) for name, off in gradebook.db.execute(query)}


def _text(when: Any) -> str:
    return "" if when is None else str(when)
