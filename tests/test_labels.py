"""Texts on a timeline: shortened, numbered, moved or left out, so that none covers another."""

from __future__ import annotations

import pytest

from course_lib.drawing.labels import (
    Box,
    Label,
    Ruler,
    font,
    label_arrows,
    label_bars,
    label_points,
    plain,
)
from tests.squares import Squares

RULER = Squares(72)
LETTERS = "abcdefghij"


# Boxes and rulers


@pytest.mark.parametrize(
    ("other", "meet"),
    [
        (Box(25, 5, 10, 10), True),
        (Box(29, 19, 10, 10), True),
        (Box(30, 5, 10, 10), False),
        (Box(2, 5, 10, 10), True),
        (Box(0, 5, 10, 10), False),
        (Box(15, 20, 10, 10), False),
        (Box(15, 2, 10, 10), True),
        (Box(15, 0, 10, 10), False),
        (Box(40, 5, 10, 10), False),
        (Box(15, 40, 10, 10), False),
    ],
)
def test_boxes_that_touch_do_not_meet(other: Box, meet: bool) -> None:
    """Only a point inside both counts, and both directions have to agree."""
    box = Box(10, 10, 20, 10)
    assert box.meets(other) is meet
    assert other.meets(box) is meet


def test_a_ruler_knows_the_font() -> None:
    """A line is 1.2 times the size high; twice the pixels an inch are twice as many pixels."""
    fine, coarse = Ruler(144), Ruler(72)
    assert coarse.height(10) == 12
    assert coarse.height() == pytest.approx(10.2)
    assert fine.height(10) == 24
    assert fine.width("mm") == pytest.approx(2 * coarse.width("mm"), abs=2)
    assert coarse.width("iiii") < coarse.width("mmmm") < coarse.width("mmmm", 20)
    assert coarse.width("$x$") > coarse.width("xx")  # dollars are letters, and no formula
    assert (font(9).get_family(), font(9).get_size()) == (["DejaVu Sans"], 9)


@pytest.mark.parametrize(
    ("text", "room", "fewest", "shown"),
    [
        (LETTERS, 100, 0, LETTERS),
        (LETTERS, 99, 0, "abcdefgh…"),
        (LETTERS, 50, 0, "abcd…"),
        (LETTERS, 49, 0, ""),
        (LETTERS, 70, 6, "abcdef…"),
        (LETTERS, 69, 6, ""),
        ("abcd efgh", 60, 0, "abcd…"),
        ("abcde", 49, 0, ""),
        ("abc", 30, 9, "abc"),
        ("", 0, 0, ""),
    ],
)
def test_a_text_is_shortened_to_what_fits(text: str, room: float, fewest: int, shown: str) -> None:
    """Four letters and a dot of three at least, more if so asked, and no space before the dots."""
    assert RULER.shorten(text, room, fewest) == shown


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("aa bb cc", 50, "aa bb\ncc"),
        ("aa bb cc", 49, "aa\nbb\ncc"),
        ("abcdefg h", 30, "abc\ndef\ng h"),
        ("a bcdef", 30, "a\nbcd\nef"),
        ("", 30, ""),
    ],
)
def test_a_text_goes_on_in_further_lines(text: str, room: float, lines: str) -> None:
    """Whole words if they fit, and a word longer than a line in pieces."""
    assert RULER.wrap(text, room) == lines


def test_larger_letters_need_more_lines() -> None:
    """A text is measured in its own size, which is that of names of lanes unless told."""
    ruler = Ruler(72)
    room = ruler.width("many words", 9.5)
    assert ruler.wrap("many words here", room) == "many words\nhere"
    assert ruler.wrap("many words here", room - 1) == "many\nwords here"
    assert ruler.wrap("many words", room, 19) == "many\nwords"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" two\n lines\t", "two lines"),
        ("中文", "□□"),
        ("cafe\u0301", "cafe\u0301"),
        ("a\u0951b", "ab"),
        ("a\u200db", "ab"),
        ("tab\a!", "tab!"),
    ],
    ids=["lines", "letters", "a mark", "a mark that the font lacks", "a joiner", "a bell"],
)
def test_what_the_font_cannot_draw_is_seen(text: str, shown: str) -> None:
    """A letter becomes a box; what has no shape of its own, such as a joiner, goes."""
    assert plain(text) == shown


# Labels in bars


