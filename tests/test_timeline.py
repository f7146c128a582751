"""What a timeline shows, read from its artists, and what it says to those who cannot see it."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_lib.drawing import words
from course_lib.timeline import Comparison, compare, draw
from course_lib.trace import KINDS, SECOND, Arrow, Mark, Span, Trace

ROOT = Path(__file__).resolve().parent.parent
MINUTE = 60


def span(lane: str, label: str, kind: Any, start: float, end: float, **more: Any) -> Span:
    return Span(lane, label, kind, round(start * SECOND), round(end * SECOND), **more)


def restaurant(tables: int = 6) -> Trace:
    """Order 1 min, cook 10 min; the waiter goes to the next table at once."""
    spans = []
    for i in range(tables):
        start = i * MINUTE
        spans.append(span(f"table {i + 1}", "take order", "working", start, start + MINUTE))
        spans.append(span(f"table {i + 1}", "cook", "working", start + MINUTE, start + 11 * MINUTE))
    return Trace(spans)


EMAIL = Trace(
    [
        span("client", "send", "working", 0, 0.1),
        span("client", "answer", "waiting", 0.1, 1.6, reason="queue get", line=9),
        span("server", "requests", "waiting", 0, 0.5, reason="queue get", line=20),
        span("server", "store", "working", 0.5, 1.2),
        span("server", "deliver", "working", 1.2, 2.4),
    ],
    [Mark("client", "user is free", SECOND // 10), Mark("server", "delivered", 12 * SECOND // 5)],
    [
        Arrow("client", "server", "request", SECOND // 10, SECOND // 2),
        Arrow("server", "client", "acknowledgement", 6 * SECOND // 5, 8 * SECOND // 5),
        Arrow("client", "client", "note to self", SECOND, SECOND),
    ],
)
BLOCKED = Trace(
    [span("main", "time.sleep", "blocked", 0.2, 3.2, reason="time.sleep", line=4)]
    + [span(f"r {i}", "loop busy", "ready", 0.2 + i / 10, 3.2) for i in range(1, 6)]
    + [span(f"r {i}", "answer", "working", 3.2, 3.3 + i / 20) for i in range(1, 6)]
)
OVERLAP = Trace(
    [
        span("pool", "one", "working", 0, 3),
        span("pool", "two", "waiting", 1, 4),
        span("pool", "three", "ready", 2, 5),
        span("pool", "four", "blocked", 3, 5),
        span("pool", "instant", "working", 5, 5),
    ]
)
HARMFUL = '<script>alert("1")</script>&'
WORDS = Trace(
    [
        span("Πελάτης", "Παραγγελία, ώρα 8", "working", 0, 3),
        span("客户", "请求 request", "waiting", 0, 2),
        span("🍕 pizza\nwith a line break", "bake 🍕👩‍🍳 $x^2$", "ready", 1, 3),
        span("$a_1$", HARMFUL, "blocked", 0, 3),
        span("A very patient customer, at table number seven, near the door", "", "working", 0, 1),
        span("Donaudampfschifffahrtsgesellschaftskapitän", "nähen" * 90, "working", 1, 2),
    ],
    [Mark("客户", HARMFUL, SECOND)],
)
INSTANT = Trace([span("a", "x", "working", 0, 0), span("b", "y", "blocked", 0, 0)])


def scrambled(seed: int) -> Trace:
    """A trace that nobody would write: everything overlaps, much is short, much is crowded."""
    chance = random.Random(seed)
    lanes = [f"lane {i} " * chance.randint(1, 5) for i in range(chance.randint(1, 7))]
    spans, marks, messages = [], [], []
    for i in range(chance.randint(1, 60)):
        start, length = chance.random() * 10, chance.choice([0, 0.003, 0.1, 0.7, 4])
        label = f"label {i % 12} " * chance.randint(0, 3)
        kind = chance.choice(KINDS)
        spans.append(span(chance.choice(lanes), label, kind, start, start + length))
    for i in range(chance.randint(0, 12)):
        marks.append(Mark(chance.choice(lanes), f"mark {i}", chance.randrange(14 * SECOND)))
    for i in range(chance.randint(0, 12)):
        sent = chance.randrange(10 * SECOND)
        ends = (chance.choice(lanes), chance.choice(lanes), f"message {i}")
        messages.append(Arrow(*ends, sent, sent + chance.randrange(3 * SECOND)))
    return Trace(sorted(spans, key=lambda s: s.start_ns), marks, messages, duration_ns=15 * SECOND)


def crowd(spans: int, lanes: int) -> Trace:
    """Many spans of a millisecond, of each kind in turn, one after another in each lane."""
    rows = [
        span(f"lane {i % lanes}", "step", KINDS[i % 4], i // lanes / 1000, (i // lanes + 1) / 1000)
        for i in range(spans)
    ]
    return Trace(rows)


SAMPLES = {
    "restaurant": restaurant(),
    "email": EMAIL,
    "blocked": BLOCKED,
    "overlap": OVERLAP,
    "words": WORDS,
    "instant": INSTANT,
    "nothing": Trace(),
    "crowd": crowd(5000, 3),
    "hundred lanes": crowd(300, 100),
    **{f"scrambled {seed}": scrambled(seed) for seed in range(8)},
}
each_sample = pytest.mark.parametrize("name", SAMPLES)


@cache
def drawn(name: str) -> Axes:
    """A sample with a title, on axes that tests only look at."""
    ax = draw(SAMPLES[name], title="A title")
    ax.figure.canvas.draw()
    return ax


# What is on the axes


def boxes(ax: Axes, what: str) -> list[Bbox]:
    """The rectangles of an artist ("bars working", "ticks blocked" …) in the axes' own units."""
    found = [artist for artist in ax.collections if artist.get_gid() == what]
    return [path.get_extents() for artist in found for path in artist.get_paths()]


