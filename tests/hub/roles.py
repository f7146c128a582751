"""What the settings of quizzes/hub do to a server: an instructor's, and a student's."""

from __future__ import annotations

import json
import re

from .hub import Seat


def set_up_by_role(instructor: Seat, student: Seat) -> None:
    """Each setting that does not depend on who owns which file."""
    formgrader_is_the_instructors(instructor, student)
    for seat in (instructor, student):
        nobody_is_asked_about_news(seat)
        kernels_talk_in_cipher(seat)
        # What tests/test_seat.py measures lessons with is set for everybody.
        assert seat.surroundings()["MALLOC_MMAP_THRESHOLD_"] == "1048576"


def formgrader_is_the_instructors(instructor: Seat, student: Seat) -> None:
    """It opens there, inside JupyterLab; a student is neither shown it nor given it."""
    opened = instructor.ask("GET", "formgrader")
    assert opened.ok, opened.text[-1000:]
    assert "frame-ancestors 'self'" in opened.headers["Content-Security-Policy"]
    assert student.ask("GET", "formgrader").status_code == 404
    disabled = json.dumps(_page(student)["disabledExtensions"])
    assert "nbgrader:formgrader" in disabled and "nbgrader:assignment-list" not in disabled
    assert "nbgrader" not in json.dumps(_page(instructor).get("disabledExtensions", []))


def nobody_is_asked_about_news(seat: Seat) -> None:
    """As in a JupyterLab that start.py opens."""
    known = seat.does("GET", "lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert known["schema"]["properties"]["fetchNews"]["default"] == "false"


def kernels_talk_in_cipher(seat: Seat) -> None:
    """Others on this machine could listen to a kernel that was given no key."""
    number = seat.does("POST", "api/kernels", json={"name": "python3"})["id"]
    (told,) = seat.person.home.rglob(f"kernel-{number}.json")
    assert json.loads(told.read_text(encoding="utf-8")).get("curve_publickey")
    seat.ask("DELETE", f"api/kernels/{number}")


def _page(seat: Seat) -> dict[str, object]:
    """What JupyterLab is told when it opens."""
    found = re.search(
        r'id="jupyter-config-data"[^>]*>(.*?)</script>', seat.does("GET", "lab"), re.S
    )
    assert found is not None
    return dict(json.loads(found[1]))
