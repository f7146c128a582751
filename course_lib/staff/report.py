"""What a class's quiz says about the class and about the questions: a page, and a table.

Answers are read from the submissions that nbgrader has collected, the newest of each student, and
nothing of them is run. The page says which misconceptions the class holds, most frequent first, and
what to teach again; the table is CSV, for a spreadsheet. Both hold the right answers, so keep them
to yourself. Neither names a student, so that you can show them to a colleague; with --names the
page names who holds what, and a second table has one row for each student.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry  # type: ignore[import-untyped]

from course_lib.checked import plural
from course_lib.quiz import BankError

from .analysis.item_analysis import Analysis, analyse
from .analysis.question_sheet import SheetError, asked_questions
from .analysis.report_page import Class, page
from .analysis.report_table import students_table, table
from .analysis.submissions import Due, Unread, any_time, read_class
from .grading.database import GradebookError, answering, is_there
from .grading.settings import SettingsError, course_directory
from .place import ask_course, quoted

QUIZ = "module_0_quiz"
MOST_SHOWN = 5  # misconceptions, in the terminal


def main(words: list[str]) -> int:
    """Write the page and the table; 1 if there is nothing to read, and a sentence that says why."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.staff report", description=__doc__)
    parser.add_argument("assignment", nargs="?", default="", help=f"a quiz; else {QUIZ}")
    parser.add_argument("--assignment", dest="quiz", default=QUIZ, help="the same")
    ask_course(parser)
    parser.add_argument("--bank", type=Path, help="else the bank that the quiz names")
    parser.add_argument("--out", type=Path, help="a folder; else reports in there")
    parser.add_argument("--names", action="store_true", help="name the students")
    asked = parser.parse_args(words)
    quiz = asked.assignment or asked.quiz
    out = asked.out or asked.course / "reports"
    try:
        questions = asked_questions(asked.course, quiz, asked.bank)
        due = due_date(asked.course, quiz)
    except (BankError, GradebookError, SettingsError, SheetError) as problem:
        print(problem, file=sys.stderr)
        return 1
    sheets, unread = read_class(asked.course, quiz, questions, due)
    if not sheets and not unread:
        print(_nobody(asked.course, quiz), file=sys.stderr)
        return 1
    people = Class(
        assignment=quiz,
        sheets=sheets,
        unread=unread,
        late_known=due.when is not None and any_time(asked.course, quiz),
        names=asked.names,
    )
    analysis = analyse(questions, sheets)
    written = write(out, people, analysis)
    print(summary(written, analysis, unread, asked.course))
    return 0


def write(out: Path, people: Class, analysis: Analysis) -> list[Path]:
    """The page and the tables in their folder; says which files these are.

    The tables begin with a byte order mark, by which Excel knows that they are UTF-8.
    """
    out.mkdir(parents=True, exist_ok=True)
    html, csv = (out / f"{people.assignment}.{ending}" for ending in ("html", "csv"))
    html.write_text(page(analysis, people), encoding="utf-8", newline="\n")
    csv.write_text(table(analysis), encoding="utf-8-sig", newline="")
    if not people.names:
        return [html, csv]
    students = out / f"{people.assignment}_students.csv"
    rows = students_table(analysis, people.sheets)
    students.write_text(rows, encoding="utf-8-sig", newline="")
    return [html, csv, students]


def summary(
    written: Sequence[Path], analysis: Analysis, unread: Sequence[Unread], course: Path
) -> str:
    """What was written and found, in lines for the terminal."""
    lines = [f"Written: {path}" for path in written]
    read = plural(analysis.students, "submission")
    lines.append(f"{read} read, {len(unread)} could not be read.")
    lines += [f"  could not be read: {course / 'submitted' / u.student}: {u.why}" for u in unread]
    if analysis.held:
        lines.append("Misconceptions your class holds:")
    for held in analysis.held[:MOST_SHOWN]:
        number, question, _ = held.shown_by[0]
        lesson = f"{question.notebook}, “{question.heading}”"
        lines.append(
            f"  {len(held.students):3} of {held.of}: {held.misconception} "
            f"(question {number}; teach again: {lesson})"
        )
    return "\n".join(lines)


def due_date(course: Path, assignment: str) -> Due:
    """When the assignment has to be in, by the gradebook; unknown if it does not say."""
    _, folder = course_directory(course)
    if not is_there(folder.db_url):
        return Due()
    with answering(folder.db_url), Gradebook(folder.db_url) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            return Due()
        return Due(found.duedate, {one.student_id: one.duedate for one in found.submissions})


def _nobody(course: Path, assignment: str) -> str:
    return (
        f"There is no submission of {assignment} in {course / 'submitted'}. "
        f"Collect them first: cd {quoted(course)}, then nbgrader collect {assignment} --update"
    )
