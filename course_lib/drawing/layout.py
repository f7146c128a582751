"""Where everything on a timeline goes: computed here, drawn in `timeline`.

First the lanes are stacked (heights in inches), then, once the width is known, each is filled
(boxes in pixels from the upper left corner of the axes, y downward). What cannot be shown one by
one is summed up in a note: nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..checked import plural
from ..trace import KINDS, Arrow, Kind, Span, Trace
from .labels import SMALL, Box, Label, Ruler, label_arrows, label_bars, label_points, plain

ROW, BAR = 0.29, 0.245  # inches from row to row, and of a bar
STRIP = 0.2  # above the bars, where marks stand
GAP, ARROW_GAP = 0.09, 0.42  # between lanes; where an arrow and its label pass
NAMES = 2.1  # inches that names of lanes take at most before they go on in a second line
TALLEST = 6.5  # inches of lanes in a picture, unless somebody names the lanes
DEEPEST = 8  # rows of one lane, unless somebody names the lanes
THICKNESS = {"working": 1.0, "waiting": 0.8, "ready": 0.9, "blocked": 1.0}  # of BAR
NARROW = 4.0  # pixels: a span narrower than this is a tick, and many of them are a block
BLOCK = 12.0  # pixels: longest block, so that a change of what goes on is seen
MOST_ARROW_LABELS = 150


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane on the picture: its name in lines, its rows of spans, and the top of its bars."""

    name: str
    lines: str
    rows: Sequence[Sequence[Span]]
    top: float
    height: float
    strip: bool

    def middle_of(self, number: int) -> float:
        """Inches from the top of the axes to the middle of a row."""
        spare = self.height - ROW * len(self.rows)  # a name of many lines needs more than the rows
        return self.top + spare / 2 + ROW * (number + 0.5)


@dataclass(frozen=True, slots=True)
class Stack:
    """The lanes from top to bottom, and their height together, in inches."""

    lanes: tuple[Lane, ...]
    height: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """How many pixels the run is wide, and an inch of lanes high."""

    until_ns: int
    width: float
    inch: float

    def x(self, time_ns: int) -> float:
        """Pixels from time 0."""
        return time_ns / self.until_ns * self.width


