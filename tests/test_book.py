"""What was handed to a piece, by number: a list is filled as its end says, and nothing else is."""

from __future__ import annotations

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


@pytest.mark.parametrize("lists", [[[1, ["x"]]], [[2, "x"]], [[9, []]], [[True, []]], [3], [[2]]])
def test_nothing_else_is_filled(lists: Any) -> None:
    """A function, no list, a number that was never given, or no pair: the line is broken."""
    book, dead = Book(), Filled()
    assert (book.said(print)["id"], book.said(dead)["id"]) == (1, 2)
    with pytest.raises(Broken):
        book.fill(lists)
    assert dead == []
