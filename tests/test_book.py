"""What was handed to a piece, by number: a list is filled as its end says, and nothing else is."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from course_lib.exercises.student import Filled
from course_lib.staff.conversation.book import Book
from course_lib.staff.inside.wire import Broken


def test_a_list_has_in_the_end_what_the_piece_has_put_into_it() -> None:
    """Whatever way it took: all that counts is how it looks when the piece ends."""
    book, dead = Book(), Filled(["old"])
    number = book.said(dead)["id"]
    book.fill([[number, ["old", {"$": "dict", "of": [["error", "why"]]}]]])
    assert dead == ["old", {"error": "why"}]
    book.fill(None)
    assert len(dead) == 2


@pytest.mark.parametrize("method", ["", "random", "betavariate"])
def test_no_draw_goes_on_for_ever(method: str) -> None:
    """What is asked for is one number, whatever else is said; all others are drawn by such ones."""
    book = Book()
    number = book.said(Random(0))["id"]
    assert book.use(number, method, [float("nan"), 1.0], {}) == Random(0).random()


@pytest.mark.parametrize("lists", [[[1, ["x"]]], [[2, "x"]], [[9, []]], [[True, []]], [3], [[2]]])
def test_nothing_else_is_filled(lists: Any) -> None:
    """A function, no list, a number that was never given, or no pair: the line is broken."""
    book, dead = Book(), Filled()
    assert (book.said(print)["id"], book.said(dead)["id"]) == (1, 2)
    with pytest.raises(Broken):
        book.fill(lists)
    assert dead == []
