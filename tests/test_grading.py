"""A class of hostile, broken and merely human submissions: each gets a mark, or a reason."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import chdir, closing
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import lxml.html
import nbformat
import pytest
from nbconvert import HTMLExporter
from sqlalchemy import create_engine, event

from course_lib.staff import grade, report
from course_lib.staff.grading import class_run, database, gradebook
from course_lib.staff.grading.class_run import Summary, course_settings, grade_class
from course_lib.staff.grading.database import GradebookError, answering, same_database
from course_lib.staff.grading.export import GradesTable
from course_lib.staff.grading.one_grader import BusyError, one_grader
from course_lib.staff.grading.settings import SettingsError
from course_lib.staff.grading.submission import UnreadableError, read_submission
from course_lib.staff.grading.work import Outcome, Task
from course_lib.staff.grading.workers import WHY, outcomes
from tests.conftest import ROOT, in_ci
from tests.graded_course import IN_TIME, QUIZ, GradedCourse, Raw, course, every, generated

__all__ = ["course", "generated"]

ALL = [1.0] * 5
NONE = [0.0] * 5
WAITS = [None] * 5
EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
MARKUP = "<img src=x onerror=\"document.title='taken'\">"


@dataclass(frozen=True)
class Case:
    """What somebody hands in, and what has to come of it."""

    name: str
    hand_in: Callable[[GradedCourse, str], Any]
    marks: Sequence[float | None]
    look: str = ""
    """What the summary says of it."""


def notebook(change: Callable[[Raw], Any], right: bool = True) -> Callable[..., Any]:
    """A notebook with all answers right, or wrong, and then changed."""

    def put(course: GradedCourse, name: str) -> None:
        raw = course.sheet(course.keys if right else course.wrong)
        changed = change(raw)
        course.hand_in(name, raw if changed is None else changed)

    return put


def content(data: bytes) -> Callable[..., Any]:
    """A file of these bytes."""
    return lambda course, name: course.hand_in(name).write_bytes(data)


def called(*names: str) -> Callable[..., Any]:
    """Right notebooks under these names, and none under the right one."""

    def put(course: GradedCourse, name: str) -> None:
        path = course.hand_in(name)
        text = path.read_text(encoding="utf-8")
        path.unlink()
        for one in names:
            file = path.parent / one
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    return put


def without(kind: str) -> Callable[[Raw], Any]:
    return lambda raw: raw["cells"].__setitem__(
        slice(None), [cell for cell in raw["cells"] if not cell["id"].startswith(kind)]
    )


def with_cells(*sources: str, above: bool = False) -> Callable[[Raw], Any]:
    """The notebook with cells of one's own."""

    def add(raw: Raw) -> None:
        made = [
            nbformat.v4.new_code_cell(source, id=f"mine-{n}") for n, source in enumerate(sources)
        ]
        place = 0 if above else len(raw["cells"])
        raw["cells"][place:place] = made

    return add


def in_every(kind: str, **changes: Any) -> Callable[[Raw], Any]:
    return lambda raw: every(kind, lambda cell: cell.update(changes), raw)


def copied(raw: Raw) -> None:
    """Each check twice, as when somebody copies and pastes a cell."""
    checks = [dict(cell) for cell in raw["cells"] if cell["id"].startswith("check")]
    raw["cells"] += [cell | {"id": f"copy-{n}"} for n, cell in enumerate(checks)]


def swapped(raw: Raw) -> None:
    """Each check says that it is the next one."""
    checks = [cell for cell in raw["cells"] if cell["id"].startswith("check")]
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in checks]
    for cell, name in zip(checks, [*names[1:], names[0]], strict=True):
        cell["metadata"]["nbgrader"] |= {"grade_id": name, "points": 50, "locked": False}


def of_format_3(raw: Raw) -> Raw:
    cells = [dict(cell) | {"input": cell["source"]} for cell in raw["cells"]]
    for cell in cells:
        del cell["source"], cell["id"]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def odd_cells(raw: Raw) -> None:
    raw["cells"] += [3, None, "answer_1 = 'A'", [], {}, {"cell_type": 7, "source": 7}]
    raw["cells"].append({"cell_type": "code", "metadata": [], "outputs": {}, "source": [1, "x"]})


def outputs(raw: Raw) -> None:
    """All that could run in somebody's browser, in outputs, text and names."""
    data = {"text/html": EVIL, "image/svg+xml": EVIL, "application/javascript": EVIL}
    shown = [{"output_type": "display_data", "data": data | {"text/plain": EVIL}, "metadata": {}}]
    said = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000}]
    tags = {"tags": [EVIL]}
    raw["cells"] += [
        {"cell_type": "code", "id": "a", "metadata": tags, "source": EVIL, "outputs": shown},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": "1", "outputs": said},
        {"cell_type": "markdown", "id": "c", "metadata": {}, "source": f"{EVIL} ``` {EVIL}"},
        {"cell_type": "raw", "id": "d", "metadata": {"raw_mimetype": "text/html"}, "source": EVIL},
    ]  # fmt: skip


def makes(path: str) -> str:
    return f"open({path!r}, 'w').write('run')"


