"""`nbgrader autograde` and Formgrader's button grade as `staff grade` does, or refuse."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import lxml.html
import nbformat
import pytest
from nbgrader.validator import Validator

from course_lib.staff.grading.class_run import NOTES, course_settings, grade_class
from course_lib.staff.grading.one_grader import one_grader
from course_lib.staff.grading.submission import LARGEST
from tests.classroom import Classroom, classroom, done
from tests.conftest import in_ci
from tests.graded_course import QUIZ, GradedCourse, generated
from tests.test_grading import ALL, CASES, FILES, NONE, WAITS, Case

__all__ = ["generated"]

pytestmark = [
    in_ci,
    pytest.mark.slow,
    # nbgrader's own: it adds rows to its gradebook in an order that SQLAlchemy frowns on.
    pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"),
]

NOT_FOUND = {"nothing", "second-download", "two-others", "marked-up-name", "a-file-for-a-folder",
             "called-txt", "as-an-archive-leaves-it", "with-the-other-assignment",
             "in-two-folders", "in-a-folder-below-another", "second-download-above-an-older",
             "in-two-folders-below-another"}  # fmt: skip
"""Those in which nbgrader finds no notebook of the quiz, and says so."""
TOO_LARGE = {"120-MB"}
NO_TIME = {"no-time", "time-in-bytes"}


@pytest.fixture
def room(generated: GradedCourse, tmp_path: Path) -> Iterator[tuple[Classroom, GradedCourse]]:
    """nbgrader's own steps, in a copy of the course in which the quiz is generated."""
    with classroom(tmp_path, generated.root) as room:
        for name in ("gradebook.db", "release"):
            copy = shutil.copytree if (generated.root / name).is_dir() else shutil.copy
            copy(generated.root / name, room.course / name)
        yield room, GradedCourse(room.course, generated.released)


def test_autograde_gives_the_marks_that_grade_gives(
    room: tuple[Classroom, GradedCourse], tmp_path: Path
) -> None:
    """Of all that it can take; no kernel is started, and feedback can be made of each."""
    nbgraders, course = room
    cases = [
        case
        for case in CASES
        if case not in FILES and case.name not in NOT_FOUND | TOO_LARGE | NO_TIME
    ]
    for case in cases:
        case.hand_in(course, case.name)
    shutil.copytree(course.root, tmp_path / "other")
    result = nbgraders.api.autograde(QUIZ, "*")
    told = [line for line in result["log"].splitlines() if line.startswith(("[WARN", "[ERR"))]
    assert result["success"] and all("Skipping unknown notebook" in line for line in told), told
    marks = course.marks()
    assert {case.name: marks[case.name] for case in cases if case.marks is not None} == {
        case.name: list(case.marks) for case in cases if case.marks is not None
    }
    assert not (course.root / "canary").exists()
    other = GradedCourse(tmp_path / "other", course.released)
    grade_class(course_settings(other.root), QUIZ)
    assert other.marks() == marks
    for case in cases:
        assert lines(other.graded(case.name)) == lines(course.graded(case.name))
    done(nbgraders.api.generate_feedback(QUIZ))
    for case in cases:
        check_feedback(course, case)


def hand_in_and_grade(course: GradedCourse, *names: str) -> None:
    """Each the same right quiz."""
    for name in names:
        course.hand_in(name)
    grade_class(course_settings(course.root), QUIZ, jobs=1)


def test_an_odd_name_costs_nobody_else_feedback(room: tuple[Classroom, GradedCourse]) -> None:
    """Whoever comes after it has a page; a name that is a pattern has marks and no page."""
    nbgraders, course = room
    hand_in_and_grade(course, "ada", "mo [late]", "new\nline", "zoe")
    result = nbgraders.api.generate_feedback(QUIZ)
    assert result["success"], result
    pages = (course.root / "feedback").rglob("*.html")
    assert {page.relative_to(course.root).parts[1] for page in pages} == {"ada", "zoe"}
    assert course.marks().keys() == {"ada", "mo [late]", "zoe"}


