"""What happens to waiting, queue and workers when a slider moves.

    Explorer()
    Explorer(rate=0.5, mode="async reject", bound=5)

The browser computes two hundred requests itself, by the mirror of `schedule`. What needs very many
it asks the kernel for, which simulates them with `course_lib.load`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from ..charts import Chart, Line
from ..display import table_html
from ..load import simulate
from ..scenarios.email import ACCEPT
from ..theory import md1, mmc
from .live import LiveWidget, source
from .schedule import UNIT, Setting, draw, schedule, summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MANY = 20_000  # requests that the kernel simulates for one change
CLOCKS = {"accept": "accepted", "complete": "done", "know": "known"}


class Explorer(LiveWidget):
    """Sliders, and at once what they do: timelines, three clocks, depth and age of the queue.

    The settings are those of `schedule.Setting`; `seed` chooses the chance. Raises ValueError for
    what cannot be run or drawn.
    """

    _esm = source("explorer.js")
    _css = source("explorer.css")
    first = traitlets.Dict().tag(sync=True)
    """The setting it opens with."""
    usual = traitlets.Dict().tag(sync=True)
    """What a preset does not say."""
    draws = traitlets.Dict().tag(sync=True)
    """Chance, drawn once, so that the browser's integers are Python's."""
    crowd = traitlets.Unicode().tag(sync=True)
    """The sentence about very many requests that it opens with."""

    def __init__(self, *, seed: int = 1, **settings: Any) -> None:
        self.setting, self.chance = Setting(**settings), draw(seed)
        first, usual = asdict(self.setting), asdict(Setting())
        super().__init__(
            first=first, usual=usual, draws=asdict(self.chance), crowd=crowd(self.setting)
        )

    def answer(self, question: dict[str, Any]) -> str:
        """The sentence about very many requests, for other settings."""
        return crowd(Setting(**question))

    def chart(self) -> Chart:
        """How many wait in the queue, over time."""
        x, y, there = [0.0], [0.0], 0
        for time, change in schedule(self.setting, self.chance).depth:
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
        page = self.chart()._repr_mimebundle_()["text/html"]
        return f"{page}\n{table_html(self.rows(), 'The three clocks of 200 requests')}"

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
    if setting.mode == "async wait" or setting.failure:
        return f"With {MANY:,} requests: only without crashes, and without waiting for a place."
    come: dict[str, Any] = {"rate": setting.rate, "requests": MANY}
    if not setting.random_arrivals:
        come = {"arrivals": np.arange(1, MANY + 1) / setting.rate}
    load = simulate(
        **come,
        mean_service=setting.task,
        service="exponential" if setting.random_tasks else "constant",
        servers=setting.servers,
        waiting_room=setting.bound if setting.mode == "async reject" else None,
    )
    before = 0.0 if setting.synchronous else ACCEPT
    middle, late = (f"{before + load.percentile(q):,.2f} s" for q in (50, 99))
    mean = before + load.response.mean()
    refused = f", {100 * load.rejected / load.requests:.1f} % refused" if load.rejected else ""
    told = (
        f"With {MANY:,} requests: done after p50 {middle}, p99 {late}, mean {mean:,.2f} s{refused}."
    )
    return f"{told} {_theory(setting, before)}"


def _theory(setting: Setting, before: float) -> str:
    busy = setting.rate * setting.task / setting.servers
    if busy >= 1 and setting.mode != "async reject":
        return f"{busy:.2f} times of what can be done is asked for: the longer it runs, the worse."
    if not setting.random_arrivals or setting.mode == "async reject":
        return ""
    if setting.random_tasks:
        mean = mmc(rate=setting.rate, mean_service=setting.task, servers=setting.servers).response
        return f"Theory (M/M/c): mean {before + mean:,.2f} s."
    if setting.servers == 1:
        mean = md1(rate=setting.rate, service=setting.task).response
        return f"Theory (M/D/1): mean {before + mean:,.2f} s."
    return ""
