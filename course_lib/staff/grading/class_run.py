"""A class's submissions of one assignment, graded: many read, one writes the gradebook.

    summary = grade_class(course_settings(Path("quizzes")), "module_0_quiz")

It may be killed at any moment: graded notebooks are replaced as a whole and before the gradebook,
which is written in transactions, so doing it again gives what one run would have given.
"""

from __future__ import annotations

import hashlib
import os
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties  # type: ignore[import-untyped]

from ..place import meant
from . import cluster
from .asked import COURSE
from .database import GradebookError, answering, named, same_database
from .gradebook import Book, Graded, Penalty, Waiting
from .journal import Journal
from .marks import Mark
from .one_grader import one_grader
from .settings import course_directory, usable
from .skeleton import skeleton
from .submission import who_handed_in, writable
from .timestamp import time_of
from .work import Outcome, Task
from .workers import outcomes

BATCH = 200  # students in one transaction
PATIENCE = 2.0  # seconds until a smaller batch is written, too
LONGEST_NAME = 128  # characters that nbgrader's gradebook holds
BY_HAND = "points were given by hand, and since then its mark or its file is another one"
DEFAULT = "default_course"
"""What nbgrader's gradebook calls a course that nobody gave a name."""
NOTES = ".grading"
"""The folder in a course where a run keeps its lock and its journal."""


@dataclass(frozen=True, slots=True)
class Course:
    """A course of nbgrader, and where it keeps what."""

    root: Path
    database: str
    """A URL of SQLAlchemy's."""
    submitted: Path
    graded: Path
    penalty: Penalty
    """By its plugin for late submissions."""
    name: str = ""
    """By which nbgrader knows it."""
    elsewhere: bool = False
    """Whether the database is another one than its settings say."""


@dataclass(slots=True)
class Summary:
    """What a run has done."""

    graded: int = 0
    skipped: int = 0
    points: float = 0.0
    look: list[tuple[str, str]] = field(default_factory=list)
    """Student, and why a person should look at what they handed in."""
    missing: list[str] = field(default_factory=list)
    """Students of the gradebook who have handed in nothing."""


def course_settings(root: Path, database: str = "") -> Course:
    """The course in a folder, by its nbgrader_config.py; `database` is used instead of its own.

    Raises SettingsError when that file cannot be used.
    """
    root = root.resolve()
    if not (root / COURSE).is_file():
        raise GradebookError(f"{root} is no course: there is no {COURSE} in it.")
    config, folder = course_directory(root)
    with usable(root / COURSE):
        late = AssignLatePenalties(config=config)
        late.init_plugin()
    return Course(
        root=root,
        database=database or folder.db_url,
        submitted=root / folder.submitted_directory,
        graded=root / folder.autograded_directory,
        penalty=late.plugin_inst.late_submission_penalty,
        name=folder.course_id,
        elsewhere=bool(database) and not same_database(database, folder.db_url),
    )


def grade_class(
    course: Course,
    assignment: str,
    *,
    only: Sequence[str] = (),
    jobs: int = 0,
    scheduler: str = "",
    resume: bool = False,
    progress: Callable[[int, int, float], None] = lambda *_: None,
    tell: Callable[[str], None] = lambda _: None,
) -> Summary:
    """Grade all submissions of an assignment, or those of `only`, and write the gradebook.

    `jobs` is the number of processes, 0 for one for each core; `scheduler` is the address of a Dask
    cluster that does the work instead. With `resume`, those are left out whose submission is graded
    as it is now, with the due date and the extension of now, and waits for nobody. `progress` gets
    how many are done, of how many, and the seconds that took; `tell` a sentence where the gradebook
    is waited for. Raises BusyError, GradebookError, BankError or ClusterError before anything is
    done.
    """
    with (
        answering(course.database),
        one_grader(course.root / NOTES / "lock"),
        closing(Book(course.database, assignment, course.penalty, tell)) as book,
    ):
        asked = handed_in(course, assignment, only)
        look_whose(book, course)
        everybody = handed_in(course, assignment) if only else asked
        nameless = no_place(everybody, book.listed())
        students = [name for name in asked if name not in nameless]
        journal = Journal(course.root / NOTES / f"{assignment}.jsonl")
        known = book.settled()
        done = {name: digest for name, digest in journal.done().items() if name in known}
        task = task_of(course, book, done if resume else {})
        # What is graded anew is not done until it is.
        journal.begin({name: done[name] for name in done if resume or (only and name not in only)})
        if scheduler:
            found = cluster.outcomes(task, students, scheduler)
        else:
            found = outcomes(task, students, jobs or os.cpu_count() or 1)
        found = _told(found, len(students), progress)
        summary = _written(book, journal, course, found)
        summary.look += [(writable(name), nameless[name]) for name in asked if name in nameless]
        summary.look += no_feedback(course, assignment, students)
        summary.look.sort()
        if not only:
            summary.missing = sorted(book.listed() - {writable(name) for name in asked})
        return summary


