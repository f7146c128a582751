"""The guide for instructors, quizzes/README.md: what it says to type works, in that order."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from course_lib.staff.__main__ import COMMANDS
from course_lib.staff.grading.class_run import course_settings, grade_class
from tests.conftest import ROOT, in_ci
from tests.graded_course import QUIZ, GradedCourse, course, generated
from tests.synthetic_class import filled

__all__ = ["course", "generated"]

GUIDE = (ROOT / "quizzes" / "README.md").read_text(encoding="utf-8")
LINES = [line.strip() for line in re.findall(r"^ {4,6}(\S.*)$", GUIDE, re.MULTILINE)]
STUDENTS = ("fetch_assignment", "validate", "submit", "fetch_feedback")
GRADE = "python -m course_lib.staff grade module_0_quiz --course ."
TYPED = [line for line in LINES if line.startswith("nbgrader ") or line == GRADE]


def test_every_command_of_the_guide_exists() -> None:
    """nbgrader's and the course's own, and every file that the guide names."""
    from nbgrader.apps import NbGraderApp

    known = {"nbgrader": set(NbGraderApp().subcommands), "staff": set(COMMANDS)}
    typed = re.findall(r"\bnbgrader ([a-z_]+)\b(?= module_0| db|$)", "\n".join(LINES), re.M)
    assert len(typed) >= 10 and set(typed) <= known["nbgrader"]
    assert set(re.findall(r"course_lib\.staff ([a-z]+)", GUIDE)) <= known["staff"]
    for name in ("questions.toml", "nbgrader_config.py", "exports"):
        assert f"`{name}" in GUIDE and (ROOT / "quizzes" / name).exists()
    assert "`course_lib/quiz/bank.py`" in GUIDE


def test_the_guide_to_hubs_names_what_is_there() -> None:
    """Files, commands, and the version of the proxy that start.py test --hub has tried."""
    hub = (ROOT / "quizzes" / "HUB.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", hub) if "://" not in link]
    assert links and all((ROOT / "quizzes" / link).exists() for link in links)
    assert set(re.findall(r"course_lib\.staff ([a-z]+)", hub)) <= set(COMMANDS)
    assert set(re.findall(r"`(roles/[a-z]+)`", hub)) == {"roles/student", "roles/instructor"}
    assert all((ROOT / "quizzes/hub/roles" / role).is_dir() for role in ("student", "instructor"))
    pinned = json.loads((ROOT / "tests" / "package.json").read_text(encoding="utf-8"))
    version = pinned["dependencies"]["configurable-http-proxy"]
    assert f"configurable-http-proxy@{version}\n" in hub


@in_ci
@pytest.mark.slow
def test_the_guide_works_as_it_is_typed(tmp_path: Path) -> None:
    """Every line of nbgrader's and `grade` in their order, one user for both sides: no warning."""
    made = ("release", "submitted", "autograded", "feedback", "gradebook.db", "exchange")
    course, student = tmp_path / "quizzes", tmp_path / "student"
    shutil.copytree(ROOT / "quizzes", course, ignore=shutil.ignore_patterns(*made))
    student.mkdir()
    (course / "class.csv").write_text("id,last_name,first_name,email\nada,Lovelace,Ada,\n", "utf-8")
    names = ("c =", "c.Course", "c.Exchange", "c.Kernel")
    settings = "\n".join(line for line in LINES if line.startswith(names))
    assert settings.count("\n") == 3
    settings = settings.replace("/the/shared/folder", str(course / "exchange"))
    (student / "nbgrader_config.py").write_text(settings, encoding="utf-8")
    for line in TYPED:
        theirs = line.split()[1] in STUDENTS and line != GRADE
        if line.split()[1] == "validate":  # which would tell what is not answered
            notebook = student / "module_0_quiz" / "module_0_quiz.ipynb"
            notebook.write_text(filled(notebook.read_text("utf-8"), "ABCDA"), encoding="utf-8")
        said = typed(line, student if theirs else course, tmp_path)
        # That --force removes what was there is what it is for.
        said = re.sub(r".*WARNING\] Removing existing assignment.*", "", said)
        assert not re.search(r"warning|error", said, re.IGNORECASE), f"{line}\n{said}"
        if "reveal=True" in line:
            (page,) = (course / "feedback").rglob("*.html")
            assert "The best choice is" in page.read_text("utf-8")
    pages = [path.read_text("utf-8") for path in student.rglob("*.html")]
    assert len(pages) == 1 and "The best choice is" not in pages[0]
    assert "module_0_quiz,2030-05-01 12:00:00" in (course / "grades.csv").read_text("utf-8")


