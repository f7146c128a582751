"""Paints what `layout` computed on matplotlib axes, in a style that says more than by colour.

Nothing is read from or written to matplotlib's global state: a picture is the same bytes wherever
it is drawn. Spans of a kind are one artist, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..trace import KINDS, Kind, Unit, unit_for
from .labels import LARGE, NORMAL, SMALL, Box, Ruler, font, plain
from .layout import ROW, STRIP, Contents, Stack, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, RULE, CARD = "#1f2933", "#4b5762", "#d9dfe4", "#ffffff"
FLAT_WAITING = "#bcc6cf"  # where waiting has no dashed edge to be seen by
LINE = 1.3 * NORMAL / 72  # inches from line to line of the texts below the axes
TICKS = 0.24  # inches that the numbers of the time axis take
LEGEND = 0.3  # inches that the legend takes
SIDE = 9.0  # pixels of the axes before 0 and after the end: an arrow there is not cut in half
Scale = tuple[float, float]  # units of the axes in a pixel, across and down
UNITS = {"ms": "milliseconds", "s": "seconds", "min": "minutes", "h": "hours"}


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of span, or a label, looks."""

    face: str
    edge: str
    ink: str
    plate: str
    """Colour behind a text, so that no hatch and no arrow runs through it."""
    hatch: str = ""
    line: str = "solid"
    width: float = 0.8
    meaning: str = ""


