"""Where everything on a timeline goes: lanes in inches, then what is in them in pixels."""

from __future__ import annotations

from typing import Any

import pytest

from course_lib.drawing.labels import Box
from course_lib.drawing.layout import Contents, Stack, View, choose, fill, kinds_in, stack
from course_lib.trace import Arrow, Kind, Mark, Span, Trace
from tests.squares import Squares

RULER = Squares(100)
VIEW = View(1000, 1000.0, 100.0)  # a nanosecond is a pixel wide, an inch a hundred pixels
ROOM = 100.0  # inches; more than any of these need


def span(lane: str, start: int, end: int, kind: Kind = "working", label: str = "") -> Span:
    return Span(lane, label, kind, start, end)


def stacked(trace: Trace, *names: str, room: float = ROOM, deepest: int = 8) -> Stack:
    return stack(trace, names or trace.lanes, RULER, room, deepest)


def filled(*spans: Span, **more: Any) -> Contents:
    trace = Trace(spans, **more)
    return fill(trace, stacked(trace), VIEW, RULER)


def tops(found: Stack) -> list[float]:
    return [pytest.approx(lane.top, abs=1e-9) for lane in found.lanes]


def near(box: Box, *numbers: float) -> bool:
    """Whether left, top, width and height of a box are these."""
    return [box.left, box.top, box.width, box.height] == pytest.approx(numbers)


# Lanes, in inches


def test_lanes_stand_one_below_the_other() -> None:
    """0.09 of air, 0.29 for a row, and as many rows as the lane needs for its spans."""
    trace = Trace([span("a", 0, 2), span("b", 0, 9), span("b", 1, 5), span("c", 0, 1)])
    found = stacked(trace)
    assert [lane.name for lane in found.lanes] == ["a", "b", "c"]
    assert [len(lane.rows) for lane in found.lanes] == [1, 2, 1]
    assert tops(found) == [0.09, 0.09 + 0.29 + 0.09, 0.47 + 0.58 + 0.09]
    assert [lane.height for lane in found.lanes] == pytest.approx([0.29, 0.58, 0.29])
    assert found.height == pytest.approx(1.14 + 0.29 + 0.09)
    assert found.notes == ()


def test_marks_have_a_strip_above_their_lane() -> None:
    """0.2 inches; a message to oneself stands there, too."""
    trace = Trace([span("a", 0, 2), span("b", 0, 9)], [Mark("b", "bell", 3)])
    found = stacked(trace)
    assert [lane.strip for lane in found.lanes] == [False, True]
    assert tops(found) == [0.09, 0.38 + 0.09 + 0.2]
    noted = Trace([span("a", 0, 2), span("b", 0, 9)], [], [Arrow("a", "a", "note", 1, 2)])
    assert [lane.strip for lane in stacked(noted).lanes] == [True, False]
    assert tops(stacked(noted)) == [0.29, 0.29 + 0.29 + 0.09]


def test_an_arrow_makes_room_in_each_gap_that_it_crosses() -> None:
    """0.42 inches, whichever way it goes, and none for lanes that are not there."""
    spans = [span(lane, 0, 9) for lane in "abcd"]
    down, up = Arrow("b", "d", "x", 0, 1), Arrow("d", "b", "x", 0, 1)
    wide = [0.09, 0.47, 0.47 + 0.29 + 0.42, 1.18 + 0.29 + 0.42]
    for arrow in (down, up):
        assert tops(stacked(Trace(spans, [], [arrow]))) == wide
    away = Trace(
        spans, [], [Arrow("a", "elsewhere", "x", 0, 1), Arrow("elsewhere", "b", "x", 0, 1)]
    )
    assert tops(stacked(away, *"abcd")) == [0.09, 0.47, 0.85, 1.23]


def test_a_lane_without_spans_is_as_high_as_a_row() -> None:
    """Somebody who only gets messages is there."""
    trace = Trace([span("a", 0, 2)], [], [Arrow("a", "b", "x", 0, 1)])
    assert [(lane.name, lane.rows) for lane in stacked(trace).lanes][1] == ("b", [[]])
    assert stacked(trace).height == pytest.approx(0.09 + 0.29 + 0.42 + 0.29 + 0.09)


