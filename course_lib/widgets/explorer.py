"""What happens to waiting, queue and workers when a slider moves.

    Explorer()
    Explorer(rate=0.5, mode="async reject", bound=5)

The browser computes two hundred requests itself, by the mirror of `schedule`. What needs very many
it asks the kernel for, which simulates them with `course_lib.load`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import traitlets

from ..charts import Chart, Line
from ..drawing.words import Table, with_table
from .crowd import crowd
from .live import source
from .measures import Points, lines, summary
from .schedule import LIMITS, SEED, UNIT, Draws, Mode, Setting, draw_chance, schedule
from .settable import Settable, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLOCKS = {"accept": "accepted", "complete": "done", "know": "known"}

DIALS = {
    "rate": ("Requests per second", 0.01),
    "task": ("Seconds of work each", 0.1),
    "workers": ("Workers", 1),
    "bound": ("Places in the queue", 1),
    "failure": ("Share of crashes", 0.01),
    "seed": ("Seed of chance", 1),
}
"""What a control is called, and its step; its limits are those of the schedule."""

NO_PART = {"workers": ("sync one thread",), "bound": ("sync one", "sync N", "async un")}
"""Where a control plays no part: what such a mode begins with."""


def _field(name: str) -> dict[str, Any]:
    label, step = DIALS[name]
    least, most, _ = LIMITS[name]
    modes = [mode for mode in get_args(Mode) if not mode.startswith(NO_PART.get(name, ()))]
    limits = {"min": least, "max": most, "step": step}
    return {"name": name, "label": label, "limits": limits, "modes": modes}


MENU = {
    "fields": [_field(name) for name in DIALS],
    "checks": [
        {"name": "random_arrivals", "label": "Random arrivals"},
        {"name": "random_tasks", "label": "Random work"},
    ],
    "selects": [
        {
            "name": "mode",
            "label": "Mode",
            "options": {
                "sync one thread": "synchronous, one thread",
                "sync N threads": "synchronous, a thread each worker",
                "sync reject": "synchronous, full server says no",
                "async unbounded": "asynchronous, queue without end",
                "async reject": "asynchronous, full queue says no",
                "async wait": "asynchronous, full queue lets wait",
            },
        },
        {
            "name": "order",
            "label": "Order",
            "options": {
                "fifo": "first in, first out",
                "lifo": "last in, first out",
                "priority": "by priority: each fifth is urgent",
            },
        },
        {
            "name": "ack",
            "label": "Workers acknowledge",
            "options": {"after": "after the work", "before": "before the work"},
        },
    ],
    "presets": {
        "the page's own demo": {"rate": 0.05, "random_arrivals": False},
        "a busy worker": {},
        "more than can be done": {"rate": 0.5},
        "a full queue says no": {"rate": 0.5, "mode": "async reject", "bound": 5},
        "a full queue lets wait": {"rate": 0.5, "mode": "async wait", "bound": 5},
        "crashes, ack before the work": {"rate": 0.2, "failure": 0.1, "ack": "before"},
        "crashes, ack after the work": {"rate": 0.2, "failure": 0.1},
        "all threads taken": {"rate": 2.0, "mode": "sync N threads", "workers": 4},
    },
}
"""What the controls offer; a preset says what is not as usual."""


class Explorer(Settable):
    """Sliders, and at once what they do: age and depth of the queue, timelines, three clocks.

    The settings are those of `schedule.Setting`; `seed` chooses the chance. Raises ValueError for
    what cannot be run or drawn.
    """

    _esm = source("explorer.js")
    _css = source("explorer.css")
    menu = traitlets.Dict(MENU).tag(sync=True)
    """What the controls offer."""
    draws = traitlets.Dict().tag(sync=True)
    """The chance of a seed, drawn once, so that the browser's integers are Python's."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(settings, draws=_drawn(settings.get("seed", SEED)))
        self.observe(self._draw, "settings")

    @property
    def setting(self) -> Setting:
        """The settings, as the schedule takes them."""
        return _parted(self.settings)[0]

    @property
    def chance(self) -> Draws:
        """The chance of their seed."""
        return draw_chance(self.settings["seed"])

    def complete(self, settings: Settings) -> Settings:
        setting, seed = _parted(settings)
        draw_chance(seed, requests=0)  # which says what a seed may be
        return asdict(setting) | {"seed": seed}

    def made(self, settings: Settings) -> dict[str, Any]:
        """The sentence about very many requests."""
        return {"crowd": crowd(*_parted(settings))}

    def _draw(self, change: Any) -> None:
        if change.new["seed"] != self.draws["seed"]:
            self.draws = _drawn(change.new["seed"])

    def charts(self) -> list[Chart]:
        """How long the oldest in the queue has waited, and how many are there, over time."""
        depth, age = lines(schedule(self.setting, self.chance))
        return [
            _chart("the oldest in the queue", age, 1 / UNIT, "seconds waited", steps=False),
            _chart("waiting in the queue", depth, 1, "requests", steps=True),
        ]

    def figure(self) -> Figure:
        """The first still picture, to change or to save."""
        return self.charts()[0].figure()

    def still(self) -> str:
        pictures = "".join(c._repr_mimebundle_()["text/html"] for c in self.charts())
        clocks, counts = self.rows()
        page = with_table(pictures, Table("The three clocks of 200 requests", clocks))
        return with_table(page, Table("What became of them", counts))

    def words(self) -> str:
        rows = [row for table in self.rows() for row in table]
        return "\n".join("  ".join(cell.ljust(12) for cell in row).rstrip() for row in rows)

    def rows(self) -> tuple[list[list[str]], list[list[str]]]:
        """The three clocks, and what became of the requests, each with a heading."""
        found = summary(self.setting, self.chance)
        clocks = [[CLOCKS[clock], *map(_seconds, found["clocks"][clock])] for clock in CLOCKS]
        counts = [[name, str(count)] for name, count in found["counts"].items()]
        return [["time until", "p50", "p99"], *clocks], [["became", "requests"], *counts]


def _parted(settings: Settings) -> tuple[Setting, int]:
    rest = dict(settings)
    seed = rest.pop("seed", SEED)
    return Setting(**rest), seed


def _drawn(seed: int) -> dict[str, Any]:
    return asdict(draw_chance(seed)) | {"seed": seed}


def _chart(name: str, points: Points, scale: float, axis: str, *, steps: bool) -> Chart:
    """A line from 0 on, with about nine of its points in its table."""
    times = (0.0, *(time / UNIT for time, _ in points))
    line = Line(name, times, (0.0, *(value * scale for _, value in points)), steps=steps)
    rows = sorted({times[(len(times) - 1) * n // 8] for n in range(9)})
    return Chart((line,), ("seconds", axis), tuple(rows))


def _seconds(us: int | None) -> str:
    return "never" if us is None else f"{us / UNIT:.2f} s"