def spread(ax: Axes, what: str) -> list[tuple[float, float]]:
    return [(round(box.x0, 6), round(box.x1, 6)) for box in boxes(ax, what)]


def texts(figure: Figure) -> list[Text]:
    """Every text of a figure that was drawn."""
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def ink(text: Text) -> Bbox:
    """Pixels from the first to the last letter, and from line to line."""
    return Text.get_window_extent(text)


def said(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_bar_is_where_its_span_is() -> None:
    """Six tables: twelve bars, in minutes, in the order of the lanes from top to bottom."""
    ax = draw(restaurant())
    assert spread(ax, "bars working") == [
        edges for i in range(6) for edges in ((i, i + 1), (i + 1, i + 11))
    ]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        f"table {i}" for i in range(1, 7)
    ]
    assert ax.get_xlabel().startswith("time in minutes")
    tops = [box.y0 for box in boxes(ax, "bars working")]
    assert tops == sorted(tops)
    assert ax.yaxis_inverted()


@each_sample
def test_the_time_axis_starts_at_zero_and_has_few_numbers(name: str) -> None:
    """From 0, in the trace's unit, with at most eight numbers."""
    ax = drawn(name)
    ticks = ax.get_xticks()
    assert ticks[0] == 0
    assert 2 <= len(ticks) <= 8
    assert -0.01 * ax.get_xlim()[1] < ax.get_xlim()[0] < 0


def test_kinds_differ_by_more_than_colour() -> None:
    """No two kinds share hatch, dashes and width of the edge; nor the grey they turn into."""
    spans = [span(kind, kind, kind, 0, 1) for kind in KINDS]
    looks, greys = set(), []
    for artist in draw(Trace(spans)).collections:
        if (artist.get_gid() or "").startswith("bars"):
            looks.add((artist.get_hatch(), str(artist.get_linestyle()), *artist.get_linewidth()))
            greys.append(luminance(artist.get_facecolor()[0]))
    assert len(looks) == 4
    assert min(abs(a - b) for a, b in combinations(greys, 2)) > 0.03


@pytest.mark.parametrize(("trace", "kinds"), [(restaurant(), 1), (OVERLAP, 4), (BLOCKED, 3)])
def test_the_legend_explains_the_kinds_that_occur(trace: Trace, kinds: int) -> None:
    """And no other; a picture of nothing has no legend."""
    legend = draw(trace).get_legend()
    assert len(legend.get_texts()) == kinds
    assert draw(Trace()).get_legend() is None


