"""The bundle holds what students need and nothing else, opens, and is the same whenever made."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import start
from course_lib.staff import __main__ as staff
from course_lib.staff import bundle
from course_lib.staff.forms.notebook_file import all_notebooks
from tests.conftest import ROOT, in_ci
from tests.graded_course import QUIZ, GradedCourse, generated

__all__ = ["generated"]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course root with one assignment, released, and things that are not for students."""
    for name, text in {
        f"source/{QUIZ}/{QUIZ}.ipynb": '{"cells": []}',
        f"release/{QUIZ}/{QUIZ}.ipynb": '{"cells": []}',
        f"release/{QUIZ}/data/times.csv": "1,2\n",
        f"release/{QUIZ}/.ipynb_checkpoints/{QUIZ}-checkpoint.ipynb": "an older one",
        "submitted/ada/module_0_quiz/module_0_quiz.ipynb": "hers",
        "gradebook.db": "marks",
    }.items():
        path = tmp_path / "course" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "course"


@pytest.fixture
def unpacked(course: Path, tmp_path: Path) -> Path:
    """The folder that a student has after unpacking."""
    return unpack(course, tmp_path)


def unpack(course: Path, tmp_path: Path, only: tuple[str, ...] = ()) -> Path:
    bundle.write(tmp_path / "a.zip", bundle.contents(ROOT, course, only))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "student")
    return tmp_path / "student" / bundle.TOP


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_what_students_need_and_nothing_else(unpacked: Path) -> None:
    """Lessons, library, start.py and what it reads, assignments; no staff, tests, bank, source."""
    found = names(unpacked)
    lessons = {path.relative_to(ROOT).as_posix() for path in all_notebooks()}
    assert lessons | set(bundle.FILES) <= found
    assert f"assignments/{QUIZ}/{QUIZ}.ipynb" in found
    assert f"assignments/{QUIZ}/data/times.csv" in found
    tops = {name.split("/")[0] for name in found}
    assert tops == {
        *bundle.FILES,
        bundle.README,
        bundle.SETTINGS,
        "course_lib",
        "notebooks",
        "assignments",
    }
    hidden = found - {".gitignore"}
    for word in ("staff", "tests", "source/", "submitted", "gradebook", "questions.toml", "/."):
        assert [name for name in hidden if word in f"/{name}"] == []
    assert not any("__pycache__" in name for name in found)


