"""`record` writes a notebook in one way only, and says in words what is wrong with one."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.staff import record
from course_lib.staff.forms.notebook_file import NotebookError, all_notebooks, normal_form, read
from tests.conftest import in_ci

ROOT = Path(__file__).resolve().parent.parent
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, {}]);"
SLIDER = "import ipywidgets\nipywidgets.IntSlider(description='λ')"
FAILS = "raise ValueError('seen')"
TAGGED = {"tags": ["raises-exception"], "ExecuteTime": "now"}


def write(path: Path, *cells: Any) -> Path:
    """A notebook of these cells; a string is the source of a code cell."""
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=made), path)
    return path


def command(*words: Any) -> int:
    return record.main([str(word) for word in words])


def outputs(path: Path) -> list[Any]:
    return [cell.get("outputs") for cell in read(path).cells]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One notebook with something of everything, recorded."""
    path = tmp_path_factory.mktemp("recorded") / "all.ipynb"
    error = new_code_cell(FAILS, metadata=TAGGED, id="kept-id")
    write(path, new_markdown_cell("# λ → ∞"), SLIDER, PICTURE.format(2), error, "print('λ', 66)")
    assert command(path) == 0
    return path


@pytest.fixture
def copy(recorded: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    path = tmp_path / recorded.name
    path.write_bytes(recorded.read_bytes())
    return path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")


@pytest.mark.slow
def test_a_second_run_gives_the_same_bytes(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Widgets, pictures, errors and Unicode are the same again, whatever the user's settings."""
    before = copy.read_bytes()
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("PYTHONWARNINGS", "always")
    assert command("--check", copy) == 0
    assert copy.read_bytes() == before
    assert ", same" in capsys.readouterr().out


def test_what_is_stored_is_minimal(recorded: Path) -> None:
    """Numbered runs and widgets without their state, nothing of an editor or of a clock."""
    content = recorded.read_bytes()
    notebook = json.loads(content)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2, 3, 4]
    assert code[0]["outputs"][0]["data"]["application/vnd.jupyter.widget-view+json"][
        "model_id"
    ] == (f"{1:032x}")
    assert [cell["metadata"] for cell in code] == [{}, {}, {"tags": ["raises-exception"]}, {}]
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert "λ → ∞".encode() in content
    assert b"\r" not in content
    assert content.endswith(b"}\n")


def test_ids_stay_and_missing_ones_come_from_the_content(recorded: Path, tmp_path: Path) -> None:
    """A valid id is kept; a missing, a wrong and a double one become the same everywhere."""
    assert read(recorded).cells[3].id == "kept-id"
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["same"]} for _ in range(4)]
    cells[1]["id"], cells[2]["id"], cells[3]["id"] = "no id!", "mine", "mine"
    raw = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path = tmp_path / "ids.ipynb"
    path.write_text(json.dumps(raw), encoding="utf-8")
    first = read(path).cells[0].id
    assert [cell.id for cell in read(path).cells] == [first, f"{first}-2", "mine", f"{first}-3"]


def test_the_normal_form_is_its_own_normal_form(recorded: Path) -> None:
    """Writing a recorded file again without running it changes no byte."""
    assert normal_form(recorded.read_bytes()).encode() == recorded.read_bytes()


def as_an_editor_saves(content: bytes) -> bytes:
    """The same notebook with an editor's metadata, and with widgets that chance has named."""
    notebook = json.loads(content.replace(f"{1:032x}".encode(), b"5f" * 16))
    notebook["metadata"]["language_info"] |= {"version": "3.13.0", "file_extension": ".py"}
    notebook["metadata"]["widgets"] = {"state": {}}
    notebook["cells"][1]["metadata"]["execution"] = {"iopub.status.busy": "now"}
    return json.dumps(notebook).encode()


def test_a_file_that_an_editor_saved_gets_its_form_back(copy: Path) -> None:
    """Without a run: `record --form` leaves what the cells say and what they showed."""
    before = copy.read_bytes()
    copy.write_bytes(as_an_editor_saves(before))
    assert command("--form", copy) == 0
    assert copy.read_bytes() == before