def test_overlapping_spans_stand_under_one_another() -> None:
    """No two bars of a lane cover each other, whatever the kinds."""
    ax = draw(OVERLAP)
    bars = [box for kind in KINDS for box in boxes(ax, f"bars {kind}")]
    assert len(bars) == 4
    assert not any(meet(a, b) for a, b in combinations(bars, 2))


def test_a_span_of_no_length_can_be_seen() -> None:
    """It is a tick at least two pixels wide, inside the axes."""
    ax = draw(OVERLAP)
    [tick] = boxes(ax, "ticks working")
    wide = ax.transData.transform([(tick.x0, 0), (tick.x1, 0)])
    assert wide[1][0] - wide[0][0] >= 2
    assert tick.x1 <= 5.0001


@each_sample
def test_nothing_is_lost_silently(name: str) -> None:
    """Every span of a drawn lane is a bar, a tick or in a block that a note counts."""
    trace, ax = SAMPLES[name], drawn(name)
    shown = sum(len(boxes(ax, f"{what} {kind}")) for what in ("bars", "ticks") for kind in KINDS)
    notes = ax.get_xlabel()
    merged = re.search(r"([\d,]+) spans too short", notes)
    cut = re.search(r"([\d,]+) spans that overlap", notes)
    counted = sum(int(found[1].replace(",", "")) for found in (merged, cut) if found)
    lanes = trace.shown_lanes[: len(ax.get_yticklabels())]
    assert shown + counted == sum(s.lane in lanes for s in trace.spans)
    assert ("more lane" in notes) == (len(lanes) < len(trace.shown_lanes))


def test_lanes_are_drawn_as_told() -> None:
    """In the order given, however many; the rest of the trace is left out."""
    ax = draw(EMAIL, lanes=["server"], title="Only the server")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["server"]
    assert ax.get_title(loc="left") == "Only the server"
    assert "3 messages to or from lanes that are not drawn" in ax.get_xlabel()
    trace = crowd(300, 100)
    assert len(draw(trace, lanes=trace.lanes).get_yticklabels()) == 100


def test_arrows_go_from_lane_to_lane() -> None:
    """From when it is sent to when it is received, slanted, with the label beside it."""
    ax = draw(EMAIL)
    [arrows] = [artist for artist in ax.collections if artist.get_gid() == "messages"]
    starts = {round(float(x), 6) for x in arrows.X}
    ends = {round(float(x + u), 6) for x, u in zip(arrows.X, arrows.U, strict=True)}
    assert (starts, ends) == ({0.1, 1.0, 1.2}, {0.5, 1.0, 1.6})
    assert {"request", "acknowledgement", "note to self"} <= set(said(ax))


def test_a_message_that_arrives_after_the_end_is_drawn_whole() -> None:
    """The time axis goes on until the last arrow has arrived."""
    late = Arrow("a", "b", "late", SECOND, 5 * SECOND)
    ax = draw(Trace([span("a", "x", "working", 0, 1)], [], [late], duration_ns=SECOND))
    assert ax.get_xlim()[1] >= 5


def test_marks_are_drawn_with_their_labels() -> None:
    """A marker each, at its time."""
    ax = draw(EMAIL)
    [marks] = [artist for artist in ax.collections if artist.get_gid() == "marks"]
    assert sorted(round(float(x), 6) for x, _ in marks.get_offsets()) == [0.1, 2.4]
    assert {"user is free", "delivered"} <= set(said(ax))


# Texts


def meet(a: Bbox, b: Bbox, slack: float = 0.0) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across > slack and down > slack


@each_sample
def test_no_two_texts_overlap(name: str) -> None:
    """Lane names, labels, numbers, title, legend and notes keep clear of one another."""
    shown = [(text.get_text(), ink(text)) for text in texts(drawn(name).figure)]
    assert [(a, b) for (a, x), (b, y) in combinations(shown, 2) if meet(x, y, 1)] == []


@pytest.mark.parametrize("words", [1, 6, 30])
def test_a_long_title_keeps_clear_of_the_legend(words: int) -> None:
    """It moves up, and goes on in further lines."""
    figure = draw(OVERLAP, title="wordy " * words).figure
    figure.canvas.draw()
    shown = [(text.get_text(), ink(text)) for text in texts(figure)]
    assert [(a, b) for (a, x), (b, y) in combinations(shown, 2) if meet(x, y, 1)] == []
    assert all(box.y1 <= figure.bbox.y1 for _, box in shown)


