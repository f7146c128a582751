"""What HUB.md lets an instructor set up: the course for all, the lessons to pull, the exchange."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

from course_lib.staff.bundle import FILES, TOP
from tests.conftest import ROOT

PACKAGES = Path(sysconfig.get_path("purelib"))
GIT = ["git", "-c", "user.name=Course", "-c", "user.email=course@localhost"]
LEFT_OUT = ("__pycache__", ".ipynb_checkpoints", "release", "submitted", "autograded", "feedback",
            "exchange", "gradebook.db*", "labs")  # fmt: skip


def checkout(folder: Path) -> Path:
    """The whole course, as an instructor has it: closed to others, for its keys are in it."""
    folder.mkdir(mode=0o700)
    for name in ("course_lib", "notebooks", "quizzes"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    for name in (*FILES, "README.md", "MANIFEST.in", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    return folder


def install(course: Path, out: Path) -> None:
    """The students' wheel, built and put into the environment that runs this; for all, by root."""
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([sys.executable, *words], cwd=course, check=True, stdout=subprocess.DEVNULL)
    uninstall()
    with zipfile.ZipFile(next(out.glob("sync_async_course-*.whl"))) as wheel:
        wheel.extractall(PACKAGES)
    subprocess.run(["chmod", "-R", "go+rX,go-w", str(PACKAGES / "course_lib")], check=True)


def uninstall() -> None:
    for path in [PACKAGES / "course_lib", *PACKAGES.glob("sync_async_course-*.dist-info")]:
        shutil.rmtree(path, ignore_errors=True)


def lessons(course: Path, folder: Path) -> Path:
    """A repository of what the bundle holds without assignments, for students to pull from."""
    folder.mkdir()
    archive = folder / "lessons.zip"
    words = ["-m", "course_lib.staff", "bundle", "--lessons-only", "--out", str(archive)]
    subprocess.run([sys.executable, *words], cwd=course, check=True, stdout=subprocess.DEVNULL)
    shutil.unpack_archive(archive, folder)
    top = folder / TOP
    for line in ("init --quiet --initial-branch=main", "add .", "commit --quiet --message Lessons"):
        subprocess.run([*GIT, *line.split()], cwd=top, check=True)
    return top


def exchange(folder: Path) -> Path:
    folder.mkdir()
    folder.chmod(0o1777)
    return folder