def test_a_long_name_makes_a_lane_higher() -> None:
    """Names are 2.1 inches wide at most; the rows stand in the middle of what is higher."""
    name = "one two three four five six seven eight nine"
    [lane] = stacked(Trace([span(name, 0, 2)])).lanes
    assert lane.lines == "one two three four\nfive six seven eight\nnine"
    assert lane.height == pytest.approx(3 * 0.115)
    assert lane.middle_of(0) == pytest.approx(0.09 + 0.345 / 2)
    [usual] = stacked(Trace([span("short", 0, 9), span("short", 1, 5)])).lanes
    assert [usual.middle_of(0), usual.middle_of(1)] == pytest.approx([0.09 + 0.145, 0.09 + 0.435])


def test_lanes_without_room_are_told_in_a_note() -> None:
    """A lane that fits to the last hair is there, and the first one always is."""
    trace = Trace([span("a", 0, 2), span("b", 0, 9), span("c", 0, 1)], [Mark("c", "bell", 1)])
    whole = stacked(trace)
    bottom = whole.lanes[-1].top + whole.lanes[-1].height
    assert len(stacked(trace, room=bottom).lanes) == 3
    cut = stacked(trace, room=bottom - 1e-9)
    assert [lane.name for lane in cut.lanes] == ["a", "b"]
    assert cut.notes == ("and 1 more lane: draw(trace, lanes=[…])",)
    high = Trace([span("a", 0, 2), span("b", 0, 9), span("b", 1, 9), span("c", 0, 1)])
    assert [lane.name for lane in stacked(high, room=0.8).lanes] == ["a"]  # c would fit, alone
    least = stacked(trace, room=0)
    assert [lane.name for lane in least.lanes] == ["a"]
    assert least.notes == ("and 2 more lanes: draw(trace, lanes=[…])",)


def test_rows_beyond_the_deepest_are_told_in_a_note() -> None:
    """Their spans are counted, over all lanes."""
    spans = [span("a", 0, 9), span("a", 1, 9), span("a", 2, 5), span("a", 5, 7), span("b", 0, 1)]
    found = stacked(Trace([*spans, span("b", 0, 9), span("b", 0, 8)]), deepest=2)
    assert [len(lane.rows) for lane in found.lanes] == [2, 2]
    assert [lane.height for lane in found.lanes] == pytest.approx([0.58, 0.58])
    assert found.notes == ("3 spans that overlap those drawn have no row: draw(trace, lanes=[…])",)


def test_messages_of_lanes_that_are_not_drawn_are_told_in_a_note() -> None:
    """One end that is not there is enough."""
    spans = [span(lane, 0, 9) for lane in "abc"]
    arrows = [Arrow("a", "b", "", 0, 1), Arrow("a", "c", "", 0, 1), Arrow("c", "b", "", 0, 1)]
    assert stacked(Trace(spans, [], arrows)).notes == ()
    assert stacked(Trace(spans, [], arrows), "a", "b").notes == (
        "2 messages to or from lanes that are not drawn",
    )
    assert stacked(Trace(spans, [], arrows[:2]), "a", "b").notes == (
        "1 message to or from lanes that are not drawn",
    )


def test_an_empty_trace_says_so() -> None:
    """No lane, and a note."""
    assert stacked(Trace()) == Stack((), pytest.approx(0.18), ("nothing was recorded",))


def test_the_kinds_that_occur_are_named_in_their_order() -> None:
    """Of the lanes drawn alone: the legend explains no more."""
    trace = Trace([span("a", 0, 1, "blocked"), span("a", 1, 2), span("b", 0, 1, "ready")])
    assert kinds_in([stacked(trace)]) == ["working", "ready", "blocked"]
    assert kinds_in([stacked(trace, "b"), stacked(trace, "a")]) == ["working", "ready", "blocked"]
    assert kinds_in([stacked(trace, "a")]) == ["working", "blocked"]


def test_lanes_are_chosen_by_name() -> None:
    """One name or several, each once and in the order given; those worth a row unless told."""
    waits = Span("main", "gather", "waiting", 0, 9, "gather")
    trace = Trace([waits, span("b", 0, 9), span("a", 1, 9)])
    assert choose(trace, None) == ("b", "a")
    assert choose(trace, "main") == ("main",)
    assert choose(trace, ["a", "b", "a"]) == ("a", "b")
    with pytest.raises(
        ValueError, match=r"there is no lane 'c' in this trace; its lanes are: main, b, a$"
    ):
        choose(trace, ["a", "c"])
    with pytest.raises(ValueError, match=r"its lanes are: none$"):
        choose(Trace(), "c")


# What is in them, in pixels


