"""The self-test of notebook 00: silent about versions when all is well, helpful when not."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from course_lib import environment
from course_lib.environment import OLDEST, examine, report
from course_lib.namesakes import hiding

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


def run_in(folder: Path, *path: Path, **variables: str) -> str:
    """What the self-test says in a fresh Python that works in `folder`, with course_lib there."""
    code = f"import sys; sys.path[:0] = {[str(place) for place in path]!r}\n"
    code += "import runpy; runpy.run_module('course_lib.environment', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The notebooks' folder of another copy of the course, as a student has it on a hub."""
    (tmp_path / "clone" / "notebooks").mkdir(parents=True)
    shutil.copytree(
        ROOT / "course_lib",
        tmp_path / "clone" / "course_lib",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path / "clone" / "notebooks"


def test_installed_and_the_notebooks_copied(tmp_path: Path) -> None:
    """A folder without a course_lib anywhere around it: the installed one is the only one."""
    assert "all well: 8 of 8" in run_in(tmp_path, ROOT)


@pytest.mark.slow
def test_another_copy_of_the_same_version_is_well(clone: Path) -> None:
    """On a hub the library lies in one place and what a student pulls in another."""
    assert "all well: 8 of 8" in run_in(clone, ROOT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "way_out"),
    [({}, "Kernel > Change Kernel"), ({"JUPYTERHUB_USER": "ann"}, "tell those who run it")],
)
def test_another_copy_that_differs_is_trouble(
    clone: Path, variables: dict[str, str], way_out: str
) -> None:
    """Both places are named, and what differs; on a hub nobody is told to close JupyterLab."""
    for name in ("flow.py", "theory.py"):
        with (clone.parent / "course_lib" / name).open("a") as file:
            file.write("# of another version\n")
    said = run_in(clone, ROOT, **variables)
    assert f"It runs the course in {ROOT / 'course_lib'}, and this notebook's is in" in said
    assert str(clone.parent) in said and "flow.py and 1 more differ" in said
    assert way_out in said
    assert said.endswith("not all is well: 7 of 8\n")


def test_a_file_that_hides_a_module_is_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the folder one works in comes first, and only there."""
    for name in ("numpy", "queue", "helpers"):
        (tmp_path / f"{name}.py").touch()
    monkeypatch.chdir(tmp_path)
    assert hiding() == []
    packages = next(n for n, p in enumerate(sys.path) if p.endswith("-packages"))
    monkeypatch.setattr(sys, "path", [*sys.path[:packages], "", *sys.path[packages:]])
    assert hiding() == ["Your file numpy.py hides the module numpy."]
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert hiding() == [f"Your file {n}.py hides the module {n}." for n in ("numpy", "queue")]
    assert "Give it another name" in report(examine())


def test_a_second_copy_of_the_course_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a start.py; a student's own file beside them hides its module all the same."""
    for copy in ("one", "other"):
        (tmp_path / copy / "course_lib").mkdir(parents=True)
        for name in ("start", "nbgrader_config", "numpy"):
            (tmp_path / copy / f"{name}.py").touch()
    (tmp_path / "other" / "numpy.py").unlink()
    monkeypatch.chdir(tmp_path / "one")
    places = [str(tmp_path / "one"), str(tmp_path / "other")]
    monkeypatch.setattr(sys, "path", [*places, *sys.path])
    assert hiding() == ["Your file numpy.py hides the module numpy."]


@pytest.mark.slow
def test_a_notebook_is_told_what_hides_a_module(tmp_path: Path) -> None:
    """`import course_lib` says it, before anything fails for a reason that nobody understands."""
    (tmp_path / "matplotlib.py").touch()
    code = f"import sys; sys.path[:0] = ['', {str(ROOT)!r}]; import course_lib"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "Your file matplotlib.py hides the module matplotlib. Give it another" in done.stderr
