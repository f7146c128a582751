"""The course fits into a week: what the measure counts, and that every notebook keeps to it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.staff.forms.notebook_file import all_notebooks
from tests.lesson import NOTEBOOKS, ROOT, course, labs
from tests.reading_time import (
    MOST_MINUTES,
    MOST_TOGETHER,
    Effort,
    agrees,
    effort,
    main,
    stated_minutes,
)


def timed() -> list[Path]:
    """The notebooks to be read from top to bottom: answers and words are looked up."""
    paths = [path for path in all_notebooks() if path.parent.name != "answers"]
    paths = [path for path in paths if path.name != "glossary.ipynb"]
    return [*paths, *sorted(NOTEBOOKS.glob("labs/*.ipynb"))]


@pytest.mark.parametrize("path", timed(), ids=lambda path: path.name)
def test_a_notebook_fits_into_an_evening_and_says_its_time(path: Path) -> None:
    """At most 40 minutes without *Modify*, and the time it states is right to within a fifth."""
    notebook = nbformat.read(path, as_version=4)
    computed = effort(notebook).minutes
    stated = stated_minutes(notebook)
    assert stated is not None, "its first cell has no **Time needed:** about N minutes"
    assert computed <= MOST_MINUTES
    assert agrees(stated, computed), f"it says {stated} minutes, and takes {computed:.1f}"


def test_the_lessons_fit_into_a_week() -> None:
    """Lessons 00 to 10 take at most five and a half hours together."""
    lessons = [path for path in all_notebooks() if path.name[:2].isdigit()]
    lessons = [path for path in lessons if path.parent.name == "notebooks"]
    minutes = [effort(nbformat.read(path, as_version=4)).minutes for path in lessons]
    assert sum(minutes) <= MOST_TOGETHER


README = (ROOT / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \[.+?\]\(notebooks/(.+?)\) \|.*\| (\d+) \|$", README, re.MULTILINE)
ROWS += re.findall(r"\]\(notebooks/(deeper/.+?)\) (\d+)", README)


@pytest.mark.parametrize(("name", "minutes"), ROWS)
def test_the_readme_says_the_time(name: str, minutes: str) -> None:
    """The same as the notebook itself: who goes from one to the other meets one number."""
    said = stated_minutes(nbformat.read(ROOT / "notebooks" / name, as_version=4))
    assert said == int(minutes)


def test_the_readme_says_the_time_of_each() -> None:
    """Of the lessons, of all that go deeper, and of the labs."""
    notebooks = {one.name for one in course() if one.kind in ("lesson", "deeper")}
    assert {name for name, _ in ROWS} == notebooks | {one.name for one in labs()}


def measured(*cells: str) -> Effort:
    """The effort of a notebook with these cells; one that begins with > is code."""
    made = [new_code_cell(c[1:]) if c[0] == ">" else new_markdown_cell(c) for c in cells]
    return effort(new_notebook(cells=made))


@pytest.mark.parametrize(
    ("cells", "words", "lines", "predictions"),
    [
        (["## Four small words here\n\nAnd *four* **more** `of_them`."], 8, 0, 0),
        (["See [the page](https://example.org/a/long/address) – now."], 4, 0, 0),
        (["| a | b |\n|---|---|\n| one two | 3 |"], 5, 0, 0),
        (["<details><summary>Answer</summary>\n\nNot yet.\n</details>"], 3, 0, 0),
        (["![an alternative text](picture.png) <!-- a note -->"], 0, 0, 0),
        (["Look:\n\n```python\none\n\ntwo\n```"], 1, 2, 0),
        (["a", ">one\n\n# two\n"], 1, 2, 0),
        (["**Predict.** When?", ">guess = ...", "## Predict\nWhen?"], 4, 1, 2),
        (["We can predict. **Predict** is a word here."], 8, 0, 0),
        (["a\n\n**Modify.** b\n\n- c", ">to be changed", "d", ">seen"], 2, 1, 0),
        (["a\n\n**Modify.** b\n\n**1.** c\n\n## d", ">seen"], 2, 1, 0),
        (["**Modify.** a\n\n**Predict.** b", ">seen"], 2, 1, 1),
        (["## Modify\na\n## Run\nb"], 2, 0, 0),
    ],
)
def test_what_counts(cells: list[str], words: int, lines: int, predictions: int) -> None:
    """Words as they are seen, lines that are not blank, predictions, and nothing of a *Modify*."""
    assert measured(*cells) == Effort(words, lines, predictions)


def test_minutes_are_words_lines_and_predictions() -> None:
    """200 words, 12 lines and one prediction take a minute each."""
    assert Effort(200, 12, 1).minutes == 3


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("# A\n\n**Time needed:** about 25 minutes.", 25),
        ("# A\n\n**Time needed:** about 25 minutes, in 2 sittings.", 25),
        ("# A\n\n**Time needed:** half an hour.", None),
    ],
)
def test_the_time_that_is_stated(said: str, minutes: int | None) -> None:
    """It stands in the first cell, in minutes, and one number."""
    assert stated_minutes(new_notebook(cells=[new_markdown_cell(said)])) == minutes


@pytest.mark.parametrize(("stated", "right"), [(24, True), (23.9, False), (36, True), (37, False)])
def test_a_fifth_of_what_it_takes(stated: float, right: bool) -> None:
    """Between four fifths and six fifths of the computed time is near enough."""
    assert agrees(stated, 30) is right


def test_the_command_says_what_each_notebook_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line a notebook, and the sum."""
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("word " * 400)]), path)
    main([str(path)])
    _, line, last = capsys.readouterr().out.splitlines()
    assert line.split()[1:] == ["2.0", "?", "400", "0", "0"]
    assert last.split() == ["together", "2.0"]