# Blue, orange and vermilion of Okabe and Ito, "Color Universal Design" (2008), made lighter or
# darker so that the kinds differ in grey too and carry their text at a contrast above 4.5 to 1.
STYLES: Mapping[str, Style] = {
    "working": Style("#0072b2", "#ffffff", "#ffffff", "#0072b2", meaning="working"),
    "waiting": Style("#f5f7f9", "#56636f", INK, "#f5f7f9", "", "dashed", 1.0, "waiting"),
    "ready": Style("#fbdf9d", "#94620a", INK, "#fbdf9d", "...", meaning="ready (loop is busy)"),
    "blocked": Style(
        "#cf5300", "#3a1200", "#ffffff", "#3a1200", "///", width=1.8, meaning="blocked"
    ),
    "mark": Style("#ffffff", INK, INK, CARD),
    "message": Style(INK, "#ffffff", INK, CARD),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One timeline, ready to be painted."""

    title: str
    kinds: Sequence[Kind]
    """What the legend explains."""
    stacked: Stack
    contents: Contents
    view: View
    height: float
    """Inches of lanes that the axes show: the stack's, or more on tall axes."""
    numbered: bool = True
    """Whether its time axis has numbers; one shared by many has them at the bottom only."""

    @property
    def unit(self) -> Unit:
        """The unit of the time axis."""
        return unit_for(self.view.until_ns)


def paint(ax: Axes, panel: Panel, ruler: Ruler) -> None:
    """A timeline on axes that have the size for which the panel was computed."""
    contents, view, unit = panel.contents, panel.view, panel.unit
    scale = (view.until_ns / unit.nanoseconds / view.width, 1 / view.inch)
    _frame(ax, panel, scale)
    _time_axis(ax, panel, ruler)
    _header(ax, panel, ruler)
    for kind in KINDS:
        _bars(ax, kind, [box for span, box in contents.bars if span.kind == kind], scale)
        parts = [part for _, stacked in contents.blocks for part in stacked]
        _blocks(ax, kind, [box for which, box in parts if which == kind], scale)
        _ticks(ax, kind, [box for span, box in contents.ticks if span.kind == kind], scale)
    _arrows(ax, contents.arrows, scale)
    _markers(ax, contents.markers, scale)
    for label in contents.labels:
        _label(ax, label.text, STYLES[label.kind], label.box, scale, ruler)


def _frame(ax: Axes, panel: Panel, scale: Scale) -> None:
    """Limits, the names of the lanes, and a light line between each two."""
    side = SIDE * scale[0]
    until = panel.view.until_ns / panel.unit.nanoseconds
    ax.set_xlim(-side, until + side)
    ax.set_ylim(panel.height, 0)
    ax.set_facecolor(CARD)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.grid(visible=False)
    lanes = panel.stacked.lanes
    ax.set_yticks([lane.top + lane.height / 2 for lane in lanes], [lane.lines for lane in lanes])
    pairs = pairwise(lanes)
    edges = [(a.top + a.height + b.top - STRIP * b.strip) / 2 for a, b in pairs]
    ax.hlines(edges, -side, until + side, colors=RULE, linewidth=0.5, zorder=0.5)


def _time_axis(ax: Axes, panel: Panel, ruler: Ruler) -> None:
    """Numbers and their unit, and under them what the picture sums up."""
    ticks = _numbers(panel.view.until_ns / panel.unit.nanoseconds)
    ax.set_xticks(ticks, [f"{tick:,.9g}" if panel.numbered else "" for tick in ticks])
    ax.vlines(ticks, 0, panel.height, colors=RULE, linewidth=0.8, zorder=0.5)
    ax.tick_params(axis="both", which="both", length=0, pad=5, colors=INK)
    for text in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set(fontproperties=font(NORMAL), parse_math=False)
    below = "\n".join(_below(panel, ruler))
    label = ax.set_xlabel(below, loc="left", fontproperties=font(NORMAL), color=SOFT, labelpad=3)
    label.set(parse_math=False, linespacing=1.25, x=_zero(panel))


def _below(panel: Panel, ruler: Ruler) -> list[str]:
    wrapped = (ruler.wrap(plain(note), panel.view.width) for note in panel.contents.notes)
    lines = [line for note in wrapped for line in note.split("\n")]
    return [f"time in {UNITS[panel.unit.name]}", *lines] if panel.numbered else lines


def _header(ax: Axes, panel: Panel, ruler: Ruler) -> None:
    """The title on the left, the legend on the right; below it where both have no room."""
    title = ruler.wrap(plain(panel.title), panel.view.width, LARGE)
    rows = len(_legend_rows(panel, ruler))
    above = 6 + (0 if _side_by_side(panel, ruler) else LEGEND * 72 * rows)
    heading = ax.set_title(title, loc="left", fontproperties=font(LARGE), color=INK, pad=above)
    heading.set(parse_math=False, x=_zero(panel))
    if rows:
        _legend(ax, panel.kinds, columns=(len(panel.kinds) + rows - 1) // rows)


def _zero(panel: Panel) -> float:
    """Time 0 as a share of the axes' width: where the texts begin."""
    return SIDE / (panel.view.width + 2 * SIDE)


def head(panel: Panel, ruler: Ruler) -> float:
    """Inches that title and legend take above the axes."""
    title = ruler.wrap(plain(panel.title), panel.view.width, LARGE)
    lines = (title.count("\n") + 1) * 1.3 * LARGE / 72 + 0.1 if title else 0.0
    legend = LEGEND * len(_legend_rows(panel, ruler))
    return max(lines, legend) if _side_by_side(panel, ruler) else lines + legend


def foot(panel: Panel, ruler: Ruler) -> float:
    """Inches that the numbers of the time axis and the lines under it take."""
    return (TICKS if panel.numbered else 0.16) + LINE * len(_below(panel, ruler))


def _side_by_side(panel: Panel, ruler: Ruler) -> bool:
    """Whether title and legend have room in one line."""
    rows = _legend_rows(panel, ruler)
    title = ruler.width(plain(panel.title), LARGE)
    return not panel.title or not rows or (len(rows) == 1 and title + rows[0] < panel.view.width)


def _legend_rows(panel: Panel, ruler: Ruler) -> list[float]:
    """Widths in pixels of the rows of the legend: one, or two on narrow axes."""
    beside = 4 * NORMAL / 72 * ruler.dpi  # the patch, and the air around it and the word
    entries = [ruler.width(STYLES[kind].meaning, NORMAL) + beside for kind in panel.kinds]
    half = (len(entries) + 1) // 2
    rows = [entries] if sum(entries) <= panel.view.width else [entries[:half], entries[half:]]
    return [sum(row) for row in rows if row]


def _numbers(until: float) -> list[float]:
    """About six round numbers from 0 to the end."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(nbins=7, steps=[1, 2, 3, 5, 10]).tick_values(0, until)
    return [float(tick) for tick in found if 0 <= tick <= until * (1 + 1e-9)]


def _corners(boxes: Iterable[Box], scale: Scale) -> list[list[tuple[float, float]]]:
    across, down = scale
    corners = []
    for box in boxes:
        left, right = box.left * across, (box.left + box.width) * across
        top, bottom = box.top * down, (box.top + box.height) * down
        corners.append([(left, top), (right, top), (right, bottom), (left, bottom)])
    return corners


def _boxes(
    ax: Axes, name: str, boxes: Sequence[Box], scale: Scale, zorder: int = 2, **look: Any
) -> None:
    """Many boxes as one artist, whatever they look like; `name` is how tests find it."""
    from matplotlib.collections import PolyCollection

    if boxes:
        artist = PolyCollection(_corners(boxes, scale), gid=name, zorder=zorder, **look)
        ax.add_collection(artist, autolim=False)


def _bars(ax: Axes, kind: Kind, boxes: Sequence[Box], scale: Scale) -> None:
    style = STYLES[kind]
    _boxes(
        *(ax, f"bars {kind}", boxes, scale),
        facecolors=style.face,
        edgecolors=style.edge,
        hatch=style.hatch or None,
        linestyles=style.line,
        linewidths=style.width,
    )


def _blocks(ax: Axes, kind: Kind, boxes: Sequence[Box], scale: Scale) -> None:
    """Side by side and without edges, which would hide what is inside."""
    style = STYLES[kind]
    _boxes(
        *(ax, f"blocks {kind}", boxes, scale),
        facecolors=FLAT_WAITING if kind == "waiting" else style.face,
        edgecolors=style.edge,
        hatch=style.hatch or None,
        linewidths=0,
    )


def _ticks(ax: Axes, kind: Kind, boxes: Sequence[Box], scale: Scale) -> None:
    """In the stronger of the kind's colours, as there is no room for an edge or a hatch."""
    style = STYLES[kind]
    face = style.face if kind in ("working", "blocked") else style.edge
    _boxes(
        *(ax, f"ticks {kind}", boxes, scale),
        facecolors=face,
        edgecolors=CARD,
        linewidths=0.4,
        zorder=3,
    )


def _arrows(ax: Axes, arrows: Sequence[tuple[float, float, float, float]], scale: Scale) -> None:
    if not arrows:
        return
    across, down = scale
    x, y, to_x, to_y = zip(*arrows, strict=True)
    ax.quiver(
        [here * across for here in x],
        [here * down for here in y],
        [(there - here) * across for here, there in zip(x, to_x, strict=True)],
        [(there - here) * down for here, there in zip(y, to_y, strict=True)],
        angles="xy",
        scale_units="xy",
        scale=1,
        units="inches",
        width=0.016,
        headwidth=6,
        headlength=7,
        headaxislength=6,
        color=STYLES["message"].face,
        edgecolor=STYLES["message"].edge,
        linewidth=0.5,
        zorder=4,
        gid="messages",
    )


def _markers(ax: Axes, points: Sequence[tuple[float, float]], scale: Scale) -> None:
    if not points:
        return
    across, down = scale
    xs, ys = [x * across for x, _ in points], [y * down for _, y in points]
    foot = STRIP * 0.75 + ROW
    ax.vlines(xs, ys, [y + foot for y in ys], colors=INK, linewidth=0.9, linestyles=":", zorder=3.5)
    style = STYLES["mark"]
    ax.scatter(
        xs, ys, s=26, marker="D", facecolors=style.face, edgecolors=style.edge, linewidths=1.1,
        zorder=5, gid="marks",
    )  # fmt: skip


def _label(ax: Axes, text: str, style: Style, box: Box, scale: Scale, ruler: Ruler) -> None:
    """One text, its letters on the same line whether or not one of them hangs below it."""
    baseline = box.top + box.height / 2 + 0.31 * SMALL * ruler.dpi / 72
    plate = {"facecolor": style.plate, "edgecolor": "none", "pad": 1, "linewidth": 0}
    ax.text(
        box.left * scale[0],
        baseline * scale[1],
        text,
        fontproperties=font(SMALL),
        color=style.ink,
        bbox=plate,
        parse_math=False,
        clip_on=True,
        zorder=6,
    )


def _legend(ax: Axes, kinds: Sequence[Kind], columns: int) -> None:
    from matplotlib.patches import Patch

    ax.legend(
        handles=[_handle(STYLES[kind], Patch) for kind in kinds],
        loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, frameon=False,
        prop=font(NORMAL), labelcolor=INK, borderaxespad=0.1, borderpad=0.2, columnspacing=1.4,
        handlelength=2.0, handleheight=1.0, handletextpad=0.5,
    )  # fmt: skip


def _handle(style: Style, patch: Any) -> Any:
    return patch(
        facecolor=style.face, edgecolor=style.edge, hatch=style.hatch or None,
        linestyle=style.line, linewidth=style.width, label=style.meaning,
    )  # fmt: skip


def names_width(stacked: Stack, ruler: Ruler) -> float:
    """Inches that the names of the lanes take, with the air between them and the axes."""
    lines = [line for lane in stacked.lanes for line in lane.lines.split("\n")]
    return max((ruler.width(line, NORMAL) for line in lines), default=0.0) / ruler.dpi + 0.1


def card(figure: Figure) -> None:
    """A light card with round corners under everything, so that it reads on a dark page too."""
    from matplotlib.patches import FancyBboxPatch

    width, height = figure.get_size_inches()
    round_box = FancyBboxPatch(
        (0.01, 0.01), width - 0.02, height - 0.02, boxstyle="round,pad=0,rounding_size=0.08",
        transform=figure.dpi_scale_trans, facecolor=CARD, edgecolor=RULE, linewidth=1, zorder=-1,
    )  # fmt: skip
    figure.add_artist(round_box)
