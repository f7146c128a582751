"""The report finds what was planted, says how little it proves, survives what students write."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st

from course_lib.answers import Reading
from course_lib.quiz import SECTIONS, Choice, Question
from course_lib.quiz.markup import inline
from course_lib.staff import __main__ as staff
from course_lib.staff import report
from course_lib.staff.analysis.item_analysis import (
    FEWEST,
    Discrimination,
    Share,
    analyse,
    by_chance,
    caution,
    discrimination,
)
from course_lib.staff.analysis.question_sheet import asked_questions
from course_lib.staff.analysis.report_page import Class, page
from course_lib.staff.analysis.report_table import COLUMNS, students_table, table
from course_lib.staff.analysis.submissions import (
    Due,
    Sheet,
    read_answers,
    read_class,
)
from course_lib.staff.forms.quiz_notebook import quiz_notebook, text_of
from course_lib.staff.forms.spreadsheet import safe, written
from course_lib.staff.grading.submission import LARGEST, UnreadableError
from tests.conftest import in_ci
from tests.synthetic_class import (
    HOLDERS,
    HOSTILE,
    Student,
    bank,
    hand_in,
    sheet,
    synthetic_class,
    wrong_letters,
)

QUIZ = "module_0_quiz"


def question(name: str, key: str, shared: str = "") -> Question:
    """A question whose misconceptions are called after it; `shared` is that of its first wrong."""
    letters = "ABCD"
    first = next(letter for letter in letters if letter != key)
    return Question(
        id=name,
        section="patterns",
        heading="Acks & nacks",
        stem=f"What about {name}, `x < y` and *all* that?",
        choices=tuple(
            Choice(
                text=f"choice {letter} of {name}",
                feedback=f"Because of {letter}.",
                misconception=""
                if letter == key
                else shared
                if shared and letter == first
                else f"belief {letter} of {name}",
            )
            for letter in letters
        ),
        key=key,
        graded=True,
    )


QUESTIONS = tuple(question(f"question-{n}", key) for n, key in enumerate("BDACB", start=1))


def read(student: Student) -> Sheet:
    """The sheet that reading this student's notebook gives, without a file."""
    known = {letter: Reading(letter) for letter in ("A", "B", "C", "D", "")}
    answers = tuple(known.get(said, Reading(fault=f"wrote {said}")) for said in student.answers)
    return Sheet(student.name, answers, student.late)


SHEETS = [read(student) for student in synthetic_class(QUESTIONS) if not student.broken]


def sheets_of(answers: Sequence[str]) -> list[Sheet]:
    """One sheet for each text of letters, "-" for no answer."""
    return [
        Sheet(f"student {n}", tuple(Reading(letter.strip("-")) for letter in letters))
        for n, letters in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(5, 10, 0.2366, 0.7634), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (0, 0, 0, 1)],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    """Known values, and the whole range if nobody was asked."""
    assert Share(count, of).interval == pytest.approx((low, high), abs=5e-5)


def test_guessing_gives_what_the_binomial_law_says() -> None:
    """Of five questions with four choices: at least 3 in 10.35 %, at least 4 in 1.56 %."""
    found = analyse(QUESTIONS, [])
    assert found.chance_of(3) == pytest.approx(0.1035, abs=5e-5)
    assert found.chance_of(4) == pytest.approx(0.0156, abs=5e-5)
    assert sum(found.by_chance) == pytest.approx(1)
    assert by_chance([2, 4]) == pytest.approx((3 / 8, 4 / 8, 1 / 8))


def test_the_question_is_left_out_of_the_total() -> None:
    """Two questions answered by chance do not tell anybody apart; with their own points they
    would seem to.
    """
    rng = random.Random(3)
    right = [[rng.random() < 0.5 for _ in range(2)] for _ in range(2000)]
    found, why = discrimination([row[0] for row in right], [row[1] for row in right])
    assert found and not why and abs(found.value) < 0.05
    whole, _ = discrimination([row[0] for row in right], [sum(row) for row in right])
    assert whole and whole.value > 0.6