def bar(text: str, width: float, height: float = 10, left: float = 0) -> tuple[list[str], str, Box]:
    return [text], "working", Box(left, 0, width, height)


def shown_in(*bars: tuple[list[str], str, Box]) -> list[str]:
    return [label.text for label in label_bars(bars, RULER)[0]]


def test_a_label_stands_in_the_middle_of_its_bar() -> None:
    """Half a letter of air on each side; the box that is kept is that of the text."""
    bars = [(["soup"], "blocked", Box(100, 20, 60, 30))]
    assert label_bars(bars, RULER) == ([Label("soup", "blocked", Box(110, 30, 40, 10))], [], 0)


def test_the_fullest_text_that_fits_is_taken() -> None:
    """From the reason and line down to the bare label; the last of them may be shortened."""
    texts = ["soup (line 3)", "soup (x)", "kitchen"]
    for width, shown in [(140, texts[0]), (139, texts[1]), (90, texts[1]), (89, "kitchen")]:
        assert shown_in((texts, "waiting", Box(0, 0, width, 10))) == [shown]
    assert shown_in((texts, "waiting", Box(0, 0, 70, 10))) == ["kitch…"]


def test_a_bar_lower_than_a_line_has_no_label() -> None:
    """And its text is not counted as left out: it is there for the eye alone."""
    assert label_bars([bar("soup", 60, 9.9)], RULER) == ([], [], 0)


def test_a_text_that_would_lose_too_much_gets_a_number() -> None:
    """Less than six letters in ten say nothing; equal texts have equal numbers, from 1."""
    bars = [bar("kitchen", 60), bar("cellar", 20), bar("kitchen", 15), bar("soup", 60)]
    labels, keys, left_out = label_bars(bars, RULER)
    assert [label.text for label in labels] == ["soup", "1", "2", "1"]
    assert (keys, left_out) == (["kitchen", "cellar"], 0)
    assert labels[1].box == Box(25, 0, 10, 10)


def test_a_bar_too_narrow_for_a_number_is_left_out() -> None:
    """Two pixels beside a digit have to be free on each side; the note tells the keys in use."""
    assert label_bars([bar("cellar", 14)], RULER) == ([], [], 1)
    labels, keys, left_out = label_bars([bar("cellar", 14), bar("cellar", 15)], RULER)
    assert ([label.text for label in labels], keys, left_out) == (["1"], ["cellar"], 1)


def test_a_bar_without_a_text_is_not_missed() -> None:
    """Nothing is written, nothing is left out, and no number stands for nothing."""
    assert label_bars([bar("", 60), bar("", 5)], RULER) == ([], [], 0)


def test_a_number_stands_for_the_label_alone() -> None:
    """Not for the reason and the line, which differ where the label does not."""
    bars = [(["kitchen (lock)", "kitchen"], "waiting", Box(0, 0, 20, 10)), bar("kitchen", 20)]
    labels, keys, left_out = label_bars(bars, RULER)
    assert ([label.text for label in labels], keys, left_out) == (["1", "1"], ["kitchen"], 0)


def test_a_bar_whose_label_is_empty_is_not_missed() -> None:
    """Its reason is shown where there is room, and else nothing is left out."""
    reasons = [" (lock)", ""]
    assert shown_in((reasons, "waiting", Box(0, 0, 80, 10))) == ["(lock)"]
    assert label_bars([(reasons, "waiting", Box(0, 0, 40, 10))], RULER) == ([], [], 0)


def test_nine_texts_have_numbers_and_ten_have_none() -> None:
    """A note of more would be a table; then each is shortened as far as it goes, or left out."""
    nine = [bar(f"number {n}", 60) for n in range(9)]
    assert shown_in(*nine) == [str(n) for n in range(1, 10)]
    ten = [*nine, bar("number ten", 60)]
    assert label_bars(ten, RULER)[1] == []
    assert shown_in(*ten) == ["numb…"] * 10
    narrow = [bar(f"number {n}", 59) for n in range(10)]
    assert label_bars(narrow, RULER) == ([], [], 10)


def test_a_text_of_forty_letters_may_have_a_number() -> None:
    """A longer one would fill the note, so most of it is shown as far as there is room."""
    assert label_bars([bar("a" * 40, 60)], RULER)[1] == ["a" * 40]
    labels, keys, left_out = label_bars([bar("a" * 41, 60), bar("b" * 41, 59)], RULER)
    assert ([label.text for label in labels], keys, left_out) == (["aaaa…"], [], 1)


