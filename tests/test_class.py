"""A synthetic class goes through nbgrader, from release to export, and every mark is known before.

In CI all fifteen students, for a person three of them.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import lxml.html
import nbformat
import pytest

from course_lib.quiz import Question
from course_lib.staff import report
from course_lib.staff.analysis.question_sheet import asked_questions
from course_lib.staff.grading.line_orders import ORDERS
from tests.classroom import IN_TIME, LATER, TOO_LATE, Classroom, classroom, done
from tests.conftest import ROOT, in_ci
from tests.exercises import NUMBERED, SOURCE, reference, solutions
from tests.synthetic_class import HOSTILE, Student, filled, synthetic_class

pytestmark = [
    in_ci,
    pytest.mark.slow,
    # nbgrader's own: it adds rows to its gradebook in an order that SQLAlchemy frowns on.
    pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning"),
]

QUIZ = "module_0_quiz"
FOR_A_PERSON = ("holds-3-a", "late", "resubmitted")
USUAL = ("seconds late", "Late submission penalty: None")
"""What autograde warns of in a class where somebody is late."""


@dataclass(frozen=True)
class Graded:
    """A class of which everything is done."""

    room: Classroom
    questions: list[Question]
    """As the students saw them."""
    students: list[Student]
    log: str
    """What autograde said."""

    def feedback(self, student: str) -> str:
        """The words of the feedback's page, as a browser shows them."""
        path = self.room.course / "feedback" / student / QUIZ / f"{QUIZ}.html"
        page = lxml.html.fromstring(path.read_text(encoding="utf-8"))
        return folded(" ".join(page.xpath("//body")[0].itertext()))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """Release, fetch, submit, collect, submit again, collect again, autograde, feedback."""
    questions = asked_questions(ROOT / "quizzes", QUIZ)
    students = synthetic_class(questions)
    if not os.environ.get("CI"):
        students = [one for one in students if one.name in FOR_A_PERSON]
    with classroom(tmp_path_factory.mktemp("class"), ROOT / "quizzes") as room:
        room.open(QUIZ)
        for one in students:
            when = TOO_LATE if one.late else IN_TIME
            room.hand_in(QUIZ, one.name, lambda text, one=one: typed(text, one, first=True), when)
        api = room.api
        done(api.collect(QUIZ))
        for one in students:
            if one.first:
                room.hand_in(QUIZ, one.name, lambda text, one=one: typed(text, one), LATER)
        done(api.collect(QUIZ))
        log = api.autograde(QUIZ, "*")
        done(api.generate_feedback(QUIZ))
        yield Graded(room, questions, students, str(log["log"]))