def test_discrimination_is_numpys_correlation() -> None:
    """Of right or wrong with the score in the others, through the whole analysis."""
    rng = random.Random(1)
    skill = [rng.random() for _ in range(60)]
    letters = [
        "".join(q.key if rng.random() < able else rng.choice(wrong_letters(q)) for q in QUESTIONS)
        for able in skill
    ]
    right = np.array([[a == q.key for a, q in zip(row, QUESTIONS, strict=True)] for row in letters])
    for number, one in enumerate(analyse(QUESTIONS, sheets_of(letters)).figures):
        rest = np.delete(right, number, axis=1).sum(axis=1)
        assert one.discrimination
        assert one.discrimination.value == pytest.approx(np.corrcoef(right[:, number], rest)[0, 1])
        low, high = one.discrimination.interval
        assert low < one.discrimination.value < high


def test_a_wrong_key_shows_as_negative_discrimination() -> None:
    """When those who know the rest all miss one question, its key is to be looked at."""
    able, unable = "BDACA", "AABDB"
    found = analyse(QUESTIONS, sheets_of([able] * 15 + [unable] * 15)).figures[4].discrimination
    assert found and found.value == pytest.approx(-1)
    people = Class(assignment=QUIZ, sheets=[], unread=[], late_known=False, names=False)
    shown = page(analyse(QUESTIONS, sheets_of([able] * 15 + [unable] * 15)), people)
    assert "−1.00 <small>(−1.00 to −1.00; look at its key and wording)" in shown


@pytest.mark.parametrize(
    ("own", "rest", "why"),
    [
        ([True] * (FEWEST - 1), [1] * (FEWEST - 1), f"fewer than {FEWEST} students"),
        ([True] * FEWEST, list(range(FEWEST)), "everybody is right"),
        ([False] * FEWEST, list(range(FEWEST)), "nobody is right"),
        ([True, False] * FEWEST, [2] * 2 * FEWEST, "the same score in the other questions"),
    ],
)
def test_no_discrimination_has_a_reason(own: list[bool], rest: list[int], why: str) -> None:
    """Few students, or nothing that varies: no number, and a sentence instead."""
    found, said = discrimination(own, rest)
    assert found is None
    assert why in said


def test_few_students_prove_little_and_the_report_says_so() -> None:
    """With fourteen it gives the range of a share and no discrimination; with 200 both ranges."""
    few, many = " ".join(caution(14)), " ".join(caution(200))
    assert "14 students answered, which is few" in few
    assert "anything from 27 % to 73 %" in few
    assert "discrimination is left out" in few
    assert "43 % to 57 %" in many
    assert "discrimination between −0.14 and 0.14 cannot be told from none" in many
    assert "nothing can be concluded" in " ".join(caution(0))
    assert Discrimination(0.0, 200).interval == pytest.approx((-0.13874, 0.13874), abs=5e-6)


@pytest.mark.parametrize(("count", "said"), [(0, "0 submissions"), (1, "1 submission")])
def test_one_submission_is_one(count: int, said: str) -> None:
    """In the terminal, as everywhere."""
    found = analyse(QUESTIONS, sheets_of(["BDACB"] * count))
    assert report.summary([], found, [], Path()) == f"{said} read, 0 could not be read."


def test_the_interval_of_a_discrimination_is_fishers() -> None:
    """Worked out by hand: atanh(0.5) = 0.54931, and 1.95996 / √(28 − 3) = 0.39199 to each side."""
    assert Discrimination(0.5, 28).interval == pytest.approx((0.15603, 0.73581), abs=2e-5)


def test_every_choice_is_counted() -> None:
    """Per question: the share right, each choice's count, no answer, and what is no choice."""
    found = analyse(QUESTIONS, SHEETS)
    assert found.students == 14
    for number, (one, many) in enumerate(zip(found.figures, HOLDERS, strict=True), start=1):
        hostile = int(number <= 2)
        empty = 1 if number <= 2 else 2
        first_wrong = wrong_letters(one.question)[0]
        expected = dict.fromkeys(one.question.letters, 0)
        expected |= {first_wrong: many, one.question.key: 14 - many - hostile - empty}
        assert {letter: share.count for letter, share in one.taken.items()} == expected
        assert (one.unanswered, one.unclear) == (empty, hostile)
        assert one.right == Share(expected[one.question.key], 14)
        assert one.guessing == 0.25
    assert found.scores == (1, 0, 1, 1, 8, 3)


