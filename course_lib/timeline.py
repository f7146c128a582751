"""Traces as pictures: a lane is a row, time goes from left to right.

`draw` puts one trace on matplotlib axes, `compare` several on one time axis. Where everything
goes is computed, painted and told in words in the files of `drawing`; matplotlib is imported when
the first picture is drawn.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .drawing import painter, words
from .drawing.labels import Ruler
from .drawing.layout import DEEPEST, TALLEST, Stack, View, choose, fill, kinds_in, stack
from .drawing.painter import SIDE, Panel
from .drawing.show import DPI, EDGE, WIDTH, blank, rich_display
from .flow import VIRTUAL, run_on
from .trace import SECOND, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST, MOST = 0.85, 1.5  # how far the lanes shrink or grow to fill axes made by somebody else
HIGHEST, SMALLEST = 6.45, 0.8  # inches that a screen shows at once; how far lanes shrink for it
FAIR = 3.6  # inches of lanes that each of many traces may take
ANY_HEIGHT, ANY_DEPTH = 300.0, 1000  # inches, rows: lanes asked for by name are all drawn


def draw(
    trace: Trace,
    ax: Axes | None = None,
    *,
    lanes: Iterable[str] | None = None,
    title: str | None = None,
) -> Axes:
    """The timeline of a trace on matplotlib axes: `ax`, or new ones on a figure that fits.

    `lanes` chooses the rows, from top to bottom (all that are worth one unless told).
    The axes' x is time in the trace's unit (`unit_for`), their y inches from the top.
    Texts are fitted to the size the axes have now. Raises TypeError for what is no Trace,
    ValueError for a lane that the trace does not have.
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"draw needs a Trace, and {trace!r} is none; run(main) gives one")
    if ax is None:
        return _figure([(title or "", trace)], lanes).axes[0]
    if not hasattr(ax, "get_window_extent"):
        raise TypeError(f"the ax is {ax!r}; give matplotlib axes, or leave it out for new ones")
    _draw_on(ax, trace, choose(trace, lanes), title or "")
    return ax


def compare(**named: Any) -> Comparison:
    """Traces one under another on one time axis, so that lengths compare by eye.

    A value is a Trace, or a coroutine function or a coroutine, which is run on the virtual clock.
    Raises ValueError when nothing is given, TypeError for any other value.
    """
    if not named:
        raise ValueError("there is nothing to compare; name the traces: compare(slow=…, fast=…)")
    for name, value in named.items():
        if not (isinstance(value, Trace) or callable(value) or inspect.iscoroutine(value)):
            _close(named.values())
            raise TypeError(
                f"compare({name}=…) got {value!r}, which is no Trace, coroutine function or "
                "coroutine; run(main) gives a Trace"
            )
    return Comparison({name: _as_trace(value) for name, value in named.items()})


def _close(values: Iterable[Any]) -> None:
    """A coroutine that never runs complains on stderr unless it is closed."""
    for value in values:
        if inspect.iscoroutine(value):
            value.close()


def _as_trace(value: Any) -> Trace:
    return value if isinstance(value, Trace) else run_on(VIRTUAL, value, caller="compare")


@dataclass(frozen=True, repr=False)
class Comparison:
    """Traces by name; in a notebook a picture of all on one time axis, elsewhere a table."""

    traces: dict[str, Trace]

    def table(self, *, limit: int = 60) -> str:
        """Durations and the time of each kind summed over lanes, then each trace's own table."""
        parts = [words.summary_table(self._titled())]
        parts += [f"{title}\n{t.table(limit=limit)}" for title, t in self._titled().items()]
        return "\n\n".join(parts)

    def figure(self) -> Figure:
        """The picture as a new matplotlib figure, to change or to save."""
        return _figure(list(self._titled().items()), None)

    def _titled(self) -> dict[str, Trace]:
        return {name.replace("_", " "): trace for name, trace in self.traces.items()}

    def __repr__(self) -> str:
        return self.table()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = rich_display(self.figure, lambda png: words.comparison(self._titled(), png))
        return {"text/plain": self.table(), **html}