def typed(notebook: str, student: Student, first: bool = False) -> str:
    """The file that a student hands in."""
    answers = student.first if first and student.first else student.answers
    text = filled(notebook, answers)
    return text[: len(text) // 2] if student.broken else text


def folded(text: str) -> str:
    """Letters and digits alone, small: how a page breaks lines and marks code is not the point."""
    return re.sub(r"[\W_]+", "", text.casefold())


def readable(graded: Graded) -> list[Student]:
    return [one for one in graded.students if not one.broken]


def test_every_mark_is_the_one_that_was_known(graded: Graded) -> None:
    """Each question of each student, and the sum; the newest of two submissions counts."""
    found, known = {}, {}
    with graded.room.gradebook as gradebook:
        for one in readable(graded):
            known[one.name] = [float(right) for right in one.right(graded.questions)]
            marks = gradebook.find_submission_notebook(QUIZ, QUIZ, one.name).grades
            scores = {grade.cell.name: grade.auto_score for grade in marks if grade.max_score}
            found[one.name] = [scores[name] for name in sorted(scores)]
    assert found == known


def test_the_export_says_the_same(graded: Graded) -> None:
    """nbgrader's CSV: a row for each student with the marks, the time and the due date."""
    rows = {row["student_id"]: row for row in csv.DictReader(graded.room.export().splitlines())}
    for one in readable(graded):
        row = rows[one.name]
        when = TOO_LATE if one.late else LATER if one.first else IN_TIME
        assert float(row["score"]) == float(row["raw_score"]) == sum(one.right(graded.questions))
        assert (float(row["max_score"]), row["assignment"]) == (5, QUIZ)
        assert (row["timestamp"], row["duedate"]) == (when[:19], "2030-05-01 00:00:00")
    assert rows.keys() == {one.name for one in graded.students}


def test_the_late_one_is_flagged_and_nobody_else(graded: Graded) -> None:
    """In the gradebook, and in what autograde says."""
    with graded.room.gradebook as gradebook:
        late = {
            one.name
            for one in readable(graded)
            if gradebook.find_submission(QUIZ, one.name).total_seconds_late
        }
    assert late == {one.name for one in readable(graded) if one.late}
    assert {"late" in line for line in graded.log.splitlines() if "seconds late" in line} == {True}


def test_autograde_warns_of_nothing_else(graded: Graded) -> None:
    """Not even of the one file that is no notebook."""
    odd = [
        line
        for line in graded.log.splitlines()
        if line.startswith(("[WARNING]", "[ERROR]")) and not any(word in line for word in USUAL)
    ]
    assert odd == []


def test_what_cannot_be_read_waits_for_a_person(graded: Graded) -> None:
    """With a flag, no mark, and the reason in the graded notebook; it is no zero."""
    broken = [one.name for one in graded.students if one.broken]
    with graded.room.gradebook as gradebook:
        for name in broken:
            sheet = gradebook.find_submission_notebook(QUIZ, QUIZ, name)
            assert sheet.flagged and sheet.needs_manual_grade
            assert {grade.auto_score for grade in sheet.grades} == {None}
            path = graded.room.course / "autograded" / name / QUIZ / f"{QUIZ}.ipynb"
            assert f"Needs a person: {QUIZ}.ipynb is no notebook" in path.read_text("utf-8")
            page = graded.feedback(name)
            for told in ("hand in another copy", "A person will look at it"):
                assert folded(told) in page
            for untold in ("is empty", "Not answered", "To read again"):
                assert folded(untold) not in page
    assert len(broken) == int(len(graded.students) > len(FOR_A_PERSON))


def test_every_feedback_is_that_of_the_choice_taken(graded: Graded) -> None:
    """For each question of each student: what the bank says to this choice, and to no other."""
    for one in readable(graded):
        page = graded.feedback(one.name)
        for question, said in zip(graded.questions, one.answers, strict=True):
            told = {
                letter
                for letter, choice in zip(question.letters, question.choices, strict=True)
                if folded(choice.feedback) in page
            }
            assert told == ({said} if said in question.letters and said else set()), one.name


def test_a_wrong_choice_names_what_to_read_again(graded: Graded) -> None:
    """The lesson and its heading are in the feedback of who was wrong or gave no answer."""
    for one in readable(graded):
        page = graded.feedback(one.name)
        for question, right in zip(graded.questions, one.right(graded.questions), strict=True):
            if not right:
                assert folded(question.heading) in page, (one.name, question.id)


def test_what_a_student_wrote_stays_text(graded: Graded) -> None:
    """The hostile answers are in the feedback as words, and as no element of the page."""
    hostile = [one for one in graded.students if HOSTILE[0] in one.answers]
    for one in hostile:
        path = graded.room.course / "feedback" / one.name / QUIZ / f"{QUIZ}.html"
        text = path.read_text(encoding="utf-8")
        assert HOSTILE[0] not in text and "<img src=x" not in text
        assert folded("document.title = taken") in graded.feedback(one.name)
    assert len(hostile) == int(len(graded.students) > len(FOR_A_PERSON))


def test_the_report_finds_what_was_planted(
    graded: Graded, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the same submissions: each misconception with its holders, the late, the unreadable."""
    course = graded.room.course
    assert report.main(["--course", str(course)]) == 0
    said = capsys.readouterr().out
    held: dict[str, set[str]] = {}
    for one in readable(graded):
        for question, taken in zip(graded.questions, one.answers, strict=True):
            if taken and taken in question.letters and taken != question.key:
                held.setdefault(question.choice(taken).misconception, set()).add(one.name)
    table = (course / "reports" / f"{QUIZ}.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(table.splitlines(keepends=True))
    counted: Counter[str] = Counter()
    for row in rows:
        if row["misconception"]:
            counted[row["misconception"]] += int(row["taken_by"])
    assert +counted == {words: len(names) for words, names in held.items()}
    most = max(held, key=lambda words: len(held[words]))
    assert f"{len(held[most])} of {len(readable(graded))}: {most}" in said
    broken = [one.name for one in graded.students if one.broken]
    assert f"{len(readable(graded))} submissions read, {len(broken)} could not be read" in said
    assert all(name in said for name in broken)
    page = lxml.html.fromstring((course / "reports" / f"{QUIZ}.html").read_text(encoding="utf-8"))
    facts: Any = [element.text_content() for element in page.xpath("//dl/div")]
    late = sum(one.late for one in graded.students)
    assert any(re.match(rf"\s*Late\s*{late}\b", fact) for fact in facts), facts


# The exercises


EXERCISES = "module_0_exercises"
(UNBOUNDED,) = (one for one in solutions("handle_all") if one.name == "wrong, no limit")
LOST = {
    "reference": set[str](),
    "one-wrong": {"ex1-overlap-within-the-limit", "ex1-lines-check"},
    "empty": None,
}
"""Student → the cells whose points are lost; None for all of them."""


def solved(notebook: str, answers: dict[int, str], orders: list[list[int]]) -> str:
    """The file in which solution cells have these sources, and the lines these orders."""
    raw = json.loads(notebook)
    for cell in raw["cells"]:
        if found := re.fullmatch(r"ex(\d+)-solution", cell["id"]):
            cell["source"] = answers[int(found[1])]
        if found := re.fullmatch(r"ex(\d+)-lines", cell["id"]):
            cell["source"] = f"order_{found[1]} = {orders[int(found[1]) - 1]}"
    return json.dumps(raw)


def handed_in(student: str, notebook: str) -> str:
    """What each student of the exercises makes of the released notebook."""
    if student == "empty":
        return notebook
    answers = {number: reference(name) for number, name in NUMBERED.items()}
    orders = [list(right[0]) for right in ORDERS.values()]
    if student == "one-wrong":
        answers[1] = UNBOUNDED.source
        orders[0] = orders[0][::-1]
    return solved(notebook, answers, orders)


@pytest.fixture(scope="module")
def exercised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """The same way for the exercises."""
    with classroom(tmp_path_factory.mktemp("exercises"), ROOT / "quizzes") as room:
        room.open(EXERCISES)
        for student in LOST:
            room.hand_in(EXERCISES, student, partial(handed_in, student))
        api = room.api
        done(api.collect(EXERCISES))
        done(api.autograde(EXERCISES, "*"))
        done(api.generate_feedback(EXERCISES))
        yield room


def students_of(room: Classroom) -> list[str]:
    return sorted(path.name for path in (room.course / "submitted").iterdir())


def test_every_property_gives_its_points_or_loses_them(exercised: Classroom) -> None:
    """All points for the references; for one piece without a limit and one wrong order just these;
    none for what is not written. Nothing waits for a person.
    """
    with exercised.gradebook as gradebook:
        for student in students_of(exercised):
            marks = gradebook.find_submission_notebook(EXERCISES, EXERCISES, student).grades
            marked = {mark.cell.name: mark for mark in marks if mark.max_score}
            assert not any(mark.needs_manual_grade for mark in marked.values())
            assert all(mark.auto_score in (0, mark.max_score) for mark in marked.values())
            lost = {name for name, mark in marked.items() if mark.auto_score == 0}
            assert lost == (set(marked) if LOST[student] is None else LOST[student]), student


def test_the_export_has_the_marks_of_the_exercises(exercised: Classroom) -> None:
    """The sums in nbgrader's CSV: of the points that each cell promises."""
    rows = {row["student_id"]: row for row in csv.DictReader(exercised.export().splitlines())}
    points = {
        cell.id: cell.metadata.nbgrader.points
        for cell in nbformat.read(SOURCE, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    most = sum(points.values())
    lost = sum(points[name] for name in LOST["one-wrong"] or ())
    marks = {"reference": most, "one-wrong": most - lost, "empty": 0}
    assert {name: float(row["score"]) for name, row in rows.items()} == {
        name: marks[name] for name in students_of(exercised)
    }


def test_the_feedback_says_which_property_failed_and_no_test(exercised: Classroom) -> None:
    """The words of the property that failed and of no other; never a hidden test."""
    for student in students_of(exercised):
        path = exercised.course / "feedback" / student / EXERCISES / f"{EXERCISES}.html"
        page = folded(" ".join(lxml.html.fromstring(path.read_text(encoding="utf-8")).itertext()))
        assert (folded("run at the same time. Smallest case") in page) is (student == "one-wrong")
        assert (folded("in another order from place") in page) is (student == "one-wrong")
        assert page.count(folded("not answered: write the numbers")) == (
            len(ORDERS) if student == "empty" else 0
        )
        assert folded("course_lib.staff") not in page
        assert (folded("places = asyncio.Semaphore(limit)") in page) is (student == "reference")
