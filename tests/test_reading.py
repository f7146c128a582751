"""Check cell, marks, feedback and report read an answer alike: one of them never sees another."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path

import lxml.html
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.answers import recorded
from course_lib.quiz import Question, read_bank
from course_lib.staff import build
from course_lib.staff.analysis.submissions import read_answers
from course_lib.staff.forms.quiz_notebook import quiz_notebook
from course_lib.staff.grading.feedback import FeedbackPage
from course_lib.staff.grading.marks import as_run
from course_lib.staff.grading.skeleton import Kept, skeleton
from course_lib.staff.grading.work import Task, graded_texts
from tests.conftest import ROOT

BANK = ROOT / "quizzes" / "questions.toml"
GRADED = [one for one in read_bank(BANK) if one.graded][:1]
SHOWN = GRADED[0].shuffled(build.SEED)
TEXTS = {letter: SHOWN.choice(letter).text for letter in SHOWN.letters}


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a course, in which nbgrader makes feedback."""
    for name in ("questions.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / "quizzes" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told_by_the_check(sources: Sequence[str]) -> str:
    """The letter that is recorded when the cells were run from top to bottom."""
    said = recorded(1, [as_run(source) for source in sources], TEXTS)
    return said[len("recorded: ")] if said.startswith("recorded: ") else ""


def told_by_the_marks(task: Task) -> str:
    outcome, _ = graded_texts(task, "ada")
    (mark,) = outcome.marks["quiz"]
    assert mark.points == float(mark.said[0] == SHOWN.key and mark.said[1] == ",") or (
        mark.points is None and mark.said.startswith("needs a person. ")
    )
    return mark.said[0] if mark.said[1:3] == ", " else ""


def told_by_the_feedback(task: Task) -> str:
    _, texts = graded_texts(task, "ada")
    notebook = nbformat.reads(texts["quiz"], as_version=4)
    about = {"notebook": "quiz", "student": "ada", "score": 0.0, "max_score": 1.0}
    html, _ = FeedbackPage().from_notebook_node(notebook, {"nbgrader": about, "metadata": {}})
    box = lxml.html.fromstring(html).xpath("//div[contains(@class, 'box')]")[0].text_content()
    return str(box.partition("You chose ")[2][:1])


def told_by_the_report(task: Task) -> str:
    return read_answers(task.submitted / "ada" / "quiz", "quiz", [SHOWN])[0].letter


def handed_in(
    course: Path, notebook: nbformat.NotebookNode, asked: Sequence[Question] = GRADED
) -> Task:
    """What is to be graded when ada has handed in this notebook."""
    folder = course / "submitted" / "ada" / "quiz"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "quiz.ipynb")
    kept = [
        Kept(
            name=cell.id,
            kind=cell.cell_type,
            source=cell.source,
            locked=True,
            checksum="",
            points=cell.metadata.nbgrader.get("points"),
            solution=False,
            task=False,
        )
        for cell in quiz_notebook(asked, "A quiz", build.SEED).cells
        if "nbgrader" in cell.metadata
    ]
    one = skeleton(course, "quiz", "quiz", kept)
    return Task("quiz", course / "submitted", course / "autograded", (one,), "seed")


@pytest.mark.parametrize(
    ("sources", "letter"),
    [
        (["answer_1 = 'B'"], "B"),
        (["answer_1 = 'A'\nanswer_1 = 'C'"], "C"),
        (["answer_1 = 'C'", "answer_1 = ' a '"], "A"),
        (["answer_1 = 'C'", "%time 1\nanswer_1 = 'D'"], "D"),
        (["answer_1 = 'C'\nif True:\n    answer_1 = 'D'"], ""),
        (["answer_1: str = 'C'"], "C"),
        (["answer_1, answer_2 = 'C', 'D'"], "C"),
        (["answer_1 = 'A'", "answer_1 = ''"], ""),
        (["answer_1 = 'A'", "answer_1 = B"], "B"),
        (["answer_1 = 'A'", "answer_1 = 'B"], "B"),
        (["answer_1 = 'A'", "answer_1 = 3"], ""),
        (["answer_1 = 'A'\nif"], "A"),
        (["answer_1 = 'A'", "def f():\n    answer_1 = 'B'"], "A"),
        (["answer_1 = 'A'", "%%bash\nanswer_1 = 'B'"], "A"),
    ],
)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_all_four_agree(sources: list[str], letter: str, above: bool, course: Path) -> None:
    """Whatever the student's cells hold, above the check or below it: the last one counts."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    places = [cell.id for cell in notebook.cells]
    own = [new_code_cell(source, id=f"own-{n}") for n, source in enumerate(sources)]
    del notebook.cells[places.index("answer-1")]
    place = places.index("answer-1") if above else len(places)
    notebook.cells[place:place] = own
    task = handed_in(course, notebook)
    assert told_by_the_check(sources) == letter
    assert told_by_the_marks(task) == letter
    assert told_by_the_feedback(task) == letter
    assert told_by_the_report(task) == letter


@pytest.mark.parametrize("typed", ["B", "My answer: b", 'answer_1 = "B"', "**B** !"])
def test_an_answer_in_the_cell_of_the_question_needs_a_person(typed: str, course: Path) -> None:
    """With the line, for nobody can say which marks are the student's."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    notebook.cells[1].source += f"\n{typed}"
    outcome, _ = graded_texts(handed_in(course, notebook), "ada")
    (mark,) = outcome.marks["quiz"]
    assert mark.points is None
    assert mark.said.startswith(
        f"needs a person. answer_1 is not set by what stands there: {typed}"
    )


