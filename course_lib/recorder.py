"""From the loop's log to spans.

While a run goes on, the loop only appends short tuples to a list, which costs little.
When somebody looks at the trace, the log is read once, and each task's history is cut into
stretches of working, waiting, ready and blocked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from .trace import Kind, Mark, Message, Span

Actor = Hashable  # the serial number of a task, or the name of a thread's lane
EVENT_LOOP = 0  # the actor of a callback that belongs to no task
LIVE_NOISE = (
    2_000_000  # ns: on a live clock shorter stretches are the computer's, not the program's
)


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
    label: str
    lane: str
    start_ns: int
    last: _Stretch | None = None


@dataclass(slots=True)
class _Actor:
    """What the log has told of one task or thread so far."""

    lane: str
    inside: list[_Named] = field(default_factory=list)
    until_ns: int = 0  # end of its last step
    order: int = 0  # and that step's place in the log
    wait: tuple[str, int | None] | None = None  # what it waits for since then, and on which line
    pending: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)
    """Events of the step under way, each with its place in the log."""

    @property
    def now_in(self) -> str:
        """The lane it is in at the moment."""
        return self.inside[-1].lane if self.inside else self.lane


class Recorder:
    """Keeps the log of a run, and reads it.

    The log holds two sorts of tuples, all times in nanoseconds. The end of an actor's turn:
    (actor, time, reason, line), with what it waits for then; the reason is None at its very end.
    An event inside a turn, written as it happens: (actor, name of the event, time, …), where the
    events are "resumed" (when woken), "enter", "leave", "blocked", "mark" and "send". A turn that
    began the moment its actor was woken has no "resumed": most have none, which saves a tuple.
    """

    def __init__(self, *, noise_ns: int = 0) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.names: dict[Actor, tuple[str, bool]] = {}  # actor → name, and whether we made it up
        self.noise_ns = noise_ns

    def lanes(self) -> dict[Actor, str]:
        """The lane of each actor; tasks without a name of their own are numbered."""
        made_up = Counter(name for name, ours in self.names.values() if ours)
        number: Counter[str] = Counter()
        lanes: dict[Actor, str] = {EVENT_LOOP: "event loop"}
        for actor, (name, ours) in self.names.items():
            if ours and made_up[name] > 1:
                number[name] += 1
                lanes[actor] = f"{name} {number[name]}"
            else:
                lanes[actor] = name
        return lanes

    def read(self, end_ns: int) -> tuple[list[Span], list[Mark], list[Message]]:
        """Spans, marks and messages of the whole log, in order of start, up to the run's end."""
        reader = _Reader(self.lanes(), self.noise_ns)
        for order, entry in enumerate(self.log):
            if isinstance(entry[1], str):
                reader.actor(entry[0]).pending.append((order, entry))
            else:
                reader.turn(order, *entry)
        reader.close(end_ns)
        stretches = sorted(reader.stretches, key=lambda stretch: (stretch.start_ns, stretch.order))
        return [stretch.span() for stretch in stretches], reader.marks, reader.messages


class _Reader:
    """Reads a log from front to back."""

    def __init__(self, lanes: dict[Actor, str], noise_ns: int) -> None:
        self.lanes = lanes
        self.noise_ns = noise_ns
        self.actors: dict[Actor, _Actor] = {}
        self.stretches: list[_Stretch] = []
        self.marks: list[Mark] = []
        self.messages: list[Message] = []

    def actor(self, key: Actor) -> _Actor:
        if key not in self.actors:
            self.actors[key] = _Actor(self.lanes[key])
        return self.actors[key]

    def turn(self, order: int, key: Actor, end: int, reason: str | None, line: int | None) -> None:
        """A turn that ended: what its actor did before it, in it, and waits for now."""
        actor = self.actor(key)
        events, actor.pending = actor.pending, []
        start = woken = events[0][1][2] if events else end
        if events and events[0][1][1] == "resumed":
            woken = events.pop(0)[1][3]
        woken = max(woken, actor.until_ns)
        if actor.wait is not None:
            self._waited(actor, woken, *actor.wait)
        self._add(actor, actor.order, "ready", woken, start, "loop busy")
        self._events(actor, events, order, start, end)
        actor.until_ns, actor.order = end, order
        actor.wait = None if reason is None else (reason, line)

    def _events(
        self,
        actor: _Actor,
        events: list[tuple[int, tuple[Any, ...]]],
        order: int,
        now: int,
        end: int,
    ) -> None:
        """A turn, cut where spans begin and end and where it blocks."""
        for place, (_, what, time_ns, *details) in events:
            if what in ("enter", "leave", "blocked"):
                self._add(actor, order, "working", now, time_ns)
                now = time_ns
                order = place
            match what:
                case "enter":
                    label, lane = details
                    actor.inside.append(_Named(place, label, lane or actor.now_in, now))
                case "leave":
                    self._left(actor.inside.pop(), now)
                case "blocked":
                    until_ns, line = details
                    self._add(actor, place, "blocked", now, until_ns, "time.sleep", line)
                    now = until_ns
                case "mark":
                    label, lane = details
                    self.marks.append(Mark(lane or actor.now_in, label, time_ns))
                case "send":
                    source, target, label, received_ns = details
                    self.messages.append(Message(source, target, label, time_ns, received_ns))
        self._add(actor, order, "working", now, end)

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
                away = _Stretch(order, named.lane, named.label, "waiting", start, end, elsewhere)
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
                self.turn(actor.pending[0][0], key, end_ns, None, None)
            elif actor.wait is not None:
                self._waited(actor, end_ns, *actor.wait)
            while actor.inside:
                self._left(actor.inside.pop(), end_ns)