def test_a_bank_with_a_fault_costs_nobody_the_old_feedback(
    room: tuple[Classroom, GradedCourse],
) -> None:
    """With --force nbgrader deletes each page before it makes the new one: so it does not begin."""
    nbgraders, course = room
    hand_in_and_grade(course, "ada", "ben")
    done(nbgraders.api.generate_feedback(QUIZ))
    pages = {path: path.read_bytes() for path in (course.root / "feedback").rglob("*.html")}
    bank = course.root / "questions.toml"
    bank.write_text(bank.read_text("utf-8").replace('key = "C"', 'key = "E"', 1), "utf-8")
    result = nbgraders.api.generate_feedback(QUIZ, force=True)
    assert not result["success"] and result["log"].count("questions.toml, line ") == 1, result
    assert len(pages) == 2 and {path: path.read_bytes() for path in pages} == pages


def test_a_graded_notebook_that_is_none_any_more_costs_nobody_else_feedback(
    room: tuple[Classroom, GradedCourse],
) -> None:
    """Whichever of them is the first, which is looked at before any page is made."""
    nbgraders, course = room
    hand_in_and_grade(course, "ada", "ben")
    for broken in ("ada", "ben"):
        file = course.root / "autograded" / broken / QUIZ / f"{QUIZ}.ipynb"
        kept = file.read_text("utf-8")
        file.write_text("{", "utf-8")
        nbgraders.api.generate_feedback(QUIZ, force=True)
        made = {path.parent.parent.name for path in (course.root / "feedback").rglob("*.html")}
        assert made == {"ada", "ben"} - {broken}
        file.write_text(kept, "utf-8")


def lines(notebook: str) -> Any:
    """What a notebook says, whoever wrote its file."""
    return nbformat.reads(notebook, as_version=4)


def check_feedback(course: GradedCourse, case: Case) -> None:
    """It says what was read or why nothing was, and nothing of it runs."""
    path = course.root / "feedback" / case.name / QUIZ / f"{QUIZ}.html"
    tree = lxml.html.fromstring(path.read_text(encoding="utf-8"))
    assert tree.xpath("//script | //svg | //img") == []
    assert tree.xpath("//@*[starts-with(name(), 'on')]") == []
    text = " ".join(tree.xpath("//body")[0].text_content().split())
    if case.marks == WAITS:
        assert case.look in text
    elif case.marks == NONE:
        assert "You have 0 of 5 points." in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("link", "it is a link"),
        ("linked-folder", "it is a link"),
        ("linked-name", "it is a link"),
        ("pipe", "it is a pipe or a device"),
        ("pipe-of-time", "it is a pipe or a device"),
        ("pipe-beside", "it is a pipe or a device"),
        ("120-MB", f"it has 120,000,000 bytes, and at most {LARGEST:,} are read"),
        ("no-time", "it says no time"),
        ("time-in-bytes", "it says no time"),
    ],
)
def test_what_nbgrader_could_come_to_harm_by_is_refused(
    name: str, reason: str, room: tuple[Classroom, GradedCourse]
) -> None:
    """Before anything is copied or graded, with the command that takes it."""
    nbgraders, course = room
    for honest in ("ada", "zzz-honest"):
        course.hand_in(honest)
    next(case for case in CASES if case.name == name).hand_in(course, name)
    result = nbgraders.api.autograde(QUIZ, "*")
    assert not result["success"]
    assert reason in result["log"]
    assert f"python -m course_lib.staff grade {QUIZ}" in result["log"]
    assert course.marks() == {}
    assert not (course.root / "autograded").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_autograde_waits_for_nobody(room: tuple[Classroom, GradedCourse]) -> None:
    """While somebody is grading, it says so and leaves all as it is."""
    nbgraders, course = room
    course.hand_in("ada")
    with one_grader(course.root / NOTES / "lock"):
        result = nbgraders.api.autograde(QUIZ, "*")
    assert not result["success"]
    assert f"Somebody is grading here already (process {os.getpid()})" in result["log"]
    done(nbgraders.api.autograde(QUIZ, "*"))
    assert course.marks() == {"ada": ALL}


