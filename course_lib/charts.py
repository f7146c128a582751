"""Curves of loads and of formulas, in the look of the timelines: with words and a table.

`curves` draws formulas, and simulations of them as dots; `depth` how many are there over time;
`percentiles` how long the unlucky ones take. Each gives a `Chart`, which shows itself in notebooks.
Matplotlib is imported when the first one is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .checked import number, plural
from .drawing import words
from .drawing.labels import LARGE, NORMAL, Ruler, font, plain
from .drawing.painter import CARD, INK, RULE, SOFT
from .drawing.show import DPI, EDGE, WIDTH, blank, rich_display
from .load import Load, Loads
from .load.given import check, seconds
from .load.times import Seconds
from .trace import SECOND, unit_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Scale = Literal["linear", "log", "nines"]

HEIGHT = 3.2  # inches of the axes
ROW = 0.3  # inches of the name of the upright axis, and of each row of the legend
FOOT = 0.5  # inches of the numbers below the axes, and of what they are
POINTS = 600  # of a line that is computed for drawing
ROWS = 16  # about so many in the table of a long line
WIDEST = 1e100  # what goes across or up, either way
RANKS = (50, 75, 90, 99, 99.9, 99.99, 99.999)  # per cent that the table of percentiles has
# Told apart without colour too; each is at least 4 to 1 against the card.
LOOKS = (
    ("#0072b2", "solid", "o"),
    ("#cf5300", (0, (5, 2)), "s"),
    ("#00715a", (0, (1, 1.3)), "^"),
    ("#7a3f8f", (0, (6, 2, 1, 2)), "D"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve, or dots that belong to the curve of the same name."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    dots: bool = False
    steps: bool = False
    """Whether a value stays until the next one, as a number of requests does."""

    @property
    def title(self) -> str:
        """What the legend and the table call it."""
        return f"{self.name}, simulated" if self.dots else self.name

    def at(self, x: float) -> float | None:
        """The value there, if the line has one."""
        if self.steps:
            before = int(np.searchsorted(self.x, x, side="right")) - 1
            return self.y[before] if before >= 0 else None
        return self.y[self.x.index(x)] if x in self.x else None


@dataclass(frozen=True, repr=False)
class Chart:
    """Lines over one axis; in a notebook a picture of them, elsewhere a table."""

    lines: tuple[Line, ...]
    axes: tuple[str, str]
    """What goes across and what goes up, with their units."""
    rows: tuple[float, ...]
    """The places across that the table has."""
    scales: tuple[Scale, Scale] = ("linear", "linear")
    times: bool = False
    """Whether what goes up is seconds, to be written in the unit that suits each."""

    def table(self) -> str:
        """The values in text: one row a place across, one column a line."""
        table = self._cells()
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        lines = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in table
        ]
        return "\n".join([f"{self.axes[1]}, by {self.axes[0]}", *lines])

    def describe(self) -> str:
        """A sentence for each line, for those who cannot see the picture."""
        found = [f"Chart of {self.axes[1]} by {self.axes[0]}."]
        for line in self.lines:
            if line.dots:
                continue
            first, last = self._place(line, 0), self._place(line, len(line.x) - 1)
            top = max(range(len(line.y)), key=lambda i: line.y[i])
            inside = line.y[top] > max(line.y[0], line.y[-1])
            peak = f", at most {self._place(line, top)}" if inside else ""
            found.append(f"{line.name}: from {first} to {last}{peak}.")
        if named := [line.name for line in self.lines if line.dots]:
            found.append(f"Dots are simulated: {', '.join(named)}.")
        return " ".join(found)

    def figure(self) -> Figure:
        """The picture as a new matplotlib figure, to change or to save."""
        ruler = Ruler(DPI)
        legend = ROW * len(_legend_rows(self.lines, ruler))
        height = 2 * EDGE + ROW + legend + HEIGHT + FOOT
        figure = blank(height)
        left = EDGE + self._margin(ruler)
        across = WIDTH - left - 2.5 * EDGE
        box = (left / WIDTH, (EDGE + FOOT) / height, across / WIDTH, HEIGHT / height)
        self.draw(figure.add_axes(box))
        return figure

    def draw(self, ax: Axes) -> Axes:
        """The lines on matplotlib axes that somebody else made; their legend goes above."""
        _frame(ax, self)
        names = _names(self.lines)
        for line in self.lines:
            color, dashes, marker = LOOKS[names.index(line.name) % len(LOOKS)]
            if line.dots:
                ax.plot(
                    line.x, line.y, linestyle="none", marker=marker, markersize=6.5, zorder=4,
                    markerfacecolor=CARD, markeredgecolor=color, markeredgewidth=1.6,
                    label=plain(line.title), clip_on=False,
                )  # fmt: skip
            else:
                ax.plot(
                    line.x, line.y, color=color, linestyle=dashes, linewidth=2.0, marker="",
                    drawstyle="steps-post" if line.steps else "default", zorder=3,
                    label=plain(line.title), dash_capstyle="butt", solid_capstyle="butt",
                )  # fmt: skip
        _legend(ax, self)
        return ax

    def __repr__(self) -> str:
        return self.table()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        with _usual_settings():
            html = rich_display(self.figure, self._page)
        return {"text/plain": self.table(), **html}

    def _page(self, png: bytes) -> str:
        table = words.Table(f"{self.axes[1]}, by {self.axes[0]}", self._cells())
        return words.figure(png, self.describe(), [table])

    def _cells(self) -> list[list[str]]:
        """Heading and rows, as text."""
        table = [[self.axes[0].partition(",")[0], *(line.title for line in self.lines)]]
        for x in self.rows:
            values = (line.at(x) for line in self.lines)
            cells = ["" if value is None else self._up(value) for value in values]
            table.append([self._across(x), *cells])
        return table

    def _across(self, value: float) -> str:
        if self.scales[0] == "nines":
            return f"{round(100 - 100 * 10**-value, math.ceil(value)):.9g} %"
        return _number(value)

    def _up(self, value: float) -> str:
        if not self.times:
            return _number(value)
        nanoseconds = round(value * SECOND)
        return unit_for(nanoseconds).text(nanoseconds)

    def _place(self, line: Line, index: int) -> str:
        return f"{self._up(line.y[index])} at {self._across(line.x[index])}"

    def _ticks(self, axis: int) -> list[float]:
        low, high = self._limits(axis)
        if self.scales[axis] == "log":
            return _round_logs(low, high)
        if self.scales[axis] == "nines":
            return [nines(q) for q in (0, *RANKS) if nines(q) <= high and q != 75]
        return _round_steps(low, high)

    def _limits(self, axis: int) -> tuple[float, float]:
        values = [*chain.from_iterable((line.x, line.y)[axis] for line in self.lines)]
        low, high = min(values), max(values)
        if self.scales[axis] == "log":
            air = (high / low) ** 0.04 if high > low else 2.0
            return low / air, high * air
        if axis == 1:
            low, high = min(low, 0.0), 1.04 * max(high, 0.0)
        return low, high if high > low else low + 1.0

    def _margin(self, ruler: Ruler) -> float:
        """Inches that the numbers of the upright axis take."""
        texts = [self._up(tick) for tick in self._ticks(1)]
        return max(ruler.width(text, NORMAL) for text in texts) / ruler.dpi + 0.1


def curves(
    x: Iterable[float],
    lines: Mapping[str, Iterable[float]],
    *,
    axes: tuple[str, str],
    simulated: Mapping[str, tuple[Iterable[float], Iterable[float]]] | None = None,
    log: bool = False,
) -> Chart:
    """Lines over the same places `x`: formulas, and simulations of them as dots.

    Parameters
    ----------
    x : numbers
        Places across, in order.
    lines : name to as many numbers as there are places
    axes : (text, text)
        What goes across and what goes up, each with its unit: ("workers", "speed-up, times").
    simulated : name of a line to (places, numbers)
        Dots in the look of that line.
    log : bool
        Whether the upright axis is logarithmic: equal steps are then equal factors.

    Raises
    ------
    ValueError
        If there is nothing to draw, or a line and the places are not equally many.
    """
    if not isinstance(lines, Mapping) or not all(isinstance(name, str) for name in lines):
        raise TypeError(f"the lines are {lines!r}; give them by name: {{'2 servers': [1, 2]}}")
    if not _are_two_texts(axes):
        raise TypeError(f"the axes are {axes!r}; give two texts: ('workers', 'speed-up, times')")
    across = _floats("places across", x)
    drawn = [Line(name, across, _floats(name, y)) for name, y in lines.items()]
    if not drawn or not across:
        raise ValueError("there is nothing to draw; give places and lines: curves(x, {name: y}, …)")
    for name, (places, values) in (simulated or {}).items():
        if name not in lines:
            raise ValueError(
                f"{name!r} is simulated and no line has this name; lines are: {', '.join(lines)}"
            )
        drawn.append(Line(name, _floats("places across", places), _floats(name, values), dots=True))
    for line in drawn:
        if len(line.x) != len(line.y):
            raise ValueError(
                f"the line {line.name!r} has {plural(len(line.y), 'value')} for "
                f"{plural(len(line.x), 'place')}; give one for each"
            )
        if log and min(line.y) <= 0:
            raise ValueError(
                f"the line {line.name!r} goes down to {min(line.y):g}, which a logarithmic axis "
                "cannot show; leave log out, or the values of 0"
            )
    places = sorted({*across, *chain.from_iterable(line.x for line in drawn if line.dots)})
    rows = places if len(places) <= 2 * ROWS else _few(places)
    return Chart(tuple(drawn), axes, tuple(rows), ("linear", "log" if log else "linear"))


def _are_two_texts(axes: Any) -> bool:
    return (
        isinstance(axes, tuple | list) and len(axes) == 2 and all(isinstance(a, str) for a in axes)
    )


def depth(**loads: Load) -> Chart:
    """How many requests are there over time, waiting or in service, for loads by name.

    Raises ValueError for no load at all, and TypeError for what is none.
    """
    if not loads:
        raise ValueError("there is nothing to draw; name the loads: depth(rush_hour=day)")
    for name, load in loads.items():
        if not isinstance(load, Load):
            raise TypeError(f"depth({name}=…) got {load!r}; give a Load: simulate(…), or days[0]")
    end = max(float(load.departure.max(initial=0)) for load in loads.values()) or 1.0
    when = np.linspace(0, end, POINTS + 1)
    rows = _round_steps(0, end, ROWS)
    when = np.unique(np.concatenate([when, rows]))
    lines = [
        Line(_title(name), _floats("times", when), _floats(name, load.in_system(when)), steps=True)
        for name, load in loads.items()
    ]
    return Chart(tuple(lines), ("time, s", "requests in the system"), tuple(rows))


def percentiles(**named: Any) -> Chart:
    """How long it takes at most for so many per cent of the requests, by name.

    Each is a Load, whose responses count, or an array of seconds. Across, each further nine has
    the same room: 90, 99, 99.9 per cent. It is nearest rank: each value is one of the requests'.
    Raises ValueError where there are no seconds to rank, and TypeError for Loads, which are many.
    """
    if not named:
        raise ValueError("there is nothing to draw; name the loads: percentiles(quiet=a, busy=b)")
    lines = []
    for name, value in named.items():
        times = np.sort(_responses(name, value))
        most = round(math.log10(times.size), 12)
        own = [nines(q) for q in RANKS if nines(q) <= most]
        places = np.unique(np.concatenate([np.linspace(0, most, POINTS + 1), own]))
        ranks = np.ceil(times.size * (1 - 10.0**-places) - 1e-6).astype(int)
        values = times[np.clip(ranks - 1, 0, times.size - 1)]
        lines.append(Line(_title(name), _floats("places", places), _floats(name, values)))
    longest = max(line.x[-1] for line in lines)
    rows = tuple(nines(q) for q in RANKS if nines(q) <= longest) or (0.0,)
    values = [*chain.from_iterable(line.y for line in lines)]
    wide = 0 < 100 * min(values) < max(values)
    axes = ("per cent of the requests, in nines", "time within which they are done")
    return Chart(tuple(lines), axes, rows, ("nines", "log" if wide else "linear"), times=True)


def _responses(name: str, value: Any) -> Seconds:
    """Seconds to rank, checked."""
    if isinstance(value, Loads):
        raise TypeError(f"percentiles({name}=…) got {value!r}; give one of them, like days[0]")
    if np.size(value.response if isinstance(value, Load) else value) == 0:
        raise ValueError(f"percentiles({name}=…) has no request, so none to rank")
    if isinstance(value, Load):
        return value.response
    given = seconds(name, value)
    check(name, given)
    return given


def nines(q: float) -> float:
    """How many nines a per cent has: 90 has one, 99 two, 50 has 0.3.

    Raises ValueError for less than 0, or from 100 on.
    """
    if number("per cent", q) >= 100:
        raise ValueError(f"there are endless nines in {q!r} per cent; give less than 100, like 99")
    return round(-math.log10(1 - q / 100), 12) + 0.0  # 99.9 has three, and 0 not minus none


@contextmanager
def _usual_settings() -> Iterator[None]:
    """Matplotlib as it comes, whatever the reader has set; where it is missing, nothing."""
    try:
        import matplotlib as mpl
    except ModuleNotFoundError:
        yield
        return
    with mpl.rc_context():
        mpl.rcdefaults()
        yield


def _title(name: str) -> str:
    return name.replace("_", " ")


def _floats(name: str, values: Iterable[Any]) -> tuple[float, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{name}: {values!r} is no row of numbers; give a list, like [1, 2]")
    found = []
    for value in values:
        if isinstance(value, str) or not hasattr(value, "__float__"):
            raise TypeError(f"{name}: {value!r} cannot be drawn; give numbers")
        found.append(float(value))
        # Beyond a float's reach there would be no room for an axis around it.
        if not abs(found[-1]) <= WIDEST:
            raise ValueError(f"{name}: {value} cannot be drawn; give finite numbers, to {WIDEST:g}")
    return tuple(found)


def _number(value: float) -> str:
    """Four digits, and all those of a whole number."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _few(places: Sequence[float]) -> list[float]:
    """The first, the last, and the round ones between; or evenly picked where none are round."""
    round_ones = {*_round_steps(places[0], places[-1], ROWS)} & {*places}
    if len(round_ones) >= ROWS / 3:
        return sorted({places[0], *round_ones, places[-1]})
    picked = np.linspace(0, len(places) - 1, ROWS + 1).round().astype(int)
    return [places[i] for i in picked]


