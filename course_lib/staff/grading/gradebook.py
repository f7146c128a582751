"""nbgrader's gradebook, read and written in bulk: on its own tables, and without its objects.

One process writes, a batch in one transaction. What a person has entered, points, extra credit and
comments, is never touched. Rows get ids that follow from what they are about, so that a run which
was killed and begun again leaves the very gradebook of one that was not.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader import api  # type: ignore[import-untyped]
from sqlalchemy import Connection, Engine, Table, bindparam, case, false, func, inspect, select

from ..place import meant
from .database import GradebookError, engine_of, is_there, named
from .marks import Mark
from .skeleton import Kept

PATIENCE = 60  # seconds that a writer waits while somebody else writes
AT_FIRST = 5  # seconds of that at the beginning, when nothing is lost by trying again
TELL_AFTER = 5.0  # seconds of waiting, of which somebody who looks on should know
AT_ONCE = 400  # values in one question: SQLite takes no more than a thousand
Penalty = Callable[[str, float, float], float | None]
"""Student, points, seconds late → points that are taken off."""
Row = dict[str, Any]
Waiting = tuple[str, str, str]
"""Student, notebook and cell that a person has to look at."""

STUDENT, ASSIGNMENT, NOTEBOOK = (
    one.__table__ for one in (api.Student, api.Assignment, api.Notebook)
)
BASE, GRADED, TASK, SOURCE = (
    one.__table__ for one in (api.BaseCell, api.GradeCell, api.TaskCell, api.SourceCell)
)
SUBMITTED, SHEET, GRADE, COMMENT = (
    one.__table__
    for one in (api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)
)


@dataclass(frozen=True, slots=True)
class Graded:
    """What is to be written of one student's notebook."""

    student: str
    notebook: str
    handed_in: datetime | None
    """In UTC, and naive, as nbgrader keeps it."""
    marks: tuple[Mark, ...]
    comments: tuple[tuple[str, str | None], ...] = ()
    """Name of a cell, and what the grader says to it."""
    look: str = ""
    """Why somebody should look at it; then nbgrader shows a flag."""