def test_a_hundred_and_fifty_numbers_are_enough() -> None:
    """More of them are noise, though there is but one text."""
    assert shown_in(*[bar("cellar", 20)] * 150) == ["1"] * 150
    assert label_bars([bar("cellar", 20)] * 151, RULER) == ([], [], 151)


# Labels beside marks


def beside(*points: tuple[float, str], width: float = 200) -> list[tuple[str, float]]:
    """Each label and where it begins."""
    return [(label.text, label.box.left) for label in label_points(points, 7, width, RULER)[0]]


def test_a_mark_has_its_label_on_the_right() -> None:
    """Six pixels away; the box is as high as the text and begins where the strip does."""
    labels, left_out = label_points([(100, "bell")], 7, 200, RULER)
    assert (labels, left_out) == ([Label("bell", "mark", Box(106, 7, 40, 10))], 0)


@pytest.mark.parametrize(("x", "left"), [(154, 160), (155, 109)])
def test_a_label_that_would_leave_the_picture_stands_on_the_left(x: float, left: float) -> None:
    """It may end where the axes end, but no pixel later."""
    assert beside((x, "bell")) == [("bell", left)]


def test_a_label_on_the_left_begins_in_the_picture() -> None:
    """At its edge at the earliest."""
    assert beside((46, "bell"), width=60) == [("bell", 0)]
    assert beside((45, "bell"), width=60) == []


def test_a_label_on_the_left_of_its_mark_leaves_the_mark_free() -> None:
    """The next label may begin six pixels behind it."""
    assert beside((155, "bell"), (197, "abc")) == [("bell", 109), ("abc", 161)]
    assert beside((155, "bell"), (196, "abc")) == [("bell", 109)]


def test_the_nearest_mark_is_the_one_to_keep_clear_of() -> None:
    """And not the last."""
    assert beside((20, "bell"), (74, ""), (150, "")) == []


@pytest.mark.parametrize(
    ("next_mark", "shown"),
    [
        (75, [("bell", 26), ("x", 81)]),
        (74, [("x", 80)]),
        (95, [("bell", 26), ("x", 101)]),
    ],
)
def test_a_label_keeps_clear_of_the_next_mark(
    next_mark: float, shown: list[tuple[str, float]]
) -> None:
    """Nine pixels before it; without room on either side it is left out."""
    assert beside((20, "bell"), (next_mark, "x")) == shown


def test_a_label_between_two_marks_is_shortened_only_if_it_must() -> None:
    """It would rather stand on the left, if there is room enough behind the label before."""
    assert beside((10, "a"), (100, LETTERS[:6]), (150, "b"))[1] == ("abcdef", 34)
    assert beside((10, "a"), (97, LETTERS[:6]), (170, "b"))[1] == ("abcd…", 103)
    assert beside((10, "a"), (98, LETTERS[:6]), (149, "b"))[1] == ("abcdef", 32)


def test_marks_at_one_moment_do_not_push_each_other_away() -> None:
    """What stands a pixel away is the same place: the first has the label, the second none."""
    assert beside((20, "bell"), (21, "ring")) == [("bell", 26)]
    assert beside((20, "bell"), (21.5, "ring")) == [("ring", 27.5)]
    assert label_points([(20, "bell"), (21, "ring"), (22, "")], 0, 200, RULER)[1] == 1


def test_a_mark_without_a_text_is_not_missed() -> None:
    """But no label covers its marker."""
    assert label_points([(20, "")], 0, 200, RULER) == ([], 0)
    assert beside((20, ""), (71, "abcd"), (100, "")) == []
    assert beside((20, ""), (72, "abcd"), (100, "")) == [("abcd", 26)]


# Labels beside arrows


Point = tuple[float, float]
Ends = tuple[float, float, float, float]
DOWN: Ends = (100, 0, 100, 100)


def placed(
    text: str = "abc",
    at: Point = (100, 50),
    own: Ends = DOWN,
    *,
    taken: list[Box] | None = None,
    others: tuple[Ends, ...] = (),
    width: float = 300,
) -> float | None:
    """Where the label of an arrow begins, with other arrows that have no text."""
    arrows = [(text, [at], own), *[("", [], ends) for ends in others]]
    labels, left_out = label_arrows(arrows, taken or [], width, RULER)
    assert len(labels) + left_out == bool(text)
    return labels[0].box.left if labels else None


