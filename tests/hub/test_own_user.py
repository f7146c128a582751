"""The configuration of quizzes/hub for whoever is not root: one user of the machine plays all.

What keeps people apart is the system's work, and is tried by root in test_hub.py.
"""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing

from . import site
from .hub import PROXY, Seat, running_hub
from .people import Person
from .roles import set_up_by_role

OWN = """
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.args = ["--allow-root"]
c.Spawner.environment["PYTHONPATH"] = {course!r}  # where no user of that name has a home
"""


@dataclass(frozen=True)
class Played(Person):
    """Somebody whose servers are ours."""

    place: Path = Path()

    @property
    def home(self) -> Path:
        return self.place / self.name

    def processes(self) -> list[int]:
        mine, found = f"JUPYTERHUB_USER={self.name}\0".encode(), []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # another's, or one that has ended
                if mine in (path / "environ").read_bytes():
                    found.append(int(path.name))
        return found


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a short path: sockets are in it."""
    with tempfile.TemporaryDirectory(prefix="hub-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def seats(place: Path) -> Iterator[tuple[Seat, Seat]]:
    """A teacher's, who has the course, and a student's."""
    if not PROXY.exists():
        missing("There is no configurable-http-proxy: npm ci --prefix tests")
    homes = place / "home"
    teacher, ada = (Played(name, "a password", homes) for name in ("teacher", "ada"))
    for one in (teacher, ada):
        one.home.mkdir(parents=True)
    course = site.checkout(teacher.home / "course")
    more = OWN.format(password=ada.password, homes=f"{homes}/{{username}}", course=str(course))
    exchange, names = site.exchange(place / "exchange"), {teacher.name, ada.name}
    with running_hub(place / "hub", exchange, teacher.name, names, more) as hub:
        yield hub.log_in(teacher), hub.log_in(ada)


def test_who_sits_where_is_set_up_for_it(seats: tuple[Seat, Seat]) -> None:
    """Formgrader is the teacher's alone; news, ciphers and memory are set for both."""
    set_up_by_role(*seats)


def test_a_server_shows_its_own_home_and_no_other(seats: tuple[Seat, Seat]) -> None:
    """The keys in the teacher's course are not to be had by the pages of a student's server."""
    teacher, ada = seats
    assert teacher.ask("GET", "api/contents/course/quizzes/questions.toml").ok
    for path in ("../teacher/course/quizzes/questions.toml", "course/quizzes/questions.toml"):
        answer = ada.ask("GET", "api/contents/" + path.replace("../", "%2E%2E%2F"))
        assert answer.status_code in (400, 403, 404), path


def test_nobody_else_reads_the_secrets_of_the_hub(seats: tuple[Seat, Seat], place: Path) -> None:
    """Neither the key of its cookies nor the list of who is logged in."""
    assert stat.S_IMODE((place / "hub").stat().st_mode) == 0o700
    secret = place / "hub" / "jupyterhub_cookie_secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
