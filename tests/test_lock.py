"""One set of versions: what pyproject.toml asks for, the locks, and environment.yml."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from course_lib.staff import __main__ as staff
from course_lib.staff import lock

ROOT = Path(__file__).resolve().parent.parent


def test_the_files_agree() -> None:
    """pyproject.toml, the locks and environment.yml name the same versions."""
    assert lock.problems(ROOT) == []


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A copy of the files, to be broken."""
    for name in ("pyproject.toml", *lock.LOCKS, *lock.OF_THEIR_OWN, "environment.yml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def replace(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("pyproject.toml", replace("numpy>=1.26", "numpy>=99"), "asks for numpy>=99; the lock has"),
        ("pyproject.toml", replace('"numpy', '"scipy",\n"numpy'), "scipy; the lock has nothing"),
        ("requirements.lock", replace("ipywidgets==", "ipywidgets==9."), "lacks `- ipywidgets==9."),
        (
            "requirements-test.lock",
            replace("\nsimpy==", "\nsimple=="),
            "simpy>=4.1; the lock has nothing",
        ),
        ("requirements.lock", lambda text: text + "six==1.0\n", "six==1.0 has no hash"),
        ("requirements.lock", lambda text: "-i https://a.example\n" + text, "holds an address"),
        ("requirements-test.lock", lambda text: text + "six==1.0\n", "six==1.0 has no hash"),
        ("libraries.lock", replace("\njanus==", "\njonas=="), "janus>=2.0; the lock has nothing"),
        ("libraries.lock", lambda text: text + "six==1.0\n", "six==1.0 has no hash"),
        (
            "hub.lock",
            replace("\njupyterhub==", "\njupyterhut=="),
            "jupyterhub>=5.2; the lock has nothing",
        ),
        ("environment.yml", replace("- ipywidgets==", "- ipywidgets==1."), "has `- ipywidgets==1."),
        ("environment.yml", replace("      - -e .\n", ""), "lacks `- -e .`"),
        ("environment.yml", replace("python =3", "python =2"), "has `- python =2"),
    ],
)
def test_a_disagreement_is_named(
    versions: Path, name: str, change: Callable[[str], str], said: str
) -> None:
    """Break one of them, and the check says what differs and which command mends it."""
    file = versions / name
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    found = lock.problems(versions)
    assert any(said in problem for problem in found), found
    assert all(problem.endswith("python -m course_lib.staff lock") for problem in found)


def test_the_check_needs_no_network_and_returns_0(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m course_lib.staff lock --check` says that all agree."""
    assert staff.main(["lock", "--check"]) == 0
    assert "agree" in capsys.readouterr().out


def test_the_locks_name_nothing_twice() -> None:
    """The tests' lock goes on where the student's ends, so both can be installed together."""
    student, tests = (
        {pin.requirement.name for pin in lock.read_lock(ROOT, name)} for name in lock.LOCKS
    )
    assert student & tests == set()


def test_those_who_build_hubs_can_read_the_python() -> None:
    """repo2docker reads one version after an equals sign, and takes its own default for a range."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    found = re.findall(r"^  - (python\s*=+\s*([\d.]*))$", text, re.MULTILINE)  # its own pattern
    assert found == [(f"python ={lock.CONDA_PYTHON}", lock.CONDA_PYTHON)]
    assert lock.CONDA_PYTHON in lock.PYTHONS
    # What it would take instead of that file, in its order.
    before = "binder .binder Dockerfile Project.toml REQUIRE default.nix runtime.txt install.R"
    assert [name for name in before.split() if (ROOT / name).exists()] == []
