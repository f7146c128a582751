"""The gradebook keeps what people entered, and is the same however often the grader was killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from nbgrader.api import Base
from nbgrader.api import Gradebook as NbgradersGradebook
from sqlalchemy import create_engine, select

from course_lib.quiz import Question, read_bank
from course_lib.staff.grading.class_run import Course, course_settings, grade_class
from course_lib.staff.grading.database import GradebookError
from course_lib.staff.grading.gradebook import Book
from tests.conftest import ROOT, in_ci, missing
from tests.graded_course import QUIZ, GradedCourse, course, generated
from tests.synthetic_class import bank

__all__ = ["course", "generated"]

pytestmark = in_ci

TABLES = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
LATE = "2030-06-01 12:00:00 UTC"


def graded(course: GradedCourse, **words: Any) -> Any:
    return grade_class(course_settings(course.root), QUIZ, jobs=1, **words)


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that grading writes, in one order."""
    engine = create_engine(url)
    with engine.connect() as db:
        found = {
            name: sorted(
                (tuple(row) for row in db.execute(select(Base.metadata.tables[name]))), key=repr
            )
            for name in TABLES
        }
    engine.dispose()
    return found


# What people enter


def test_points_and_comments_by_hand_stay(course: GradedCourse) -> None:
    """When it is graded again, however often; nobody is asked again if nothing is new."""
    course.hand_in("ada", course.sheet(course.wrong))
    graded(course)
    with course.gradebook as gradebook:
        one = gradebook.find_grade("check-1", QUIZ, QUIZ, "ada")
        one.manual_score, one.extra_credit, one.needs_manual_grade = 0.5, 0.25, False
        gradebook.find_submission_notebook(QUIZ, QUIZ, "ada").flagged = True
        gradebook.db.commit()
    before = rows(f"sqlite:///{course.root / 'gradebook.db'}")
    graded(course)
    assert rows(f"sqlite:///{course.root / 'gradebook.db'}") == before
    with course.gradebook as gradebook:
        one = gradebook.find_grade("check-1", QUIZ, QUIZ, "ada")
        assert (one.auto_score, one.manual_score, one.extra_credit) == (0, 0.5, 0.25)
        assert gradebook.find_submission(QUIZ, "ada").score == 0.75


def test_who_gave_points_by_hand_is_asked_again_if_something_is_new(course: GradedCourse) -> None:
    """Another mark, or another submission; the points stay until somebody changes them."""
    course.hand_in("ada", course.sheet(course.wrong))
    course.hand_in("ben", course.sheet(course.wrong))
    graded(course)
    with course.gradebook as gradebook:
        for student in ("ada", "ben"):
            one = gradebook.find_grade("check-1", QUIZ, QUIZ, student)
            one.manual_score, one.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    course.hand_in("ada")
    course.hand_in("ben", course.sheet(course.wrong), when="2030-03-02 12:00:00 UTC")
    told = [(name, why.partition(": ")[2][:24]) for name, why in graded(course).look]
    assert told == [("ada", "points were given by han"), ("ben", "points were given by han")]
    with course.gradebook as gradebook:
        for student, auto in (("ada", 1), ("ben", 0)):
            one = gradebook.find_grade("check-1", QUIZ, QUIZ, student)
            assert (one.auto_score, one.manual_score, one.needs_manual_grade) == (auto, 0.5, True)


def test_what_a_person_has_looked_at_is_told_no_more(course: GradedCourse) -> None:
    """Nobody but a person can read the answer, and one has."""
    path = course.hand_in("ada")
    path.write_text(path.read_text("utf-8").replace("answer_1 = '", "answer_1 = '' or '"), "utf-8")
    assert [name for name, _ in graded(course).look] == ["ada"]
    with course.gradebook as gradebook:
        one = gradebook.find_grade("check-1", QUIZ, QUIZ, "ada")
        one.manual_score, one.needs_manual_grade = 0.0, False
        gradebook.db.commit()
    assert graded(course).look == []


