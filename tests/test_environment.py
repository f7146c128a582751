"""The self-test of notebook 00: silent about versions when all is well, helpful when not."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from course_lib import environment
from course_lib.environment import OLDEST, examine, report

ROOT = Path(__file__).resolve().parent.parent


def found(name: str) -> environment.Finding:
    return next(finding for finding in examine() if finding.name == name)


def test_all_is_well_here() -> None:
    """Where the tests run the course runs, and the report is the same on every such machine."""
    names = ["Python", "kernel", *OLDEST]
    assert [finding.name for finding in examine()] == names
    expected = "".join(f"well     {name}\n" for name in names) + "\nall well: 8 of 8"
    assert report(examine()) == expected


def test_the_oldest_versions_are_those_of_the_project() -> None:
    """What the self-test asks for is what pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = dict(re.findall(r"([\w-]+)>=([\d.]+)", " ".join(project["dependencies"])))
    assert {name: bounds[name] for name in OLDEST} == OLDEST
    assert project["requires-python"] == ">=" + ".".join(map(str, environment.OLDEST_PYTHON))


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 8, 0), (2, 7, 18)])
def test_an_old_python(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
    """It says which Python this is, which one it takes, and where to get it."""
    monkeypatch.setattr(sys, "version_info", version)
    python = found("Python")
    assert ".".join(map(str, version)) in python.trouble
    assert "3.11 or newer" in python.trouble
    assert "start.py" in python.way_out


@pytest.mark.parametrize("name", OLDEST)
def test_a_missing_package(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One missing package is one trouble with one way out; the rest stays well."""
    real = importlib.metadata.version

    def version(asked: str) -> str:
        if asked == name:
            raise importlib.metadata.PackageNotFoundError(asked)
        return real(asked)

    monkeypatch.setattr(importlib.metadata, "version", version)
    text = report(examine())
    assert f"TROUBLE  {name}\n         It is not installed here.\n" in text
    assert "delete the folder .venv" in text
    assert text.endswith("not all is well: 7 of 8")


@pytest.mark.parametrize(
    ("name", "version", "well"),
    [
        ("jupyterlab", "3.6.7", False),
        ("jupyterlab", "4.4.0", True),
        ("jupyterlab", "4.10.0rc1", True),
        ("nbgrader", "0.9.4", False),
        ("nbgrader", "0.9.5", True),
        ("numpy", "1.9.3", False),
        ("nbval", "0.11", True),
        ("ipywidgets", "7.8.5", False),
    ],
)
def test_an_old_package(
    monkeypatch: pytest.MonkeyPatch, name: str, version: str, well: bool
) -> None:
    """Versions are compared as numbers, and both of them are told."""
    monkeypatch.setattr(importlib.metadata, "version", lambda asked: version)
    trouble = environment.package_trouble(name)
    assert (trouble == "") is well
    assert well or (version in trouble and f"{OLDEST[name]} or newer" in trouble)


def test_a_package_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line of a long complaint is told, and no version that would differ."""

    def load(name: str) -> None:
        raise ImportError("DLL load failed while importing _multiarray\nand forty lines more")

    monkeypatch.setattr(importlib, "import_module", load)
    numpy = found("numpy")
    assert numpy.trouble.endswith("does not load: DLL load failed while importing _multiarray")
    assert "start.py" in numpy.way_out


def test_a_kernel_without_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the kernel comes first, and nobody is told to delete an environment that is fine."""
    missing = importlib.metadata.PackageNotFoundError()

    def version(name: str) -> str:
        raise missing

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(importlib.metadata, "version", version)
    text = report(examine())
    assert sys.executable in text
    assert "Kernel > Change Kernel" in text
    assert text.count("Choose the right kernel first") == len(OLDEST)
    assert "delete the folder .venv" not in text
    assert text.endswith("not all is well: 1 of 8")


def test_a_kernel_of_another_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two copies of the course on one computer are told apart."""
    origin = str(tmp_path / "course_lib" / "__init__.py")
    spec = ModuleSpec("course_lib", None, origin=origin)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert str(tmp_path) in found("kernel").trouble


def test_it_runs_where_the_course_cannot_be_imported(tmp_path: Path) -> None:
    """By its path, in an isolated Python, it still gives its report and no traceback."""
    file = ROOT / "course_lib" / "environment.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(file)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert "knows nothing of this course" in done.stdout
    assert done.returncode == 0
