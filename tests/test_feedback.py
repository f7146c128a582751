"""The page of feedback: why for what was chosen, no hidden line, and nothing that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lxml.html
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from traitlets.config import Config

from course_lib.quiz import read_bank
from course_lib.staff import build
from course_lib.staff.forms.quiz_notebook import quiz_notebook
from course_lib.staff.grading.feedback import WAITS, FeedbackPage, about_cell
from course_lib.staff.grading.rebuilt import ANSWER
from tests.conftest import ROOT

QUIZZES = ROOT / "quizzes"
GRADED = [one for one in read_bank(QUIZZES / "questions.toml") if one.graded]
SHOWN = [one.shuffled(build.SEED) for one in GRADED]
EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(autouse=True)
def in_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader converts in the root of its course."""
    monkeypatch.chdir(QUIZZES)


def graded(*answers: str, more: tuple[NotebookNode, ...] = ()) -> NotebookNode:
    """The quiz as it is after autograde and GetGrades, with answers as they were typed."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    for number, (said, question) in enumerate(zip(answers, SHOWN, strict=True), start=1):
        cells = {cell.id: cell for cell in notebook.cells}
        cells[f"answer-{number}"].source = f"answer_{number} = {said}"
        score = float(said.strip("'\" ").upper() == question.key)
        cells[f"check-{number}"].metadata.nbgrader["score"] = score
    notebook.cells += more
    return notebook


def page(notebook: NotebookNode, score: float = 1, *, reveal: bool = False, late: float = 0) -> str:
    """The feedback's HTML."""
    about = {"notebook": "quiz", "student": "ada", "score": score, "max_score": 5.0}
    exporter = FeedbackPage(config=Config(FeedbackPage={"reveal": reveal}))
    html, _ = exporter.from_notebook_node(
        notebook, {"nbgrader": about | {"late_penalty": late}, "metadata": {}}
    )
    return html


def text_of(html: str) -> str:
    return " ".join(lxml.html.fromstring(html).xpath("//body")[0].text_content().split())


def plain(text: str) -> str:
    return text.replace("`", "").replace("*", "")


def quoted(letter: str) -> str:
    return f'"{letter}"'


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_the_feedback_is_that_of_the_choice_and_no_other(place: int) -> None:
    """For each question and choice: its text, its reason; what to read again if it is wrong."""
    letter = "ABCD"[place]
    text = text_of(page(graded(*[quoted(letter)] * 5)))
    for question in SHOWN:
        for other, choice in zip("ABCD", question.choices, strict=True):
            assert (plain(choice.feedback) in text) == (other == letter)
        again = f"({question.notebook}), “{plain(question.heading)}”"
        assert (again in text) == (letter != question.key)


def test_the_best_choice_is_named_only_if_the_instructor_says_so() -> None:
    """Where it was not taken; with its reason."""
    answers = ['""', *(quoted("ABCD"[one.key == "A"]) for one in SHOWN[1:])]
    notebook = graded(*answers)
    before, after = (text_of(page(notebook.copy(), reveal=reveal)) for reveal in (False, True))
    assert "The best choice is" not in before
    assert after.count("The best choice is") == 5
    for question in SHOWN:
        assert plain(question.right.feedback) not in before
        assert f"is {question.key}: {plain(question.right.text)}" in after
        assert plain(question.right.feedback) in after


def test_who_is_right_is_not_told_the_best_choice_again() -> None:
    """With the best choices revealed, too: once for each that was not taken."""
    right = [quoted(one.key) for one in SHOWN]
    assert "The best choice is" not in text_of(page(graded(*right), 5, reveal=True))
    mixed = text_of(page(graded('""', *right[1:]), 4, reveal=True))
    assert mixed.count("The best choice is") == 1


def test_an_answer_that_is_set_twice_is_told() -> None:
    """In several ways, above the check or below it: the last one counts."""
    notebook = graded("'A'\nanswer_1 = 'B'", *['"A"'] * 4)
    notebook.cells.append(new_code_cell("answer_2 = 'C'"))
    text = text_of(page(notebook))
    assert "You chose B" in text and "You chose C" in text
    assert text.count("Beware: ") == 2
    for number in (1, 2):
        assert f"Beware: answer_{number} is set in 2 ways, and the last counts." in text


