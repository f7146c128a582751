"""Everything that a class might hand in has its mark and its reason, and harms nobody.

All of `tests/corpus` is graded in one run of `staff grade` for the quiz and one for the exercises,
honest submissions before and after it. Files, processes and ports that a student's code would leave
are looked for afterwards.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from course_lib.staff.analysis.question_sheet import asked_questions
from course_lib.staff.conversation.sandbox import Sandbox
from course_lib.staff.grading.class_run import course_settings, grade_class
from course_lib.staff.grading.line_orders import ORDERS
from tests.classroom import Classroom, classroom, done
from tests.conftest import ROOT, in_ci
from tests.corpus import CORPUS, HandIn
from tests.corpus.code_resources import CANARY
from tests.corpus.hand_in import EXERCISES, QUIZ, Notebook, write
from tests.exercises import SOURCE
from tests.synthetic_class import filled

pytestmark = [in_ci, pytest.mark.slow]
HONEST = ("aaa-honest", "zzz-honest")
PORT = 45454


@dataclass(frozen=True)
class Graded:
    """One assignment of the corpus after it was graded."""

    room: Classroom
    assignment: str
    points: dict[str, float]
    """Student → score."""
    most: float
    look: dict[str, str]
    """Student → why a person should look."""

    def told(self, one: HandIn) -> str:
        """All that is told of a submission."""
        path = self.room.course / "autograded" / one.student / one.assignment
        text = (path / f"{one.assignment}.ipynb").read_text(encoding="utf-8")
        cells = json.loads(text)["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        said = [str(output.get("evalue", output.get("text", ""))) for output in outputs]
        return "\n".join([self.look.get(one.student, ""), str(cells[0]["source"]), *said])


def right(room: Classroom, assignment: str) -> Notebook:
    """The released notebook with everything answered and solved."""
    text = (room.course / "release" / assignment / f"{assignment}.ipynb").read_text("utf-8")
    if assignment == QUIZ:
        questions = asked_questions(room.course, QUIZ)
        notebook: Notebook = json.loads(filled(text, [one.key for one in questions]))
    else:
        notebook = json.loads(text)
        solve(notebook)
    return joined(notebook)


def joined(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if isinstance(cell["source"], list):
            cell["source"] = "".join(cell["source"])
    return notebook


def solve(notebook: Notebook) -> None:
    """Put the references and the right orders into the exercises."""
    source = json.loads(SOURCE.read_text(encoding="utf-8"))
    solved = {cell["id"]: "".join(cell["source"]) for cell in source["cells"]}
    for cell in joined(notebook)["cells"]:
        name = cell.get("id", "")
        if re.fullmatch(r"ex\d+-solution", name):
            cell["source"] = solved[name]
        elif found := re.fullmatch(r"ex(\d+)-lines", name):
            order = list(ORDERS.values())[int(found[1]) - 1][0]
            cell["source"] = f"order_{found[1]} = {list(order)}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    with classroom(tmp_path_factory.mktemp("corpus"), ROOT / "quizzes") as made:
        yield made


@pytest.fixture(scope="module")
def quiz(room: Classroom) -> Graded:
    return graded(room, QUIZ)


@pytest.fixture(scope="module")
def exercises(room: Classroom, sandbox: Sandbox) -> Graded:
    return graded(room, EXERCISES)


def graded(room: Classroom, assignment: str) -> Graded:
    """Released, handed in by honest ones and by all of the corpus, and graded in one run."""
    done(room.api.generate_assignment(assignment))
    notebook = right(room, assignment)
    for name in HONEST:
        write(room.course / "submitted" / name / assignment, assignment, notebook)
    for one in of(assignment):
        folder = room.course / "submitted" / one.student / assignment
        folder.parent.mkdir(parents=True, exist_ok=True)
        one.put(folder, notebook)
    summary = grade_class(course_settings(room.course), assignment)
    with room.gradebook as book:
        about = book.find_assignment(assignment)
        points = {one.student.id: one.score for one in about.submissions}
        return Graded(room, assignment, points, about.max_score, dict(summary.look))


def of(assignment: str) -> list[HandIn]:
    return [one for one in CORPUS if one.assignment == assignment]


def each(assignment: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("one", [pytest.param(o, id=o.student) for o in of(assignment)])


def as_wanted(one: HandIn, graded: Graded) -> None:
    """The points that are right, and where there is something to say, that is said."""
    told = graded.told(one)
    known = {"all": graded.most, "all but one": graded.most - 1, "lines": float(len(ORDERS))}
    wanted = known.get(str(one.points), one.points)
    assert graded.points[one.student] == wanted, told[:3000]
    assert one.told in told
    assert (one.student in graded.look) == one.person, graded.look.get(one.student)


@each(QUIZ)
def test_a_quiz_has_its_mark_and_its_reason(one: HandIn, quiz: Graded) -> None:
    """Typed as people type, broken, moved, forged: never a silent 0, never a point too many."""
    as_wanted(one, quiz)


@each(EXERCISES)
def test_exercises_have_their_mark_and_their_reason(one: HandIn, exercises: Graded) -> None:
    """Whatever else the cells do."""
    as_wanted(one, exercises)


@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("assignment", ["quiz", "exercises"])
def test_honest_ones_before_and_after_have_all_points(
    name: str, assignment: str, request: pytest.FixtureRequest
) -> None:
    """Nothing that others did took anything from them."""
    graded: Graded = request.getfixturevalue(assignment)
    assert graded.points[name] == graded.most > 0
    assert name not in graded.look


def test_nothing_is_left_on_disk_in_processes_or_at_ports(exercises: Graded) -> None:
    """The canaries that the corpus tries to leave are nowhere."""
    root = exercises.room.root
    for folder in (Path("/tmp"), Path("/usr"), Path.home(), exercises.room.course, Path.cwd()):
        assert not (folder / CANARY).exists()
    assert [path for path in Path("/proc").glob("[0-9]*/cmdline") if _read(path)] == []
    with socket.socket() as one:
        assert one.connect_ex(("127.0.0.1", PORT)) != 0
    assert not list(root.rglob("taken"))


def _read(path: Path) -> bool:
    try:
        return CANARY.encode() in path.read_bytes()
    except OSError:
        return False


def test_feedback_runs_nothing(quiz: Graded) -> None:
    """What a student wrote is text in every page, and no page is missing."""
    done(quiz.room.api.generate_feedback(QUIZ))
    pages = list((quiz.room.course / "feedback").glob(f"*/{QUIZ}/{QUIZ}.html"))
    assert len(pages) == len(quiz.points)
    for page in pages:
        tree: Any = lxml.html.fromstring(page.read_text(encoding="utf-8"))
        assert not tree.xpath("//script | //iframe | //object | //img[@onerror] | //svg[@onload]")
        assert not [link for link in tree.xpath("//@href") if link.startswith("javascript:")]


def test_graded_notebooks_hold_no_markup_of_a_student(quiz: Graded) -> None:
    """Formgrader shows a student's outputs and words as text, cut at a stated size."""
    for path in (quiz.room.course / "autograded").glob("output-*/*/*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                assert set(output.get("data", {})) <= {"text/plain"}
                assert len(json.dumps(output)) < 20_000
            if cell["cell_type"] == "markdown" and "<script" in cell["source"]:
                assert cell["source"].lstrip().startswith("```")


def test_the_table_of_marks_starts_no_formula(quiz: Graded) -> None:
    """What nbgrader exports has no cell that a spreadsheet would take for one."""
    for row in quiz.room.export().splitlines():
        assert not [cell for cell in row.split(",") if re.match(r'"?[=+@\t\r]', cell)]


def test_the_corpus_is_large_and_of_many_kinds() -> None:
    """At least 150, no name twice."""
    assert len({one.student for one in CORPUS}) == len(CORPUS) >= 150
