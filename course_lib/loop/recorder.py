"""From the loop's log to spans.

While a run goes on, the loop only adds a few values to a list, which costs little.
When somebody looks at the trace, the log is read once, and each task's history is cut into
stretches of working, waiting, ready and blocked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from ..trace import Arrow, Kind, Mark, Span
from .waits import line_at

Actor = Hashable  # the serial number of a task, or the name of a thread's lane
EVENT_LOOP = 0  # the actor of a callback that belongs to no task
LOOP_LANE = "event loop"


class Noted(Enum):
    """What can happen inside a turn."""

    RESUMED = auto()  # details: when it was woken
    ENTER = auto()  # the span
    LEAVE = auto()  # the span
    BLOCKED = auto()  # until when, line, by what
    MARK = auto()  # label, lane or None
    SEND = auto()  # source, target (each a lane or None), label, when it arrives


RESUMED, ENTER, LEAVE, BLOCKED, MARK, SEND = Noted


@dataclass(slots=True)
class _Stretch:
    """A time in which one actor did one thing; a Span that can still grow."""

    order: int  # place in the log of what began it: decides between equal starts
    lane: str
    label: str
    kind: Kind
    start_ns: int
    end_ns: int
    reason: str = ""
    line: int | None = None

    def span(self) -> Span:
        times = (self.start_ns, self.end_ns)
        return Span(self.lane, self.label, self.kind, *times, self.reason, self.line)


@dataclass(slots=True)
class _Named:
    """A `span` that an actor is inside of."""

    order: int
    span: Any  # of flow: told from others by identity, not by its label
    lane: str
    start_ns: int
    last: _Stretch | None = None

    @property
    def label(self) -> str:
        return str(self.span.label)


@dataclass(slots=True)
class _Actor:
    """What the log has told of one task or thread so far."""

    lane: str  # "" for helpers of asyncio's, which are not drawn
    inside: list[_Named] = field(default_factory=list)
    until_ns: int = 0  # end of its last turn
    order: int = 0  # and that step's place in the log
    wait: tuple[str, int | None] | None = None  # what it waits for since then, and on which line
    pending: list[tuple[int, int, Noted, Any]] = field(default_factory=list)
    """Events of the turn under way: place in the log, time, event, details."""

    @property
    def now_in(self) -> str:
        """The lane it is in at the moment."""
        return self.inside[-1].lane if self.inside else self.lane or LOOP_LANE


class Recorder:
    """Keeps the log of a run, and reads it.

    The log is one flat list, five values an entry, all times in nanoseconds; flat, because a
    million tuples would keep the garbage collector busy. The end of an actor's turn is
    (actor, time, reason, code, offset): what it waits for then, and at which instruction of the
    student's code; the reason is None at its very end. An event inside a turn, written as it
    happens, is (actor, time, event, details, 0). A turn that began the moment its actor was woken
    has no RESUMED: most have none.
    """

    def __init__(self, *, noise_ns: int = 0) -> None:
        self.log: list[Any] = []
        self.names: dict[Actor, tuple[str, bool]] = {}  # actor → name, and whether we made it up
        self.noise_ns = noise_ns

    def note(self, actor: Actor, time_ns: int, what: Noted | None, details: Any = None) -> None:
        """Write down an event of a turn, or with None the very end of its actor.

        What happens at every turn writes to the log itself: the call would cost a tenth.
        """
        self.log.extend((actor, time_ns, what, details, 0))

    def lanes(self) -> dict[Actor, str]:
        """The lane of each actor; tasks without a name of their own are numbered."""
        made_up = Counter(name for name, ours in self.names.values() if ours and name)
        number: Counter[str] = Counter()
        lanes: dict[Actor, str] = {EVENT_LOOP: LOOP_LANE}
        for actor, (name, ours) in self.names.items():
            if ours and made_up[name] > 1:
                number[name] += 1
                lanes[actor] = f"{name} {number[name]}"
            else:
                lanes[actor] = name
        return lanes

    def read(self, end_ns: int) -> tuple[list[Span], list[Mark], list[Arrow]]:
        """Spans, marks and messages of the whole log, in order of start, up to the run's end."""
        reader = _Reader(self.lanes(), self.noise_ns)
        entries = zip(*[iter(self.log)] * 5, strict=True)
        for order, (actor, time_ns, what, details, offset) in enumerate(entries):
            if actor == EVENT_LOOP:
                reader.callback(order, time_ns, what, details)
            elif isinstance(what, Noted):
                reader.actor(actor).pending.append((order, time_ns, what, details))
            else:
                wait = None if what is None else (what, line_at(details, offset))
                reader.turn(order, actor, time_ns, wait)
        reader.close(end_ns)
        stretches = sorted(reader.stretches, key=lambda stretch: (stretch.start_ns, stretch.order))
        marks = sorted(reader.marks, key=lambda mark: mark.time_ns)
        messages = sorted(reader.messages, key=lambda message: message.sent_ns)
        return [stretch.span() for stretch in stretches], marks, messages


