"""A class graded on a Dask cluster: the same gradebook, also when a worker is lost half way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from course_lib.staff import grade
from course_lib.staff.analysis.question_sheet import asked_questions
from course_lib.staff.grading import cluster
from course_lib.staff.grading.class_run import course_settings, grade_class
from tests.classroom import Classroom, classroom, done
from tests.conftest import ROOT, in_ci
from tests.synthetic_class import filled

QUIZ = "module_0_quiz"
STUDENTS = [f"student-{number:03}" for number in range(150)]

pytestmark = [
    in_ci,
    pytest.mark.slow,
    # Dask's own, when it takes a cluster down.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classroom]:
    """A class of which everybody has handed in something else."""
    with classroom(tmp_path_factory.mktemp("cluster"), ROOT / "quizzes") as made:
        done(made.api.generate_assignment(QUIZ))
        released = made.course / "release" / QUIZ / f"{QUIZ}.ipynb"
        questions = asked_questions(made.course, QUIZ)
        for number, name in enumerate(STUDENTS):
            right = [one.key if number >> bit & 1 else "" for bit, one in enumerate(questions)]
            folder = made.course / "submitted" / name / QUIZ
            folder.mkdir(parents=True)
            text = filled(released.read_text(encoding="utf-8"), right)
            (folder / f"{QUIZ}.ipynb").write_text(text, encoding="utf-8")
        yield made


@pytest.fixture
def workers() -> Iterator[Any]:
    """Two of them, in processes of their own, at a port of this machine."""
    from distributed import LocalCluster

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as made:
        yield made


def marks(room: Classroom) -> dict[str, float]:
    with room.gradebook as book:
        return {one.student.id: one.score for one in book.find_assignment(QUIZ).submissions}


def graded_files(room: Classroom) -> dict[str, Any]:
    paths = (room.course / "autograded").glob("*/*/*.ipynb")
    return {path.parent.parent.name: json.loads(path.read_text("utf-8")) for path in paths}


def test_a_worker_that_is_lost_changes_nothing(room: Classroom, workers: Any) -> None:
    """Killed half way, its work is done by the other; marks and notebooks are as without it."""
    killed = []

    def kill_one(number: int, count: int, seconds: float) -> None:
        if not killed:
            killed.append(workers.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    course = course_settings(room.course)
    summary = grade_class(course, QUIZ, scheduler=workers.scheduler_address, progress=kill_one)
    assert killed and summary.graded == len(STUDENTS)
    found, files = marks(room), graded_files(room)
    grade_class(course, QUIZ, jobs=1)
    assert found == marks(room)
    assert files == graded_files(room)
    assert len(set(found.values())) == 6


def test_a_cluster_that_is_not_there_is_told(
    room: Classroom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its address, before anything is done."""
    monkeypatch.setattr(cluster, "TIMEOUT", "1s")
    words = [QUIZ, "--course", str(room.course), "--scheduler", "tcp://127.0.0.1:9"]
    assert grade.main(words) == 1
    assert "No scheduler of Dask answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_without_dask_the_way_out_is_told(
    room: Classroom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only whoever asks for a cluster needs it."""
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    assert grade.main([QUIZ, "--course", str(room.course), "--scheduler", "tcp://x:1"]) == 1
    assert "pip install distributed" in capsys.readouterr().err