def test_planted_misconceptions_are_found_most_frequent_first() -> None:
    """Three hold that of question 3, two that of 2, and one each the others."""
    held = analyse(QUESTIONS, SHEETS).held
    assert [len(one.students) for one in held] == [3, 2, 1, 1, 1]
    assert (
        held[0].misconception == QUESTIONS[2].choice(wrong_letters(QUESTIONS[2])[0]).misconception
    )
    assert held[0].students == ("holds-3-a", "holds-3-b", "holds-3-c")
    assert held[0].shown_by == ((3, QUESTIONS[2], wrong_letters(QUESTIONS[2])[0]),)


def test_a_misconception_of_two_questions_counts_a_student_once() -> None:
    """Who shows it twice holds it once; both questions are named."""
    both = (
        question("one", "A", shared="a queue is endless"),
        question("two", "A", shared="a queue is endless"),
    )
    held = analyse(both, sheets_of(["BB", "BA", "AA"])).held
    assert [(one.misconception, len(one.students)) for one in held] == [("a queue is endless", 2)]
    assert [number for number, _, _ in held[0].shown_by] == [1, 2]


# Reading


def cells(*sources: str) -> str:
    """The file of a notebook with these code cells, beside right answers to 2, 3, 4 and 5."""
    raw = json.loads(sheet(("A",) * 5))
    del raw["cells"][0]
    first = [
        {
            "cell_type": "code",
            "id": f"own-{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(sources)
    ]
    return json.dumps({**raw, "cells": first + raw["cells"]})


@pytest.mark.parametrize(
    ("sources", "taken", "problem"),
    [
        (('answer_1 = "B"',), "B", ""),
        (("print('\\d', 1is 1)\nanswer_1 = 'B'",), "B", ""),
        (("# my answer\nanswer_1 = 'B'  # sure",), "B", ""),
        (("answer_1 = ' b '",), "B", "read as B, typed ' b '"),
        (("answer_1 = ''",), "", ""),
        (("answer_1 = '  '  # later",), "", ""),
        (("answer_1 = 'B'", "answer_1 = 'B'"), "B", ""),
        (("%timeit 1\nanswer_1 = 'B'", "answer_1 == 'A'", "!ls"), "B", ""),
        (("answer_1 = 'B'", 'answer_1 = "B"  # sure'), "B", ""),
        (
            ("answer_1 = 'Nothing. Write A'",),
            "",
            "answer_1 is “Nothing. Write A”, which is no choice",
        ),
        (
            ("answer_1 = 'A'", "answer_1 = 'B'"),
            "B",
            "answer_1 is set in 2 ways, and the last counts",
        ),
        ((), "", "no cell sets answer_1"),
        (("answer_1 = B'",), "B", "read as B, typed answer_1 = B'"),
        (("answer_1 = B",), "B", "read as B, typed B"),
        (("answer_1 = Bread",), "", "Bread has no quotes around it"),
        (("answer_1 = exit()",), "", "answer_1 is set by computing, in line 1 of its cell"),
        (("answer_1 = 7",), "", "answer_1 is a number, and needs one letter"),
        (("answer_1 = 'E'",), "", "answer_1 is “E”, which is no choice"),
        (("answer_1 = 'AB'",), "", "answer_1 is “AB”, which is no choice"),
        (
            ("answer_1 = " + "(" * 5000,),
            "",
            "answer_1 is in a line that is no Python: answer_1 = (((((",
        ),
        (("answer_1 = " + "-" * 50_000 + "1",), "", "answer_1 is in a line that is no Python"),
        (("answer_1 = 1" + "0" * 5000,), "", "answer_1 is “1000"),
        (("answer_1 = '\0'",), "", "answer_1 is “?”"),
        (("answer_1 = '\ud800'",), "", "answer_1 is “?”"),
        (("%%bash\nanswer_1 = 'A'",), "", "no cell sets answer_1"),
    ],
)
def test_an_answer_is_read_and_not_run(
    tmp_path: Path, sources: tuple[str, ...], taken: str, problem: str
) -> None:
    """A letter as the marks take it, no answer, or what is wrong with it; the others stay."""
    path = tmp_path / "quiz.ipynb"
    path.write_text(cells(*sources), encoding="utf-8")
    first, *others = read_answers(path.parent, "quiz", QUESTIONS)
    assert others == [Reading("A", values=("'A'",))] * 4
    assert first.letter == taken
    assert first.unclear is bool(problem and not taken)
    said = first.note if taken else first.fault * first.unclear
    assert said.startswith(problem) and len(said) < 100
    assert bool(said) is bool(problem)


@given(st.text(alphabet="answer_1='\"AB()[]{}%!?\\\n\t #\0\ufeffé\u2028", max_size=60))
def test_no_cell_makes_reading_fail(source: str) -> None:
    """Whatever stands in a cell, the notebook is read."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "quiz.ipynb"
        path.write_text(cells(source, "answer_1 = 'C'"), encoding="utf-8")
        first, *others = read_answers(path.parent, "quiz", QUESTIONS)
    assert first.letter == "C"
    assert [one.letter for one in others] == ["A"] * 4


def no_cells(raw: dict[str, Any]) -> Any:
    return {**raw, "cells": []}


def cell_is_text(raw: dict[str, Any]) -> Any:
    return {**raw, "cells": ["answer_1 = 'A'"]}


def old_format(raw: dict[str, Any]) -> Any:
    return {"nbformat": 3, "worksheets": [{"cells": raw["cells"][:0]}]}


def a_list(raw: dict[str, Any]) -> Any:
    return [raw]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (no_cells, "no cell of quiz.ipynb sets answer_1"),
        (cell_is_text, "no cell of quiz.ipynb sets answer_1"),
        (old_format, "quiz.ipynb is no notebook: it has no cells"),
        (a_list, "quiz.ipynb is no notebook"),
        (lambda raw: json.dumps(raw)[:200], "quiz.ipynb is no notebook"),
        (lambda raw: "[" * 100_000, "quiz.ipynb is no notebook"),
        (lambda raw: "", "quiz.ipynb is empty"),
        (lambda raw: "\ufeff\0", "quiz.ipynb is no notebook"),
    ],
)
def test_a_broken_notebook_says_why(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], why: str
) -> None:
    """Whatever the file is, there is one sentence, without the machine's path."""
    new = change(json.loads(sheet("ABCDA")))
    path = tmp_path / "quiz.ipynb"
    path.write_text(new if isinstance(new, str) else json.dumps(new), encoding="utf-8")
    with pytest.raises(UnreadableError) as said:
        read_answers(path.parent, "quiz", QUESTIONS)
    assert why in str(said.value)
    assert str(tmp_path) not in str(said.value)


def test_what_is_no_file_or_too_large_is_not_opened(tmp_path: Path) -> None:
    """No notebook, a folder of its name, too many bytes: told, and nothing is read."""
    path = tmp_path / "quiz.ipynb"
    with pytest.raises(UnreadableError, match=r"there is no quiz\.ipynb in it"):
        read_answers(path.parent, "quiz", QUESTIONS)
    path.mkdir()
    with pytest.raises(UnreadableError, match=r"quiz\.ipynb is no file, but a folder"):
        read_answers(path.parent, "quiz", QUESTIONS)
    path.rmdir()
    path.write_text(sheet("ABCDA"))
    path.write_text("x" * (LARGEST + 1))
    with pytest.raises(UnreadableError, match="and at most 10,000,000 are read"):
        read_answers(path.parent, "quiz", QUESTIONS)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course in which the synthetic class has handed in, and nbgrader has collected."""
    for student in synthetic_class(ASKED):
        hand_in(
            tmp_path,
            QUIZ,
            student,
            "2030-05-02 10:00:00 UTC" if student.late else "2030-04-01 10:00:00 UTC",
        )
    return tmp_path


def test_the_class_is_read_with_who_is_late(course: Path) -> None:
    """Fourteen can be read, one is broken; late is who came after the due date or an extension."""
    due = parse("2030-05-01 00:00:00 UTC")
    sheets, unread = read_class(course, QUIZ, QUESTIONS, Due(due))
    assert len(sheets) == 14
    assert [one.student for one in unread] == ["broken"]
    assert [one.student for one in sheets if one.late] == ["late"]
    extended = Due(due, {"late": parse("2030-06-01 00:00:00 UTC")})
    assert not any(one.late for one in read_class(course, QUIZ, QUESTIONS, extended)[0])
    assert not any(one.late for one in read_class(course, QUIZ, QUESTIONS)[0])


def parse(text: str) -> Any:
    from nbgrader.utils import parse_utc

    return parse_utc(text)


def test_files_without_times_are_not_in_time(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a learning system gives them: the page does not say that nobody was late."""
    write_course(course, quiz(QUESTIONS), QUESTIONS)
    monkeypatch.setattr(report, "due_date", lambda *_: Due(parse("2030-05-01 00:00:00 UTC")))
    said = []
    for _ in range(2):
        assert staff.main(["report", "--course", str(course)]) == 0
        shown = (course / "reports" / f"{QUIZ}.html").read_text(encoding="utf-8")
        said.append("no time came with the files" in shown)
        for path in course.glob("submitted/*/*/timestamp.txt"):
            path.unlink()
    assert said == [False, True]


def test_a_time_that_an_editor_has_saved_is_one(course: Path) -> None:
    """Windows' begins a file with a mark of the order of bytes."""
    file = course / "submitted" / "late" / QUIZ / "timestamp.txt"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig")
    sheets, _ = read_class(course, QUIZ, QUESTIONS, Due(parse("2030-05-01 00:00:00 UTC")))
    assert [one.student for one in sheets if one.late] == ["late"]


@pytest.mark.parametrize(
    "text", ["", "yesterday-ish", "9" * 400, "\0", f"2030-03-01 12:00:00 {'A' * 900}"]
)
def test_a_strange_timestamp_is_no_time(course: Path, text: str) -> None:
    """It is then not known whether the submission is late, and it counts."""
    (course / "submitted" / "late" / QUIZ / "timestamp.txt").write_text(text)
    sheets, _ = read_class(course, QUIZ, QUESTIONS, Due(parse("2030-05-01 00:00:00 UTC")))
    assert [one.student for one in sheets if one.late] == []
    assert len(sheets) == 14


# The questions


SEED = 3
ASKED = [question.shuffled(SEED) for question in QUESTIONS]
"""As the students of the courses below see them."""


def quiz(questions: Sequence[Question], bank: str = "") -> str:
    """The source of a quiz, as `build` writes it."""
    return text_of(quiz_notebook(questions, "Quiz", SEED, bank))


def write_course(course: Path, shown: str, known: Sequence[Question]) -> None:
    (course / "source" / QUIZ).mkdir(parents=True)
    (course / "source" / QUIZ / f"{QUIZ}.ipynb").write_text(shown, encoding="utf-8")
    (course / "questions.toml").write_text(bank(known), encoding="utf-8")


@pytest.mark.parametrize("named", ["", "private.toml"])
def test_the_notebook_says_which_questions_it_asks(tmp_path: Path, named: str) -> None:
    """In its order, shuffled as it was, from the bank that it names, or from another."""
    known = [QUESTIONS[n] for n in (4, 2, 0)]
    write_course(tmp_path, quiz(known, named), QUESTIONS)
    if named:
        (tmp_path / "questions.toml").rename(tmp_path / named)
    found = asked_questions(tmp_path, QUIZ)
    assert [q.id for q in found] == ["question-5", "question-3", "question-1"]
    assert [(q.choices, q.key) for q in found] == [
        (q.choices, q.key) for q in (ASKED[4], ASKED[2], ASKED[0])
    ]
    (tmp_path / (named or "questions.toml")).rename(tmp_path / "other.toml")
    assert asked_questions(tmp_path, QUIZ, tmp_path / "other.toml") == found


def test_what_is_no_quiz_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No notebook, no question, not its bank: a sentence with the way out, and code 1."""
    command = ["report", "--course", str(tmp_path)]
    assert staff.main(command) == 1
    assert "Make it with: python -m course_lib.staff build" in capsys.readouterr().err
    write_course(tmp_path, sheet("ABCDA"), QUESTIONS)
    assert staff.main(command) == 1
    assert "is no quiz: its cells do not mark question 1" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "source")
    write_course(tmp_path, quiz(QUESTIONS), QUESTIONS[:3])
    assert staff.main(command) == 1
    assert "has no question 'question-4'; is it the bank of this quiz?" in capsys.readouterr().err


def test_the_command_writes_a_page_and_a_table(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says what the class believes, and which folder holds what could not be read."""
    write_course(course, quiz(QUESTIONS), QUESTIONS)
    assert staff.main(["report", "--course", str(course)]) == 0
    said = capsys.readouterr().out
    held = ASKED[2].choice(wrong_letters(ASKED[2])[0]).misconception
    assert f"3 of 14: {held} (question 3; teach again: 05_patterns.ipynb, “Acks & nacks”)" in said
    assert "14 submissions read, 1 could not be read" in said
    assert f"{course / 'submitted' / 'broken'}: {QUIZ}.ipynb is no notebook" in said
    assert {path.name for path in (course / "reports").iterdir()} == {f"{QUIZ}.html", f"{QUIZ}.csv"}
    shown = (course / "reports" / f"{QUIZ}.html").read_text(encoding="utf-8")
    assert "no due date is set" in shown and "holds-3-a" not in shown


def test_names_and_places_are_the_instructors_choice(course: Path, tmp_path: Path) -> None:
    """--names adds them to the page and a table of students; --out and --bank say where."""
    write_course(course, quiz(QUESTIONS), QUESTIONS)
    private, out = tmp_path / "private.toml", tmp_path / "there" / "reports"
    (course / "questions.toml").rename(private)
    words = ["--course", str(course), "--bank", str(private), "--out", str(out), "--names"]
    assert staff.main(["report", *words]) == 0
    assert "holds-3-a" in (out / f"{QUIZ}.html").read_text(encoding="utf-8")
    text = (out / f"{QUIZ}_students.csv").read_text(encoding="utf-8-sig")
    rows = {row["student"]: row for row in csv.DictReader(text.splitlines(keepends=True))}
    assert (rows["perfect"]["right"], rows["empty"]["right"], len(rows)) == ("5", "0", 14)


def test_nothing_collected_says_what_to_type(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a submission there is no report, and a sentence with the command."""
    write_course(tmp_path, quiz(QUESTIONS), QUESTIONS)
    assert staff.main(["report", "--course", str(tmp_path)]) == 1
    assert f"nbgrader collect {QUIZ} --update" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("words", [["no_such_quiz"], ["--assignment", "no_such_quiz"]])
def test_a_quiz_is_named_as_for_the_other_commands(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Behind the command, or with the option that was there first."""
    write_course(tmp_path, quiz(QUESTIONS), QUESTIONS)
    assert staff.main(["report", "--course", str(tmp_path), *words]) == 1
    assert "no_such_quiz" in capsys.readouterr().err


# The table


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1+1"),
        *("\u2003=1", "\u3000 +1", "\u2060=1", "\u200e@x", "\x0b=1", *HOSTILE[1:]),
    ],
)
def test_no_cell_starts_a_formula(text: str) -> None:
    """OWASP's characters, in each text column of both tables; the text itself is kept."""
    assert safe(text) == f"'{text}"
    hostile = Question(
        id=text,
        section="patterns",
        heading=text,
        stem=text,
        choices=(
            Choice(text=text, feedback="yes"),
            Choice(text="b", feedback="no", misconception=text),
        ),
        key="A",
    )
    sheets = [Sheet(text, (Reading(fault=text),), False), Sheet("other", (Reading("B"),), True)]
    tables = [table(analyse([hostile], sheets)), students_table(analyse([hostile], sheets), sheets)]
    values = [
        value
        for text in tables
        for row in csv.reader(text.splitlines(keepends=True))
        for value in row
    ]
    assert f"'{text}" in values
    assert [value for value in values if value.lstrip(" ")[:1] in set("=+-@\t\r\n＝")] == []


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_line_that_ends_inside_a_text_begins_no_row(end: str) -> None:
    """What follows would be the first cell of a row, and might be a formula."""
    assert written(["name", "mark"], [[f"ann{end}=1+1", 2.5]]).endswith(f'"ann{end}=1+1",2.5\r\n')


