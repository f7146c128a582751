"""What a chart shows, read from its artists, and what it says to those who cannot see it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from course_lib.charts import LOOKS, Chart, curves, depth, nines, percentiles
from course_lib.load import Load, simulate, simulate_many

ROOT = Path(__file__).resolve().parent.parent
AXES = ("workers", "times as fast")


def few() -> Chart:
    return curves([1, 2, 4], {"ideal": [1, 2, 4], "real": [1, 1.8, 1.5]}, axes=AXES)


def rush() -> Load:
    """12 per second for 60 s, 10 per second are served: 120 too many."""
    return simulate(arrivals=np.arange(720) / 12, services=np.full(720, 0.1))


def drawn(chart: Chart) -> dict[str, Any]:
    """The lines on the axes, by what the legend calls them."""
    return {str(line.get_label()): line for line in chart.figure().axes[0].get_lines()}


def rows(chart: Chart) -> list[list[str]]:
    """The text table's cells, without its first line; columns are two spaces apart."""
    return [re.split(r"\s{2,}", line.strip()) for line in chart.table().splitlines()[1:]]


def test_curves_are_where_their_numbers_are() -> None:
    """Each value is a point of the line that bears its name."""
    lines = drawn(few())
    assert list(lines) == ["ideal", "real"]
    assert lines["real"].get_xydata().tolist() == [[1, 1], [2, 1.8], [4, 1.5]]


def test_the_table_has_the_numbers_of_the_picture() -> None:
    """Places down, lines across, and what they are in the first line."""
    chart = few()
    assert chart.table().splitlines()[0] == "times as fast, by workers"
    assert rows(chart) == [
        ["workers", "ideal", "real"],
        ["1", "1", "1"],
        ["2", "2", "1.8"],
        ["4", "4", "1.5"],
    ]
    assert repr(chart) == chart.table()


def test_simulated_dots_look_like_their_line() -> None:
    """No line through them, the line's colour around them, and a column of their own."""
    chart = curves([1, 2, 3], {"law": [1, 4, 9]}, axes=AXES, simulated={"law": ([2], [4.1])})
    lines = drawn(chart)
    dots = lines["law, simulated"]
    assert dots.get_linestyle() == "None"
    assert dots.get_markeredgecolor() == lines["law"].get_color()
    assert rows(chart)[2] == ["2", "4", "4.1"]
    assert rows(chart)[3] == ["3", "9"]
    assert "Dots are simulated: law." in chart.describe()


def test_a_long_line_has_a_short_table_at_round_places() -> None:
    """Its first and last place, and round ones between."""
    chart = curves(range(1, 101), {"n": range(1, 101)}, axes=AXES)
    assert [row[0] for row in rows(chart)[1:]] == ["1", *(str(n) for n in range(10, 101, 10))]
    odd = curves([n * 0.777 for n in range(60)], {"n": range(60)}, axes=AXES)
    assert rows(odd)[1][0] == "0"
    assert rows(odd)[-1][0] == "45.84"
    assert len(rows(odd)) < 20


def test_depth_counts_who_is_there() -> None:
    """Two per second too many are 120 after a minute, gone twelve seconds later."""
    chart = depth(rush_hour=rush())
    line = drawn(chart)["rush hour"]
    assert line.get_drawstyle() == "steps-post"
    assert rows(chart)[0] == ["time", "rush hour"]
    assert dict(map(tuple, rows(chart)[1:]))["50"] == "101"
    assert max(line.get_ydata()) == pytest.approx(120, abs=1)
    assert line.get_ydata()[-1] == 0
    assert line.get_xdata()[-1] == pytest.approx(72)


def test_percentiles_are_nearest_rank() -> None:
    """Each is the value of a request; the same as the load's own; as far as requests go."""
    day = simulate(rate=8, mean_service=0.1, requests=1_000)
    chart = percentiles(day=day, counted=np.arange(1, 1001))
    assert [row[0] for row in rows(chart)[1:]] == ["50 %", "75 %", "90 %", "99 %", "99.9 %"]
    assert [row[2] for row in rows(chart)[1:]] == [
        "8.333 min", "12.5 min", "15 min", "16.5 min", "16.65 min"
    ]  # fmt: skip
    for q in (50, 75, 90, 99, 99.9):
        assert chart.lines[0].at(nines(q)) == day.percentile(q)


def test_a_polite_tester_and_its_users_differ_on_the_picture() -> None:
    """10,001 and 20,000 samples of coordinated omission: p99 of 1 ms and of 98 s."""
    planned = np.arange(20_000) / 100
    tester = [0.001] * 10_000 + [100.0]
    users = np.where(planned < 100, 0.001, 200 - planned)
    chart = percentiles(tester=tester, users=users)
    told = {row[0]: row[1:] for row in rows(chart)}
    assert told["75 %"] == ["1 ms", "50 s"]
    assert told["99 %"] == ["1 ms", "98 s"]
    assert chart.scales == ("nines", "log")
    assert chart.figure().axes[0].get_yscale() == "log"


