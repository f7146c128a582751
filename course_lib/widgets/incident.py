"""On call for a minute: a system in trouble, promises to keep, and your moves.

    Incident("monday")
    Incident("friday", seed=7, moves="20 ack after", ack="before")

The line is the save file: what happens is a function of it. The browser plays by itself, and tells
Python the moves; `moves`, `line`, `verdict` and `at` speak of the incident as it stands.
"""

from __future__ import annotations

from typing import Any

import traitlets

from ..drawing.words import Table, with_table
from ..incidents import Day, Judgement, Moment, at, judge, parse, play, story, write
from ..incidents.picture import picture
from ..incidents.rules import SECOND, TIMES, Value, seconds
from ..page import render
from ..trace import Trace
from .incident_wire import kit
from .live import LiveWidget, source
from .settable import in_python

SEED = 1


class Incident(LiveWidget):
    """A minute on call, to be played.

    `name` is "monday", "friday", "newsletter", "sale", "receipts" or "outage"; `moves` are written
    as "20 ack after, 31.5 kill 2"; `opening` are settings that differ at the start, of those that
    are yours in this incident: `mode`, `ack`, `workers`, `bound`, `timeout`, `retry`, `key`.
    Raises ValueError for what cannot be: an unknown name, a wrong move (which, and why), a setting
    that is not yours, a seed beyond its limits.
    """

    _esm = source("incident.js")
    _css = source("incident.css")
    kit = traitlets.Dict().tag(sync=True)
    """What the browser needs to play this story with this seed."""
    settings = traitlets.Dict().tag(sync=True)
    """`name`, `seed`, `moves`, `opening`: all that is yours, here and in the browser."""

    def __init__(
        self, name: str = "monday", *, seed: int = SEED, moves: str = "", **opening: Value
    ) -> None:
        settings = {"name": name, "seed": seed, "moves": moves, "opening": opening}
        super().__init__(settings=settings)

    @traitlets.validate("settings")
    def _checked(self, proposal: Any) -> dict[str, Any]:
        """The settings in one form. Raises ValueError for what cannot be played."""
        name, seed, moves, opening = (
            proposal["value"].get(key) for key in ("name", "seed", "moves", "opening")
        )
        chosen = story(name)
        written = write(parse(moves, chosen.may))
        chosen.opened(opening)
        if not self.kit or (name, seed) != (self.settings["name"], self.settings["seed"]):
            self.kit = kit(chosen, seed)
        return {"name": name, "seed": int(seed), "moves": written, "opening": dict(opening)}

    @property
    def moves(self) -> str:
        """The moves so far, in the order in which they were made."""
        return str(self.settings["moves"])

    @property
    def line(self) -> str:
        """The line of Python that makes this incident again: the whole save file."""
        given = {key: self.settings[key] for key in ("seed", "moves") if self.settings[key] != ""}
        given |= self.settings["opening"]
        words = [f"{key}={in_python(value)}" for key, value in given.items()]
        return f"Incident({', '.join([in_python(self.settings['name']), *words])})"

    def undo(self) -> None:
        """Take back the last move."""
        made = parse(self.moves)
        self.settings = {**self.settings, "moves": write(made[:-1])}

    def day(self) -> Day:
        """The whole minute, with these moves."""
        about = self.settings
        return play(
            story(about["name"]), about["moves"], seed=about["seed"], opening=about["opening"]
        )

    @property
    def trace(self) -> Trace:
        """Workers, provider, moves and broken promises, to be looked at like any other trace."""
        return picture(self.day())

    def at(self, time: float) -> Moment:
        """How everything stands at a time in seconds. Raises ValueError for one beyond the end."""
        end = TIMES["end"] // SECOND
        if not 0 <= time <= end:
            raise ValueError(f"the time is {time} s; give seconds from 0 to {end}")
        return at(self.day(), round(SECOND * time))

    def verdict(self) -> Judgement:
        """Which promises are kept, and of the others moment and cause."""
        return judge(self.day())

    def still(self) -> str:
        """The timeline, the verdict as a table, and the line."""
        day = self.day()
        found, shown = judge(day), picture(day)._repr_mimebundle_().get("text/html", "")
        table = with_table(shown, Table(found.words, _rows(found)))
        return render("incident.html", story=day.story, page=table, line=self.line)

    def words(self) -> str:
        """What you are told, the verdict, and the line."""
        about = story(self.settings["name"])
        return f"{about.title}: {about.about}\n{about.brief}\n{self.verdict()}\n{self.line}"


def _rows(found: Judgement) -> list[list[str]]:
    """A row for each promise; its cause has its own times in it."""
    rows = [["promise", "kept?", "broken at", "why"]]
    for one in found.findings:
        when = "-" if one.broken is None else f"{seconds(one.broken)} s"
        rows.append([one.promise, "kept" if one.is_kept else "broken", when, one.words])
    return rows