class Book:
    """The gradebook of one assignment."""

    def __init__(
        self,
        url: str,
        assignment: str,
        penalty: Penalty,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Raises GradebookError if it does not know the assignment yet.

        `tell` gets a sentence when the database keeps a run waiting.
        """
        self.assignment, self.penalty = assignment, penalty
        self._url, self._tell = url, tell
        if not is_there(url):
            raise GradebookError(unknown(url, assignment))
        first = engine_of(url, AT_FIRST)
        try:
            self._open(first)
        finally:
            first.dispose()
        self.engine = engine_of(url, PATIENCE)

    def _open(self, engine: Engine) -> None:
        query = select(ASSIGNMENT).where(ASSIGNMENT.c.name == self.assignment)
        with engine.connect() as db:
            if not inspect(db).has_table(ASSIGNMENT.name):
                raise GradebookError(unknown(self._url, self.assignment))
            found = db.execute(query).first()
            if found is None:
                known = list(db.scalars(select(ASSIGNMENT.c.name)))
                raise GradebookError(unknown(self._url, self.assignment, known))
            self._know(db, found)
            # Of none: only to hear now, and not once a class is graded, if it may not be written.
            db.execute(SUBMITTED.delete().where(false()))

    def _know(self, db: Connection, found: Any) -> None:
        """What does not change while it is graded."""
        self.id, self.due, self.course = found.id, found.duedate, found.course_id
        here = NOTEBOOK.c.assignment_id == self.id
        self.notebooks = {one.name: one.id for one in db.execute(select(NOTEBOOK).where(here))}
        self.worth = {name: _worth(db, row) for name, row in self.notebooks.items()}
        self.commented = {name: _commented(db, row) for name, row in self.notebooks.items()}

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        """A transaction; if it, or what is done in it, has to wait for others, that is told."""
        minute = ", for a minute" if self._url.startswith("sqlite") else ""
        said = (
            f"The gradebook {named(self._url)} does not answer: another program may hold it, such "
            f"as one that shows databases. Close that one; until then this waits{minute}."
        )
        late = threading.Timer(TELL_AFTER, self._tell, [said])
        late.daemon = True
        late.start()
        try:
            with self.engine.begin() as db:
                yield db
        finally:
            late.cancel()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def kept(self, notebook: str) -> list[Kept]:
        """The cells of a notebook as they were when the assignment was generated."""
        worth, commented = self.worth[notebook], self.commented[notebook]
        query = select(SOURCE).where(SOURCE.c.notebook_id == self.notebooks[notebook])
        with self._begun() as db:
            tasks = {row.id for row in db.execute(select(TASK.c.id))}
            return [
                Kept(
                    name=row.name,
                    kind=row.cell_type,
                    source=row.source or "",
                    locked=bool(row.locked),
                    checksum=row.checksum or "",
                    points=worth[row.name][1] if row.name in worth else None,
                    solution=row.name in commented and commented[row.name] not in tasks,
                    task=commented.get(row.name) in tasks,
                )
                for row in db.execute(query)
            ]

    def listed(self) -> set[str]:
        """All students it knows: a class list that was read in, and whoever has handed in."""
        with self._begun() as db:
            return set(db.scalars(select(STUDENT.c.id)))

    def graded(self) -> set[str]:
        """Those who have handed in the assignment."""
        here = SUBMITTED.c.assignment_id == self.id
        with self._begun() as db:
            return set(db.scalars(select(SUBMITTED.c.student_id).where(here)))

    def settled(self) -> set[str]:
        """Those of whom it has marks, and nothing that waits for a person, with what is taken off
        today for being late: a due date or an extension may be another one since.
        """
        waits = func.sum(case((api.Grade.needs_manual_grade, 1), else_=0)).label("waits")
        points = func.coalesce(func.sum(api.Grade.score), 0.0).label("points")
        when = (SUBMITTED.c.student_id, SUBMITTED.c.timestamp, SUBMITTED.c.extension)
        about = (*when, SHEET.c.late_submission_penalty, SHEET.c.flagged)
        query = (
            select(*about, points, waits)
            .join(SHEET, SHEET.c.assignment_id == SUBMITTED.c.id)
            .outerjoin(api.Grade, api.Grade.notebook_id == SHEET.c.id)
            .where(SUBMITTED.c.assignment_id == self.id)
            .group_by(*about, SHEET.c.id)
        )
        with self._begun() as db:
            rows = list(db.execute(query))
        other = {
            row.student_id
            for row in rows
            if row.flagged
            or row.waits
            or row.late_submission_penalty != self._off(row.student_id, row.points, row)
        }
        return {row.student_id for row in rows} - other

    def write(self, batch: Sequence[Graded]) -> set[Waiting]:
        """Put all of them into the gradebook, or none if it is interrupted; which cells of theirs
        wait for a person now.
        """
        if not batch:
            return set()
        with self._begun() as db:
            people = {one.student: one.handed_in for one in batch}
            here = {row.id for row in _in(db, STUDENT, "id", people)}
            _insert(db, STUDENT, [{"id": name} for name in people if name not in here])
            submitted, again = self._submitted(db, people)
            sheets = self._sheets(db, batch, submitted)
            scores, waiting = self._grades(db, batch, sheets, again)
            self._comments(db, batch, sheets)
            self._finish(db, batch, submitted, sheets, scores)
        return waiting

    def _submitted(
        self, db: Connection, people: dict[str, datetime | None]
    ) -> tuple[dict[str, Any], set[str]]:
        """Student → row of what was handed in, with the time; and who has handed in again."""
        here = SUBMITTED.c.assignment_id == self.id
        known = {row.student_id: row for row in _in(db, SUBMITTED, "student_id", people, here)}
        new = [
            {
                "id": _id(self.id, name),
                "assignment_id": self.id,
                "student_id": name,
                "timestamp": at,
            }
            for name, at in people.items()
            if name not in known
        ]
        _insert(db, SUBMITTED, new)
        again = {name for name, row in known.items() if row.timestamp != people[name]}
        later = [{"of": known[name].id, "timestamp": people[name]} for name in sorted(again)]
        _update(db, SUBMITTED, later)
        rows = _in(db, SUBMITTED, "student_id", people, here)
        return {row.student_id: row for row in rows}, again

    def _sheets(
        self, db: Connection, batch: Sequence[Graded], submitted: dict[str, Any]
    ) -> dict[tuple[str, str], Any]:
        """Student and notebook → row of the submitted notebook.

        All notebooks of the assignment get one, for nbgrader wants them complete.
        """
        owners = {submitted[one.student].id: one.student for one in batch}
        names = {row: name for name, row in self.notebooks.items()}
        wanted = [
            {"id": _id(of, row), "assignment_id": of, "notebook_id": row, "flagged": False}
            for of in owners
            for row in names
        ]
        rows = list(_in(db, SHEET, "assignment_id", owners))
        known = {(row.assignment_id, row.notebook_id) for row in rows}
        new = [row for row in wanted if (row["assignment_id"], row["notebook_id"]) not in known]
        _insert(db, SHEET, new)
        rows = list(_in(db, SHEET, "assignment_id", owners)) if new else rows
        return {(owners[row.assignment_id], names[row.notebook_id]): row for row in rows}

    def _grades(
        self,
        db: Connection,
        batch: Sequence[Graded],
        sheets: dict[tuple[str, str], Any],
        again: set[str],
    ) -> tuple[dict[str, float], set[Waiting]]:
        """Id of a sheet → the points on it, by hand where somebody gave some; and what waits."""
        known = {
            (row.notebook_id, row.cell_id): row
            for row in _in(db, GRADE, "notebook_id", [row.id for row in sheets.values()])
        }
        new, changed, scores, waiting = [], [], dict[str, float](), set[Waiting]()
        for one in batch:
            sheet = sheets[one.student, one.notebook].id
            for mark in one.marks:
                cell, _ = self.worth[one.notebook][mark.name]
                row = known.get((sheet, cell))
                after = _grade(row, mark, one.student in again)
                scores[sheet] = scores.get(sheet, 0.0) + _score(row, mark)
                if after["needs_manual_grade"]:
                    waiting.add((one.student, one.notebook, mark.name))
                if row is None:
                    about = {"cell_id": cell, "notebook_id": sheet}
                    new.append({"id": _id(sheet, cell), **about, **after})
                elif (row.auto_score, row.needs_manual_grade) != tuple(after.values()):
                    changed.append({"of": row.id, **after})
        _insert(db, GRADE, new)
        _update(db, GRADE, changed)
        return scores, waiting

    def _comments(
        self, db: Connection, batch: Sequence[Graded], sheets: dict[tuple[str, str], Any]
    ) -> None:
        if not any(one.comments for one in batch):
            return
        known = {
            (row.notebook_id, row.cell_id): row
            for row in _in(db, COMMENT, "notebook_id", [row.id for row in sheets.values()])
        }
        new, changed = [], []
        for one in batch:
            sheet = sheets[one.student, one.notebook].id
            for name, said in one.comments:
                cell = self.commented[one.notebook][name]
                row = known.get((sheet, cell))
                if row is None:
                    about = {"cell_id": cell, "notebook_id": sheet, "auto_comment": said}
                    new.append({"id": _id(sheet, cell, "comment"), **about})
                elif row.auto_comment != said:
                    changed.append({"of": row.id, "auto_comment": said})
        _insert(db, COMMENT, new)
        _update(db, COMMENT, changed)

    def _finish(
        self,
        db: Connection,
        batch: Sequence[Graded],
        submitted: dict[str, Any],
        sheets: dict[tuple[str, str], Any],
        scores: dict[str, float],
    ) -> None:
        """Flags, and what is taken off for being late."""
        changed = []
        for one in batch:
            row = sheets[one.student, one.notebook]
            off = self._off(one.student, scores.get(row.id, 0.0), submitted[one.student])
            flag = bool(one.look) or bool(row.flagged)
            if (row.late_submission_penalty, bool(row.flagged)) != (off, flag):
                changed.append({"of": row.id, "late_submission_penalty": off, "flagged": flag})
        _update(db, SHEET, changed)

    def _off(self, student: str, score: float, submitted: Any) -> float | None:
        """What is taken off so many points for being late; None if it is not late."""
        late = _seconds_late(submitted, self.due)
        off = self.penalty(student, score, late) if late > 0 else None
        return None if off is None else min(max(off, 0.0), score)


def unknown(url: str, assignment: str, known: Iterable[str] = ()) -> str:
    """What is told of an assignment that was never generated, or not into this gradebook."""
    way_out = meant(assignment, known)
    return f"The gradebook {named(url)} knows no {assignment}." + (
        way_out or f" Generate it first: nbgrader generate_assignment {assignment}"
    )


def _worth(db: Connection, notebook: str) -> dict[str, tuple[str, float]]:
    """Name of a cell that is worth points → its id, and how many."""
    found = {}
    for table in (GRADED, TASK):
        query = select(BASE.c.id, BASE.c.name, table.c.max_score).join(
            table, table.c.id == BASE.c.id
        )
        for row in db.execute(query.where(BASE.c.notebook_id == notebook)):
            found[row.name] = (row.id, row.max_score)
    return found


def _commented(db: Connection, notebook: str) -> dict[str, str]:
    """Name of a cell that may get a comment → its id."""
    query = select(BASE.c.id, BASE.c.name).where(
        BASE.c.notebook_id == notebook, BASE.c.type.in_(["SolutionCell", "TaskCell"])
    )
    return {row.name: row.id for row in db.execute(query)}


def _grade(row: Any, mark: Mark, again: bool) -> Row:
    """What changes in a grade. Who gave points by hand is asked again if something is new."""
    person = mark.points is None
    if row is not None and row.manual_score is not None:
        person = again or row.auto_score != mark.points or row.needs_manual_grade
    return {"auto_score": mark.points, "needs_manual_grade": person}


def _score(row: Any, mark: Mark) -> float:
    """The points that a grade is worth, as nbgrader counts them."""
    given = mark.points if row is None or row.manual_score is None else row.manual_score
    return 0.0 if given is None else given + ((row.extra_credit if row is not None else None) or 0)


def _seconds_late(submitted: Any, due: datetime | None) -> float:
    if due is None or submitted.timestamp is None:
        return 0.0
    until = due + submitted.extension if submitted.extension else due
    return max(0.0, float((submitted.timestamp - until).total_seconds()))


def _id(*about: str) -> str:
    """The id of a row: the same whenever it is made."""
    return uuid.uuid5(uuid.NAMESPACE_OID, "/".join(about)).hex


def _in(
    db: Connection, table: Table, column: str, values: Iterable[str], *also: Any
) -> Iterator[Any]:
    """The rows that have one of these values."""
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        some = table.c[column].in_(listed[start : start + AT_ONCE])
        yield from db.execute(select(table).where(some, *also))


def _insert(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    if rows:
        db.execute(table.insert(), rows)


def _update(db: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Change rows; `of` is the id of each."""
    if rows:
        db.execute(table.update().where(table.c.id == bindparam("of")), rows)
