"""What a release says of itself agrees, and whoever has an older one loses nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

from tests.conftest import ROOT, missing

ABOUT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_version_is_the_same_wherever_it_stands() -> None:
    """pyproject.toml has it; what cites it and what says what has changed follow."""
    cited = yaml.safe_load(text("CITATION.cff"))
    newest = re.search(r"^## ([\d.]+), ([\d-]+)$", text("CHANGELOG.md"), re.M)
    assert newest is not None
    assert newest[1] == cited["version"] == ABOUT["version"]
    assert newest[2] == cited["date-released"].isoformat()


def test_what_cites_it_is_complete() -> None:
    """The keys that the Citation File Format 1.2.0 demands, and the licences of pyproject.toml."""
    cited = yaml.safe_load(text("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    assert " AND ".join(cited["license"]) == ABOUT["license"]


def test_both_licences_are_there_in_full() -> None:
    """From the title to the last section, and the README leads to both."""
    files = {"LICENSE": "THE COPYRIGHT HOLDERS", "LICENSE-CC-BY-4.0.txt": "Section 8 --"}
    assert ABOUT["license-files"] == list(files)
    for name, words in files.items():
        assert words in text(name)
        assert f"]({name})" in text("README.md")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_can_be_filled_in(path: Path) -> None:
    """As the hosted forms want it: a name, what it is for, and fields with an id and a label."""
    form: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= form.keys()
    names = [field["id"] for field in form["body"]]
    assert len(set(names)) == len(names)
    assert all(field["attributes"]["label"] for field in form["body"])


def test_the_hosted_ci_calls_what_is_run_by_hand() -> None:
    """One job calls .ci/run, which can be executed; the other is the README's test command."""
    jobs = yaml.safe_load(text(".github/workflows/ci.yml"))["jobs"]
    ran = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert ran == [".ci/run", "python start.py test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a student", "-c", "user.email=student@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands() -> list[list[str]]:
    """The README's lines for a newer version, as they are typed."""
    part = text("README.md").partition("### Get a newer version")[2].partition("\n### ")[0]
    lines = re.findall(r"^    git (.*)$", part, re.M)
    return [re.findall(r'[^\s"]+|"[^"]*"', line) for line in lines]


def changed(path: Path, number: int, source: str) -> None:
    """Write into a cell, and save as JupyterLab does: with other widths of the JSON, too."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["cells"][number]["source"] = source.splitlines(keepends=True)
    path.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_a_newer_version_keeps_what_a_student_wrote(tmp_path: Path) -> None:
    """By the README's own lines: what only one of both changed is there, and the student's words
    where both changed the same; the notebook opens.
    """
    if shutil.which("git") is None:
        missing("No git on the PATH to fetch a newer version with.")
    course, student = tmp_path / "course", tmp_path / "student"
    name = Path("notebooks/01_restaurant.ipynb")
    (course / name).parent.mkdir(parents=True)
    shutil.copy(ROOT / name, course / name)
    git(course, "init", "--quiet", "--initial-branch=main")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "--message", "1.0")
    git(tmp_path, "clone", "--quiet", str(course), str(student))

    changed(student / name, 5, "what_i_wrote = 1")
    changed(student / name, 9, "mine, where both wrote")
    changed(course / name, 9, "theirs, where both wrote")
    changed(course / name, 20, "what is new")
    (course / "new.py").write_text("")
    git(course, "add", ".")
    git(course, "commit", "--quiet", "--message", "1.1")

    assert len(commands()) == 2
    for words in commands():
        git(student, *(word.strip('"') for word in words))
    cells = nbformat.read(student / name, as_version=4).cells  # and it is valid
    found = [cells[number].source for number in (5, 9, 20)]
    assert found == ["what_i_wrote = 1", "mine, where both wrote", "what is new"]
    assert (student / "new.py").exists()
