"""Between a course and its students: one of them ends nothing for the others."""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from nbgrader.apps import ZipCollectApp
from nbgrader.utils import notebook_hash
from traitlets.config import Config, PyFileConfigLoader

from tests.classroom import Classroom, classroom
from tests.conftest import ROOT

QUIZ = "module_0_quiz"
pytestmark = pytest.mark.filterwarnings(  # nbgrader's own: it spells a word otherwise
    "ignore:Passing unrecognized arguments:DeprecationWarning"
)
MOODLE = r".*_(?P<student_id>\d+)_assignsubmission_file_?/(?P<file_id>.+)"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    """A course in which nothing is graded yet."""
    monkeypatch.setattr(sys, "path", [*sys.path])  # to which zip_collect adds the course
    with classroom(tmp_path, ROOT / "quizzes") as room:
        (room.root / "exchange").mkdir(exist_ok=True)
        (room.root / "exchange").chmod(0o777)
        yield room


def page(room: Classroom, student: str, secret: str = "") -> str:
    """Lay a student's feedback where nbgrader makes it; the name by which the student finds it."""
    folder = room.course / "feedback" / student / QUIZ
    folder.mkdir(parents=True)
    (folder / f"{QUIZ}.html").write_text(f"of {student}", encoding="utf-8")
    if not secret:
        return ""
    (folder / "submission_secret.txt").write_text(secret)
    return f"{notebook_hash(secret=secret, notebook_id=QUIZ)}.html"


def released(room: Classroom) -> dict[str, str]:
    """Name → text of what lies in the exchange for students."""
    folder = room.root / "exchange" / "sync-async" / "feedback"
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_who_has_no_secret_ends_no_release(room: Classroom) -> None:
    """Everybody else gets their page, also without a time; at the end they are named."""
    wanted = {page(room, name, f"of {name}"): f"of {name}" for name in ("ada", "[x]", "zoë")}
    for name in ("ben", "Émile"):
        page(room, name)
    result = room.api.release_feedback(QUIZ)
    assert result["success"], result
    assert released(room) == wanted
    told = result["log"].rpartition("[WARNING] ")[2]
    assert "can fetch no feedback: send them their pages" in told
    assert told.split()[-2:] == ["ben", "Émile"]


def test_one_student_s_feedback_alone_is_released_and_again(room: Classroom) -> None:
    """As Formgrader's button does; a page that was made anew takes the old one's place."""
    name = page(room, "[ada]", "hers")
    page(room, "ben", "his")
    for text in ("old", "new"):
        (room.course / "feedback" / "[ada]" / QUIZ / f"{QUIZ}.html").write_text(text)
        result = room.api.release_feedback(QUIZ, "[ada]")
        assert result["success"] and "[WARNING]" not in result["log"], result
        assert released(room) == {name: text}


def test_who_is_left_out_gets_nothing(room: Classroom) -> None:
    """By nbgrader's own setting."""
    name = page(room, "ada", "hers")
    page(room, "ben", "his")
    page(room, "cleo")
    api = room.api
    api.coursedir.student_id_exclude = "ben,cleo"
    result = api.release_feedback(QUIZ)
    assert result["success"] and "[WARNING]" not in result["log"]
    assert list(released(room)) == [name]


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def collected(room: Classroom, files: dict[str, bytes], caplog: pytest.LogCaptureFixture) -> str:
    """Let nbgrader sort one ZIP file of these; what it says."""
    folder = room.course / "downloaded" / QUIZ / "archive"
    folder.mkdir(parents=True)
    (folder / "by_mail.zip").write_bytes(packed({"a.ipynb": b"{}" * 500})[:100])
    (folder / "all.zip").write_bytes(packed(files))
    config: Config = PyFileConfigLoader("nbgrader_config.py", str(room.course)).load_config()
    config.CourseDirectory.root = str(room.course)
    config.FileNameCollectorPlugin.named_regexp = MOODLE
    with chdir(room.course):
        app = ZipCollectApp(config=config)
        app.initialize([QUIZ])
        app.update_config(config)
        app.log.propagate = True
        app.start()
    return caplog.text


BROKEN = {
    "cut off": packed({"a.ipynb": b"{}" * 500})[:100],
    "no archive": b"this is a letter",
    "damaged": packed({"a.ipynb": b"{}" * 500}).replace(b"{}{}", b"{}}{", 1),
    "out of its folder": packed({"../../x.ipynb": b"{}"}),
    "empty": b"",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_archive_of_a_student_s_ends_no_collecting(
    kind: str, room: Classroom, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, and all others are sorted; an archive inside of one is unpacked too."""
    form = "{}_{}_assignsubmission_file/{}"
    said = collected(
        room,
        {
            form.format("Ada Lovelace", 101, f"{QUIZ}.ipynb"): b"ada's",
            form.format("Bea Bröse", 102, "mine.zip"): BROKEN[kind],
            form.format("Cleo X", 103, "mine.zip"): packed({f"{QUIZ}.ipynb": b"cleo's"}),
            form.format("Zoë Z", 104, f"{QUIZ}.ipynb"): b"zoe's",
        },
        caplog,
    )
    found = {
        path.parent.parent.name
        if path.parent.name == QUIZ
        else path.parents[2].name: path.read_bytes()
        for path in (room.course / "submitted").rglob(f"{QUIZ}.ipynb")
    }
    assert found == {"101": b"ada's", "103": b"cleo's", "104": b"zoe's"}
    assert "102_assignsubmission_file/mine.zip cannot be unpacked, and is left out: ask for" in said
    assert "archive/by_mail.zip cannot be unpacked, and is left out: ask for" in said
    assert "3 files collected, 3 files skipped" in said  # both of them, and cleo's once unpacked


def test_the_site_s_way_of_exchanging_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as ngshare's, of which our settings know nothing but its call."""
    (tmp_path / "site").mkdir()
    shutil.copy(ROOT / "quizzes" / "nbgrader_config.py", tmp_path)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "site"))
    load = PyFileConfigLoader("nbgrader_config.py", str(tmp_path)).load_config
    assert load().ExchangeFactory.release_feedback.startswith("course_lib.staff.")
    for line in (
        "configureExchange(get_config(), 'http://x')",
        "c.ExchangeFactory.release_feedback = 'x.Y'",
    ):
        (tmp_path / "site" / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
        config = PyFileConfigLoader("nbgrader_config.py", str(tmp_path)).load_config()
        assert "ExchangeFactory" not in config