def test_a_plain_text_stays_as_it_is() -> None:
    """Quotation marks, separators and a minus inside are csv's own business."""
    assert safe('say "a, b; c - d"') == 'say "a, b; c - d"'
    assert safe("") == ""


def test_the_table_has_a_row_for_each_choice() -> None:
    """Read back: the counts of every choice, its misconception, shares and guessing."""
    text = table(analyse(QUESTIONS, SHEETS))
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 5 * (4 + 2)
    first = wrong_letters(QUESTIONS[2])[0]
    row = next(row for row in rows if (row["question"], row["choice"]) == ("3", first))
    assert row["misconception"] == QUESTIONS[2].choice(first).misconception
    assert (row["taken_by"], row["share"], row["is_key"]) == ("3", "0.2143", "no")
    assert (row["right"], row["students"], row["guessing"]) == ("9", "14", "0.2500")
    assert row["discrimination"] == ""
    assert {(row["choice"]) for row in rows if row["is_key"] == "yes"} == {q.key for q in QUESTIONS}


# The page


class Outline(HTMLParser):
    """What a page is made of: each element with its attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def shown(names: bool = False, sheets: Sequence[Sheet] = tuple(SHEETS)) -> str:
    people = Class(assignment=QUIZ, sheets=sheets, unread=[], late_known=True, names=names)
    return page(analyse(QUESTIONS, sheets), people)


def test_what_a_student_wrote_is_shown_as_text() -> None:
    """Script tags come out as letters; the page has no script and asks for nothing."""
    hostile = [Sheet("<b>Eve</b>", (Reading(fault=HOSTILE[0]), *(Reading("A"),) * 4), True)]
    outline = Outline()
    outline.feed(shown(names=True, sheets=hostile))
    assert {"script", "img", "b", "link", "iframe", "object"} & {
        tag for tag, _ in outline.elements
    } == set()
    assert any(HOSTILE[0] in text for text in outline.text)
    assert any("<b>Eve</b>" in text for text in outline.text)
    attributes = {name for _, attrs in outline.elements for name in attrs}
    assert not any(name.startswith("on") or name in ("src", "srcset") for name in attributes)
    links = [attrs.get("href") for tag, attrs in outline.elements if tag == "a"]
    assert all(link and link.startswith("#question-") for link in links)


def test_the_page_says_all_that_is_asked_of_it() -> None:
    """Shares with counts, misconceptions with lesson and heading, guessing, late, the caution."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown()))
    first = QUESTIONS[2].choice(wrong_letters(QUESTIONS[2])[0]).misconception
    assert f"{first} 3 of 14 (21 %)" in text
    assert f"{SECTIONS['patterns']}, “Acks &amp; nacks”" in text
    assert "9 of 14 are right (64 %); guessing alone gives 25 %" in text
    assert "at least 3 of 5: 10.35 %" in text and "at least 4 of 5: 1.56 %" in text
    assert "14 students answered, which is few" in text
    assert "Late 1" in text
    assert "✓ right" in text