@pytest.mark.parametrize(
    "form", ["- **{}** ✅ {}", "- ***{}*** {}", "- ==**{}** {}==", "> **{}** {}"]
)
def test_a_mark_at_a_choice_needs_a_person(form: str, course: Path) -> None:
    """Wherever in its line it stands."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    line = "\n- **C** "
    text = notebook.cells[1].source.partition(line)[2].splitlines()[0]
    marked = form.format("C", text)
    notebook.cells[1].source = notebook.cells[1].source.replace(f"{line}{text}", f"\n{marked}")
    assert marked in notebook.cells[1].source
    assert told_in_short(course, notebook).startswith(marked[:30])


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("选B", 2),
        ("答えはBです", 2),
        ("ข้อＢ", 2),
        ("第1题选B，第2题选C", 9),
        ("1번 B, 2번 C", 9),
        ("问1:B 问2:C", 9),
        ("Frage 1: Antwort B", 9),
        ("Soru 1 cevabım B, soru 2 cevabım C", 9),
        ("Question 1. The answer is B", 9),
    ],
)
def test_an_answer_in_another_language_needs_a_person(typed: str, place: int, course: Path) -> None:
    """In a cell of the student's own, below the question or, as a list, anywhere; also in a script
    without gaps.
    """
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    notebook.cells.insert(place, new_markdown_cell(typed, id="mine"))
    assert told_in_short(course, notebook).startswith(typed)


@pytest.mark.parametrize("words", [None, 2])
def test_a_choice_in_its_words_beside_the_question_needs_a_person(
    words: int | None, course: Path
) -> None:
    """Copied from the page, where no asterisk is seen; a few of its words are a note."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    text = notebook.cells[1].source.partition("- **D** ")[2].splitlines()[0].replace("*", "")
    notebook.cells.insert(2, new_markdown_cell(" ".join(text.split()[:words]), id="mine"))
    told = told_in_short(course, notebook)
    assert told[:30] == (text[:30] if words is None else "")


@pytest.mark.parametrize("name", ["thousand-cores", "hundred-leaves"])
def test_a_choice_that_is_a_number_is_not_in_the_name_of_the_answer(
    name: str, course: Path
) -> None:
    """Nothing is typed, and `answer_1 = ""` holds the choice 1."""
    asked = [one for one in read_bank(BANK) if one.id == name]
    task = handed_in(course, quiz_notebook(asked, "A quiz", build.SEED), asked)
    (mark,) = graded_texts(task, "ada")[0].marks["quiz"]
    assert (mark.points, mark.said.partition(".")[0]) == (0.0, "not answered")


def told_in_short(course: Path, notebook: nbformat.NotebookNode) -> str:
    """What stands there that sets nothing; empty if the answer is simply none."""
    outcome, _ = graded_texts(handed_in(course, notebook), "ada")
    (mark,) = outcome.marks["quiz"]
    line = mark.said.partition(" is not set by what stands there: ")[2]
    assert (mark.points is None) is bool(line), mark.said
    return line


@pytest.mark.parametrize(
    "typed",
    [
        "1. Read about A, then about B",
        "第1课：A服务调用B服务",
        "1 a list",
        "1 hour: A",
        "1. Note: A blocking call holds the loop",
        "In Lab 1 we saw that C is faster",
    ],
)
def test_a_note_with_a_number_is_no_answer(typed: str, course: Path) -> None:
    """Of two letters none is the answer, and an article is no letter; one letter may be meant."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    notebook.cells.append(new_markdown_cell(typed, id="mine"))
    assert bool(told_in_short(course, notebook)) is typed.endswith(": A")


def test_a_question_in_other_words_is_no_answer(course: Path) -> None:
    """As whoever fetched it before a word was mended hands it in, with nothing typed."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    for cell in notebook.cells:
        cell.source = cell.source.replace("A user clicks", "A customer clicks")
        cell.source = cell.source.replace("invoice", "bill").replace("Type your", "Write a")
    outcome, _ = graded_texts(handed_in(course, notebook), "ada")
    assert [mark.points for mark in outcome.marks["quiz"]] == [0]


def test_what_a_student_left_in_the_place_of_a_name_harms_nobody(course: Path) -> None:
    """A cell whose nbgrader metadata are a number is read as any other."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    notebook.cells.append(new_code_cell("answer_1 = 'B'", metadata={"nbgrader": 3}))
    task = handed_in(course, notebook)
    assert told_by_the_report(task) == told_by_the_feedback(task) == "B"
    assert told_by_the_marks(task) == "B"


def test_a_worker_does_without_what_reads_notebooks(course: Path) -> None:
    """What it is given to begin with is plain: to import nbformat takes longer than the rest."""
    notebook = quiz_notebook(GRADED, "A quiz", build.SEED)
    source = course / "source" / "quiz" / "quiz.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(notebook, source)
    task = handed_in(course, notebook)
    assert task.skeletons[0].metadata  # which nbformat has read
    assert b"nbformat" not in pickle.dumps(task)