def test_a_bar_is_as_long_as_its_span() -> None:
    """From its start to its end; the row's middle is at 9 and half of 29."""
    [(drawn, box)] = filled(span("a", 100, 300)).bars
    assert drawn == span("a", 100, 300)
    assert near(box, 100, 23.5 - 12.25, 200, 24.5)
    assert View(2000, 500, 1).x(1000) == 250


@pytest.mark.parametrize(
    ("kind", "height"), [("working", 24.5), ("waiting", 19.6), ("ready", 22.05), ("blocked", 24.5)]
)
def test_waiting_and_ready_are_thinner(kind: Kind, height: float) -> None:
    """Four and nine tenths of a bar: a difference that is no colour."""
    [(_, box)] = filled(span("a", 100, 300, kind)).bars
    assert near(box, 100, 23.5 - height / 2, 200, height)


def test_a_span_narrower_than_four_pixels_is_a_tick() -> None:
    """Four pixels wide, taller than a bar, and not beyond the end of the axes."""
    found = filled(span("a", 100, 103), span("a", 200, 204), span("a", 998, 1000))
    assert [s.start_ns for s, _ in found.bars] == [200]
    [(_, first), (_, last)] = found.ticks
    assert near(first, 100, 23.5 - 13.375, 4, 26.75)
    assert near(last, 996, 23.5 - 13.375, 4, 26.75)
    assert found.blocks == []


def test_three_narrow_spans_side_by_side_are_a_block() -> None:
    """Two are two ticks."""
    spans = [span("a", 100, 102), span("a", 102, 104), span("a", 104, 106)]
    two, three = filled(*spans[:2]), filled(*spans)
    assert (len(two.ticks), len(two.blocks)) == (2, 0)
    [(run, [(kind, box)])] = three.blocks
    assert (three.ticks, run, kind) == ([], spans, "working")
    assert near(box, 100, 23.5 - 12.25, 6, 24.5)
    assert three.notes == ["3 spans too short to draw one by one: heights show the shares of kinds"]


def test_a_block_shows_the_shares_of_the_kinds() -> None:
    """By height, in the order of the kinds; a span of no length counts as a nanosecond."""
    spans = [span("a", 100, 102, "blocked"), span("a", 102, 102), span("a", 102, 104, "blocked")]
    [(_, parts)] = filled(*spans).blocks
    assert [kind for kind, _ in parts] == ["working", "blocked"]
    assert near(parts[0][1], 100, 11.25, 4, 4.9)
    assert near(parts[1][1], 100, 16.15, 4, 19.6)


def runs(*spans: Span) -> list[int]:
    """How many spans each block holds."""
    return [len(run) for run, _ in filled(*spans).blocks]


def narrow(*starts: int) -> list[Span]:
    return [span("a", start, start + 1) for start in starts]


def test_a_block_ends_where_four_pixels_are_free() -> None:
    """Or where there is a bar."""
    assert runs(*narrow(100, 101, 102, 106)) == [4]
    assert runs(*narrow(100, 101, 102, 107, 108, 109)) == [3, 3]
    bar = span("a", 103, 107)
    assert runs(*narrow(100, 101, 102), bar, *narrow(107, 108, 109)) == [3, 3]


def test_a_block_is_twelve_pixels_long_at_most() -> None:
    """So that a change of what goes on is seen."""
    assert runs(*narrow(*range(100, 112))) == [12]
    assert runs(*narrow(*range(100, 115))) == [12, 3]


def test_a_block_of_no_length_is_seen() -> None:
    """It is as wide as a tick."""
    [(_, [(_, box)])] = filled(*[span("a", 100, 100)] * 3).blocks
    assert (box.left, box.width) == (100, 4)


def test_each_row_has_a_height_of_its_own() -> None:
    """The second row of a lane begins where the first ends; the next lane follows."""
    found = filled(span("a", 0, 900), span("a", 100, 300), span("b", 0, 500))
    middles = [box.top + box.height / 2 for _, box in found.bars]
    assert middles == pytest.approx([9 + 14.5, 9 + 43.5, 9 + 58 + 9 + 14.5])


def test_marks_have_a_marker_and_a_label_in_their_strip() -> None:
    """In the middle of the strip, which is above the bars of the lane."""
    found = filled(span("a", 0, 900), span("b", 0, 9), marks=[Mark("a", "bell", 200)])
    assert found.markers == [(200, pytest.approx(19))]
    [label] = found.labels
    assert (label.text, label.kind) == ("bell", "mark")
    assert near(label.box, 206, 14, 40, 10)