def picture(trace: Trace) -> dict[str, str]:
    """The rich display of one trace, less its text."""
    return rich_display(
        lambda: _figure([("", trace)], None), lambda png: words.timeline(trace, png)
    )


def _until(traces: Sequence[Trace]) -> int:
    """Nanoseconds that the time axis shows; never none, as no axis is zero long."""
    ends = [trace.duration_ns for trace in traces]
    ends += [m.received_ns for trace in traces for m in trace.messages]  # some arrive after it all
    return max(ends, default=0) or SECOND // 1000


def _draw_on(ax: Axes, trace: Trace, names: Sequence[str], title: str) -> None:
    """Axes that somebody else made: as many lanes as they have room for."""
    ruler = Ruler(ax.get_figure().dpi)  # type: ignore[union-attr]
    size = ax.get_window_extent()
    room = size.height / ruler.dpi
    stacked = stack(trace, names, ruler, room / LEAST, DEEPEST)
    height = max(stacked.height, room / MOST)
    view = View(_until([trace]), size.width - 2 * SIDE, size.height / height)
    painter.paint(ax, _panel(title, trace, stacked, view, ruler, height=height), ruler)


def _panel(
    title: str, trace: Trace, stacked: Stack, view: View, ruler: Ruler, **other: Any
) -> Panel:
    contents = fill(trace, stacked, view, ruler)
    details = {"height": stacked.height, "kinds": kinds_in([stacked]), **other}
    return Panel(title, stacked=stacked, contents=contents, view=view, **details)


def _panels(
    named: Sequence[tuple[str, Trace]], lanes: Iterable[str] | None, scale: float = 1.0
) -> list[Panel]:
    """What a new figure shows, its lanes as high as they need to be, times `scale`."""
    ruler, until = Ruler(DPI), _until([trace for _, trace in named])
    room, deep = (
        (max(TALLEST / len(named), FAIR), DEEPEST) if lanes is None else (ANY_HEIGHT, ANY_DEPTH)
    )
    stacks = [stack(trace, choose(trace, lanes), ruler, room, deep) for _, trace in named]
    names = max(painter.names_width(stacked, ruler) for stacked in stacks)
    view = View(until, (WIDTH - 2 * EDGE - names) * DPI - 2 * SIDE, DPI * scale)
    kinds = kinds_in(stacks)
    return [
        _panel(
            title, trace, stacked, view, ruler,
            kinds=[] if number else kinds, numbered=number == len(named) - 1,
        )
        for number, ((title, trace), stacked) in enumerate(zip(named, stacks, strict=True))
    ]  # fmt: skip


def _scale(panels: Sequence[Panel], ruler: Ruler) -> float:
    """How far the lanes shrink so that the whole picture is seen without scrolling."""
    lanes = sum(panel.height for panel in panels)
    others = sum(painter.head(panel, ruler) + painter.foot(panel, ruler) for panel in panels)
    return min(1.0, max(SMALLEST, (HIGHEST - 2 * EDGE - others) / lanes))


def _figure(named: Sequence[tuple[str, Trace]], lanes: Iterable[str] | None) -> Figure:
    """A new figure with a timeline for each trace, one under another on one time axis."""
    ruler, panels = Ruler(DPI), _panels(named, lanes)
    scale = _scale(panels, ruler)
    if scale < 1:
        panels = _panels(named, lanes, scale)
    heads = [painter.head(panel, ruler) for panel in panels]
    feet = [painter.foot(panel, ruler) for panel in panels]
    height = 2 * EDGE + sum(heads) + sum(feet) + sum(panel.height for panel in panels) * scale
    figure = blank(height)
    top = height - EDGE
    width = (panels[0].view.width + 2 * SIDE) / DPI
    for panel, head, foot in zip(panels, heads, feet, strict=True):
        bottom = top - head - panel.height * scale
        left = (WIDTH - EDGE - width) / WIDTH
        ax = figure.add_axes((left, bottom / height, width / WIDTH, panel.height * scale / height))
        painter.paint(ax, panel, ruler)
        top = bottom - foot
    return figure
