"""Where the course's settings let an instructor release: where the site's students look."""

from __future__ import annotations

import shutil
from pathlib import Path
from stat import S_IMODE

import pytest
from traitlets.config import PyFileConfigLoader

from tests.conftest import ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course root with our settings; Jupyter looks into the folder `site`, and in no home."""
    root = tmp_path / "quizzes"
    root.mkdir()
    shutil.copy(ROOT / "quizzes" / "nbgrader_config.py", root)
    (tmp_path / "site").mkdir()
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "site"))
    monkeypatch.delenv("COURSE_EXCHANGE", raising=False)
    return root


def exchange(course: Path) -> str | None:
    """What the settings name; None where they leave it to others."""
    found = PyFileConfigLoader("nbgrader_config.py", str(course)).load_config()
    return found.Exchange.get("root")


def test_alone_it_is_a_folder_of_the_course(course: Path) -> None:
    """All may write to it, and nobody can move away what is another's."""
    assert exchange(course) == str(course / "exchange")
    assert S_IMODE((course / "exchange").stat().st_mode) == 0o1777


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nbgrader_config.py", 'c = get_config()\nc.Exchange.root = "/shared"\n'),
        ("nbgrader_config.json", '{"Exchange": {"root": "/shared"}}'),
    ],
)
def test_the_site_s_exchange_is_left_alone(course: Path, name: str, text: str) -> None:
    """Our file is read after the site's, and a name in it would come before theirs."""
    (course.parent / "site" / name).write_text(text)
    assert exchange(course) is None
    assert not (course / "exchange").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nbgrader_config.py", '# c.Exchange.root = "/usr/local/share/nbgrader/exchange"\n'),
        ("nbgrader_config.json", '{"Exchange": {"cache": "/elsewhere"}}'),
        ("nbgrader_config.json", "half a fi"),
    ],
)
def test_a_site_without_an_exchange_gives_none(course: Path, name: str, text: str) -> None:
    """As in the file of all settings that nbgrader writes, each of them behind a #."""
    (course.parent / "site" / name).write_text(text)
    assert exchange(course) == str(course / "exchange")


def test_the_variable_comes_first(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the word of whoever starts it."""
    monkeypatch.setenv("COURSE_EXCHANGE", "/of/the/class")
    (course.parent / "site" / "nbgrader_config.json").write_text('{"Exchange": {"root": "/x"}}')
    assert exchange(course) == "/of/the/class"