@each_sample
def test_every_text_lies_inside_the_picture(name: str) -> None:
    """Lane names are never cut; nor is anything else."""
    figure = drawn(name).figure
    for text in texts(figure):
        box = ink(text)
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1


@each_sample
def test_a_label_stays_inside_its_bar(name: str) -> None:
    """Labels on a kind's colour lie wholly in a bar of that kind."""
    ax = drawn(name)
    bars = [ax.transData.transform_bbox(b) for k in KINDS for b in boxes(ax, f"bars {k}")]
    for text in ax.texts:
        box, plate = ink(text), to_rgb(text.get_bbox_patch().get_facecolor())
        if plate != (1, 1, 1):
            assert any(
                bar.x0 < box.x0 and box.x1 < bar.x1 and bar.y0 - 1 < box.y0 and box.y1 < bar.y1 + 1
                for bar in (Bbox.from_extents(*sorted_corners(b)) for b in bars)
            ), text.get_text()


def sorted_corners(box: Bbox) -> tuple[float, float, float, float]:
    return min(box.x0, box.x1), min(box.y0, box.y1), max(box.x0, box.x1), max(box.y0, box.y1)


def luminance(colour: Any) -> float:
    """Relative luminance, as the Web Content Accessibility Guidelines 2.2 define it."""
    steps = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(share * step for share, step in zip((0.2126, 0.7152, 0.0722), steps, strict=True))


@each_sample
def test_every_text_has_enough_contrast(name: str) -> None:
    """At least 4.5 to 1 against the plate under it, or the card where it has none."""
    for text in texts(drawn(name).figure):
        plate = text.get_bbox_patch()
        below = luminance(plate.get_facecolor() if plate else "white")
        above = luminance(text.get_color())
        assert (max(above, below) + 0.05) / (min(above, below) + 0.05) >= 4.5


def test_a_label_too_long_is_shortened_numbered_or_named_in_a_note() -> None:
    """Most of it with "…", else a number that the notes explain, else a word about the table."""
    ax = draw(
        Trace(
            [
                span("a", "a label of some length", "working", 0, 17),
                span("a", "wide enough", "working", 17, 100),
                span("b", "take order", "working", 0, 3),
            ]
        )
    )
    assert said(ax) == ["a label of some len…", "wide enough", "1"]
    assert "1 = take order" in ax.get_xlabel()
    many = Trace([span("a", f"label {i}", "working", i, i + 1) for i in range(50)])
    assert "labels that do not fit are in the table" in draw(many).get_xlabel()


def test_letters_that_the_font_lacks_say_nothing_on_stderr() -> None:
    """Emoji and CJK become boxes without a warning, dollars stay dollars; here warnings fail."""
    ax = draw(WORDS)
    ax.figure.canvas.draw()
    assert "bake □□□ $x^2$" in said(ax)
    assert "□□" in [label.get_text() for label in ax.get_yticklabels()]


# Pictures


def png(trace: Trace | Comparison) -> str:
    """Hash of what a notebook shows."""
    html = trace._repr_mimebundle_()["text/html"]
    return hashlib.sha256(html.encode()).hexdigest()


PROGRAM = """
from tests.test_timeline import BLOCKED, EMAIL, compare, png
print(png(EMAIL), png(compare(a=EMAIL, b=BLOCKED)))
"""


@pytest.mark.slow
def test_the_same_trace_gives_the_same_bytes() -> None:
    """Twice here, and in a fresh process with another seed for hashes."""
    here = f"{png(EMAIL)} {png(compare(a=EMAIL, b=BLOCKED))}"
    assert here == f"{png(EMAIL)} {png(compare(a=EMAIL, b=BLOCKED))}"
    command = [sys.executable, "-c", PROGRAM]
    seed = {"PYTHONHASHSEED": "7"}  # and no PYTHONSAFEPATH: a package has a folder `tests`, too
    fresh = subprocess.run(command, cwd=ROOT, env=seed, capture_output=True, text=True, check=True)
    assert (fresh.stdout.strip(), fresh.stderr) == (here, "")


def settings_now() -> dict[str, Any]:
    """All but the backend, which matplotlib itself settles when somebody looks at it."""
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}