def test_a_message_to_oneself_is_an_arrow_in_the_strip() -> None:
    """Flat, with its label where it arrives; labels keep to the order of time."""
    note = Arrow("a", "a", "note", 100, 300)
    found = filled(span("a", 0, 900), marks=[Mark("a", "bell", 400)], messages=[note])
    assert found.arrows == [(100, pytest.approx(19), 300, pytest.approx(19))]
    assert [(label.text, label.box.left) for label in found.labels] == [
        ("note", 306),
        ("bell", 406),
    ]


def down_and_up(*arrows: Arrow, **more: Any) -> Contents:
    return filled(span("a", 0, 900), span("b", 0, 900), span("c", 0, 900), messages=arrows, **more)


def test_an_arrow_goes_from_edge_to_edge() -> None:
    """From the bar's edge of one lane to that of the other which faces it, down or up."""
    # lanes at 9–38, 80–109 and 151–180; a bar begins 2.25 pixels inside its row
    [down] = filled(
        span("a", 0, 900), span("b", 0, 900), messages=[Arrow("a", "b", "", 100, 300)]
    ).arrows
    assert down == pytest.approx((100, 35.75, 300, 82.25))
    [_, up] = down_and_up(Arrow("a", "c", "", 1, 2), Arrow("c", "a", "", 100, 300)).arrows
    assert up == pytest.approx((100, 153.25, 300, 35.75))


def test_an_arrow_has_its_label_in_the_gap() -> None:
    """Halfway between the lanes; over the next gap if that is taken, or a little higher."""
    call = Arrow("a", "b", "call", 500, 500)
    [label] = down_and_up(call).labels
    assert (label.text, label.kind) == ("call", "message")
    assert near(label.box, 504, 59 - 5, 40, 10)
    far = Arrow("a", "c", "call", 500, 500)
    boxes = [label.box for label in down_and_up(far, far, far).labels]
    assert [round(box.top + 5, 6) for box in boxes] == [59, 59, 130]
    again = [label.box for label in down_and_up(*[call] * 6).labels]
    assert [round(box.top + 5, 6) for box in again] == [59, 59, 48.5, 48.5, 69.5, 69.5]


def test_in_a_narrow_gap_one_label_stands_below_another() -> None:
    """A quarter of the gap is less than a line of text there; a little more is enough for two."""
    spans = [span("a", 0, 900), span("b", 0, 900)]
    there_and_back = [Arrow("a", "b", "call", 1, 1), Arrow("b", "a", "so", 2, 2)]
    trace = Trace(spans, [], there_and_back)
    found = fill(trace, stacked(trace), View(1000, 1000.0, 70.0), RULER)
    call, so = (label.box for label in found.labels)
    assert so.top + so.height < call.top and so.left == pytest.approx(6)
    assert found.notes == []


def test_the_place_of_a_label_is_on_the_slant() -> None:
    """From 35.75 at 100 to 82.25 at 565: at the height 59, halfway, it is at 332.5."""
    [label] = down_and_up(Arrow("a", "b", "call", 100, 565)).labels
    # ten pixels to the side for each one down; the text is ten high
    assert label.box.left == pytest.approx(332.5 + 50 + 4)


def test_the_strip_of_the_lower_lane_is_no_part_of_the_gap() -> None:
    """A label stands above it, in the middle of what the arrow alone crosses."""
    call = Arrow("a", "b", "call", 500, 500)
    found = down_and_up(call, marks=[Mark("b", "", 100)])
    assert [label.box.top + 5 for label in found.labels] == pytest.approx([59])


def call_begins(mark: int, inch: float) -> list[float]:
    """Where the label of an arrow at 500 begins, with a mark below it; on the right it is 504."""
    spans = [span("a", 0, 900), span("b", 0, 900)]
    trace = Trace(spans, [Mark("b", "", mark)], [Arrow("a", "b", "call", 500, 500)])
    found = fill(trace, stacked(trace), View(1000, 1000.0, inch), RULER)
    return [label.box.left for label in found.labels]


def test_a_label_of_an_arrow_covers_no_marker() -> None:
    """A marker is twelve pixels wide; the label goes to the left of its arrow, or away."""
    assert call_begins(550, inch=20) == [504]
    assert call_begins(549, inch=20) == [456]
    assert call_begins(499, inch=20) == []
    assert call_begins(498, inch=20) == [504]