CASES = [
    Case("aaa-honest", notebook(lambda raw: None), ALL),
    Case("wrong", notebook(lambda raw: None, right=False), NONE),
    # What is no notebook
    Case("empty-file", content(b""), WAITS, "module_0_quiz.ipynb is empty"),
    Case("gaps-alone", content(b" \n\t"), WAITS, "module_0_quiz.ipynb is empty"),
    Case("cut-off", notebook(lambda raw: json.dumps(raw)[:3000]), WAITS, "is no notebook: "),
    Case("deep", content(b"[" * 100_000), WAITS, "is no notebook: "),
    Case("a-list", content(b"[1, 2]"), WAITS, "is no notebook: it has no cells"),
    Case("no-cells", content(b'{"nbformat": 4}'), WAITS, "is no notebook: it has no cells"),
    Case("latin", content('{"cells": ["é"]}'.encode("latin-1")), WAITS, "is no notebook: "),
    Case("word", content(b"PK\x03\x04" * 20), WAITS, "is no notebook: "),
    Case("long-number", content(b'{"cells": [' + b"9" * 5000 + b"]}"), WAITS, "is no notebook: "),
    Case("cells-without-end", notebook(lambda raw: raw["cells"].extend([{}] * 2001)), WAITS,
         "and at most 2,000 are read"),
    Case("code-without-end", notebook(with_cells("#" * 1_000_001)), WAITS,
         "and at most 1,000,000 are read"),
    # Names and places of files
    Case("nothing", lambda course, name: course.folder(name), WAITS,
         "there is no module_0_quiz.ipynb in it"),
    Case("called-txt", called("module_0_quiz.ipynb.txt"), WAITS,
         "there is no module_0_quiz.ipynb in it, but module_0_quiz.ipynb.txt"),
    Case("second-download", called("module_0_quiz (1).ipynb"), ALL,
         "read from module_0_quiz (1).ipynb, for there is no module_0_quiz.ipynb"),
    Case("two-others", called("module_0_quiz (1).ipynb", "mine.ipynb"), WAITS,
         "mine.ipynb, module_0_quiz (1).ipynb, and nobody can say which counts"),
    Case("marked-up-name", called(f"{MARKUP}.ipynb"), ALL, f"read from {MARKUP}.ipynb"),
    Case("two", called("module_0_quiz.ipynb", "module_0_quiz (1).ipynb"), ALL,
         "only module_0_quiz.ipynb was read, and not module_0_quiz (1).ipynb"),
    Case("as-an-archive-leaves-it", called(
        f"mine/{QUIZ}.ipynb", f"__MACOSX/mine/._{QUIZ}.ipynb",
        f"mine/.ipynb_checkpoints/{QUIZ}-checkpoint.ipynb",
    ), ALL),
    Case("with-the-other-assignment", called(f"all/a/{QUIZ}.ipynb", "all/b/exercises.ipynb"), ALL,
         "only all/a/module_0_quiz.ipynb was read, and not all/b/exercises.ipynb"),
    Case("in-two-folders", called(f"old/{QUIZ}.ipynb", f"new/{QUIZ}.ipynb"), WAITS,
         "new/module_0_quiz.ipynb, old/module_0_quiz.ipynb, and nobody can say which counts"),
    Case("in-a-folder-below-another", called("scratch.ipynb", f"hand in/{QUIZ}.ipynb"), ALL,
         "only hand in/module_0_quiz.ipynb was read, and not scratch.ipynb"),
    Case("second-download-above-an-older", called(f"{QUIZ} (1).ipynb", f"old/{QUIZ}.ipynb"), WAITS,
         "old/module_0_quiz.ipynb, module_0_quiz (1).ipynb, and nobody can say which counts"),
    Case("in-two-folders-below-another", called("x.ipynb", f"a/{QUIZ}.ipynb", f"b/{QUIZ}.ipynb"),
         WAITS, "b/module_0_quiz.ipynb, x.ipynb, and nobody can say which counts"),
    Case("a-folder", lambda course, name: (course.folder(name) / f"{QUIZ}.ipynb").mkdir(), WAITS,
         "is no file, but a folder, a pipe or a device"),
    Case("a-file-for-a-folder", lambda course, name: (
        (course.root / "submitted" / name).mkdir(),
        (course.root / "submitted" / name / QUIZ).write_text("x"),
    ), WAITS, "its folder cannot be read (Not a directory)"),
    Case("120-MB", lambda course, name: os.truncate(course.hand_in(name), 120_000_000), WAITS,
         "has 120,000,000 bytes, and at most 10,000,000 are read"),
    # Cells
    Case("without-checks", notebook(without("check")), ALL),
    Case("without-questions", notebook(without("question")), ALL),
    Case("answers-alone", notebook(
        lambda raw: {"cells": [c for c in raw["cells"] if c["id"].startswith("answer")]}
    ), ALL),
    Case("without-answers", notebook(without("answer")), NONE),
    Case("a-lesson", content((ROOT / "notebooks" / "04_real_world_systems.ipynb").read_bytes()),
         NONE, "no cell of it is one of the notebook that was released: it may be the wrong file"),
    Case("copied", notebook(copied), ALL),
    Case("backwards", notebook(lambda raw: raw["cells"].reverse()), ALL),
    Case("retagged", notebook(swapped), ALL),
    Case("retagged-and-wrong", notebook(swapped, right=False), NONE),
    Case("retyped-checks", notebook(in_every("check", cell_type="raw")), ALL),
    Case("retyped-answers", notebook(in_every("answer", cell_type="markdown")), ALL),
    Case("format-3", notebook(of_format_3), ALL),
    Case("empty-metadata", notebook(in_every("", metadata={"nbgrader": {}})), ALL),
    Case("old-metadata", notebook(in_every("check", metadata={"nbgrader": {
        "schema_version": 1, "grade": True, "grade_id": "check-1", "points": 9,
    }})), ALL),
    Case("new-metadata", notebook(
        in_every("", metadata={"nbgrader": {"schema_version": 99}})), ALL),
    Case("no-metadata", notebook(in_every("", metadata=None)), ALL),
    Case("no-ids", notebook(in_every("", id=None)), ALL),
    Case("odd-cells", notebook(odd_cells), ALL),
    Case("byte-order-mark", notebook(lambda raw: "\ufeff" + json.dumps(raw)), ALL),
    Case("half-characters", notebook(with_cells("mine = '\ud800'", "zero = '\0'")), ALL),
    # Answers
    Case("below", notebook(lambda raw: with_cells(*[
        cell["source"] for cell in raw["cells"] if cell["id"].startswith("answer")
    ])(every("answer", lambda cell: cell.update(source=""), raw))), ALL),
    Case("in-the-check", notebook(lambda raw: with_cells()(every(
        "answer-1", lambda cell: cell.update(source="# see below"), raw
    )) or every("check-1", lambda cell: cell.update(
        source=f"answer_1 = 'Z'\n{cell['source']}"), raw)), [0.0, *ALL[1:]]),
    Case("half-a-character", notebook(with_cells(r"answer_1 = '\ud800'")), [0.0, *ALL[1:]]),
    Case("computed", notebook(with_cells("answer_2 = chr(65)")), [1.0, None, *ALL[2:]],
         "check-2: needs a person. answer_2 is set by computing, in line 1 of its cell"),
    Case("the-other-way", notebook(lambda raw: every(
        "answer-2", lambda cell: cell.update(source='"B" -> answer_2'), raw
    )), [1.0, None, *ALL[2:]],
         'check-2: needs a person. answer_2 is not set by what stands there: "B" -> answer_2'),
    Case("gap-below", notebook(with_cells("answer_3 = ''")), [1.0, 1.0, None, 1.0, 1.0],
         "check-3: needs a person. answer_3 is empty"),
    Case("small-letters", notebook(lambda raw: every(
        "answer", lambda cell: cell.update(source=cell["source"].lower()), raw
    )), ALL),
    # Forging
    Case("variable", notebook(with_cells(
        "import os\nos.environ.pop('NBGRADER_EXECUTION', None)", above=True
    ), right=False), NONE),
    Case("patched", notebook(with_cells(
        "import course_lib.answers\ncourse_lib.answers.recorded = lambda *_: 'recorded: A'",
        "In = ['answer_1 = chr(66)']", above=True,
    ), right=False), NONE),
    Case("skipped", notebook(
        in_every("check", metadata={"tags": ["skip-execution"]}), right=False), NONE),
    Case("claims", notebook(in_every("", metadata={
        "nbgrader": {"grade": True, "points": 9, "score": 9}, "sync_async_course": {"letter": "A"},
    }), right=False), NONE),
    Case("no-kernel", notebook(
        lambda raw: raw["metadata"].update(kernelspec={"name": "../../evil"})), ALL),
    Case("says-so", notebook(in_every("check", outputs=[
        {"output_type": "stream", "name": "stdout", "text": "1 point: A"}
    ]), right=False), NONE),
    # Harm
    Case("runs", lambda course, name: course.hand_in(name, with_cells(
        makes(str(course.root / "canary")), f"%run {course.root / 'canary'}", above=True
    )(raw := course.sheet()) or raw), ALL),
    Case("outputs", notebook(outputs), ALL),
    Case("no-time", lambda course, name: course.hand_in(name, when="yesterday-ish"), ALL),
    Case("time-in-bytes", lambda course, name: (
        course.hand_in(name).with_name("timestamp.txt").write_bytes(b"\xff\x00" * 999)
    ), ALL),
    Case("brackets", notebook(with_cells("answer_1 = " + "(" * 90_000)), [None, *ALL[1:]],
         "check-1: needs a person. answer_1 is in a line that is no Python"),
    Case("minuses", notebook(with_cells("answer_1 = " + "-" * 90_000 + "1")), [None, *ALL[1:]],
         "check-1: needs a person. answer_1 is in a line that is no Python"),
    Case("lines", notebook(with_cells("\n" * 90_000 + "if x:\n answer_1 = 1 (")), [None, *ALL[1:]],
         "check-1: needs a person. answer_1 is set in a cell that is no Python"),
    Case("gaps", notebook(with_cells("answer_1 = 'A'" + " " * 99_980 + "(")), None),
    Case("zzz-honest", notebook(lambda raw: None), ALL),
]  # fmt: skip
FILES = [
    Case("link", lambda course, name: (course.folder(name) / f"{QUIZ}.ipynb").symlink_to(
        course.hand_in("zzz-honest")), WAITS, "is a link, and only files are read"),
    Case("linked-folder", lambda course, name: (
        (course.root / "submitted" / name).mkdir(),
        (course.root / "submitted" / name / QUIZ).symlink_to(course.folder("zzz-honest")),
    ), WAITS, "module_0_quiz is a link, and only files are read"),
    Case("linked-name", lambda course, name: (course.root / "submitted" / name).symlink_to(
        course.folder("zzz-honest").parent), WAITS, "linked-name is a link, and only"),
    Case("pipe", lambda course, name: os.mkfifo(course.folder(name) / f"{QUIZ}.ipynb"), WAITS,
         "is no file, but a folder, a pipe or a device"),
    Case("pipe-of-time", lambda course, name: (
        course.hand_in(name), (course.folder(name) / "timestamp.txt").unlink(),
        os.mkfifo(course.root / "submitted" / name / QUIZ / "timestamp.txt"),
    ), ALL),
    Case("pipe-beside", lambda course, name: os.mkfifo(
        course.hand_in(name).with_name("data.csv")), ALL),
]  # fmt: skip
if sys.platform != "win32":
    CASES[-1:-1] = FILES


