"""What was handed to a piece, by number: a list is filled as its end says, and nothing else is."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import pytest

from course_lib.exercises.student import Filled
from course_lib.staff.conversation.book import CHANCE, Book
from course_lib.staff.inside.wire import Broken


def test_a_list_has_in_the_end_what_the_piece_has_put_into_it() -> None:
    """Whatever way it took: all that counts is how it looks when the piece ends."""
    book, dead = Book(), Filled(["old"])
    number = book.said(dead)["id"]
    book.fill([[number, ["old", {"$": "dict", "of": [["error", "why"]]}]]])
    assert dead == ["old", {"error": "why"}]
    book.fill(None)
    assert len(dead) == 2


def test_no_draw_goes_on_for_ever() -> None:
    """Each one that is handed in ends whatever it is given; what tries until it succeeds is not."""
    book, nan = Book(), float("nan")
    number = book.said(Random(0))["id"]
    for method in CHANCE:
        for words in ([], [nan], [nan, nan], [float("inf")] * 2):
            with suppress(ValueError, TypeError, OverflowError):
                book.use(number, method, words, {})
    for method in ("betavariate", "gammavariate", "vonmisesvariate", "normalvariate"):
        with pytest.raises(Broken):
            book.use(number, method, [nan, 1.0], {})


@pytest.mark.parametrize("lists", [[[1, ["x"]]], [[2, "x"]], [[9, []]], [[True, []]], [3], [[2]]])
def test_nothing_else_is_filled(lists: Any) -> None:
    """A function, no list, a number that was never given, or no pair: the line is broken."""
    book, dead = Book(), Filled()
    assert (book.said(print)["id"], book.said(dead)["id"]) == (1, 2)
    with pytest.raises(Broken):
        book.fill(lists)
    assert dead == []