def handed_in(course: Course, assignment: str, only: Sequence[str] = ()) -> list[str]:
    """The names of the students' folders; GradebookError for one of `only` that has none."""
    found = who_handed_in(course.submitted, assignment)
    if lacking := [name for name in only if name not in found]:
        raise GradebookError(
            f"{lacking[0]} has handed in no {assignment} in {course.submitted}."
            f"{meant(lacking[0], found)}"
        )
    if not found:
        raise GradebookError(
            f"There is no submission of {assignment} in {course.submitted}. "
            f"Collect them first: nbgrader collect {assignment}, "
            f"or for files from elsewhere: nbgrader zip_collect {assignment}"
        )
    return [name for name in found if not only or name in only]


def look_whose(book: Book, course: Course) -> None:
    """GradebookError if a database that the settings do not name is plainly another course's."""
    if not course.elsewhere:
        return
    here = set(map(writable, who_handed_in(course.submitted, book.assignment)))
    source = {path.stem for path in (course.root / "source" / book.assignment).glob("*.ipynb")}
    there = book.graded()
    if book.course not in ("", DEFAULT, course.name):
        why = f"it is of the course {book.course}, and this is {course.name}"
    elif there and here.isdisjoint(there):
        why = f"none of the {len(there):,} in it who have handed in has done so here"
    elif source and source.isdisjoint(book.notebooks):
        why = f"no notebook of this one is in it, such as {min(source)}"
    else:
        return
    raise GradebookError(
        f"The gradebook {named(course.database)} knows another {book.assignment}: {why}. "
        "Name the gradebook of this course; if it is that one, say so in nbgrader_config.py, "
        "as c.CourseDirectory.db_url."
    )


def no_place(students: Sequence[str], listed: Collection[str] = ()) -> dict[str, str]:
    """Student → why nothing of theirs may be written, for those of whom that is so.

    `listed` are those whom it knows: macOS writes accents in another way than most class lists.
    """
    found = {}
    by_sight = {unicodedata.normalize("NFC", name): name for name in set(listed) - set(students)}
    called = Counter(map(writable, students))
    for student in students:
        name = writable(student)
        if len(name) > LONGEST_NAME:
            why = f"a name of more than {LONGEST_NAME} characters has no place in the gradebook"
            found[student] = why
        elif "\n" in name:
            found[student] = (
                "not graded, for nbgrader ends at a name with the end of a line in it, and makes "
                "no feedback for those who come after: call the folder otherwise, then grade again"
            )
        elif called[name] > 1:
            found[student] = (
                f"{called[name]} folders are called so in the gradebook, which can hold no such "
                "signs: call each by a name of its own, then grade again"
            )
        elif by_sight.get(unicodedata.normalize("NFC", name), name) != name:
            found[student] = (
                "the gradebook knows this name with its accents in another form of Unicode: "
                "call the folder so, as quizzes/README.md shows, then grade again"
            )
    return found