@pytest.fixture(scope="module")
def corpus(
    generated: GradedCourse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[GradedCourse, dict[str, list[str]]]:
    """All of them graded in one run, and what the summary says of each."""
    root = tmp_path_factory.mktemp("corpus") / "quizzes"
    shutil.copytree(generated.root, root)
    made = GradedCourse(root, generated.released)
    for case in CASES:
        case.hand_in(made, case.name)
    summary = grade_class(course_settings(root), QUIZ)
    assert (summary.graded, summary.skipped) == (len(CASES), 0)
    said: dict[str, list[str]] = {}
    for name, why in summary.look:
        said.setdefault(name, []).append(why)
    return made, said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_gets_its_marks_or_a_reason(
    case: Case, corpus: tuple[GradedCourse, dict[str, list[str]]]
) -> None:
    """And whoever needs a person is told of, with why; nobody else is."""
    course, said = corpus
    marks = course.marks()[case.name]
    if case.marks is not None:
        assert marks == list(case.marks)
    told = said.get(case.name, [])
    assert len(told) == bool(case.look) and case.look in "".join(told)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_graded_notebook_is_the_instructors_with_inert_text(
    case: Case, corpus: tuple[GradedCourse, dict[str, list[str]]]
) -> None:
    """It is valid, has every cell of the skeleton once, and outputs of text that is not long."""
    course, _ = corpus
    text = course.graded(case.name)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    names = [c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata]
    source = nbformat.read(course.root / "source" / QUIZ / f"{QUIZ}.ipynb", as_version=4)
    assert names == [c.id for c in source.cells if "nbgrader" in c.metadata]
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    assert {one.output_type for one in outputs} <= {"stream", "error"}
    assert all(len(one.get("text", "")) < 3_000 for one in outputs)


SHOWS = ("outputs", "marked-up-name")


@pytest.mark.parametrize("name", ["aaa-honest", *SHOWS, "half-characters", "deep"])
def test_nothing_of_it_runs_in_a_browser(
    name: str, corpus: tuple[GradedCourse, dict[str, list[str]]]
) -> None:
    """As Formgrader shows it: with nbconvert, which cleans nothing by itself."""
    course, _ = corpus
    notebook = nbformat.reads(course.graded(name), as_version=4)
    page = lxml.html.fromstring(HTMLExporter().from_notebook_node(notebook)[0])
    scripts = [element.text_content() for element in page.xpath("//script | //style")]
    assert not any("document.title='taken'" in script for script in scripts)
    assert page.xpath("//body//@*[starts-with(name(), 'on')]") == []
    assert ("document.title" in page.xpath("//body")[0].text_content()) is (name in SHOWS)


def test_nothing_that_was_handed_in_is_run(
    corpus: tuple[GradedCourse, dict[str, list[str]]],
) -> None:
    """The file that a cell would write is not there."""
    course, _ = corpus
    assert not (course.root / "canary").exists()


def test_no_time_that_nbgrader_cannot_read_is_left(
    corpus: tuple[GradedCourse, dict[str, list[str]]],
) -> None:
    """It ends at one, whoever's it is."""
    course, _ = corpus
    times = [path.read_text() for path in (course.root / "autograded").rglob("timestamp.txt")]
    assert set(times) == {"2030-03-01 12:00:00 UTC"}
    assert len(times) > len(CASES) / 2


def test_a_thousand_folders_in_each_other_are_told(course: GradedCourse) -> None:
    """Python 3.11 walks no further than it may call itself, and a report ended there."""
    folder = course.folder("ada")
    made = list(accumulate(["d"] * 1100, lambda place, name: place / name, initial=folder))[1:]
    for place in made:
        place.mkdir()
    try:
        with pytest.raises(UnreadableError, match=r"there is no module_0_quiz.ipynb in it, but d$"):
            read_submission(folder, QUIZ)
    finally:  # pytest, too, would call itself as often
        for place in reversed(made):
            place.rmdir()


# A run


def test_a_run_says_what_it_does(course: GradedCourse, capsys: pytest.CaptureFixture[str]) -> None:
    """How far it is and how long it takes; at the end what needs a person."""
    for name in ("ada", "ben"):
        course.hand_in(name)
    course.hand_in("eve", "")
    assert grade.main([QUIZ, "--course", str(course.root), "--jobs", "1"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "module_0_quiz: 3 graded.",
        "1 needs a person, under Manual Grading in Formgrader:",
        "  eve: module_0_quiz.ipynb is empty",
    ]
    assert said.err.splitlines()[-1].startswith("3 of 3, ")
    assert course.marks() == {"ada": ALL, "ben": ALL, "eve": WAITS}


def test_a_name_does_nothing_to_a_terminal() -> None:
    """A file may be called anything: what is told of it is shown, and controls nothing."""
    look = [("ada", "read from \x1b]0;taken\x07\u202e\udcff.ipynb")]
    said = grade.told(QUIZ, Summary(graded=1, look=look, missing=["\x1bben"]))
    assert said.splitlines()[2] == "  ada: read from ?]0;taken???.ipynb"
    assert said.splitlines()[-1] == "  ?ben"


@in_ci
@pytest.mark.slow
def test_who_has_handed_in_nothing_is_told(
    course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a class list that was read in; not when one student alone is graded."""
    with course.gradebook as gradebook:
        for name in ("ada", "ben", "cleo"):
            gradebook.add_student(name)
    course.hand_in("ada")
    assert grade.main([QUIZ, "--course", str(course.root), "--jobs", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "module_0_quiz: 1 graded. Nothing needs a person.",
        "Nothing came from 2 whom the gradebook knows:",
        "  ben",
        "  cleo",
    ]
    assert grade.main([QUIZ, "--course", str(course.root), "--student", "ada"]) == 0
    assert "Nothing came" not in capsys.readouterr().out


def test_a_folder_that_may_not_be_looked_into_is_told(
    course: GradedCourse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another's, with no rights for us: she has handed in, and a person has to look."""
    course.hand_in("ada")
    (course.root / "submitted" / "eve").mkdir()
    look = os.lstat

    def barred(path: Any, **words: Any) -> os.stat_result:
        if Path(path).parent.name == "eve":
            raise PermissionError
        return look(path, **words)

    monkeypatch.setattr(os, "lstat", barred)
    found = grade_class(course_settings(course.root), QUIZ, jobs=1)
    assert [name for name, why in found.look if why.startswith("its folder cannot be")] == ["eve"]
    assert found.missing == []
    assert report.main(["--course", str(course.root)]) == 0
    assert "submitted/eve: its folder cannot be read" in capsys.readouterr().out


def test_one_student_alone_is_graded(
    course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who is named; a name that nobody has is an error."""
    for name in ("ada", "ben"):
        course.hand_in(name)
    assert grade.main([QUIZ, "--course", str(course.root), "--student", "ben"]) == 0
    assert course.marks() == {"ben": ALL}
    assert capsys.readouterr().out == "module_0_quiz: 1 graded. Nothing needs a person.\n"
    assert grade.main([QUIZ, "--course", str(course.root), "--student", "cleo"]) == 1
    assert "cleo has handed in no module_0_quiz" in capsys.readouterr().err
    assert grade.main([QUIZ, "--course", str(course.root), "--student", "Adaa"]) == 1
    assert capsys.readouterr().err.endswith(" Did you mean ada?\n")


def test_a_time_that_an_editor_has_saved_is_one(course: GradedCourse) -> None:
    """In the gradebook, and in the file that nbgrader reads again without that mark."""
    course.hand_in("ada", when=f"\ufeff{IN_TIME}")
    grade_class(course_settings(course.root), QUIZ, jobs=1)
    with course.gradebook as gradebook:
        assert f"{gradebook.find_submission(QUIZ, 'ada').timestamp} UTC" == IN_TIME
    kept = course.root / "autograded" / "ada" / QUIZ / "timestamp.txt"
    assert kept.read_text(encoding="utf-8") == IN_TIME


@in_ci
@pytest.mark.slow
def test_resume_grades_what_is_new(course: GradedCourse) -> None:
    """A new submission, another time, a notebook that is gone; what could not be read is tried."""
    for name in ("ada", "ben", "cleo", "dora"):
        course.hand_in(name)
    course.hand_in("eve", "")
    settings = course_settings(course.root)
    grade_class(settings, QUIZ)
    again = grade_class(settings, QUIZ, resume=True)
    assert (again.graded, again.skipped) == (1, 4)
    course.hand_in("ada", course.sheet(course.wrong))
    course.hand_in("ben", when="2030-04-01 12:00:00 UTC")
    (course.root / "autograded" / "cleo" / QUIZ / f"{QUIZ}.ipynb").unlink()
    again = grade_class(settings, QUIZ, resume=True)
    assert (again.graded, again.skipped) == (4, 1)
    same = dict.fromkeys(("ben", "cleo", "dora"), ALL)
    assert course.marks() == same | {"ada": NONE, "eve": WAITS}


def test_resume_names_again_whoever_waits_for_a_person(course: GradedCourse) -> None:
    """A cell or a notebook, until somebody has looked: the run before may have been cut off."""
    course.hand_in("ada", course.sheet(["Option B"]))
    course.hand_in("ben").rename(course.folder("ben") / f"{QUIZ} (1).ipynb")
    course.hand_in("cleo")
    settings = course_settings(course.root)
    look = grade_class(settings, QUIZ, jobs=1).look
    assert {name for name, _ in look} == {"ada", "ben"}
    again = grade_class(settings, QUIZ, jobs=1, resume=True)
    assert (again.look, again.graded, again.skipped) == (look, 2, 1)
    with course.gradebook as gradebook:
        for name in ("ada", "ben"):
            sheet = gradebook.find_submission_notebook(QUIZ, QUIZ, name)
            sheet.flagged = False
            for grade in sheet.grades:
                grade.manual_score, grade.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    again = grade_class(settings, QUIZ, jobs=1, resume=True)
    assert (again.look, again.graded, again.skipped) == ([], 0, 3)


@in_ci
@pytest.mark.slow
def test_resume_goes_by_the_gradebook(course: GradedCourse) -> None:
    """Whoever is not in it is graded, whatever the journal says."""
    course.hand_in("ada")
    grade_class(course_settings(course.root), QUIZ)
    with course.gradebook as gradebook:
        gradebook.remove_submission(QUIZ, "ada")
    assert grade_class(course_settings(course.root), QUIZ, resume=True).graded == 1
    assert course.marks() == {"ada": ALL}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such_quiz"], "gradebook.db knows no no_such_quiz. Generate it first"),
        (
            [QUIZ],
            "nbgrader collect module_0_quiz, or for files from elsewhere: nbgrader zip_collect",
        ),
        (
            [QUIZ, "--course", str(ROOT / "tests")],
            "is no course: there is no nbgrader_config.py in it",
        ),
        (["Module_0_quizz"], "knows no Module_0_quizz. Did you mean module_0_quiz?\n"),
        ([QUIZ, "--db", "nonsense"], "write it as sqlite:///FILE or postgresql://"),
        ([QUIZ, "--db", "oracle+nothing://x"], "write it as sqlite:///FILE or postgresql://"),
        (
            [QUIZ, "--db", "sqlite:///no/folder.db"],
            "The gradebook sqlite:///no/folder.db knows no module_0_quiz. Generate it first",
        ),
        ([QUIZ, "--db", f"sqlite:///{__file__}"], "(file is not a database): put a copy of it"),
    ],
)
def test_what_cannot_begin_says_why(
    words: list[str], said: str, course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """And returns 1, with the way out."""
    assert grade.main(["--course", str(course.root), *words]) == 1
    assert said in capsys.readouterr().err


def test_a_gradebook_that_may_not_be_written_is_told_at_once(
    course: GradedCourse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not when all are graded and nothing of it can be kept."""

    def to_read(*words: Any, **options: Any) -> Any:
        engine = create_engine(*words, **options)
        listens = event.listens_for(engine, "connect")
        listens(lambda connection, _: connection.execute("PRAGMA query_only = 1"))
        return engine

    course.hand_in("ada")
    monkeypatch.setattr(database, "create_engine", to_read)
    assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    assert "it may not be written; look at its rights" in capsys.readouterr().err
    assert not (course.root / "autograded").exists()


def of_another(course: GradedCourse, root: Path, change: str) -> str:
    """The URL of a gradebook that knows this quiz, in which something is another course's."""
    root.mkdir()
    file = root / "gradebook.db"
    shutil.copy(course.root / "gradebook.db", file)
    with closing(sqlite3.connect(file)) as book:
        book.executescript(change)
    return f"sqlite:///{file}"


RENAMED = "INSERT INTO course (id) VALUES ('algebra'); UPDATE assignment SET course_id = 'algebra';"
OTHERS = (
    "INSERT INTO student (id) VALUES ('zoe');"
    "INSERT INTO submitted_assignment (id, assignment_id, student_id) "
    "SELECT 'x', id, 'zoe' FROM assignment;"
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (RENAMED, "it is of the course algebra, and this is sync-async"),
        (OTHERS, "none of the 1 in it who have handed in has done so here"),
        ("UPDATE notebook SET name = 'ps1'", "no notebook of this one is in it, such as module_0_"),
    ],
)
def test_another_course_s_gradebook_is_refused(
    change: str,
    said: str,
    course: GradedCourse,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One that knows an assignment of this name; the settings can say that it is this course's."""
    course.hand_in("ada")
    url = of_another(course, tmp_path / "other", change)
    before = Path(url.removeprefix("sqlite:///")).read_bytes()
    assert grade.main([QUIZ, "--course", str(course.root), "--db", url, "--jobs", "1"]) == 1
    told = capsys.readouterr().err
    assert said in told and "say so in nbgrader_config.py, as c.CourseDirectory.db_url" in told
    assert Path(url.removeprefix("sqlite:///")).read_bytes() == before
    assert not (course.root / "autograded").exists()
    if "notebook" not in change:
        with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
        assert grade.main([QUIZ, "--course", str(course.root), "--db", url, "--jobs", "1"]) == 0


@pytest.mark.parametrize(
    "change",
    [
        "",
        OTHERS.replace("zoe", "ada"),
        "INSERT OR IGNORE INTO course (id) VALUES ('default_course');"
        "UPDATE assignment SET course_id = 'default_course'",
    ],
)
def test_a_gradebook_of_its_own_elsewhere_is_taken(
    change: str, course: GradedCourse, tmp_path: Path
) -> None:
    """New, a copy in which somebody of this class is, or by nbgrader's own name of a course."""
    course.hand_in("ada")
    course.hand_in("ben")
    url = of_another(course, tmp_path / "other", change)
    assert grade.main([QUIZ, "--course", str(course.root), "--db", url, "--jobs", "1"]) == 0


def test_two_spellings_of_one_database_are_one(tmp_path: Path) -> None:
    """Then it is the course's own, however it is written; a password is nobody's business."""
    with chdir(tmp_path):
        assert same_database("sqlite:///x.db", f"sqlite:///{tmp_path}/y/../x.db")
    assert same_database("postgresql+psycopg://a:b@h/db", "postgresql://c@h/db")
    assert not same_database("postgresql://h/db", "postgresql://h/other")
    assert not same_database("nonsense", "sqlite:///x.db")


def test_a_gradebook_that_is_locked_is_told_soon(
    course: GradedCourse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not after the minute that a class which is graded is worth."""
    monkeypatch.setattr(gradebook, "AT_FIRST", 0)
    with closing(sqlite3.connect(course.root / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    assert "another program holds it; close that one" in capsys.readouterr().err


def test_a_gradebook_that_is_locked_meanwhile_is_told_and_waited_for(
    course: GradedCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks on hears what to close; when it is free, the run goes on."""
    course.hand_in("ada")
    monkeypatch.setattr(gradebook, "TELL_AFTER", 0.01)
    said: list[str] = []
    file = course.root / "gradebook.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:

        def hold(*_: Any) -> None:
            said.clear()
            other.execute("BEGIN IMMEDIATE")

        def close(why: str) -> None:
            said.append(why)
            if other.in_transaction:
                other.execute("ROLLBACK")

        settings = course_settings(course.root)
        grade_class(settings, QUIZ, jobs=1, progress=hold, tell=close)
    assert course.marks() == {"ada": ALL}
    assert said[0].startswith(f"The gradebook sqlite:///{file} does not answer: another program ")


@pytest.mark.parametrize("words", [[""], [" "], [QUIZ, "--student", ""]])
def test_no_name_is_no_name(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """As a variable of a shell leaves it that nobody has set."""
    with pytest.raises(SystemExit, match=r"^2$"):
        grade.main(words)
    assert "there is a name to be given, and none stands here" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["what?now", "50%20", "[x]"])
def test_a_folder_whose_name_means_something_else_is_refused(name: str, tmp_path: Path) -> None:
    """In an address of a database, or in a pattern of nbgrader's."""
    root = tmp_path / name
    root.mkdir()
    (root / "nbgrader_config.py").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="call the folder otherwise"):
        course_settings(root)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("this is wrong(", "SyntaxError: '(' was never closed"),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("c.LateSubmissionPlugin.penalty_method = 'half'", "expected any of ['none', 'zero']"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    line: str, said: str, course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their file, and why: nobody is graded by other settings than those."""
    course.hand_in("ada")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    told = capsys.readouterr().err
    assert "nbgrader_config.py cannot be used: " in told and said in told


def test_a_gradebook_of_another_nbgrader_is_told(
    course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """The marks and the report say the same, with the command that makes it new."""
    course.hand_in("ada")
    with closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        book.execute("ALTER TABLE assignment RENAME COLUMN duedate TO due")
        book.commit()
    assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    assert "no such column: assignment.duedate" in (told := capsys.readouterr().err)
    assert "`nbgrader db upgrade` keeps a copy" in told
    assert report.main(["--course", str(course.root)]) == 1
    assert capsys.readouterr().err == told


def test_asking_makes_no_gradebook(course: GradedCourse) -> None:
    """An empty one would be in the way of the one that is put back."""
    file = course.root / "gradebook.db"
    file.unlink()
    assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    assert not file.exists()


@pytest.mark.parametrize("url", ["postgresql://ada:geheim@127.0.0.1:1/x", "mysql://a:geheim@x/y"])
def test_a_gradebook_that_does_not_answer_shows_no_password(url: str) -> None:
    """What it says is told, and the way out, and its address without the password."""
    pytest.importorskip("psycopg")
    with pytest.raises(GradebookError) as caught, answering(url):
        create_engine(url).connect()
    assert "***" in str(caught.value) and "geheim" not in str(caught.value)


def test_the_file_of_a_gradebook_is_named_as_it_is() -> None:
    """Its folder may be called with any letters."""
    url = "sqlite:////no/Prüfung 1/gradebook.db"
    with pytest.raises(GradebookError) as told, answering(url):
        create_engine(url).connect()
    assert f"The gradebook {url} cannot be used" in str(told.value)


def test_a_table_of_marks_that_cannot_be_written_is_told(
    course: GradedCourse, tmp_path: Path
) -> None:
    """As where a spreadsheet has it open: a sentence, and no traceback of nbgrader's."""
    with course.gradebook as gradebook, pytest.raises(SystemExit, match=r"--to FILE$") as told:
        GradesTable(to=str(tmp_path)).export(gradebook)
    assert str(told.value).startswith(f"{tmp_path} cannot be written (")


@in_ci
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
@pytest.mark.slow
def test_ctrl_c_ends_the_workers_without_a_word(course: GradedCourse) -> None:
    """They leave it to the one that began them, which ends with one sentence."""
    for number in range(400):
        course.hand_in(f"student{number}")
    program = (
        "import os, signal, sys\n"
        "from course_lib.staff import __main__, grade\n"
        "grade.progress = lambda *_: os.killpg(0, signal.SIGINT)\n"
        "if __name__ == '__main__': sys.exit(__main__.main(sys.argv[1:]))"
    )
    file = course.root / "interrupted.py"
    file.write_text(program, encoding="utf-8")
    words = ["grade", QUIZ, "--course", str(course.root), "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, str(file), *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip().startswith("Interrupted. ") and done.stderr.count("\n") == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_the_second_of_two_graders_stops(
    course: GradedCourse, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says who is there already; when that one is done, it goes on."""
    course.hand_in("ada")
    with one_grader(course.root / class_run.NOTES / "lock"):
        assert grade.main([QUIZ, "--course", str(course.root)]) == 1
    said = f"Somebody is grading here already (process {os.getpid()})"
    assert said in capsys.readouterr().err
    assert course.marks() == {}
    assert grade.main([QUIZ, "--course", str(course.root)]) == 0
    with (
        one_grader(course.root / "lock"),
        pytest.raises(BusyError),
        one_grader(course.root / "lock"),
    ):
        pass


class Trap(type(Path())):  # type: ignore[misc]
    """A folder in which one student's submission ends the process that reads it."""

    def __truediv__(self, name: Any) -> Path:
        if name == "boom":
            os._exit(3)
        return super().__truediv__(name)  # type: ignore[no-any-return]


class Stumble(type(Path())):  # type: ignore[misc]
    """A folder in which one student's submission makes the grader stumble."""

    def __truediv__(self, name: Any) -> Path:
        if name == "boom":
            raise ZeroDivisionError
        return super().__truediv__(name)  # type: ignore[no-any-return]


@in_ci
@pytest.mark.slow
def test_a_submission_that_ends_a_process_ends_nobody_elses(course: GradedCourse) -> None:
    """The others are graded, and that one needs a person."""
    for name in ("ada", "boom", "cleo"):
        course.hand_in(name)
    trap = Trap(course.root / "submitted")
    task = Task(QUIZ, trap, course.root / "autograded", (), "seed")
    found = {one.student: one for one in outcomes(task, ["ada", "boom", "cleo"], 2)}
    assert found.keys() == {"ada", "boom", "cleo"}
    assert isinstance(found["boom"], Outcome) and found["boom"].digest == ""
    assert found["ada"].digest and found["cleo"].digest
    assert WHY == "reading it ended the process that read it"


@in_ci
@pytest.mark.slow
def test_an_error_of_the_graders_own_ends_nobody_elses(course: GradedCourse) -> None:
    """Whatever we have not thought of: the others are graded, and that one needs a person."""
    for name in ("ada", "boom", "cleo"):
        course.hand_in(name)
    trap = Stumble(course.root / "submitted")
    task = Task(QUIZ, trap, course.root / "autograded", (), "seed")
    found = {one.student: one for one in outcomes(task, ["ada", "boom", "cleo"], 1)}
    assert [bool(found[name].digest) for name in ("ada", "boom", "cleo")] == [True, False, True]


def test_a_name_without_a_place_in_the_gradebook_is_told(course: GradedCourse) -> None:
    """And takes nobody else's marks with it."""
    course.hand_in("ada")
    course.hand_in("x" * 129)
    summary = grade_class(course_settings(course.root), QUIZ)
    assert [why for _, why in summary.look] == [
        "a name of more than 128 characters has no place in the gradebook"
    ]
    assert course.marks() == {"ada": ALL}


def test_a_name_that_nbgrader_takes_for_a_pattern_has_its_marks(course: GradedCourse) -> None:
    """It gets no page of feedback, and that is told; a bracket that nothing closes is a sign."""
    for name in ("ada", "mo [late]", "zoe [x"):
        course.hand_in(name)
    summary = grade_class(course_settings(course.root), QUIZ, jobs=1)
    why = "nbgrader makes no feedback for a name with a [ and a ] in it: "
    assert [(who, said[: len(why)]) for who, said in summary.look] == [("mo [late]", why)]
    assert course.marks() == {"ada": ALL, "mo [late]": ALL, "zoe [x": ALL}


def test_nothing_is_written_for_a_name_with_the_end_of_a_line(course: GradedCourse) -> None:
    """nbgrader would end there; what an older version wrote is named, whoever was renamed since."""
    for name in ("ada", "new\nline"):
        course.hand_in(name)
    for left in ("new\nline", "older\nline"):
        (course.root / "autograded" / left / QUIZ).mkdir(parents=True)
    summary = grade_class(course_settings(course.root), QUIZ, jobs=1)
    assert [(name, why.partition(" ")[0]) for name, why in summary.look] == [
        ("new\nline", "delete"),
        ("new\nline", "not"),
        ("older\nline", "delete"),
    ]
    assert summary.graded == 1 and course.marks() == {"ada": ALL}
    written = (course.root / "autograded").rglob("*.ipynb")
    assert {file.relative_to(course.root).parts[1] for file in written} == {"ada"}
    for left in ("new\nline", "older\nline"):
        (course.root / "autograded" / left / QUIZ).rmdir()
    folder = course.root / "submitted" / "new\nline"
    folder.rename(folder.with_name("newline"))
    assert grade_class(course_settings(course.root), QUIZ, jobs=1).look == []
    assert course.marks() == {"ada": ALL, "newline": ALL}


def test_two_names_that_the_gradebook_cannot_tell_apart_are_told(course: GradedCourse) -> None:
    """As a ZIP file of another system leaves them; nobody gets the other's marks."""
    course.hand_in("ada")
    for name in (b"M\x81ller", b"M\x84ller"):
        course.hand_in(os.fsdecode(name))
    summary = grade_class(course_settings(course.root), QUIZ)
    assert [(name, why[:24]) for name, why in summary.look] == [
        ("M?ller", "2 folders are called so ")
    ] * 2
    assert course.marks() == {"ada": ALL}


def test_a_name_in_another_form_of_unicode_is_told(course: GradedCourse) -> None:
    """As macOS calls a folder: nobody gets two rows, one of them with nothing handed in."""
    composed, apart = "zo\u00eb", "zoe\u0308"
    course.hand_in("ada")
    course.hand_in(apart)
    course.hand_in("jose\u0301")  # whom no list knows otherwise
    with course.gradebook as gradebook:
        gradebook.add_student(composed)
    summary = grade_class(course_settings(course.root), QUIZ, jobs=1)
    assert [(name, why.partition(":")[0]) for name, why in summary.look] == [
        (apart, "the gradebook knows this name with its accents in another form of Unicode")
    ]
    assert course.marks() == {"ada": ALL, "jose\u0301": ALL}
    folder = course.root / "submitted" / apart
    folder.rename(folder.with_name(composed))
    summary = grade_class(course_settings(course.root), QUIZ, jobs=1)
    assert (summary.look, summary.missing) == ([], [])
    assert course.marks()[composed] == ALL