def test_each_nine_has_the_same_room() -> None:
    """90, 99 and 99.9 per cent are one, two and three nines."""
    assert [nines(q) for q in (0, 90, 99, 99.9)] == pytest.approx([0, 1, 2, 3])
    ax = percentiles(some=np.arange(1, 10_001)).figure().axes[0]
    labels = dict(zip((t.get_text() for t in ax.get_xticklabels()), ax.get_xticks(), strict=True))
    assert [*labels] == ["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"]
    assert labels["99 %"] - labels["90 %"] == pytest.approx(labels["99.9 %"] - labels["99 %"])


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([3, 97], ["0", "20", "40", "60", "80", "100"]),
        ([0.012, 0.031], ["0", "0.005", "0.01", "0.015", "0.02", "0.025", "0.03"]),
        ([-3, 4], ["-2", "0", "2", "4"]),
        ([5, 5], ["0", "1", "2", "3", "4", "5"]),
        ([0, 0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([0, 123_456], ["0", "20,000", "40,000", "60,000", "80,000", "100,000", "120,000"]),
    ],
)
def test_upright_numbers_are_round(values: list[float], labels: list[str]) -> None:
    """From 0 or below, in steps of 1, 2 or 5."""
    ax = curves([1, 2], {"line": values}, axes=AXES).figure().axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == labels


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.5, 4000], ["1", "10", "100", "1,000"]),
        ([3, 30], ["5", "10", "20"]),
        ([7, 7], ["5", "10"]),
    ],
)
def test_logarithmic_numbers_are_powers_of_ten(values: list[float], labels: list[str]) -> None:
    """And their 2 and 5 fold where those alone would be few."""
    ax = curves([1, 2], {"line": values}, axes=AXES, log=True).figure().axes[0]
    assert [text.get_text() for text in ax.get_yticklabels()] == labels


def texts_and_boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    found = figure.findobj(Text)
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in found
        if isinstance(text, Text) and text.get_visible() and text.get_text()
    ]


LONG = {f"a line whose name is not short, number {n}": [n, 10**n] for n in range(1, 5)}


@pytest.mark.parametrize(
    "chart",
    [
        few(),
        depth(rush_hour=rush()),
        percentiles(day=simulate(rate=8, mean_service=0.1, requests=1_000)),
        curves([1, 10], LONG, axes=AXES, log=True),
    ],
    ids=["few", "depth", "percentiles", "long"],
)
def test_all_texts_are_on_the_picture_and_none_on_another(chart: Chart) -> None:
    """Numbers, names and the legend have the room they need."""
    figure = chart.figure()
    boxes = texts_and_boxes(figure)
    for text, box in boxes:
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text
        assert box.y0 >= 0 and box.y1 <= figure.bbox.height, text
    for number, (text, box) in enumerate(boxes):
        for other, second in boxes[number + 1 :]:
            assert not box.padded(-1).overlaps(second.padded(-1)), (text, other)


def test_lines_differ_in_more_than_colour() -> None:
    """Dashes and markers are all different, and each colour has 4 to 1 against the card."""
    dashes = {str(dash) for _, dash, _ in LOOKS}
    assert len(dashes) == len({marker for *_, marker in LOOKS}) == len(LOOKS)
    for color, *_ in LOOKS:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        light = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        assert 1.05 / (light + 0.05) >= 4


def test_it_is_told_to_those_who_cannot_see_it() -> None:
    """From where to where each line goes, and how high in between."""
    assert few().describe() == (
        "Chart of times as fast by workers. ideal: from 1 at 1 to 4 at 4. "
        "real: from 1 at 1 to 1.5 at 4, at most 1.8 at 2."
    )


def test_the_page_has_picture_words_and_table() -> None:
    """The alternative text, the table in HTML, and the text for where there is no HTML."""
    shown = curves([1], {"a < b": [2]}, axes=AXES)._repr_mimebundle_()
    assert shown["text/plain"].startswith("times as fast, by workers")
    page = shown["text/html"]
    assert re.search(r'<img alt="Chart of times as fast by workers\. a &lt; b: from 2 at 1', page)
    assert '<th scope="col">a &lt; b</th>' in page
    assert '<th scope="row">1</th><td>2</td>' in page
    assert " id=" not in page


def png(*charts: Chart) -> str:
    html = "".join(chart._repr_mimebundle_()["text/html"] for chart in charts)
    return hashlib.sha256(html.encode()).hexdigest()


PROGRAM = """
from tests.test_charts import depth, few, png, rush
print(png(few(), depth(rush_hour=rush())))
"""


