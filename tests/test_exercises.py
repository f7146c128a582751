"""The exercises' text, and their lines to put in order."""

from __future__ import annotations

import ast
import re
from typing import Any

import nbformat
import pytest

from course_lib.exercises import NotMet
from course_lib.exercises.here import must_not_raise
from course_lib.exercises.property import told
from course_lib.exercises.student import Raised
from course_lib.line_order import ordered
from course_lib.staff.checks import check
from course_lib.staff.grading.line_orders import ORDERS
from tests.exercises import NUMBERED, SOURCE
from tests.lesson import NOTEBOOKS
from tests.prose import markdown_of

NOTEBOOK = nbformat.read(SOURCE, as_version=4)


@pytest.mark.parametrize("number", NUMBERED)
def test_an_exercise_names_headings_that_exist(number: int) -> None:
    """Where the course shows it: the lesson or the deeper notebook, and a heading in that."""
    why = next(cell.source for cell in NOTEBOOK.cells if cell.id == f"ex{number}-why")
    named = re.findall(r"(?:lesson (\d+)|`deeper/(\w+)`), “(.+?)”", why)
    assert len(named) == why.count("“") > 0
    for lesson, deeper, heading in named:
        (path,) = NOTEBOOKS.glob(f"deeper/{deeper}.ipynb" if deeper else f"{lesson:0>2}_*.ipynb")
        assert f"# {heading}\n" in markdown_of(path)


def cells(pattern: str) -> list[Any]:
    return [cell for cell in NOTEBOOK.cells if re.fullmatch(pattern, cell.id)]


@pytest.mark.parametrize(("number", "name"), list(enumerate(ORDERS, start=1)))
def test_the_lines_in_order_are_a_piece_that_works(number: int, name: str) -> None:
    """Each accepted order is Python, leaves a line out, and is recorded by the visible check."""
    text = cells(f"ex{number}-lines-text")[0].source
    lines = re.findall(r"^(\d)  (.*)$", text, re.MULTILINE)
    (asked,) = cells(f"ex{number}-lines-check")
    assert f'check("lines", "{name}", order_{number})' in asked.source
    for order in ORDERS[name]:
        assert len(order) < len(lines)
        ast.parse("\n".join(lines[n - 1][1] for n in order))
        assert ordered(list(order), lines=len(lines)).startswith("recorded: lines ")
        check("lines", name, list(order))
    with pytest.raises(NotMet, match="not answered"):
        check("lines", name, [])
    with pytest.raises(NotMet, match=r"the right lines, but in another order from place 1 on"):
        check("lines", name, list(reversed(ORDERS[name][0])))


@pytest.mark.parametrize(
    ("name", "answer", "expected"),
    [
        ("a relay", [2, 4], "No point for [2, 4]: 1 line of the 3 needed is missing."),
        ("a relay", [4], "No point for [4]: 2 lines of the 3 needed are missing."),
        ("a relay", [2, 3, 4, 1], "No point for [2, 3, 4, 1]: line 3 is not needed."),
        ("a wait with jitter", [2, 4, 3], "lines 3 and 4 are not needed, and 2 lines of the 3"),
        ("a relay", [2, 1, 4], "these are the right lines, but in another order from place 2 on."),
        ("an inbox", [2, 3, 1, 4], "the right lines, but in another order from place 1 on."),
        ("an inbox", [3, 1, 5, 4, 2], "line 5 is not needed."),
        ("an inbox", [3, 1, 2], "1 line of the 3 needed is missing."),
    ],
)
def test_an_order_that_gives_no_point_is_told_why(
    name: str, answer: list[int], expected: str
) -> None:
    """A line too many, a line that is missing, or from where on the order is another."""
    with pytest.raises(NotMet) as told:
        check("lines", name, answer)
    assert expected in str(told.value)


@pytest.mark.parametrize(
    ("name", "answer"),
    [("an inbox", [3, 1, 4]), ("an inbox", [3, 4, 1]), ("a bounded queue", [4, 2, 1])],
)
def test_a_line_that_no_task_asks_for_is_not_wanted(name: str, answer: list[int]) -> None:
    """`print("done")` and `return order` may stand there, and need not."""
    check("lines", name, answer)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([2, 1], "recorded: lines 2, 1"),
        ((2, 1), "recorded: lines 2, 1"),
        ([2.0, 1], "2.0 is no line"),
        ({1: 2}, "this is of type dict, and no list"),
        ([], "not answered yet: write the numbers of the lines as a list, like [2, 1]"),
        ("2, 1", "recorded: lines 2, 1\nread as [2, 1], typed '2, 1'."),
        ("[2,1]", "recorded: lines 2, 1\nread as [2, 1], typed '[2,1]'."),
        ("2 → 1", "recorded: lines 2, 1\nread as"),
        ("２，１", "recorded: lines 2, 1\nread as"),
        (["2", " 1."], "recorded: lines 2, 1\nread as [2, 1], typed ['2', ' 1.']."),
        ("21", "21 is no line"),
        ("", "not answered yet"),
        ("two", "'two' is no line"),
        ([5], "5 is no line: write the numbers"),
        ([True], "True is no line"),
        ([1, 1], "line 1 stands twice"),
    ],
)
def test_an_order_is_recorded_or_its_form_explained(answer: Any, expected: str) -> None:
    """Never whether it is right."""
    assert ordered(answer, lines=4).startswith(expected)


@pytest.mark.parametrize("answer", [[3, True, 4], [3.0, 1, 4], [3, 1, 1], {3, 1, 4}, None])
def test_what_the_check_cell_refuses_gets_no_point(answer: Any) -> None:
    """Python takes True for 1 and 3.0 for 3; the marks read an order as the check cell does."""
    assert not ordered(answer, lines=4).startswith("recorded")
    with pytest.raises(NotMet, match="not answered: write the numbers of the lines"):
        check("lines", "off the loop", answer)


def test_what_a_piece_gave_is_told_in_signs_that_are_seen() -> None:
    """One that turns the writing would turn what stands behind it, in feedback too."""
    assert told("It ends.", "x = 1", ["\u202e", "é"]).endswith("Yours: ['\\u202e', 'é']")
    assert told("It ends.", "x = 1", "a\u202eb\x1b[2J\ud800").endswith(r"a\u202eb\x1b[2J\ud800")


def test_what_is_barred_where_it_is_graded_is_told() -> None:
    """A ThreadPool of multiprocessing asks for a lock of the system's: the number says nothing."""
    words = must_not_raise("x = 1", Raised("PermissionError", "[Errno 1]"))
    assert words.endswith(
        "[Errno 1] (where it is graded there is no other process, no network and "
        "no multiprocessing)"
    )


def test_an_order_without_brackets_gets_its_point() -> None:
    """`order_1 = 3, 1, 4` is what somebody means by it."""
    check("lines", "off the loop", (3, 1, 4))
