"""The wheels and the source archive: built as anybody would, without staff, and they work alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from course_lib.staff import bundle
from course_lib.staff.forms import leaks
from tests.conftest import ROOT, in_ci

pytestmark = [pytest.mark.slow, in_ci]
LEFT_OUT = shutil.ignore_patterns(
    ".*", "__pycache__", "node_modules", "build", "dist", "*.egg-info", "site"
)


@dataclass(frozen=True)
class Built:
    """What `python -m build` made, and the folders in which it is unpacked."""

    wheel: Path
    sdist: Path
    staff: Path
    """All installed, unpacked: for a wheel without compiled parts the two are the same."""
    student: Path
    """Only the course's wheel, installed."""


def build(*words: str, course: Path, out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), *words],
        cwd=course,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def unpack(archive: Path, folder: Path) -> Path:
    if archive.suffix == ".whl":
        shutil.unpack_archive(archive, folder, "zip")
    else:
        shutil.unpack_archive(archive, folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    course, out = folder / "course", folder / "dist"
    shutil.copytree(ROOT, course, ignore=LEFT_OUT)
    build(course=course, out=out)
    build("--wheel", "course_lib/staff", course=course, out=out)
    staff = next(out.glob("sync_async_course_staff-*.whl"))
    wheel = next(out.glob("sync_async_course-*.whl"))
    sdist = next(out.glob("*.tar.gz"))
    student = unpack(wheel, folder / "student")
    both = unpack(staff, unpack(wheel, folder / "staff"))
    return Built(wheel, unpack(sdist, folder / "sdist"), both, student)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def run(site: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python with what is installed in `site` before the checkout that the environment knows."""
    return subprocess.run(
        [sys.executable, "-P", *words],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_package_of_a_student_holds_staff_or_tells_a_key(built: Built) -> None:
    """By its names, and by the search that the bundle goes through, with the real secrets."""
    quizzes = ROOT / "quizzes"
    told = leaks.secrets(quizzes / "questions.toml", quizzes)
    for folder in (built.student, built.sdist):
        found = files(folder)
        assert len(found) > 100
        staff = [name for name in found if "/staff/" in name or "/quizzes/" in name]
        assert staff == []
        assert leaks.search(found, told, bundle.keys_of_quizzes(quizzes)) == []


def test_the_search_finds_what_staff_would_tell(built: Built) -> None:
    """The same search of the instructors' wheel is not empty: it looks."""
    quizzes = ROOT / "quizzes"
    checks = leaks.secrets(quizzes / "questions.toml", quizzes)
    source = (quizzes / "source/module_0_exercises/module_0_exercises.ipynb").read_bytes()
    assert leaks.search(files(built.staff) | {"leak.ipynb": source}, checks) != []


def test_a_wheel_has_all_that_the_course_reads(built: Built) -> None:
    """Every file of course_lib that is tracked is in one of the two wheels."""
    listed = subprocess.run(
        ["git", "ls-files", "course_lib"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("This is no checkout of git.")
    there = {name for name in listed if (ROOT / name).exists()}
    assert there - files(built.staff).keys() == {"course_lib/staff/pyproject.toml"}


def test_a_lesson_of_the_archive_runs_with_only_the_wheel(built: Built, tmp_path: Path) -> None:
    """Outside the checkout, compared with its stored outputs; and the staff is not there."""
    lesson = next(built.sdist.rglob("notebooks/01_restaurant.ipynb"))
    shutil.copytree(lesson.parent, tmp_path / "notebooks")
    where = "import course_lib; print(course_lib.__file__); import course_lib.staff"
    asked = run(built.student, "-c", where, cwd=tmp_path)
    assert asked.stdout.startswith(str(built.student)), asked.stdout + asked.stderr
    assert "No module named 'course_lib.staff'" in asked.stderr
    words = (
        "-m",
        "pytest",
        "--nbval",
        "-q",
        "-p",
        "no:cacheprovider",
        "notebooks/01_restaurant.ipynb",
    )
    done = run(built.student, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_staff_commands_work_from_the_installed_wheel(built: Built, tmp_path: Path) -> None:
    """In the folder quizzes, where the guide stands, and above it; nobody says where it is."""
    course = tmp_path / "course"
    shutil.copytree(
        ROOT,
        course,
        ignore=shutil.ignore_patterns(
            ".*", "__pycache__", "node_modules", "course_lib", "tests", "labs", "release"
        ),
    )
    staff = ("-m", "course_lib.staff")
    for cwd in (course / "quizzes", course):
        done = run(built.staff, *staff, "build", "--check", cwd=cwd)
        assert done.returncode == 0, done.stdout + done.stderr
    demo = run(built.staff, *staff, "demo", "--out", str(tmp_path / "demo"), cwd=course)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    report = run(built.staff, *staff, "report", cwd=tmp_path / "demo")
    assert report.returncode == 0, report.stdout + report.stderr


@pytest.mark.parametrize("command", ["build", "bundle", "grade", "report", "demo"])
def test_where_no_course_is_a_command_says_so(command: str, built: Built, tmp_path: Path) -> None:
    """With the way out, and without a traceback."""
    words = ["module_0_quiz"] if command == "grade" else []
    done = run(built.staff, "-m", "course_lib.staff", command, *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "no course" in done.stderr and "--course" in done.stderr, done.stderr