@pytest.mark.slow
def test_the_same_chart_gives_the_same_bytes() -> None:
    """Here, and in a fresh process with another seed for hashes."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env={"PYTHONHASHSEED": "7"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == (png(few(), depth(rush_hour=rush())), "")


def settings_now() -> dict[str, Any]:
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}


def test_a_readers_settings_change_nothing() -> None:
    """Whatever the style, the picture is the same bytes, and the style is left alone."""
    before, usual = settings_now(), png(few())
    assert settings_now() == before
    settings = {
        "font.size": 30,
        "lines.linewidth": 9,
        "lines.antialiased": False,
        "axes.spines.left": True,
        "axes.facecolor": "black",
        "xtick.minor.visible": True,
        "path.simplify": False,
        "legend.frameon": True,
        "savefig.dpi": 20,
    }
    with mpl.rc_context(settings):
        before = settings_now()
        assert png(few()) == usual
        assert settings_now() == before


def test_without_matplotlib_there_is_the_table() -> None:
    """Importing and showing need none of it; and with it, pyplot is never touched."""
    program = (
        "import sys\nsys.modules['matplotlib'] = None\n"
        "from course_lib.charts import curves\n"
        "chart = curves([1], {'a': [2]}, axes=('x', 'y'))\n"
        "print(*chart._repr_mimebundle_())\n"
        "del sys.modules['matplotlib']\nchart._repr_mimebundle_()['text/html']\n"
        "print('matplotlib.pyplot' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["text/plain", "False"], "")


def test_it_can_be_drawn_on_axes_of_ones_own() -> None:
    """Compute, then draw: the axes are given back."""
    ax = Figure().add_subplot()
    assert few().draw(ax) is ax
    assert len(ax.get_lines()) == 2


DAYS = simulate_many(seeds=(1, 2), arrivals=[0], services=[1])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: curves([], {"a": []}, axes=AXES), "nothing to draw; give places and lines"),
        (lambda: curves([1], {}, axes=AXES), "nothing to draw"),
        (lambda: curves([1, 2], {"a": [1]}, axes=AXES), "line 'a' has 1 value for 2 places"),
        (lambda: curves([1], {"a": [float("nan")]}, axes=AXES), "a: nan cannot be drawn"),
        (lambda: curves([1], {"a": [0]}, axes=AXES, log=True), "'a' goes down to 0"),
        (
            lambda: curves([1], {"a": [1]}, axes=AXES, simulated={"b": ([1], [1])}),
            "'b' is simulated and no line has this name; lines are: a",
        ),
        (lambda: depth(), "name the loads: depth"),
        (lambda: percentiles(), "name the loads: percentiles"),
        (lambda: percentiles(nobody=[]), "nobody=…. has no request"),
        (lambda: percentiles(a=5), r"a is 5; give a list or an array, one number a request"),
        (lambda: percentiles(a=[[1, 2], [3, 4]]), r"a has the shape \(2, 2\)"),
        (lambda: percentiles(a=[1, float("nan")]), r"a\[1\] is nan; give numbers from 0"),
        (lambda: percentiles(a=DAYS), r"a=…. got 2 days of 1 request, .*give one .* days\[0\]"),
        (lambda: depth(a=DAYS), r"depth\(a=…\) got 2 days of .*; give a Load"),
        (lambda: depth(a=[1, 2]), r"depth\(a=…\) got \[1, 2\]; give a Load"),
        (lambda: nines(100), "endless nines in 100 per cent; give less than 100"),
        (lambda: curves(1, {"a": [1]}, axes=AXES), "places across: 1 is no row of numbers; give"),
        (lambda: curves([1], {"a": list("x")}, axes=AXES), "a: 'x' cannot be drawn; give numbers"),
        (lambda: curves([1], {"a": [1e300]}, axes=AXES), "a: 1e[+]300 cannot be drawn; give"),
        (lambda: curves([1], [[1]], axes=AXES), "the lines are .*; give them by name"),
        (lambda: curves([1], {3: [1]}, axes=AXES), "the lines are .*; give them by name"),
        (lambda: curves([1], {"a": [1]}, axes="ab"), "the axes are 'ab'; give two texts"),
    ],
)
def test_what_cannot_be_drawn_is_told(call, words: str) -> None:  # type: ignore[no-untyped-def]
    """A sentence with the value and the way out."""
    with pytest.raises((ValueError, TypeError), match=words):
        call()


def test_a_line_below_nothing_is_on_the_picture() -> None:
    """All of it, up to 0."""
    low, high = curves([1, 2], {"a": [-2, -1]}, axes=AXES).figure().axes[0].get_ylim()
    assert (low, high) == (-2, 0)


def test_one_request_has_a_row() -> None:
    """It is the shortest and the longest."""
    chart = percentiles(alone=simulate(arrivals=[0], services=[3]))
    assert chart.table().splitlines()[-1].split() == ["0", "%", "3", "s"]
    assert chart.figure().axes