def _round_steps(low: float, high: float, most: int = 7) -> list[float]:
    """At most so many round numbers between, and one more: multiples of 1, 2 or 5 times a ten."""
    raw = (high - low) / most
    ten = 10.0 ** math.floor(math.log10(raw))
    step = next(m * ten for m in (1, 2, 5, 10) if m * ten >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def _round_logs(low: float, high: float) -> list[float]:
    """Powers of ten between, and their 2 and 5 fold where those alone would be few."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    steps = (1,) if math.log10(high / low) > 3 else (1, 2, 5)
    found = [float(f"{step}e{power}") for power in powers for step in steps]
    return [tick for tick in found if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)] or [low]


def _names(lines: Iterable[Line]) -> list[str]:
    return list(dict.fromkeys(line.name for line in lines))


def _frame(ax: Axes, chart: Chart) -> None:
    """Limits, numbers, and a light line at each of them."""
    for axis, scale, which in ((0, chart.scales[0], "x"), (1, chart.scales[1], "y")):
        ax.set(**{f"{which}scale": "log" if scale == "log" else "linear"})
        ax.set(**{f"{which}lim": chart._limits(axis)})
        ticks = chart._ticks(axis)
        text = chart._up if axis else chart._across
        (ax.set_yticks if axis else ax.set_xticks)(ticks, [text(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_facecolor(CARD)
    for side, spine in ax.spines.items():
        spine.set(visible=side == "bottom", color=SOFT, linewidth=0.8)
    ax.grid(visible=True, which="major", color=RULE, linewidth=0.7, linestyle="solid", zorder=0.5)
    ax.set_axisbelow(True)
    ax.tick_params(axis="both", which="both", length=0, pad=5, colors=INK)
    for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        label.set(fontproperties=font(NORMAL), parse_math=False)
    across = ax.set_xlabel(
        plain(chart.axes[0]), loc="left", fontproperties=font(NORMAL), color=SOFT, labelpad=3
    )
    across.set(parse_math=False)


def _legend(ax: Axes, chart: Chart) -> None:
    """What goes up, and under it the names of the lines: both above the axes."""
    rows = len(_legend_rows(chart.lines, Ruler(ax.get_figure().dpi)))  # type: ignore[union-attr]
    up = ax.set_title(
        plain(chart.axes[1]), loc="left", fontproperties=font(LARGE), color=INK,
        pad=6 + 72 * ROW * rows,
    )  # fmt: skip
    up.set(parse_math=False)
    columns = -(-len(chart.lines) // rows)
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False, prop=font(NORMAL),
        labelcolor=INK, borderaxespad=0.1, borderpad=0.2, columnspacing=1.8, handlelength=2.6,
        handletextpad=0.6, numpoints=1,
    )  # fmt: skip


def _legend_rows(lines: Sequence[Line], ruler: Ruler) -> list[float]:
    """Widths in inches of the rows of the legend, as many as they need."""
    beside = 5.2 * NORMAL / 72  # the piece of line, and the air around it and the words
    entries = [ruler.width(plain(line.title), NORMAL) / ruler.dpi + beside for line in lines]
    if sum(entries) <= WIDTH - 1.2:
        return [sum(entries)]
    columns = max(1, int((WIDTH - 1.2) / max(entries)))
    return [columns * max(entries)] * -(-len(entries) // columns)