def python_in_the_guide(word: str) -> str:
    """The block of Python with this word in it."""
    blocks = re.findall(r"(?:^    .*\n)+", GUIDE, re.MULTILINE)
    (found,) = [block for block in blocks if block.startswith("    from ") and word in block]
    return textwrap.dedent(found)


def test_the_guide_s_table_is_nbgraders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Excel saves has the columns that nbgrader looks for, once it is mended."""
    monkeypatch.chdir(tmp_path)
    Path("class.csv").write_text("id;last_name\r\nada;Lovelacé\r\n", "utf-8-sig", newline="")
    exec(python_in_the_guide("class.csv"), {})
    with Path("class.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [{"id": "ada", "last_name": "Lovelacé"}]


def test_the_guide_s_names_have_the_usual_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders that macOS has packed are called as in a class list; others stay."""
    monkeypatch.chdir(tmp_path)
    for name in ("zoe\u0308", "ada"):
        (Path("submitted") / name / "module_0_quiz").mkdir(parents=True)
    exec(python_in_the_guide("normalize"), {})
    assert sorted(path.name for path in Path("submitted").iterdir()) == ["ada", "zo\u00eb"]


@in_ci
@pytest.mark.slow
def test_the_guide_s_extension_counts(
    course: GradedCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is graded gets two days more, and keeps the points when it is graded again."""
    setting = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
    assert f"    {setting}" in GUIDE
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + setting, encoding="utf-8")
    for name in ("ada", "ben"):
        course.hand_in(name, when="2030-05-02 12:00:00 UTC")
    settings = course_settings(course.root)
    grade_class(settings, QUIZ, jobs=1)
    monkeypatch.chdir(course.root)
    exec(python_in_the_guide("grant_extension"), {})
    grade_class(settings, QUIZ, jobs=1)
    with course.gradebook as book:
        sheets = [book.find_submission_notebook(QUIZ, QUIZ, name) for name in ("ada", "ben")]
    assert [one.late_submission_penalty for one in sheets] == [None, 5.0]


@in_ci
@pytest.mark.slow
def test_the_guide_gives_a_point_to_everybody(
    course: GradedCourse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever they chose, and nothing else changes; it stays when they are graded again."""
    course.hand_in("ada", course.sheet(course.wrong))
    course.hand_in("ben")
    settings = course_settings(course.root)
    grade_class(settings, QUIZ, jobs=1)
    monkeypatch.chdir(course.root)
    exec(python_in_the_guide("manual_score"), {})
    assert grade_class(settings, QUIZ, jobs=1).look == []
    with course.gradebook as book:
        scores = [book.find_submission(QUIZ, name).score for name in ("ada", "ben")]
    assert scores == [1.0, 5.0]


def test_the_guide_s_names_are_moodle_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's folder as Moodle 4.1 writes it and as older ones do, and one that it reads."""
    (line,) = [line for line in LINES if "named_regexp" in line]
    regexp = ast.literal_eval(line.partition(" = ")[2])
    for folder in ("Ada de_Boer_101_assignsubmission_file", "Ada_101_assignsubmission_file_"):
        found = re.match(regexp, f"/quizzes/downloaded/{folder}/module_0_quiz.ipynb")
        assert found and found.groupdict() == {
            "student_id": "101",
            "file_id": "module_0_quiz.ipynb",
        }
    page = tmp_path / "feedback" / "101" / "module_0_quiz" / "module_0_quiz.html"
    page.parent.mkdir(parents=True)
    page.write_text("why")
    monkeypatch.chdir(tmp_path)
    exec(python_in_the_guide("ZipFile"), {})
    (name,) = zipfile.ZipFile("feedback.zip").namelist()
    folder, _, file = name.partition("/")
    assert folder.split("_") == ["", "101", "assignfeedback", "file"] and file == page.name


def test_git_ignores_what_is_about_students() -> None:
    """Every file and folder of which the guide says so."""
    (said,) = re.findall(r"^Names, answers and marks .* git ignores\.$", GUIDE, re.MULTILINE)
    names = [f"quizzes/{name}" + "/" * ("." not in name) for name in re.findall(r"`(.+?)`", said)]
    git = ["git", "-C", str(ROOT), "check-ignore", "--no-index", *names]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    assert len(names) > 9 and done.stdout.split() == names


def typed(line: str, folder: Path, home: Path) -> str:
    """What a command says on the terminal; it must end with 0."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "COURSE", "CI"))}
    names = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(home / name.lower()) for name in names}
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, clean.get("PATH", os.defpath)])
    done = subprocess.run(
        [str(Path(scripts) / shlex.split(line)[0]), *shlex.split(line)[1:]],
        cwd=folder,
        env={**clean, **own, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