@dataclass(slots=True)
class Contents:
    """All that is drawn. A tick is a span too short for a bar, a block many of them in a row."""

    bars: list[tuple[Span, Box]] = field(default_factory=list)
    ticks: list[tuple[Span, Box]] = field(default_factory=list)
    blocks: list[tuple[list[Span], list[tuple[Kind, Box]]]] = field(default_factory=list)
    markers: list[tuple[float, float]] = field(default_factory=list)
    arrows: list[tuple[float, float, float, float]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def kinds_in(stacks: Iterable[Stack]) -> list[Kind]:
    """The kinds that occur on the lanes drawn, in the order of KINDS."""
    rows = (row for stacked in stacks for lane in stacked.lanes for row in lane.rows)
    found = {span.kind for row in rows for span in row}
    return [kind for kind in KINDS if kind in found]


def choose(trace: Trace, lanes: Iterable[str] | None) -> tuple[str, ...]:
    """The lanes to draw; ValueError for one that the trace does not have."""
    if lanes is None:
        return trace.shown_lanes
    chosen = (lanes,) if isinstance(lanes, str) else dict.fromkeys(lanes)
    return tuple(map(trace.known, chosen))


def stack(trace: Trace, names: Sequence[str], ruler: Ruler, room: float, deepest: int) -> Stack:
    """As many of the named lanes as fit the room (inches), but at least one."""
    marked = {mark.lane for mark in trace.marks}
    marked |= {m.source for m in trace.messages if m.source == m.target}
    crossed = _crossed_gaps(trace.messages, names)
    lanes: list[Lane] = []
    bottom, cut = GAP, 0
    for number, name in enumerate(names):
        rows = trace.rows(name) or [[]]
        lines = ruler.wrap(plain(name), NAMES * ruler.dpi)
        strip = STRIP if name in marked else 0.0
        above = (ARROW_GAP if number in crossed else GAP) if lanes else 0.0
        text = (lines.count("\n") + 1) * ruler.height(SMALL) * 1.15 / ruler.dpi
        height = max(ROW * len(rows[:deepest]), text)
        if lanes and bottom + above + strip + height > room:
            break
        cut += sum(map(len, rows[deepest:]))
        lanes.append(Lane(name, lines, rows[:deepest], bottom + above + strip, height, bool(strip)))
        bottom += above + strip + height
    return Stack(tuple(lanes), bottom + GAP, tuple(_left_out(trace, names, lanes, cut)))


def _crossed_gaps(messages: Iterable[Arrow], names: Sequence[str]) -> set[int]:
    """Numbers of the lanes with an arrow in the gap above them."""
    at = {name: number for number, name in enumerate(names)}
    ends = {(at[m.source], at[m.target]) for m in messages if m.source in at and m.target in at}
    return {gap for one, other in ends for gap in range(min(one, other) + 1, max(one, other) + 1)}


def _left_out(trace: Trace, names: Sequence[str], lanes: Sequence[Lane], cut: int) -> Iterable[str]:
    drawn = {lane.name for lane in lanes}
    if not drawn:
        yield "nothing was recorded"
    if more := len(names) - len(lanes):
        yield f"and {plural(more, 'more lane')}: draw(trace, lanes=[…])"
    if cut:
        yield f"{cut:,} spans that overlap those drawn have no row: draw(trace, lanes=[…])"
    if lost := sum(not {m.source, m.target} <= drawn for m in trace.messages):
        yield f"{plural(lost, 'message')} to or from lanes that are not drawn"


def fill(trace: Trace, stacked: Stack, view: View, ruler: Ruler) -> Contents:
    """Bars, ticks, blocks, markers, arrows and labels of the stacked lanes."""
    contents = Contents()
    for lane in stacked.lanes:
        for number, row in enumerate(lane.rows):
            _fill_row(row, lane.middle_of(number), view, contents)
    bars = ((_texts(span), span.kind, box) for span, box in contents.bars)
    labels, keys, left_out = label_bars(bars, ruler)
    contents.labels += labels
    for lane in stacked.lanes:
        left_out += _fill_strip(trace, lane, view, ruler, contents)
    left_out += _fill_arrows(trace, stacked, view, ruler, contents)
    contents.notes = list(_notes(keys, contents, left_out)) + list(stacked.notes)
    return contents


def _texts(span: Span) -> tuple[str, ...]:
    """What a bar may say, the fullest first."""
    if span.kind == "working":
        return (span.label,)
    unplaced = Span(span.lane, span.label, span.kind, 0, 0, span.reason)
    return (span.text, unplaced.text, span.label)


def _fill_row(row: Sequence[Span], middle: float, view: View, contents: Contents) -> None:
    run: list[Span] = []  # narrow spans side by side
    for span in row:
        narrow = view.x(span.end_ns - span.start_ns) < NARROW
        if run and (
            not narrow
            or view.x(span.start_ns - run[-1].end_ns) >= NARROW
            or view.x(span.end_ns - run[0].start_ns) > BLOCK
        ):
            _add_run(run, middle, view, contents)
            run = []
        if narrow:
            run.append(span)
        else:
            contents.bars.append((span, _box(span, middle, view)))
    _add_run(run, middle, view, contents)


def _box(span: Span, middle: float, view: View) -> Box:
    height = BAR * THICKNESS[span.kind] * view.inch
    left = view.x(span.start_ns)
    return Box(left, middle * view.inch - height / 2, view.x(span.end_ns) - left, height)


def _add_run(run: list[Span], middle: float, view: View, contents: Contents) -> None:
    if len(run) < 3:
        for span in run:
            contents.ticks.append((span, _tick(span, middle, view)))
        return
    # A block tells the shares of the kinds by height, as bars beside one another cannot here.
    left = view.x(run[0].start_ns)
    width = max(NARROW, view.x(run[-1].end_ns) - left)
    height = BAR * view.inch
    weights = {
        kind: sum(max(1, s.end_ns - s.start_ns) for s in run if s.kind == kind) for kind in KINDS
    }
    top = middle * view.inch - height / 2
    parts: list[tuple[Kind, Box]] = []
    for kind in KINDS:
        share = height * weights[kind] / sum(weights.values())
        if share:
            parts.append((kind, Box(left, top, width, share)))
        top += share
    contents.blocks.append((run, parts))


def _tick(span: Span, middle: float, view: View) -> Box:
    """Taller than a bar, so that it is seen beside one that it touches."""
    height = (BAR + ROW) / 2 * view.inch
    width = max(NARROW, view.x(span.end_ns - span.start_ns))
    left = min(view.x(span.start_ns), view.width - width)
    return Box(left, middle * view.inch - height / 2, width, height)


def _fill_strip(trace: Trace, lane: Lane, view: View, ruler: Ruler, contents: Contents) -> int:
    """The marks of a lane, and the messages that it sends to itself."""
    middle = (lane.top - STRIP / 2) * view.inch
    points = [(view.x(mark.time_ns), mark.label) for mark in trace.marks if mark.lane == lane.name]
    contents.markers += [(x, middle) for x, _ in points]
    for m in trace.messages:
        if m.source == m.target == lane.name:
            contents.arrows.append((view.x(m.sent_ns), middle, view.x(m.received_ns), middle))
            points.append((view.x(m.received_ns), m.label))
    top = middle - ruler.height() / 2
    labels, left_out = label_points(sorted(points), top, view.width, ruler)
    contents.labels += labels
    return left_out


def _fill_arrows(trace: Trace, stacked: Stack, view: View, ruler: Ruler, contents: Contents) -> int:
    """The messages between lanes; their labels stand in the gaps that they cross."""
    at = {lane.name: number for number, lane in enumerate(stacked.lanes)}
    arrows = []
    for m in trace.messages:
        if m.source == m.target or m.source not in at or m.target not in at:
            continue
        ends = _ends(m, at, stacked.lanes, view)
        contents.arrows.append(ends)
        low, high = sorted((at[m.source], at[m.target]))
        gaps = [
            (lane.top - STRIP * lane.strip - ARROW_GAP / 2) * view.inch
            for lane in stacked.lanes[low + 1 : high + 1]
        ]
        arrows.append((m.label, list(_places(ends, gaps, view)), ends))
    if len(arrows) > MOST_ARROW_LABELS:
        return len(arrows)
    taken = [label.box for label in contents.labels]
    taken += [Box(x - 6, y - 6, 12, 12) for x, y in contents.markers]
    labels, left_out = label_arrows(arrows, taken, view.width, ruler)
    contents.labels += labels
    return left_out


def _ends(
    m: Arrow, at: dict[str, int], lanes: Sequence[Lane], view: View
) -> tuple[float, float, float, float]:
    """From the edge of one lane to the edge of the other that faces it."""
    source, target = lanes[at[m.source]], lanes[at[m.target]]
    edge = (ROW - BAR) / 2
    if at[m.source] < at[m.target]:
        y, to_y = source.top + source.height - edge, target.top + edge
    else:
        y, to_y = source.top + edge, target.top + target.height - edge
    return view.x(m.sent_ns), y * view.inch, view.x(m.received_ns), to_y * view.inch


def _places(
    ends: tuple[float, float, float, float], gaps: Sequence[float], view: View
) -> Iterable[tuple[float, float]]:
    """Points on an arrow in the gaps it crosses: in the middle of each, then higher and lower."""
    x, y, to_x, to_y = ends
    for shift in (0.0, -0.25, 0.25, -0.38, 0.38):  # two texts fit, one below the other
        for gap in gaps:
            height = gap + shift * ARROW_GAP * view.inch
            yield x + (to_x - x) * (height - y) / (to_y - y), height


def _notes(keys: Sequence[str], contents: Contents, left_out: int) -> Iterable[str]:
    if keys:
        yield ", ".join(f"{number} = {text}" for number, text in enumerate(keys, start=1))
    if merged := sum(len(run) for run, _ in contents.blocks):
        yield f"{merged:,} spans too short to draw one by one: heights show the shares of kinds"
    if left_out:
        yield "labels that do not fit are in the table"