def test_where_lanes_are_low_a_label_comes_near_to_a_marker() -> None:
    """Its middle is 0.31 inches above the marker's: eleven pixels are needed for half of both."""
    assert call_begins(520, inch=36) == [504]
    assert call_begins(520, inch=35) == [456]


def test_a_label_of_an_arrow_covers_no_label_of_a_mark() -> None:
    """Both are written where there is room for both."""
    found = down_and_up(Arrow("a", "b", "call", 500, 500), marks=[Mark("b", "ring", 550)])
    assert [label.text for label in found.labels] == ["ring", "call"]


def test_a_message_to_oneself_stops_no_other() -> None:
    """Arrows are drawn whatever was sent before them."""
    note, call = Arrow("a", "a", "note", 100, 300), Arrow("a", "b", "call", 500, 500)
    away = Arrow("a", "elsewhere", "", 1, 2)
    trace = Trace([span("a", 0, 900), span("b", 0, 900)], [], [note, away, call])
    found = fill(trace, stacked(trace, "a", "b"), VIEW, RULER)
    assert [label.text for label in found.labels] == ["note", "call"]


def test_arrows_to_lanes_that_are_not_drawn_are_none() -> None:
    """The note of the stack tells of them."""
    trace = Trace([span("a", 0, 9), span("b", 0, 9)], [], [Arrow("a", "b", "x", 0, 1)])
    assert fill(trace, stacked(trace, "a"), VIEW, RULER).arrows == []
    assert fill(trace, stacked(trace, "b"), VIEW, RULER).arrows == []


def many(count: int) -> list[Arrow]:
    return [Arrow("a", "b", "call", 0, 0)] + [Arrow("a", "b", "", 0, 0)] * (count - 1)


def test_more_than_150_arrows_have_no_labels() -> None:
    """They would be one on top of the other; the note says where to look."""
    assert [label.text for label in down_and_up(*many(150)).labels] == ["call"]
    crowd = down_and_up(*many(151))
    assert (len(crowd.arrows), crowd.labels) == (151, [])
    assert crowd.notes == ["labels that do not fit are in the table"]


# Words


def words(*spans: Span, **more: Any) -> list[str]:
    return [label.text for label in filled(*spans, **more).labels]


def test_work_is_called_by_its_label_and_waiting_says_for_what() -> None:
    """Line and reason if there is room, then the reason alone, then the bare label."""
    wait = Span("a", "soup", "waiting", 0, 210, "lock", 3)
    assert words(wait) == ["soup (lock, line 3)"]
    assert words(Span("a", "soup", "waiting", 0, 199, "lock", 3)) == ["soup (lock)"]
    assert words(Span("a", "soup", "waiting", 0, 119, "lock", 3)) == ["soup"]
    assert words(Span("a", "soup", "working", 0, 900, "", 3)) == ["soup"]


def test_the_notes_tell_what_the_picture_does_not() -> None:
    """Numbers for labels first, then blocks, then what is in the table, then lanes left out."""
    spans = [
        span("a", 100, 120, label="stir the pot"),
        span("a", 120, 180, label="taste and salt"),
        *narrow(300, 301, 302),
        span("a", 400, 410, label="serve"),
    ]
    trace = Trace([*spans, span("b", 0, 9)])
    found = fill(trace, stacked(trace, "a", "b", room=0), VIEW, RULER)
    assert found.notes == [
        "1 = stir the pot, 2 = taste and salt",
        "3 spans too short to draw one by one: heights show the shares of kinds",
        "labels that do not fit are in the table",
        "and 1 more lane: draw(trace, lanes=[…])",
    ]


def test_a_label_that_has_no_place_is_counted_wherever_it_is() -> None:
    """In a bar, beside a mark, or at an arrow."""
    told = ["labels that do not fit are in the table"]
    assert filled(span("a", 0, 9, label="soup")).notes == told
    crowded = [Mark("a", "bell", 100), Mark("a", "ring", 100)]
    assert filled(span("a", 0, 900), marks=crowded).notes == told
    calls = [Arrow("a", "b", "call", 500, 500)] * 7
    assert down_and_up(*calls).notes == told
    assert down_and_up(*calls[:6]).notes == []
    assert filled(span("a", 0, 9, label="soup"), span("a", 10, 900), marks=crowded).notes == told
    assert down_and_up(*calls, marks=crowded).notes == told