class _Reader:
    """Reads a log from front to back."""

    def __init__(self, lanes: dict[Actor, str], noise_ns: int) -> None:
        self.lanes = lanes
        self.noise_ns = noise_ns
        self.actors: dict[Actor, _Actor] = {}
        self.stretches: list[_Stretch] = []
        self.marks: list[Mark] = []
        self.messages: list[Arrow] = []

    def actor(self, key: Actor) -> _Actor:
        if key not in self.actors:
            self.actors[key] = _Actor(self.lanes[key])
        return self.actors[key]

    def callback(self, order: int, time_ns: int, event: Noted, details: Any) -> None:
        """What a callback does that belongs to no task: each event is a turn of its own."""
        self.actor(EVENT_LOOP).pending.append((order, time_ns, event, details))
        end = details[0] if event is BLOCKED else time_ns
        self.turn(order, EVENT_LOOP, end, None)

    def turn(self, order: int, key: Actor, end: int, wait: tuple[str, int | None] | None) -> None:
        """A turn that ended: what its actor did before it, in it, and waits for now."""
        actor = self.actor(key)
        events, actor.pending = actor.pending, []
        start = woken = events[0][1] if events else end
        if events and events[0][2] is RESUMED:
            place, _, _, woken = events.pop(0)
            actor.order = actor.order or place
        woken = max(woken, actor.until_ns)
        if actor.wait is not None:
            self._waited(actor, woken, *actor.wait)
        self._add(actor, actor.order, "ready", woken, start, "loop busy")
        self._events(actor, events, order, start, end)
        actor.until_ns, actor.order = end, order
        actor.wait = wait

    def _events(self, actor: _Actor, events: list[Any], order: int, now: int, end: int) -> None:
        """A turn, cut where spans begin and end and where it blocks."""
        for place, time_ns, event, details in events:
            if event in (ENTER, LEAVE, BLOCKED):
                self._add(actor, order, "working", now, time_ns)
                now = time_ns
                order = place
            if event is ENTER:
                lane = details.lane or actor.now_in
                actor.inside.append(_Named(place, details, lane, now))
            elif event is LEAVE:
                self._leave(actor, details, now)
            elif event is BLOCKED:
                until_ns, line, by = details
                self._add(actor, place, "blocked", now, until_ns, by, line)
                now = until_ns
            elif event is MARK:
                label, lane = details
                self.marks.append(Mark(lane or actor.now_in, label, time_ns))
            elif event is SEND:
                source, target, label, received_ns = details
                source, target = source or actor.now_in, target or actor.now_in
                self.messages.append(Arrow(source, target, label, time_ns, received_ns))
        self._add(actor, order, "working", now, end)

    def _leave(self, actor: _Actor, span: Any, time_ns: int) -> None:
        """Mostly the innermost of the actor's own; a generator's may end inside another task."""
        for holder in (actor, *self.actors.values()):
            for named in reversed(holder.inside):
                if named.span is span:
                    holder.inside.remove(named)
                    self._left(named, time_ns)
                    return

    def _left(self, named: _Named, time_ns: int) -> None:
        """Somebody gave it a name, so it is kept however short it was."""
        if named.last is None:
            times = (named.start_ns, time_ns)
            stretch = _Stretch(named.order, named.lane, named.label, "working", *times)
            self.stretches.append(stretch)

    def _waited(self, actor: _Actor, until_ns: int, reason: str, line: int | None) -> None:
        """A sleep inside a span stands for the work that the span names; all else is waiting."""
        times = (actor.until_ns, until_ns)
        if reason == "sleep" and actor.inside:
            self._add(actor, actor.order, "working", *times)
        else:
            self._add(actor, actor.order, "waiting", *times, reason, line)

    def _add(
        self,
        actor: _Actor,
        order: int,
        kind: Kind,
        start: int,
        end: int,
        reason: str = "",
        line: int | None = None,
    ) -> None:
        if end - start <= self.noise_ns:
            return
        if not actor.inside:
            if not actor.lane:
                return
            label = reason or actor.lane
            stretch = _Stretch(order, actor.lane, label, kind, start, end, reason, line)
            self.stretches.append(stretch)
            return
        top = actor.inside[-1]
        self._grow(top, _Stretch(order, top.lane, top.label, kind, start, end, reason, line))
        # A lane that this actor has left for another waits for what is done over there.
        seen = {top.lane}
        elsewhere = f"{top.label} in {top.lane}"
        for named in reversed(actor.inside):
            if named.lane not in seen:
                seen.add(named.lane)
                place = named.order  # who calls stands above who is called
                away = _Stretch(place, named.lane, named.label, "waiting", start, end, elsewhere)
                self._grow(named, away)

    def _grow(self, named: _Named, new: _Stretch) -> None:
        """Add a stretch to a name, or let its last one go on where the new one is more of it."""
        last = named.last
        if (
            last is not None
            and (last.kind, last.reason) == (new.kind, new.reason)
            and last.line is None
            and new.line is None
            and new.start_ns - last.end_ns <= self.noise_ns
        ):
            last.end_ns = new.end_ns
            return
        named.last = new
        self.stretches.append(new)

    def close(self, end_ns: int) -> None:
        """The end of the run, for actors that were cut short."""
        for key, actor in self.actors.items():
            if actor.pending:
                self.turn(actor.pending[0][0], key, end_ns, None)
            elif actor.wait is not None:
                self._waited(actor, end_ns, *actor.wait)
            while actor.inside:
                self._left(actor.inside.pop(), end_ns)
