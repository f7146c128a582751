"""The configuration of quizzes/hub on a real JupyterHub, with real users of this machine."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from course_lib.staff.bundle import TOP
from tests.conftest import missing

from .hub import PROXY, Seat
from .people import people
from .roles import set_up_by_role
from .term import COURSE, EXERCISES, KEYS, QUIZ, Term, a_class, graded

ALL_READ = "{python} cannot be run by other users of this machine: {said}\nUse a folder and a \
Python that all may read, such as /usr/bin/python3 start.py test --hub"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that all users may enter; it goes with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix="course-hub-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def term(place: Path) -> Iterator[Term]:
    """The class, after all has been graded and given back."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        missing("Only root can start servers of several users: sudo python3 start.py test --hub")
    for command in ("useradd", "chpasswd", "runuser", "git", "bwrap"):
        if shutil.which(command) is None:
            missing(f"There is no {command} on the PATH.")
    if not PROXY.exists():
        missing("There is no configurable-http-proxy: npm ci --prefix tests")
    with people(place, "nobody") as (one,):
        said = one.types(sys.executable, "-c", "import jupyterhub; print('well')")
    if said != "well\n":
        missing(ALL_READ.format(python=sys.executable, said=said))
    with a_class(place) as running:
        graded(running)
        yield running


def python(seat: Seat, program: str) -> str:
    """What a program of a student's says, run in a terminal of their JupyterLab."""
    return seat.types("python", "-c", program)


def test_the_marks_are_right(term: Term) -> None:
    """All keys, no key; and a right breaker, which would have failed beside a hub's token."""
    quiz = term.marks(QUIZ)
    assert quiz == {term.ada.person.name: len(KEYS), term.bob.person.name: 0}
    assert term.marks(EXERCISES) == {term.ada.person.name: 12}


def test_each_student_reads_why(term: Term) -> None:
    """In their own home, and nobody finds another's feedback."""
    for seat in (term.ada, term.bob):
        (feedback,) = (seat.person.home / QUIZ / "feedback").rglob("*.html")
        assert feedback.owner() == seat.person.name
        assert "Question 1" in feedback.read_text(encoding="utf-8")
    said = term.bob.types("ls", str(term.exchange / COURSE / "feedback"))
    assert "Permission denied" in said


def test_lessons_are_pulled_and_the_course_is_well(term: Term) -> None:
    """Installed once, read-only; git sees no change in a fresh copy that has been run."""
    folder = f"{TOP}/notebooks"
    assert "all well" in term.ada.types("python", "-m", "course_lib.environment", folder=folder)
    assert term.ada.types("git", "status", "--short", folder=TOP) == ""
    said = python(term.ada, "import course_lib; open(course_lib.__file__, 'a')")
    assert "PermissionError" in said


def test_a_student_has_nothing_of_staff(term: Term) -> None:
    """No keys, no hidden checks, no command: they are in no package that a student can import."""
    assert "No module named 'course_lib.staff'" in python(term.ada, "import course_lib.staff")


@pytest.mark.parametrize("folder", ["course", "course/quizzes", "."])
def test_the_instructor_s_home_is_closed(term: Term, folder: str) -> None:
    """And so are the keys, the gradebook and everybody's submissions."""
    said = term.ada.types("ls", str(term.instructor.person.home / folder))
    assert "Permission denied" in said


def test_a_student_sees_no_work_of_others(term: Term) -> None:
    """Neither in a home nor where it is handed in."""
    for path in (term.bob.person.home / QUIZ, term.exchange / COURSE / "inbound"):
        assert "Permission denied" in term.ada.types("ls", str(path))
    answer = term.ada.ask("GET", f"../{term.bob.person.name}/api/contents/{QUIZ}")
    assert answer.status_code in (403, 404)


def test_a_student_cannot_move_the_course_away(term: Term) -> None:
    """The exchange is everybody's to write to, and each folder in it its owner's."""
    program = f"import os; os.chdir({str(term.exchange)!r}); os.rename({COURSE!r}, 'gone')"
    assert "Operation not permitted" in python(term.ada, program)
    assert (term.exchange / COURSE).is_dir()


def test_who_sits_where_is_set_up_for_it(term: Term) -> None:
    """Formgrader, news, ciphers and memory: as roles.py says, and as everybody can try it."""
    set_up_by_role(term.instructor, term.ada)
    assert QUIZ in str(term.formgrader("assignments", "GET"))