def test_a_readers_settings_change_nothing() -> None:
    """Whatever the style, the picture of a trace is the same bytes, and the style is left alone."""
    before, usual = settings_now(), png(EMAIL)
    assert settings_now() == before
    settings = {
        "font.size": 30,
        "font.family": "serif",
        "axes.grid": True,
        "text.color": "red",
        "xtick.color": "red",
        "savefig.bbox": "tight",
        "figure.constrained_layout.use": True,
        "figure.facecolor": "black",
        "axes.titley": 0.5,
    }
    with mpl.rc_context(settings):
        before = settings_now()
        assert png(EMAIL) == usual
        assert settings_now() == before


def test_importing_needs_no_matplotlib_and_leaves_no_figure_open() -> None:
    """Without it a trace shows its table; with it, pyplot is never touched."""
    without = (
        "import sys\nsys.modules['matplotlib'] = None\n"
        "from course_lib.timeline import compare\nfrom course_lib.trace import Trace\n"
        "print(*Trace()._repr_mimebundle_(), *compare(a=Trace())._repr_mimebundle_())\n"
        "del sys.modules['matplotlib']\nTrace()._repr_mimebundle_()['text/html']\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", without], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("text/plain text/plain\nFalse\n", "")


@pytest.mark.parametrize("trace", [crowd(5000, 3), crowd(5000, 100)], ids=["3 lanes", "100 lanes"])
def test_a_long_trace_is_a_few_artists(trace: Trace) -> None:
    """However many spans, their number depends on the size of the picture only."""
    ax = draw(trace)
    assert len(ax.collections) < 15
    assert len(ax.texts) < 500
    assert sum(len(artist.get_paths()) for artist in ax.collections) < 5000


def test_axes_of_the_readers_own_are_used() -> None:
    """They are returned, hold as many lanes as they have room for, and say what is left out."""
    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    assert draw(crowd(300, 100), ax, title="Mine") is ax
    assert 5 < len(ax.get_yticklabels()) < 30
    assert "more lanes" in ax.get_xlabel()
    figure.canvas.draw()
    shown = [(text.get_text(), ink(text)) for text in texts(figure)]
    assert [(a, b) for (a, x), (b, y) in combinations(shown, 2) if meet(x, y, 1)] == []


# In words


class Page(HTMLParser):
    """The tags of a page, the pictures' attributes, and the cells of its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.tags[-1] in ("td", "th") and data.strip("\n"):
            self.rows[-1][-1] += data


def page(shown: Any) -> Page:
    return Page(shown._repr_mimebundle_()["text/html"])


@each_sample
def test_the_table_says_what_the_trace_says(name: str) -> None:
    """The same records, each row and column with its heading; the longest are cut with a word."""
    trace = SAMPLES[name]
    html = words.timeline(trace, b"")
    shown = Page(html)
    assert [tuple(row) for row in shown.rows[1:]] == trace.records()[: words.ROWS]
    scopes = [attributes.get("scope") for attributes in shown.attributes]
    assert scopes.count("col") == 6
    assert scopes.count("row") == len(shown.rows) - 1
    assert ("trace.table(limit=" in html) == (len(trace.records()) > words.ROWS)


def test_the_picture_has_an_alternative_text() -> None:
    """A few sentences: how long, which lanes, what was longest, what blocked."""
    [image] = [a for a in page(BLOCKED).attributes if "alt" in a]
    assert image["alt"] == (
        "Timeline of 3.55 s with 6 lanes: main, r 1, r 2, r 3 and 2 more. "
        "The longest work is “answer” in r 5, 0.35 s from 3.2 s. "
        "Blocked for 3 s in all, longest by “time.sleep (line 4)” in main, 3 s from 0.2 s."
    )
    assert BLOCKED._repr_mimebundle_()["text/plain"] == BLOCKED.table()
    assert str(image["src"]).startswith("data:image/png;base64,iVBOR")


def test_who_is_ready_and_may_not_run_waits_too() -> None:
    """The longest wait is named, be it for a sleep's end or for the loop."""
    spans = [span("tick", "sleep", "waiting", 0, 1), span("tick", "loop busy", "ready", 1, 3)]
    assert words.describe(Trace(spans)).endswith(
        " The longest wait is “loop busy” in tick, 2 s from 1 s."
    )
    assert words.describe(Trace(spans[:1])).endswith("“sleep” in tick, 1 s from 0 s.")