def test_git_leaves_alone_what_a_student_s_computer_makes(unpacked: Path) -> None:
    """A class may pull the unpacked course by git: the environment, and what is fetched to be
    answered, are then no changes of theirs, and what they wrote in a lesson is.
    """
    git = ["git", "-C", str(unpacked)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    made = [".venv/pyvenv.cfg", "course_lib/__pycache__/a.pyc", f"{QUIZ}/{QUIZ}.ipynb"]
    made += [f"assignments/{QUIZ}/{QUIZ}.ipynb", "notebooks/.ipynb_checkpoints/a.ipynb"]
    asked = [*git, "check-ignore", "--no-index", *made, "notebooks/01_restaurant.ipynb"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.stdout.split() == made, done.stderr


def links(path: Path) -> set[str]:
    """Where the links of a file of Markdown, or of a notebook, lead to."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
    found = re.findall(r"\]\(([^)#\s]+)", text)
    return {link for link in found if "://" not in link and not link.startswith("attachment:")}


def test_no_link_is_dead(unpacked: Path) -> None:
    """Of the README and of every notebook: what it leads to is in the archive."""
    dead = [
        f"{path.relative_to(unpacked)}: {link}"
        for path in [unpacked / bundle.README, *unpacked.rglob("*.ipynb")]
        for link in links(path)
        if not (path.parent / link).exists()
    ]
    assert dead == []
    assert len(links(unpacked / bundle.README)) > 30


def test_its_readme_says_where_the_assignments_are(unpacked: Path) -> None:
    """How they are checked, which file is handed in; and nothing that is for staff."""
    text = (unpacked / bundle.README).read_text(encoding="utf-8")
    assert f"[{QUIZ}](assignments/{QUIZ}/{QUIZ}.ipynb)" in text
    assert f"nbgrader validate assignments/{QUIZ}/{QUIZ}.ipynb" in text
    assert f"What you hand in is that one file, under that name: `{QUIZ}.ipynb`." in text
    assert "For whom" in text and "nbgrader's" not in text
    assert "#with-conda)" in text and "#as-a-web-site" not in text
    lessons = bundle.readme(ROOT, {"LICENSE"})
    assert "Quiz and exercises" not in lessons and "[00 Start here](" not in lessons


@in_ci
@pytest.mark.slow
def test_a_sheet_is_checked_as_its_readme_says_and_nothing_is_warned_of(
    generated: GradedCourse, tmp_path: Path
) -> None:
    """Neither of settings that are missing nor of what others could read."""
    unpacked = unpack(generated.root, tmp_path, (QUIZ,))
    words = [
        f"{Path(sys.executable).parent}/nbgrader",
        "validate",
        f"assignments/{QUIZ}/{QUIZ}.ipynb",
    ]
    done = subprocess.run(words, cwd=unpacked, capture_output=True, text=True)
    assert "answer_1 is empty" in done.stdout
    assert "WARNING" not in done.stderr


def test_its_readme_lists_each_assignment_on_a_line_of_its_own() -> None:
    """Markdown needs an empty line before the list and after it."""
    given = ["module_0_exercises", QUIZ]
    text = bundle.readme(ROOT, [f"assignments/{name}/{name}.ipynb" for name in given])
    lines = [f"- [{name}](assignments/{name}/{name}.ipynb)" for name in given]
    assert "\n".join(["`assignments`:", "", *lines, "", "Start the course"]) in text


def test_its_readme_asks_for_nothing_that_it_has_not_got(unpacked: Path) -> None:
    """Each command of start.py's there finds its lock beside it, and the labs are one of them."""
    text = (unpacked / bundle.README).read_text(encoding="utf-8")
    typed = {tuple(words.split()) for words in re.findall(r"start\.py((?: [-\w]+)*)", text)}
    assert {("labs",), ()} <= typed
    needed = {lock for words in typed for lock in start.locks_for(list(words))}
    assert needed <= names(unpacked)
    assert "whole course" not in text


def test_every_file_that_the_library_is_installed_with_is_there(unpacked: Path) -> None:
    """What pyproject.toml calls the package's data, and each of its modules but staff's."""
    kept = {".py", ".toml", ".js", ".css", ".html"}
    wanted = {
        f"course_lib/{name}"
        for name in names(ROOT / "course_lib")
        if Path(name).suffix in kept and not name.startswith("staff/")
    }
    assert {name for name in names(unpacked) if name.startswith("course_lib/")} == wanted
    theirs = {name for name in names(ROOT / "course_lib") if not name.startswith("staff/")}
    odd = {Path(name).suffix for name in theirs} - kept - {".pyc"}
    assert odd == set(), "endings that a bundle leaves out: put them into FOLDERS"


@pytest.mark.slow
def test_the_unpacked_course_works_by_itself(unpacked: Path) -> None:
    """Every module is imported from there, with nothing of this folder on the path, and runs.

    But for the labs' servers, which are programs with libraries of the labs' own environment.
    """
    files = [
        name
        for name in sorted(names(unpacked))
        if name.startswith("course_lib/") and name.endswith(".py")
        if not name.startswith("course_lib/brokers/stand_ins/")
    ]
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files
    ]
    program = (
        "import importlib, sys, os\n"
        f"sys.path.insert(0, {str(unpacked)!r})\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "import asyncio, course_lib\n"
        "from course_lib.flow import run\n"
        "print(run(asyncio.sleep(3)).duration, os.path.dirname(course_lib.__file__))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=unpacked.parent,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout.split()) == ("", ["3.0", str(unpacked / "course_lib")])


def test_start_py_of_the_bundle_opens_the_first_notebook(unpacked: Path) -> None:
    """It finds the lock and the notebook it opens beside itself; on Unix it may be run itself."""
    program = "import sys; sys.path.insert(0, ''); import start; "
    program += "print(start.command_for([])[2], start.digest(start.STUDENT) != '')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=unpacked, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert f"--ServerApp.root_dir={unpacked}" in done.stdout
    assert done.stdout.endswith("True\n")
    ast.parse((unpacked / "start.py").read_text(encoding="utf-8"))


def test_the_same_files_make_the_same_bytes(course: Path, tmp_path: Path) -> None:
    """Whatever the time of the files and the order in which they are found."""
    found = bundle.contents(ROOT, course)
    bundle.write(tmp_path / "one.zip", found)
    os.utime(course / "release" / QUIZ / f"{QUIZ}.ipynb", (1, 1))
    again = dict(reversed(bundle.contents(ROOT, course).items()))
    bundle.write(tmp_path / "two.zip", again)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_an_assignment_that_is_not_released_is_named(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence has the commands to type; nothing is written, and the return code is 1."""
    (course / "source" / "module_0_exercises").mkdir()
    out = tmp_path / "out.zip"
    assert staff.main(["bundle", "--course", str(course), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "module_0_exercises has not been released" in said
    assert f"cd {course}\n    nbgrader generate_assignment module_0_exercises" in said
    assert "--assignment module_0_quiz" in said and "--lessons-only" in said
    assert not out.exists()


def test_an_exam_that_waits_is_kept_back(course: Path, tmp_path: Path) -> None:
    """Students get what is named, whatever else has been generated."""
    exam = course / "release" / "exam" / "exam.ipynb"
    for path in (course / "source" / "exam" / "exam.ipynb", exam):
        path.parent.mkdir()
        path.write_text('{"cells": []}')
    out = tmp_path / "out.zip"
    words = ["bundle", "--course", str(course), "--out", str(out), "--assignment", QUIZ]
    assert staff.main(words) == 0
    found = [name for name in zipfile.ZipFile(out).namelist() if "/assignments/" in name]
    assert any(f"/{QUIZ}/" in name for name in found) and "exam" not in "".join(found)


def test_lessons_only_needs_no_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it put in, where and how large, and that there are no assignments."""
    out, nothing = tmp_path / "out.zip", str(tmp_path)
    assert staff.main(["bundle", "--lessons-only", "--course", nothing, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert f"{out}: " in said and f"{out.stat().st_size:,} bytes packed" in said
    assert "notebooks/" in said and "course_lib/" in said
    assert "it holds the lessons only" in said
    assert "so nobody searched for its feedback" in said
    assert not any("assignments" in name for name in zipfile.ZipFile(out).namelist())


def test_a_misspelt_assignment_gets_the_right_name(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report says it, too."""
    words = ["--course", str(course), "--assignment", "module_0_quizz"]
    assert staff.main(["bundle", *words, "--out", str(tmp_path / "out.zip")]) == 1
    assert "module_0_quizz. Did you mean module_0_quiz?\n" in capsys.readouterr().err
    assert staff.main(["report", *words]) == 1
    assert " Did you mean module_0_quiz? Make it with" in capsys.readouterr().err


def test_without_its_bank_the_keys_of_a_quiz_cannot_be_looked_for(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then nothing is written, and a sentence says which file is missing."""
    source = Path("source", QUIZ)
    shutil.copytree(ROOT / "quizzes" / source, course / source, dirs_exist_ok=True)
    out = tmp_path / "out.zip"
    assert staff.main(["bundle", "--course", str(course), "--out", str(out)]) == 1
    assert "questions.toml: cannot be read" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "."], "--out .: name a file"),
        (["--out", ""], "--out .: name a file"),
        (["--out", "no/such/out.zip"], "--out no/such/out.zip: name a file in a folder"),
        (["--lessons-only", "--assignment", QUIZ], "--lessons-only leaves out what --assignment"),
        (["--course", "no"], "there is no folder no; name nbgrader's root"),
    ],
)
def test_what_cannot_be_is_told_at_once(
    words: list[str],
    said: str,
    course: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before anything is read: no place for the archive, no such course, one word against the
    other.
    """
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r"^2$"):
        bundle.main(["--course", str(course), *words])
    assert said in capsys.readouterr().err


def test_an_archive_that_is_cut_off_takes_no_place(tmp_path: Path) -> None:
    """A disk that is full leaves the archive of before, and nothing beside it."""
    out = tmp_path / "out.zip"
    bundle.write(out, {"a": b"1"})
    before = out.read_bytes()
    with pytest.raises(TypeError):
        bundle.write(out, {"a": b"2", "b": None})  # type: ignore[dict-item]
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]
    assert out.read_bytes() == before
