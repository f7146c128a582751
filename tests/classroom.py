"""A course root, an exchange and homes of their own, through which nbgrader takes a class."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course_lib.staff.grading.export import GradesTable

DUE = datetime(2030, 5, 1, tzinfo=UTC)
IN_TIME, LATER, TOO_LATE = (f"2030-0{month}-01 12:00:00.000000 UTC" for month in (3, 4, 6))
"""When students hand in: first, once more, and after the due date."""


@dataclass(frozen=True)
class Classroom:
    """A copy of the course, which nbgrader's own steps are done in."""

    root: Path
    """The folder of it all."""

    @property
    def course(self) -> Path:
        return self.root / "quizzes"

    def config(self, student: str = "") -> Config:
        """The course's own settings, with places of our own.

        All are root here, or all are one user, so collect must not compare owners with names.
        """
        config = PyFileConfigLoader("nbgrader_config.py", str(self.course)).load_config()
        home = self.root / "homes" / (student or "instructor")
        home.mkdir(parents=True, exist_ok=True)
        config.CourseDirectory.root = str(self.course)
        config.Exchange.root = str(self.root / "exchange")
        config.Exchange.cache = str(home / "cache")
        config.Exchange.assignment_dir = str(home)
        config.ExchangeCollect.check_owner = False
        return config

    @property
    def api(self) -> Any:
        """What Formgrader and the command line call."""
        config = self.config()
        return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)

    @property
    def gradebook(self) -> Any:
        """Its marks; to be used in a `with`."""
        return Gradebook(f"sqlite:///{self.course / 'gradebook.db'}")

    def open(self, assignment: str) -> None:
        """Generate and release an assignment, with its due date."""
        api = self.api
        done(api.generate_assignment(assignment))
        with self.gradebook as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=DUE.isoformat())
        done(api.release_assignment(assignment))

    def hand_in(
        self, assignment: str, student: str, change: Callable[[str], str], when: str = IN_TIME
    ) -> None:
        """A student fetches the assignment, changes the notebook's text, and submits it."""
        config = self.config(student)
        folder = CourseDirectory(config=config, assignment_id=assignment, student_id=student)
        who = {"coursedir": folder, "authenticator": Authenticator(config=config), "config": config}
        if not (self.root / "homes" / student / assignment).exists():
            ExchangeFetchAssignment(**who).start()
        notebook = self.root / "homes" / student / assignment / f"{assignment}.ipynb"
        notebook.write_text(change(notebook.read_text(encoding="utf-8")), encoding="utf-8")
        submit = Submit(**who)
        submit.when = when
        submit.start()

    def export(self) -> str:
        """The text of nbgrader's CSV of all marks."""
        path = self.root / "grades.csv"
        with self.gradebook as gradebook:
            GradesTable(to=str(path)).export(gradebook)
        return path.read_text(encoding="utf-8")


class Submit(ExchangeSubmit):  # type: ignore[misc]
    """nbgrader's submit, to which the time is told."""

    when = ""

    def set_timestamp(self) -> None:
        self.timestamp = self.when


def done(result: dict[str, Any]) -> str:
    """The log of a step that must have worked without a warning."""
    log = str(result.get("log", ""))
    assert result["success"], log + str(result.get("error", ""))
    bad = [line for line in log.splitlines() if line.startswith(("[WARNING]", "[ERROR]"))]
    assert bad == []
    return log


@contextmanager
def classroom(root: Path, quizzes: Path) -> Iterator[Classroom]:
    """A classroom in the folder `root` with a copy of `quizzes`, and nothing of this machine's."""
    made = ("release", "submitted", "autograded", "feedback", "gradebook.db", "reports")
    shutil.copytree(quizzes, root / "quizzes", ignore=shutil.ignore_patterns(*made))
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("JUPYTER", "IPYTHON", "NBGRADER")):
                patch.delenv(name)
        for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            (root / name.lower()).mkdir()
            patch.setenv(name, str(root / name.lower()))
        # A new gradebook is made by a command, alembic, that is looked for on the path.
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
        patch.chdir(root / "quizzes")
        yield Classroom(root)