def test_what_the_marks_went_by_is_what_is_told() -> None:
    """The reading that the grader left in the check, whatever the cells say by now."""
    notebook = graded(*['"A"'] * 5)
    check = next(cell for cell in notebook.cells if cell.id == "check-1")
    check.metadata[ANSWER] = {"letter": "C", "note": "read as C, typed c", "unknown": 1}
    text = text_of(page(notebook))
    assert "You chose C" in text and "Beware: read as C, typed c." in text


def test_an_answer_that_needs_a_person_is_told_so() -> None:
    """It is not called unanswered, and not wrong."""
    text = text_of(page(graded("input()", *['"A"'] * 4)))
    assert text.count("– A person will look at it") == 2
    assert "answer_1 is set by computing" in text


def test_an_answer_that_a_person_has_looked_at_is_told_so() -> None:
    """Nobody waits for what has been done."""
    notebook = graded("input()", *['"A"'] * 4)
    next(cell for cell in notebook.cells if cell.id == "check-1").metadata.nbgrader[WAITS] = False
    text = text_of(page(notebook))
    assert text.count("– A person has looked at it") == 2
    assert "A person will look at it" not in text


def test_no_answer_says_what_was_wrong_with_it() -> None:
    """Empty, a number, a name; and that it is not answered."""
    text = text_of(page(graded('""', "3", "Bread", '"Z"', "[]")))
    assert text.count("– Not answered") == 10  # in the table, and with the question
    for said in ("answer_1 is empty", "answer_2 is a number", "Bread has no quotes", "is “Z”, whi"):
        assert said in text


def test_the_points_and_the_penalty_are_shown() -> None:
    """What nbgrader's gradebook has, also after an instructor changed it."""
    assert "You have 3.5 of 5 points." in text_of(page(graded(*['"A"'] * 5), 3.5))
    late = text_of(page(graded(*['"A"'] * 5), 2, late=1))
    assert "You have 2 of 5 points, with 1 taken off for being late." in late


def test_no_hidden_line_is_in_the_page() -> None:
    """Neither of the quiz nor of exercises, nor the traceback of a test that failed."""
    about = {"grade": True, "solution": False, "locked": True, "grade_id": "test-1", "task": False}
    source = "assert visible()\n### BEGIN HIDDEN TESTS\nassert secret() == 42\n### END HIDDEN TESTS"
    frames = ["AssertionError  Traceback", "----> 3 assert secret() == 42", "AssertionError: lost"]
    outputs = [
        new_output("stream", text="\x1b[31mthree runs\x1b[0m\n"),
        new_output("error", ename="AssertionError", evalue="lost <one>", traceback=frames),
        new_output("display_data", data={"text/html": "secret()"}),
    ]
    marks = {"points": 2, "score": 0.0}
    test = new_code_cell(source, metadata={"nbgrader": about | marks}, outputs=outputs)
    html = page(graded(*['"A"'] * 5, more=(test,)))
    assert "✗ test-1: 0 of 2 points" in html
    assert "three runs\nAssertionError: lost &lt;one&gt;" in html
    for hidden in ("secret", "HIDDEN", "seed", "marking", "\x1b"):
        assert hidden not in html


def test_errors_that_draw_themselves_are_shown_as_they_are() -> None:
    """The words of a check that brings its own traceback need no name in front."""
    about = {"grade": True, "solution": False, "locked": True, "grade_id": "t", "task": False}
    error = new_output("error", ename="Failed", evalue="It lost m3.", traceback=["It lost m3."])
    metadata = {"nbgrader": about | {"points": 1, "score": 0.0}}
    test = new_code_cell("", metadata=metadata, outputs=[error])
    assert "<pre>It lost m3.</pre>" in page(graded(*['"A"'] * 5, more=(test,)))