@each_sample
def test_an_alternative_text_is_short(name: str) -> None:
    """One breath, not the table again."""
    assert 20 < len(words.describe(SAMPLES[name])) < 500


TAGS = {"img", "details", "summary", "table", "caption", "tr", "th", "td", "p", "code"}


def test_html_in_a_label_is_harmless() -> None:
    """It is text, in the table and in the alternative text; no tag or attribute comes of it."""
    for shown in (page(WORDS), page(compare(**{HARMFUL: WORDS}))):
        assert set(shown.tags) <= TAGS
        assert not any("onerror" in a or "id" in a for a in shown.attributes)
        assert any(HARMFUL in row[-1] for row in shown.rows)
        [image] = [a for a in shown.attributes if "src" in a]
        assert HARMFUL in str(image["alt"])


# Comparing

SLOW = Trace([span("all", "wait", "waiting", 0, 3), span("all", "do", "working", 3, 4)])
FAST = Trace([span("a", "do", "working", 0, 0.5), span("b", "stop", "blocked", 0, 1)])


def test_compared_traces_share_one_time_axis() -> None:
    """The same limits and width, one legend, names as titles, numbers at the bottom only."""
    figure = compare(the_slow_one=SLOW, fast=FAST).figure()
    figure.canvas.draw()
    first, second = figure.axes
    assert first.get_xlim() == second.get_xlim()
    assert first.get_position().x0 == second.get_position().x0
    assert first.get_position().width == second.get_position().width
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["the slow one", "fast"]
    assert [text.get_text() for text in first.get_legend().get_texts()] == [
        "working",
        "waiting",
        "blocked",
    ]
    assert second.get_legend() is None
    assert (first.get_xlabel(), second.get_xlabel()) == ("", "time in seconds")
    shown = [(text.get_text(), ink(text)) for text in texts(figure)]
    assert [(a, b) for (a, x), (b, y) in combinations(shown, 2) if meet(x, y, 1)] == []


def test_a_comparison_begins_with_a_summary() -> None:
    """Durations, and the time of each kind summed over lanes; then each trace's own table."""
    both = compare(the_slow_one=SLOW, fast=FAST)
    table = """\
name          duration  working  waiting  ready  blocked
the slow one       4 s      1 s      3 s    0 s      0 s
fast               1 s    0.5 s      0 s    0 s      1 s
"""
    assert both.table() == f"{table}\nthe slow one\n{SLOW.table()}\n\nfast\n{FAST.table()}"
    assert both._repr_mimebundle_()["text/plain"] == repr(both) == both.table()
    shown = page(both)
    assert shown.rows[1] == ["the slow one", "4 s", "1 s", "3 s", "0 s", "0 s"]
    [image] = [a for a in shown.attributes if "alt" in a]
    assert image["alt"] == "2 timelines on one time axis: the slow one takes 4 s; fast takes 1 s."
    assert list(both.traces) == ["the_slow_one", "fast"]


def test_programs_are_run_before_they_are_compared() -> None:
    """A coroutine function, a coroutine and a trace give the same, on the virtual clock."""
    import asyncio

    from course_lib.flow import run

    async def program() -> None:
        await asyncio.sleep(2)

    both = compare(function=program, coroutine=program(), trace=run(program))
    assert [trace.duration for trace in both.traces.values()] == [2, 2, 2]


async def never() -> None:
    """A coroutine that would complain if it were left alone."""


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: compare(), ValueError, "there is nothing to compare; name the traces"),
        (lambda: compare(a=never(), b=3), TypeError, r"compare\(b=…\) got 3, .*run\(main\) gives"),
        (lambda: draw(3), TypeError, "draw needs a Trace, and 3 is none"),
        (lambda: draw(SLOW, 5), TypeError, "the ax is 5; give matplotlib axes, or leave it out"),
        (lambda: draw(SLOW, lanes=["a"]), ValueError, "no lane 'a' in this trace; .* are: all"),
    ],
)
def test_bad_input_gets_a_sentence(call: Any, error: type[Exception], sentence: str) -> None:
    """What was given, and the way out; no coroutine is left behind to complain."""
    with pytest.raises(error, match=sentence):
        call()