def no_feedback(
    course: Course, assignment: str, students: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Who has marks and gets no page from nbgrader, and what keeps it from making any, and why."""
    for name in students:
        # It takes a name for a pattern, and this one matches others than itself.
        if not fnmatchcase(name, name):
            yield (
                writable(name),
                "nbgrader makes no feedback for a name with a [ and a ] in it: "
                "for a page, call the folder otherwise, then grade again",
            )
    for name in who_handed_in(course.graded, assignment):
        if "\n" in name:  # from an older version, which graded it
            yield (
                writable(name),
                f"delete the folder of this name in {course.graded}: "
                "there nbgrader ends, and makes no feedback for those who come after",
            )


def task_of(course: Course, book: Book, done: Mapping[str, str] | None = None) -> Task:
    """What is to be done for each student; BankError if a bank lacks what a quiz asks."""
    name = book.assignment
    asked = tuple(skeleton(course.root, name, one, book.kept(one)) for one in book.notebooks)
    seed = f"{name} {book.id}"
    return Task(
        assignment=name,
        submitted=course.submitted,
        graded=course.graded,
        skeletons=asked,
        seed=seed,
        form=hashlib.sha256(f"{seed} {asked!r}".encode()).hexdigest(),
        done=done or {},
    )


def _told(
    found: Iterator[Outcome], count: int, progress: Callable[[int, int, float], None]
) -> Iterator[Outcome]:
    begin = time.monotonic()
    for number, one in enumerate(found, start=1):
        yield one
        progress(number, count, time.monotonic() - begin)


def _written(book: Book, journal: Journal, course: Course, found: Iterator[Outcome]) -> Summary:
    """Write what comes, in batches, and sum it up."""
    summary = Summary()
    batch: list[Outcome] = []
    last = time.monotonic()
    for one in found:
        if not one.skipped:
            batch.append(one)
        summary.skipped += one.skipped
        summary.graded += not one.skipped
        if len(batch) >= BATCH or (batch and time.monotonic() - last > PATIENCE):
            _write(book, journal, course, batch, summary)
            batch, last = [], time.monotonic()
    _write(book, journal, course, batch, summary)
    return summary


def _write(
    book: Book, journal: Journal, course: Course, batch: Sequence[Outcome], summary: Summary
) -> None:
    for one in batch:
        file = course.graded / one.student / book.assignment / "timestamp.txt"
        # nbgrader ends at a timestamp that it cannot read.
        if time_of(one.timestamp):
            file.write_text(one.timestamp, encoding="utf-8")
        else:
            file.unlink(missing_ok=True)
    waiting = write_outcomes(book, batch)
    journal.add({one.student: one.digest for one in batch})
    for one in batch:
        _note(summary, one, waiting)


def write_outcomes(book: Book, batch: Sequence[Outcome]) -> set[Waiting]:
    """Write them into the gradebook, all or none; what of them waits for a person there."""
    return book.write(
        [
            Graded(
                student=writable(one.student),
                notebook=name,
                handed_in=time_of(one.timestamp),
                marks=marks,
                comments=one.comments.get(name, ()),
                look=one.looks.get(name, ""),
            )
            for one in batch
            for name, marks in one.marks.items()
        ]
    )


def _note(summary: Summary, one: Outcome, waiting: Collection[Waiting]) -> None:
    """What needs a person is what the gradebook says: a person may have given points before."""
    student = writable(one.student)
    summary.look += [(student, why) for why in one.looks.values()]
    for name, marks in one.marks.items():
        summary.points += sum(mark.points or 0.0 for mark in marks)
        if name not in one.looks or any(mark.points is not None for mark in marks):
            asked = [mark for mark in marks if (student, name, mark.name) in waiting]
            summary.look += [(student, _asks(mark)) for mark in asked]


def _asks(mark: Mark) -> str:
    """Why a cell waits for a person, in a line."""
    return f"{mark.name}: {mark.said if mark.points is None else BY_HAND}".splitlines()[0]