def hostile() -> NotebookNode:
    """A notebook with all that somebody could put into one to run it elsewhere."""
    output = new_output("display_data", data={"text/html": EVIL, "image/svg+xml": EVIL})
    claims = {"nbgrader": {"grade": True, "locked": True, "points": 9, "score": 9.0}}
    own: tuple[Any, ...] = (
        new_markdown_cell(f"# {EVIL}\n\n{EVIL} *mine*\n\n[go](javascript:document.title='taken')"),
        new_markdown_cell('![<b>"x](http://example.org/x.png)'),
        new_markdown_cell("a <svg onload=\"document.title='taken'\">"),
        new_code_cell(f"# </pre>{EVIL}\nprint(In)", outputs=[output], metadata={"tags": [EVIL]}),
        new_code_cell("from course_lib.staff.marking import mark\nmark(0)", metadata=claims),
        new_raw_cell(EVIL),
    )
    return graded(repr(EVIL), *['"A"'] * 4, more=own)


def test_what_a_student_wrote_stays_text() -> None:
    """In answers, text, code and raw cells; outputs are not shown, nothing is asked outside."""
    html = page(hostile())
    tree = lxml.html.fromstring(html)
    assert tree.xpath("//script | //svg | //iframe | //object | //img") == []
    assert tree.xpath("//@*[starts-with(name(), 'on')]") == []
    links = [str(link) for link in tree.xpath("//a/@href")]
    assert all(link.startswith(("#question-", "#harmful-link")) for link in links), links
    assert "document.title" in text_of(html)
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none';")


def test_the_setting_is_off_in_the_course() -> None:
    """nbgrader_config.py, as it is handed out."""
    assert "c.FeedbackPage.reveal = False\n" in Path("nbgrader_config.py").read_text("utf-8")
    assert FeedbackPage().reveal is False


@pytest.mark.parametrize(
    ("metadata", "about"),
    [
        ({}, {}),
        (
            {"nbgrader": {"grade_id": "check-1", "grade": True}},
            {"grade_id": "check-1", "grade": True},
        ),
        ({"nbgrader": {"grade": True}}, {}),
        ({"nbgrader": ["grade_id"]}, {}),
        ({"nbgrader": "grade_id"}, {}),
    ],
)
def test_a_students_own_cell_is_none_of_nbgraders(
    metadata: dict[str, Any], about: dict[str, Any]
) -> None:
    """Whatever it says of itself."""
    assert about_cell(new_code_cell("", metadata=metadata)) == about


def property_cell(name: str, score: float, said: str) -> NotebookNode:
    """A graded property of an exercise, after autograde and GetGrades."""
    about = {"grade": True, "grade_id": name, "locked": True, "solution": False,
             "points": 2, "score": score}  # fmt: skip
    cell = new_code_cell("check(…)", metadata={"nbgrader": about})
    cell.outputs = [new_output("stream", name="stdout", text=said)]
    return cell


def test_exercises_begin_with_a_table_of_points() -> None:
    """Which exercise, which property, how many points: each row leads to what was seen."""
    about = {"grade": False, "grade_id": "ex1-why", "locked": True, "solution": False}
    heading = new_markdown_cell("## 1. Blocking work", metadata={"nbgrader": about})
    more = (heading, property_cell("ex1-off-the-loop", 0, "It ticks late."),
            property_cell("ex1-results-in-order", 2, "2 points."))  # fmt: skip
    tree = lxml.html.fromstring(page(graded(*["''"] * 5, more=more)))
    (table,) = tree.xpath("//table[caption[contains(., 'How each part went')]]")
    rows = [
        [" ".join(c.text_content().split()) for c in row.xpath("./*")]
        for row in table.xpath(".//tr")
    ]
    assert rows == [
        ["Exercise", "What is looked for", "Points"],
        ["1. Blocking work", "off the loop", "✗ 0 of 2 points"],
        ["1. Blocking work", "results in order", "✓ 2 of 2 points"],
    ]
    links = [link.lstrip("#") for link in table.xpath(".//@href")]
    assert links == ["ex1-off-the-loop", "ex1-results-in-order"]
    assert all(tree.xpath(f"//*[@id='{name}']") for name in links)