def test_a_file_without_a_form_is_told_and_the_others_get_theirs(
    copy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As a notebook in the midst of a merge; so is one that git hands over."""
    merging = tmp_path / "merging.ipynb"
    merging.write_text("<<<<<<< HEAD")
    before = copy.read_bytes()
    copy.write_bytes(as_an_editor_saves(before))
    assert command("--form", merging, copy) == 1
    assert capsys.readouterr().err.startswith(f"{merging} is no notebook: ")
    assert (merging.read_text(), copy.read_bytes()) == ("<<<<<<< HEAD", before)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(merging.read_bytes())))
    assert command("--form", "-") == 1
    said = capsys.readouterr()
    assert said.err.startswith("the file is no notebook: ") and said.out == ""


@in_ci
@pytest.mark.slow
def test_git_stores_the_form_of_those_who_set_it_up(recorded: Path, tmp_path: Path) -> None:
    """As CONTRIBUTING says: what is committed is the normal form, whatever an editor saved."""
    said = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    filters = re.findall(r"git config (filter\.notebook\.clean) '(.*)'", said)
    [(name, program)] = filters
    program = program.replace(".venv/bin/python", f"'{sys.executable}'")

    def git(*words: str) -> bytes:
        words = ("git", "-c", f"{name}={program}", *words)
        return subprocess.run(words, cwd=tmp_path, check=True, capture_output=True).stdout

    (tmp_path / "notebooks").mkdir()
    (tmp_path / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    (tmp_path / "notebooks" / "a.ipynb").write_bytes(as_an_editor_saves(recorded.read_bytes()))
    git("init", "--quiet")
    git("add", "notebooks/a.ipynb")
    assert git("show", ":notebooks/a.ipynb") == recorded.read_bytes()


@in_ci
@pytest.mark.slow
def test_check_shows_what_differs_and_writes_nothing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number and a picture that changed are told by their place, and a picture in few letters."""
    replace(copy, "λ 66", "λ 61")
    replace(copy, "plt.plot([1, 2])", "plt.plot([1, 3])")
    before = copy.read_bytes()
    assert command("--check", copy) == 1
    said = capsys.readouterr().out
    assert copy.read_bytes() == before
    assert "- cell 5, outputs 1, text: λ 61\n  + cell 5, outputs 1, text: λ 66" in said
    assert "- cell 3, outputs 1, data, image/png: (picture" in said
    assert len(said) < 1000


@in_ci
@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["x = 1", "import sys\nprint('no', file=sys.stderr)"],
            "Cell 2,\n    import sys\n    print('no', file=sys.stderr)\nwrote on stderr:\nno",
        ),
        (["x = 1\ny = 1 / 0"], "----> 2 y = 1 / 0"),
        (["import os\nos._exit(3)"], "ended the kernel"),
    ],
    ids=["stderr", "an error", "a dead kernel"],
)
def test_trouble_in_a_cell_fails(
    tmp_path: Path, cells: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook, the cell, its source and the text are named, and the file is left alone."""
    path = write(tmp_path / "bad.ipynb", *cells)
    before = path.read_bytes()
    assert command(path) == 1
    said = capsys.readouterr().out
    assert said.startswith("bad.ipynb … failed\nCell ")
    assert expected in said
    assert path.read_bytes() == before


@in_ci
@pytest.mark.slow
def test_stderr_of_a_task_left_behind_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a background task says after its cell is done is in no output, and is noticed."""
    late = (
        "import asyncio, sys\n"
        "async def late():\n    await asyncio.sleep(0.05)\n    print('late', file=sys.stderr)\n"
        "task = asyncio.create_task(late())"
    )
    assert command(write(tmp_path / "late.ipynb", late, "1 + 1")) == 1
    assert "wrote on stderr:\nlate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "There is no file"),
        ("hello", "is no notebook: Expecting value"),
        ("[]", "is no notebook"),
        ('{"nbformat": 3}', "is a notebook of format 3"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "is no notebook"),
    ],
    ids=["missing", "text", "another JSON", "format 3", "half a cell"],
)
def test_what_is_no_notebook_gets_a_sentence(
    tmp_path: Path, content: str | None, expected: str
) -> None:
    """A file that is missing or holds something else is named, and why."""
    path = tmp_path / "odd.ipynb"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(NotebookError, match=expected):
        read(path)


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    """A folder gets a sentence too."""
    with pytest.raises(NotebookError, match="is a folder"):
        read(tmp_path)


def test_all_notebooks_are_those_below_the_folder_too(tmp_path: Path) -> None:
    """Lessons, deeper ones and answers; those of the labs and an editor's copies are left out."""
    wanted = ["01_a.ipynb", "answers/01_a.ipynb", "deeper/b.ipynb"]
    for name in (*wanted, "labs/c.ipynb", ".ipynb_checkpoints/01_a-checkpoint.ipynb", "d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in all_notebooks(tmp_path)]
    assert found == wanted