def test_a_key_that_was_wrong_is_corrected_and_all_is_graded_again(course: GradedCourse) -> None:
    """With `resume`, too, for what is asked has changed; points by hand stay."""
    for student in ("ada", "ben"):
        course.hand_in(student)
    graded(course)
    with course.gradebook as gradebook:
        gradebook.find_grade("check-1", QUIZ, QUIZ, "ben").manual_score = 1.0
        gradebook.db.commit()
    path = course.root / "questions.toml"
    first, *others = (one for one in read_bank(path) if one.graded)
    path.write_text(bank([rekeyed(first), *others]), encoding="utf-8")
    summary = graded(course, resume=True)
    assert (summary.graded, summary.skipped) == (2, 0)
    assert course.marks() == {student: [0, 1, 1, 1, 1] for student in ("ada", "ben")}
    with course.gradebook as gradebook:
        assert gradebook.find_submission(QUIZ, "ada").score == 4
        assert gradebook.find_submission(QUIZ, "ben").score == 5


def rekeyed(question: Question) -> Question:
    """The question with another key, whose misconception goes to the one of before."""
    key = next(letter for letter in question.letters if letter != question.key)
    choices = dict(zip(question.letters, question.choices, strict=True))
    words = choices[key].misconception
    choices[question.key] = replace(choices[question.key], misconception=words)
    choices[key] = replace(choices[key], misconception="")
    return replace(question, key=key, choices=tuple(choices.values()))


# Late submissions


def test_nothing_is_taken_off_by_default(course: GradedCourse) -> None:
    """As nbgrader has it; that it is late is known."""
    course.hand_in("ada", when=LATE)
    graded(course)
    with course.gradebook as gradebook:
        assert gradebook.find_submission(QUIZ, "ada").total_seconds_late > 0
        assert gradebook.find_submission_notebook(QUIZ, QUIZ, "ada").late_submission_penalty is None


def test_late_days_are_as_nbgraders_own_plugin_has_them(course: GradedCourse) -> None:
    """All is taken off, with points by hand; nothing from who is in time or has an extension."""
    config = course.root / "nbgrader_config.py"
    setting = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    config.write_text(config.read_text(encoding="utf-8") + setting, encoding="utf-8")
    for student in ("in-time", "late", "extended"):
        course.hand_in(student, when="2030-03-01 12:00:00 UTC" if student == "in-time" else LATE)
    graded(course)
    with course.gradebook as gradebook:
        gradebook.grant_extension(QUIZ, "extended", days=60)
        gradebook.find_grade("check-1", QUIZ, QUIZ, "late").manual_score = 3.0
        gradebook.db.commit()
    again = graded(course, resume=True)  # what is taken off is not as it was
    assert (again.graded, again.skipped) == (2, 1)
    with course.gradebook as gradebook:
        off = {
            one.student.id: one.notebooks[0].late_submission_penalty
            for one in gradebook.assignment_submissions(QUIZ)
        }
        extension = gradebook.find_submission(QUIZ, "extended").extension
    assert off == {"in-time": None, "late": 7.0, "extended": None}
    assert extension == timedelta(days=60)


@pytest.mark.parametrize(("asked", "taken"), [(-3.0, 0.0), (2.0, 2.0), (99.0, 5.0), (None, None)])
def test_a_penalty_is_between_nothing_and_all(
    asked: float | None, taken: float | None, course: GradedCourse
) -> None:
    """Whatever a plugin of one's own says."""
    course.hand_in("ada", when=LATE)
    heard = []

    def plugin(student: str, score: float, late: float) -> float | None:
        heard.append((student, score, late))
        return asked

    grade_class(replace(course_settings(course.root), penalty=plugin), QUIZ, jobs=1)
    assert heard == [("ada", 5.0, 31.5 * 24 * 3600)]
    with course.gradebook as gradebook:
        sheet = gradebook.find_submission_notebook(QUIZ, QUIZ, "ada")
        assert sheet.late_submission_penalty == taken


# Killed, and begun again


KILLED = """
import os, signal, sys
from pathlib import Path
from course_lib.staff.grading import class_run, gradebook, journal

def main():
    owner, name, turn = sys.argv[2], sys.argv[3], int(sys.argv[4])
    owner = {"Book": gradebook.Book, "Journal": journal.Journal, "run": class_run}[owner]
    original, count = getattr(owner, name), [0]

    def killed(*words, **named):
        count[0] += 1
        if count[0] == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*words, **named)

    setattr(owner, name, killed)
    class_run.BATCH = 3
    settings = class_run.course_settings(Path(sys.argv[1]))
    class_run.grade_class(settings, "module_0_quiz", jobs=1, resume="resume" in sys.argv)

if __name__ == "__main__":
    main()
"""
MOMENTS = {
    "before the first batch": ("Book", "write", 1),
    "between two batches": ("Book", "write", 2),
    "with half a batch written": ("Book", "_comments", 2),
    "before its last change": ("Book", "_finish", 2),
    "before it is noted": ("Journal", "add", 3),
    "at the end": ("Book", "close", 1),
}


