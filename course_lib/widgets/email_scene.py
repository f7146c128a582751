"""Send an e-mail in two ways, side by side: a run of each, played as it went.

    EmailScene()
    EmailScene(mails=4, workers=2, crash=True)

What is shown comes from the traces of two real runs of `scenarios.mail_service`. Python sends the
browser their spans and events once for each setting; the browser moves what lies between them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import traitlets

from ..drawing.words import Table, with_table
from ..scenarios.mail_service import (
    AWAY,
    LEAST_TASK,
    MOST_EVERY,
    MOST_MAILS,
    MOST_TASK,
    MOST_WORKERS,
    Mailing,
    fates,
)
from ..timeline import Comparison
from ..trace import Trace
from .email_wire import NAMES, scene, shown_lanes, traces_of
from .live import source
from .settable import Settable, Settings

CLOCKS = {"accept": "accepted", "complete": "sent", "know": "known to the user"}
Field = dict[str, Any]


def _number(name: str, label: str, least: float, most: float, unit: int = 1) -> Field:
    limits = {"type": "number", "min": round(unit * least), "max": round(unit * most)}
    return {"name": name, "label": label, "control": limits, "unit": unit}


def _check(name: str, label: str, off: Any, on: Any) -> Field:
    return {"name": name, "label": label, "control": {"type": "checkbox"}, "off": off, "on": on}


FIELDS = [
    _number("mails", "E-mails", 1, MOST_MAILS),
    _number("every", "One every … ms", 0, MOST_EVERY, unit=1000),
    _number("workers", "Workers", 1, MOST_WORKERS),
    _number("task", "Time to send one", LEAST_TASK, MOST_TASK, unit=1000),
    _check("crash", "A crash at the first e-mail", off=False, on=True),
    _check("outage", f"Provider away for {AWAY:g} s", off=False, on=True),
    _check("ack", "Ack before the work", off="after", on="before"),
]
"""What can be changed: the setting, its label, the control's attributes, and how many of its units
make one of the setting's, or what the setting is with the control off and on.
"""
FIELDS[3]["control"] |= {"type": "range", "step": 100}


class EmailScene(Settable):
    """The two ways of sending an e-mail as a scene to play, stop and change.

    The settings are those of `Mailing`: `mails`, `every`, `workers`, `task` (seconds), `crash`,
    `outage`, `ack`. Raises ValueError for one that cannot be run or drawn.
    """

    _esm = source("email_scene.js")
    _css = source("email_scene.css")
    fields = traitlets.List(FIELDS).tag(sync=True)
    """What can be changed."""
    names = traitlets.Dict(NAMES).tag(sync=True)
    """The fields of the rows in `shown`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(settings)

    @property
    def setting(self) -> Mailing:
        """The settings, as the scenario takes them."""
        return Mailing(**self.settings)

    def complete(self, settings: Settings) -> Settings:
        return asdict(Mailing(**settings))

    def made(self, settings: Settings) -> dict[str, Any]:
        """The scene."""
        return scene(Mailing(**settings))

    def still(self) -> str:
        """Both timelines, and the three clocks of the first mail."""
        traces = traces_of(self.setting)
        shown = {way: trace.show(*shown_lanes(trace)) for way, trace in traces.items()}
        picture = Comparison(shown)._repr_mimebundle_()["text/html"]
        return with_table(picture, Table("Three clocks of the first e-mail", clock_rows(traces)))

    def words(self) -> str:
        """The three clocks of the first mail as text."""
        rows = clock_rows(traces_of(self.setting))
        return "\n".join("  ".join(cell.ljust(18) for cell in row).rstrip() for row in rows)


def clock_rows(traces: dict[str, Trace]) -> list[list[str]]:
    """Heading and a row a clock: milliseconds in both ways, and how the second compares."""
    left, right = (fates(trace)[0] for trace in traces.values())
    rows = [["time until", *traces, "which is"]]
    for clock, name in CLOCKS.items():
        a, b = getattr(left, clock), getattr(right, clock)
        rows.append([name, _milliseconds(a), _milliseconds(b), _compared(a, b)])
    return rows


def _milliseconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{1000 * seconds:,.0f} ms"


def _compared(synchronous: float | None, asynchronous: float | None) -> str:
    if synchronous is None or asynchronous is None:
        return "-"
    if synchronous > asynchronous:
        return f"{synchronous / asynchronous:.2f} x sooner"
    return f"{asynchronous / synchronous:.2f} x as long"
