"""Seven systems, six wishes: each answer is one of three, and a choice is as good as its worst."""

from __future__ import annotations

import re

import pytest

from course_lib.candidates import FITS, WISHES, Candidate, choose

EVERYBODY = choose(*WISHES).candidates


@pytest.mark.parametrize("one", EVERYBODY, ids=lambda one: one.system)
def test_each_row_is_whole(one: Candidate) -> None:
    """An answer to each wish, which says why; a source with its address, and a day."""
    assert list(one.answers) == list(WISHES)
    for answer in one.answers.values():
        fit, colon, why = answer.partition(": ")
        assert fit in FITS and colon and len(why) > 10
        assert set(re.findall(r"\((\w+)\)", why)) <= {"quoted", "derived"}
    assert one.source and one.link.startswith("https://")
    assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", one.checked)


def test_each_wish_is_a_question() -> None:
    """And none is granted by all: such a wish would choose nothing."""
    for wish, question in WISHES.items():
        assert question.endswith("?")
        assert len(choose(wish).fitting("yes")) < len(EVERYBODY)


def made(read: str, order: str) -> Candidate:
    """A candidate with these two answers."""
    answers = {"read again": f"{read}: so.", "order per key": f"{order}: so."}
    return Candidate(system="A", answers=answers, source="B", link="C", checked="D")


@pytest.mark.parametrize(
    ("read", "order", "fit"),
    [
        ("yes", "yes", "yes"),
        ("yes", "set up", "set up"),
        ("no", "yes", "no"),
        ("set up", "no", "no"),
    ],
)
def test_all_wishes_are_granted_as_the_worst_of_them(read: str, order: str, fit: str) -> None:
    """Two wishes are no better off than the one that is harder to grant."""
    assert made(read, order).fit(("read again", "order per key")) == fit


def test_the_best_come_first() -> None:
    """As they come, then set up, then not at all; and each system is in one of the three."""
    choice = choose("read again", "order per key")
    names = [name for fit in FITS for name in choice.fitting(fit)]
    assert names == [one.system for one in choice.candidates]
    assert sorted(names) == sorted(one.system for one in EVERYBODY)


def test_a_log_is_what_keeps_and_orders() -> None:
    """Only one of the seven reads again and orders by key as it comes."""
    assert choose("read again", "order per key").fitting("yes") == ["Apache Kafka"]
    assert choose("my transaction").fitting("yes") == ["Postgres table"]


def test_text_and_table_say_the_same() -> None:
    """Names, answers to the wishes, sources and days; and no answer to what nobody asked."""
    choice = choose("several readers")
    text, table = " ".join(repr(choice).split()), " ".join(choice._repr_html_().split())
    for one in choice.candidates:
        for part in (one.system, one.answers["several readers"], one.source, one.state):
            assert part in text and part in table
    assert text.startswith("as it comes: ") and "my transaction" not in text + table


def test_nobody_is_a_word_too() -> None:
    """A column that is empty says so."""
    assert "as it comes: nobody" in repr(choose("read again", "my transaction"))


def test_a_wish_that_is_none_is_told() -> None:
    """The sentence lists those that there are."""
    with pytest.raises(ValueError, match=r"no wish 'replay'; there are: 'read again', 'several"):
        choose("replay")
    with pytest.raises(ValueError, match=r"no wish \['read again'\]; there are"):
        choose(["read again"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no fit 'maybe'; take one of 'yes'"):
        choose("read again").fitting("maybe")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one wish; there are: 'read again'"):
        choose()
