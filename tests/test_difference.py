"""Two versions of a file: what is shown of them differs, and says so if it is not all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib.staff import build
from course_lib.staff.forms.difference import differing, first, pieces
from course_lib.staff.forms.notebook_file import difference, text_of


def notebook(text: str) -> str:
    """The text of a notebook whose second cell shows this."""
    cells = [
        new_markdown_cell("before", id="before"),
        new_code_cell("run()", id="run", outputs=[new_output("stream", text=text)]),
    ]
    return text_of(new_notebook(cells=cells))


def test_a_changed_line_is_shown_as_it_was_and_as_it_is() -> None:
    """And no line that both have."""
    assert differing(["a", "b", "c"], ["a", "x", "c", "d"]) == ["  - b", "  + x", "  + d"]
    assert differing(["a"], ["a"]) == []


def test_a_line_that_looks_like_a_mark_of_the_difference_is_shown() -> None:
    """Its sign stands before it."""
    assert differing(["@@ 1"], ["--- 1"]) == ["  - @@ 1", "  + --- 1"]


@pytest.mark.parametrize(
    ("count", "last"), [(24, "  23"), (25, "  … and 1 more"), (1024, "  … and 1,000 more")]
)
def test_more_than_a_person_reads_is_counted(count: int, last: str) -> None:
    """Twenty-four lines, and how many more there are."""
    told = first([str(number) for number in range(count)])
    assert told[:24] == [f"  {number}" for number in range(24)]
    assert told[-1] == last
    assert len(told) == min(count, 25)


@pytest.mark.parametrize("length", [0, 1, 160, 161, 500])
def test_a_long_line_is_shown_in_pieces(length: int) -> None:
    """Of 160 letters at most, without losing one; an empty line is one."""
    line = "abcdefghij" * 50
    found = list(pieces(line[:length]))
    assert "".join(found) == line[:length]
    assert all(len(piece) <= 160 for piece in found)
    assert len(found) == max(1, -(-length // 160))


def test_outputs_that_begin_alike_do_not_look_the_same() -> None:
    """They differ at the letter 400, and it is in what is shown; the place is named."""
    begin = "wait " * 80
    told = difference(notebook(f"{begin}3 s"), notebook(f"{begin}4 s"))
    assert told == [
        f"  - cell 2, outputs 1, text: {begin[320:]}3 s",
        f"  + cell 2, outputs 1, text: {begin[320:]}4 s",
    ]


def test_a_page_is_broken_after_its_tags() -> None:
    """So that a cell of a table is found, however long the table."""
    row = "<tr><td>one</td></tr>" * 20
    told = difference(notebook(f"{row}<td>66</td>"), notebook(f"{row}<td>67</td>"))
    assert told == [
        "  - cell 2, outputs 1, text: 66</td>",
        "  + cell 2, outputs 1, text: 67</td>",
    ]


def test_only_the_form_of_a_notebook_may_differ() -> None:
    """Then there is nothing to show, and what to do is said; no JSON is told apart from it."""
    text = notebook("66")
    [told] = difference(json.dumps(json.loads(text)), text)
    assert told == "  Only its form differs: order of keys, indent or line ends. Record it."
    assert difference("{", text) == ["  The stored file is not JSON."]


def compared(tmp_path: Path, stored: str, fresh: str, capsys: Any) -> list[str]:
    """What `build --check` says of one export."""
    (tmp_path / "quiz.gift.txt").write_text(stored, encoding="utf-8")
    assert build.compare(tmp_path, {Path("quiz.gift.txt"): fresh.encode()}) == 1
    told: list[str] = capsys.readouterr().out.splitlines()
    return told[1:-1]


def test_choices_of_an_export_that_begin_alike_do_not_look_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A choice and its feedback are one long line."""
    begin = "~The caller waits. " * 20
    shown = compared(tmp_path, f"{begin}#no", f"{begin}#yes", capsys)
    assert shown == [f"  - {begin[320:]}#no", f"  + {begin[320:]}#yes"]


def test_an_export_that_is_all_new_says_how_many_lines_are_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of thirty lines that went and one that came, twenty-four are shown."""
    shown = compared(tmp_path, "old\n" * 30, "new\n", capsys)
    assert shown == ["  - old"] * 24 + ["  … and 7 more"]