def test_autograde_keeps_what_was_entered_by_hand(room: tuple[Classroom, GradedCourse]) -> None:
    """Points and extra credit, when it grades again."""
    nbgraders, course = room
    course.hand_in("ada", course.sheet(course.wrong))
    done(nbgraders.api.autograde(QUIZ, "ada"))
    with course.gradebook as gradebook:
        one = gradebook.find_grade("check-2", QUIZ, QUIZ, "ada")
        one.manual_score, one.extra_credit, one.needs_manual_grade = 0.5, 0.25, False
        gradebook.db.commit()
    result = nbgraders.api.autograde(QUIZ, "ada", force=True)
    assert result["success"], result
    with course.gradebook as gradebook:
        one = gradebook.find_grade("check-2", QUIZ, QUIZ, "ada")
        assert (one.auto_score, one.manual_score, one.extra_credit) == (0, 0.5, 0.25)
        assert not one.needs_manual_grade
        assert gradebook.find_submission(QUIZ, "ada").score == 0.75


def test_a_bank_that_is_gone_gives_nobody_a_mark(room: tuple[Classroom, GradedCourse]) -> None:
    """What is not the student's fault costs no student a point: it is said instead."""
    nbgraders, course = room
    course.hand_in("ada")
    (course.root / "questions.toml").unlink()
    result = nbgraders.api.autograde(QUIZ, "ada")
    assert not result["success"] and "questions.toml" in result["log"]
    assert course.marks() == {}


def test_the_table_of_marks_starts_no_formula(room: tuple[Classroom, GradedCourse]) -> None:
    """Whatever a student is called; and says how many cells wait for a person."""
    nbgraders, course = room
    names = ['=HYPERLINK("x")', "+1", "@sum", "a,b", 'say "x"']
    for name in names:
        course.hand_in(name)
    course.hand_in("eve", "")
    grade_class(course_settings(course.root), QUIZ)
    rows = list(csv.DictReader(nbgraders.export().splitlines()))
    found = {row["student_id"]: (row["score"], row["needs_manual_grade"]) for row in rows}
    assert found == {
        '\'=HYPERLINK("x")': ("5.0", "0"),
        "'+1": ("5.0", "0"),
        "'@sum": ("5.0", "0"),
        "a,b": ("5.0", "0"),
        'say "x"': ("5.0", "0"),
        "eve": ("0.0", "5"),
    }
    assert {row["max_score"] for row in rows} == {"5.0"}


def test_validate_praises_no_empty_sheet(generated: GradedCourse, tmp_path: Path) -> None:
    """Each question without an answer is told; with answers, right or wrong, it is a success."""
    path = tmp_path / f"{QUIZ}.ipynb"
    path.write_text(generated.released, encoding="utf-8")
    with chdir(tmp_path):
        empty = Validator().validate(str(path))
    said = [one["error"] for one in empty["failed"]]
    assert [f"not recorded: answer_{n} is empty" in one for n, one in enumerate(said, 1)] == [
        True
    ] * 5
    path.write_text(json.dumps(generated.sheet(generated.wrong)), encoding="utf-8")
    with chdir(tmp_path):
        assert Validator().validate(str(path)).keys().isdisjoint({"failed", "changed"})


def test_students_see_each_choice_once(generated: GradedCourse) -> None:
    """In the question: the code of the checks, which names them too, is folded away for them."""
    cells = json.loads(generated.released)["cells"]
    shown = "".join(
        "".join(cell["source"])
        for cell in cells
        if not cell["metadata"].get("jupyter", {}).get("source_hidden")
    )
    for question in generated.questions:
        for choice in question.choices:
            assert shown.count(choice.text) == 1, choice.text
    assert "mark(" not in "".join("".join(cell["source"]) for cell in cells)
