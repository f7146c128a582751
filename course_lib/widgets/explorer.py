"""What happens to waiting, queue and workers when a slider moves.

    Explorer()
    Explorer(rate=0.5, mode="async reject", bound=5)

The browser computes two hundred requests itself, by the mirror of `schedule`. What needs very many
it asks the kernel for, which simulates them with `course_lib.load`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import traitlets

from ..charts import Chart, Line
from ..drawing.words import Table, with_table
from ..load import simulate
from ..scenarios.email import ACCEPT
from ..theory import md1, mm1k, mmc
from .live import LiveWidget, source
from .schedule import LIMITS, SEED, UNIT, Mode, Setting, draw_chance, schedule, summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MANY = 20_000  # requests that the kernel simulates for one change
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

NO_PART = {"workers": ("sync one thread",), "bound": ("sync", "async unbounded")}
"""Where a control plays no part: what such a mode begins with."""


def _field(name: str) -> list[Any]:
    words, step = DIALS[name]
    least, most, _ = LIMITS[name]
    modes = [mode for mode in get_args(Mode) if not mode.startswith(NO_PART.get(name, ()))]
    return [name, words, least, most, step, modes]


MENU = {
    "fields": [_field(name) for name in DIALS],
    "checks": [["random_arrivals", "Random arrivals"], ["random_tasks", "Random work"]],
    "selects": [
        [
            "mode",
            "Mode",
            {
                "sync one thread": "synchronous, one thread",
                "sync N threads": "synchronous, a thread each worker",
                "async unbounded": "asynchronous, queue without end",
                "async reject": "asynchronous, full queue says no",
                "async wait": "asynchronous, full queue lets wait",
            },
        ],
        ["ack", "Workers acknowledge", {"after": "after the work", "before": "before the work"}],
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


class Explorer(LiveWidget):
    """Sliders, and at once what they do: timelines, three clocks, depth and age of the queue.

    The settings are those of `schedule.Setting`; `seed` chooses the chance. Raises ValueError for
    what cannot be run or drawn.
    """

    _esm = source("explorer.js")
    _css = source("explorer.css")
    first = traitlets.Dict().tag(sync=True)
    """The setting and the seed it opens with."""
    usual = traitlets.Dict().tag(sync=True)
    """What a preset, a question or the line of code does not say."""
    menu = traitlets.Dict().tag(sync=True)
    """What the controls offer."""
    draws = traitlets.Dict().tag(sync=True)
    """Chance, drawn once, so that the browser's integers are Python's."""
    crowd = traitlets.Unicode().tag(sync=True)
    """The sentence about very many requests that it opens with."""

    def __init__(self, *, seed: int = SEED, **settings: Any) -> None:
        self.setting, self.chance = Setting(**settings), draw_chance(seed)
        super().__init__(
            first=asdict(self.setting) | {"seed": seed},
            usual=asdict(Setting()) | {"seed": SEED},
            menu=MENU,
            draws=asdict(self.chance),
            crowd=crowd(self.setting),
        )

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The sentence about very many requests, for what is not as usual in the question.

        `known` is the seed whose chance the browser has; for another it gets that, too.
        """
        changes = dict(question)
        seed, known = changes.pop("seed", SEED), changes.pop("known")
        told = {"crowd": crowd(Setting(**changes))}
        return told if seed == known else told | {"seed": seed, "draws": asdict(draw_chance(seed))}

    def chart(self) -> Chart:
        """How many wait in the queue, over time."""
        x, y, there = [0.0], [0.0], 0
        for time, change, _ in schedule(self.setting, self.chance).depth:
            there += change
            x.append(time / UNIT)
            y.append(float(there))
        rows = tuple(float(round(x[-1] * n / 8)) for n in range(9))
        line = Line("waiting in the queue", tuple(x), tuple(y), steps=True)
        return Chart((line,), ("seconds", "requests"), rows)

    def figure(self) -> Figure:
        """The still picture, to change or to save."""
        return self.chart().figure()

    def still(self) -> str:
        picture = self.chart()._repr_mimebundle_()["text/html"]
        return with_table(picture, Table("The three clocks of 200 requests", self.rows()))

    def words(self) -> str:
        return "\n".join("  ".join(cell.ljust(12) for cell in row).rstrip() for row in self.rows())

    def rows(self) -> list[list[str]]:
        """The numbers as text: clocks with p50 and p99, then what became of the requests."""
        found = summary(self.setting, self.chance)
        rows = [["time until", "p50", "p99"]]
        rows += [[CLOCKS[clock], *map(_seconds, found["clocks"][clock])] for clock in CLOCKS]
        return rows + [[name, str(count), ""] for name, count in found["counts"].items()]


def _seconds(us: int | None) -> str:
    return "never" if us is None else f"{us / UNIT:.2f} s"


def crowd(setting: Setting) -> str:
    """What very many requests see with these settings, and what the formula says to it."""
    if setting.failure:
        return f"With {MANY:,} requests: the simulator knows no crashes."
    come: dict[str, Any] = {"rate": setting.rate, "requests": MANY}
    if not setting.random_arrivals:
        come = {"arrivals": np.arange(1, MANY + 1) / setting.rate}
    load = simulate(
        **come,
        mean_service=setting.task,
        service="exponential" if setting.random_tasks else "constant",
        servers=setting.servers,
        # Who waits for a place is served when an endless queue would do it.
        waiting_room=setting.bound if setting.mode == "async reject" else None,
    )
    before = 0.0 if setting.synchronous else ACCEPT
    middle, late = (f"{before + load.percentile(q):,.2f} s" for q in (50, 99))
    mean = before + load.response.mean()
    refused = f", {100 * load.rejected / load.requests:.1f} % refused" if load.rejected else ""
    told = (
        f"With {MANY:,} requests: done after p50 {middle}, p99 {late}, mean {mean:,.2f} s{refused}."
    )
    return f"{told} {_theory(setting, before)}".rstrip()


def _theory(setting: Setting, before: float) -> str:
    rate, task, servers = setting.rate, setting.task, setting.servers
    both_random = setting.random_arrivals and setting.random_tasks
    if setting.mode == "async reject":
        if not both_random or servers > 1:
            return ""
        lost = mm1k(rate=rate, mean_service=task, places=setting.bound + 1).lost
        return f"Theory (M/M/1/K): {100 * lost:.1f} % refused."
    if rate * task == servers:
        return "Exactly what can be done is asked for: chance finds no room."
    if rate * task > servers:
        return (
            f"{rate * task / servers:.2f} times of what can be done is asked for: "
            f"the queue grows by {rate - servers / task:.2f} requests a second."
        )
    if both_random:
        mean = mmc(rate=rate, mean_service=task, servers=servers).response
        return f"Theory (M/M/c): mean {before + mean:,.2f} s."
    if setting.random_arrivals and servers == 1:
        mean = md1(rate=rate, service=task).response
        return f"Theory (M/D/1): mean {before + mean:,.2f} s."
    return ""