def test_students_are_named_only_when_asked() -> None:
    """Without --names no name is on the page; with it, those who hold a misconception are."""
    assert not any(one.student in shown() for one in SHEETS if one.student.startswith("holds"))
    assert "holds-3-a, holds-3-b, holds-3-c" in shown(names=True)


def test_code_and_emphasis_of_the_bank_are_shown_as_such() -> None:
    """Markdown's two marks that a stem may have; all else is text."""
    assert inline("is `a<b` *so* <i>") == "is <code>a&lt;b</code> <em>so</em> &lt;i&gt;"
    assert inline("2 * 3 * 4 and `*a*`") == "2 * 3 * 4 and <code>*a*</code>"


def test_tables_have_captions_and_scopes() -> None:
    """Each table is told by its caption, each heading by its scope; a bar is only for the eye."""
    outline = Outline()
    outline.feed(shown())
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("table") == tags.count("caption") == 3 + len(QUESTIONS)
    assert all(
        attrs.get("scope") in ("row", "col") for tag, attrs in outline.elements if tag == "th"
    )
    tracks = [attrs for _, attrs in outline.elements if attrs.get("class") == "track"]
    assert tracks and all(attrs.get("aria-hidden") == "true" for attrs in tracks)


@in_ci
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_everybody_can_read_the_page(page: Any, tmp_path: Path, scheme: str, width: int) -> None:
    """Axe finds nothing at all, in light and dark, wide and narrow; the network is not asked."""
    path = tmp_path / "report.html"
    path.write_text(shown(names=True), encoding="utf-8")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path.as_uri())
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == [path.as_uri()]