def eight(course: GradedCourse) -> list[str]:
    """The names of eight students who have handed in."""
    names = [f"student-{number}" for number in range(8)]
    for name in names:
        course.hand_in(name, course.sheet([*course.keys[:3], "", ""]))
    return names


@pytest.fixture(scope="module")
def undisturbed(generated: GradedCourse, tmp_path_factory: pytest.TempPathFactory) -> GradedCourse:
    """Their course after a run that nobody disturbed."""
    root = tmp_path_factory.mktemp("undisturbed") / "quizzes"
    shutil.copytree(generated.root, root)
    course = GradedCourse(root, generated.released)
    eight(course)
    graded(course)
    return course


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows kills in another way")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("resume", [False, True], ids=["again", "resumed"])
def test_who_is_killed_and_begins_again_leaves_the_same(
    moment: str, resume: bool, course: GradedCourse, undisturbed: GradedCourse, tmp_path: Path
) -> None:
    """The gradebook and the graded notebooks of a run that nobody disturbed, byte for byte."""
    names = eight(course)
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    words = [sys.executable, str(script), str(course.root), *map(str, MOMENTS[moment])]
    paths = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=paths, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    graded(course, resume=resume)
    found, wanted = (
        rows(f"sqlite:///{one.root / 'gradebook.db'}") for one in (course, undisturbed)
    )
    assert found == wanted
    for name in names:
        assert course.graded(name) == undisturbed.graded(name)
    left = [path.name for path in (course.root / "autograded").rglob(".*.new")]
    assert left == []


# Databases


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a database in a server of one's own, which ends with it."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not homes:
        missing("PostgreSQL is not installed: sudo apt install postgresql.")
    tools = homes[-1].parent
    folder = Path(mkdtemp(prefix="gradebook-", dir="/tmp"))
    # It refuses to be root.
    who: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, "postgres", "postgres")

    def tool(name: str, *words: str) -> None:
        subprocess.run(
            [str(tools / name), "-D", str(folder / "data"), *words],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            **who,
        )

    try:
        tool("initdb", "--username=grader", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        tool("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "--options", options)
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={folder}"
        finally:
            tool("pg_ctl", "stop", "--mode=immediate")
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_postgresql_has_the_same_marks(course: GradedCourse) -> None:
    """A gradebook by URL: graded, graded again, and read by nbgrader, as SQLite's."""
    course.hand_in("ada")
    course.hand_in("ben", course.sheet(course.wrong), when=LATE)
    course.hand_in("eve", "")
    course.hand_in("zero", course.sheet(["\0'", "", "", "", ""]))
    course.hand_in("x" * 200)
    with postgresql() as url:
        copied(f"sqlite:///{course.root / 'gradebook.db'}", url)
        for _ in range(2):
            summary = grade_class(course_settings(course.root, url), QUIZ, jobs=1)
            assert summary.graded == 4  # nothing of the longest name is
        graded(course)
        assert rows(url) == rows(f"sqlite:///{course.root / 'gradebook.db'}")
        with closing(NbgradersGradebook(url, "sync-async")) as gradebook:
            assert gradebook.find_submission(QUIZ, "ada").score == 5


def copied(source: str, target: str) -> None:
    """What the instructor's side of a gradebook holds, put into an empty one."""
    old, new = create_engine(source), create_engine(target)
    Base.metadata.create_all(new)
    with old.connect() as there, new.begin() as here:
        for table in Base.metadata.sorted_tables:
            found = [dict(row._mapping) for row in there.execute(select(table))]
            if found:
                here.execute(table.insert(), found)
    old.dispose()
    new.dispose()


def test_an_assignment_that_was_not_generated_is_told(course: GradedCourse) -> None:
    """With the command that does so."""
    settings: Course = course_settings(course.root)
    with pytest.raises(GradebookError, match="Generate it first: nbgrader generate_assignment x"):
        Book(settings.database, "x", settings.penalty)
    with pytest.raises(GradebookError, match=r"new\.db knows no x\. Generate"):
        Book(f"sqlite:///{course.root / 'new.db'}", "x", settings.penalty)