def test_an_arrow_has_its_label_on_the_right() -> None:
    """Four pixels away, and in the middle of the place that it was offered."""
    arrows = [("abc", [(100.0, 50.0)], DOWN)]
    assert label_arrows(arrows, [], 300, RULER) == (
        [Label("abc", "message", Box(104, 45, 30, 10))],
        0,
    )
    assert placed(text="") is None


def test_beside_a_slanted_arrow_the_label_is_further_away() -> None:
    """By as much as the arrow goes to the side in half the height of a letter."""
    assert placed(at=(50, 50), own=(0, 0, 100, 100)) == 59
    assert placed(at=(50, 50), own=(100, 100, 0, 0)) == 59
    assert placed(at=(50, 50), own=(0, 0, 200, 100)) == 64
    assert placed(at=(50, 50), own=(49, 50.25, 51, 50.75)) == 64


def test_a_slanted_arrow_has_its_label_on_the_left_as_far_away() -> None:
    """Where the right is taken."""
    right = Box(60, 45, 5, 5)
    assert placed(at=(50, 50), own=(0, 0, 100, 100), taken=[right]) == 11


def test_an_arrow_without_room_for_its_label_stops_no_other() -> None:
    """The next has its label all the same."""
    wide: list[tuple[str, list[Point], Ends]] = [
        ("a" * 40, [(100.0, 50.0)], DOWN),
        ("abc", [(200.0, 50.0)], (200, 0, 200, 100)),
    ]
    labels, left_out = label_arrows(wide, [], 300, RULER)
    assert ([label.box.left for label in labels], left_out) == ([204], 1)


def test_a_label_of_an_arrow_stays_in_the_picture() -> None:
    """It may touch the edge; if neither side has room it is left out."""
    assert placed(width=134) == 104
    assert placed(width=133) == 66
    assert placed(at=(34, 50), width=67) == 0
    assert placed(at=(33, 50), width=66) is None


def test_a_label_of_an_arrow_covers_no_other_text() -> None:
    """The other side of the arrow is tried, then the next place, and then it is left out."""
    right, left = Box(133, 54, 5, 5), Box(90, 40, 9, 6)
    assert placed(taken=[right]) == 66
    assert placed(taken=[right, left]) is None
    two: list[tuple[str, list[Point], Ends]] = [("abc", [(100.0, 50.0), (100.0, 80.0)], DOWN)]
    labels, _ = label_arrows(two, [right, left], 300, RULER)
    assert [label.box for label in labels] == [Box(104, 75, 30, 10)]


def test_labels_of_two_arrows_do_not_cover_each_other() -> None:
    """The first has its place, the second the next that is free; equal arrows are one line."""
    arrows: list[tuple[str, list[Point], Ends]] = [("abc", [(100.0, 50.0)], DOWN)] * 3
    labels, left_out = label_arrows(arrows, [], 300, RULER)
    assert ([label.box.left for label in labels], left_out) == ([104, 66], 1)


@pytest.mark.parametrize(
    ("other", "left"),
    [
        ((0, 50, 300, 50), None),
        ((300, 50, 0, 50), None),
        ((0, 44, 300, 44), 104),
        ((0, 56, 300, 56), 104),
        ((110, 50, 120, 50), 66),
        ((0, 50, 103, 50), 104),
        ((135, 50, 300, 50), 104),
        ((120, 0, 120, 100), 66),
        ((120, 100, 120, 0), 66),
        ((103, 0, 103, 100), 104),
        ((135, 0, 135, 100), 104),
        ((120, 0, 120, 44), 104),
        ((120, 56, 120, 99), 104),
        ((104, 0, 134, 100), 66),
        ((134, 0, 104, 100), 66),
        ((110, 10, 146, 46), 104),
        ((110, 30, 130, 50), 66),
        ((124, 35, 144, 55), 66),
        ((0, 45, 300, 45), None),
        ((0, 55, 300, 55), None),
        ((104, 0, 104, 100), 66),
        ((134, 0, 134, 100), 66),
    ],
)
def test_a_label_covers_no_other_arrow(other: Ends, left: float | None) -> None:
    """It would stand from 104 to 134 and 45 to 55, where no line may pass, nor touch an edge."""
    assert placed(others=(other,)) == left
