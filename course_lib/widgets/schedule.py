"""Who waits, who works, and who is told what, for some hundred requests; the explorer mirrors it.

    made = schedule(Setting(rate=0.3, task=3.0), draw_chance(seed=1))

All times are whole microseconds, and chance comes as whole numbers drawn beforehand, so the mirror
in explorer_schedule.js computes the very same integers. For many requests there is
`course_lib.load`.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, get_args

import numpy as np

from ..checked import a_kind, whole, within, yes_or_no
from ..scenarios.email import ACCEPT

Mode = Literal[
    "sync one thread", "sync N threads", "sync reject",
    "async unbounded", "async reject", "async wait",
]  # fmt: skip
Ack = Literal["after", "before"]
Order = Literal["fifo", "lifo", "priority"]

SEED = 1
REQUESTS = 200
ATTEMPTS = 5  # deliveries of one request; after the last it is set aside
URGENT = 5  # each fifth request is urgent, where the order is by priority
UNIT = 1_000_000  # microseconds of a second; the mean of a unit draw
ACCEPT_US = round(ACCEPT * UNIT)
LIMITS = {
    "rate": (0.02, 5.0, "requests per second"),
    "task": (0.1, 10.0, "seconds"),
    "workers": (1, 8, "workers"),
    "bound": (1, 50, "places in the queue"),
    "failure": (0.0, 0.5, "as a share of the deliveries"),
    "seed": (0, 9999, "which chance"),
}
"""What can be run and drawn: least, most, and of what."""


FAR = 1_000_000  # more than there are requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What comes, how it is served, and what goes wrong.

    Raises ValueError for what cannot be run or drawn, with the limits.
    """

    rate: float = 0.3
    """Arrivals per second."""
    task: float = 3.0
    """Mean seconds of the work for one request."""
    workers: int = 1
    """How many work at once; threads of the server where it is synchronous."""
    mode: Mode = "async unbounded"
    bound: int = 10
    """How many may wait, where the queue or the server's line has an end."""
    order: Order = "fifo"
    """Who is served next: the first that came, the last, or the urgent before the others."""
    failure: float = 0.0
    """Share of the deliveries whose worker crashes between the work and the acknowledgement."""
    ack: Ack = "after"
    random_arrivals: bool = True
    """Exponential gaps; otherwise all alike."""
    random_tasks: bool = False
    """Exponential times of the work; otherwise all alike."""

    def __post_init__(self) -> None:
        for name in ("rate", "task", "workers", "bound", "failure"):
            within(name, getattr(self, name), *LIMITS[name])
        for name, known in (("mode", Mode), ("ack", Ack), ("order", Order)):
            if getattr(self, name) not in get_args(known):
                words = ", ".join(map(repr, get_args(known)))
                raise ValueError(f"{name} is {getattr(self, name)!r}; take one of {words}")
        for name in ("random_arrivals", "random_tasks"):
            yes_or_no(name, getattr(self, name))

    @property
    def synchronous(self) -> bool:
        return self.mode.startswith("sync")

    @property
    def servers(self) -> int:
        return 1 if self.mode == "sync one thread" else self.workers

    @property
    def refuses(self) -> bool:
        """Whether who finds no place is told no."""
        return self.mode.endswith("reject")

    def twin(self) -> Setting:
        """The synchronous server with the same requests, workers, places, order and crashes."""
        return replace(self, mode="sync reject" if self.refuses else "sync N threads")

    def rank(self, number: int) -> int:
        """The lower, the sooner a request is served among those that wait."""
        if self.order == "lifo":
            return -number
        is_urgent = self.order != "priority" or number % URGENT == URGENT - 1
        return number if is_urgent else number + FAR


@dataclass(frozen=True, slots=True)
class Draws:
    """Chance, drawn once: for each request a gap and a task of mean UNIT, and 5 times 0 to 999."""

    gaps: list[int]
    tasks: list[int]
    crashes: list[list[int]]


def draw_chance(seed: int, requests: int = REQUESTS) -> Draws:
    """The same chance for the same seed: PCG64, gaps before tasks before crashes.

    Raises ValueError for a seed beyond its limits.
    """
    within("seed", seed, *LIMITS["seed"])
    whole("number of requests", requests, least=0)
    rng = np.random.default_rng(seed)
    gaps, tasks = np.rint(rng.exponential(UNIT, (2, requests))).astype(int).tolist()
    return Draws(gaps, tasks, rng.integers(1000, size=(requests, ATTEMPTS)).tolist())


@dataclass(slots=True)
class Outcome:
    """What became of a request; times in microseconds, None for what never came."""

    arrival: int
    accept: int | None = None
    """When the caller was told yes."""
    complete: int | None = None
    """When its work was done, the first time."""
    know: int | None = None
    """When the caller was told that it is done, or that it failed."""
    copies: int = 0
    """How many times its work was done."""
    refused: bool = False
    failed: bool = False
    """Whether the caller was told that it failed."""

    @property
    def lost(self) -> bool:
        return self.accept is not None and not self.copies


class Work(NamedTuple):
    """A worker works on a request."""

    request: int
    worker: int
    start: int
    end: int


class Change(NamedTuple):
    """The number of those that wait changes `by` one, who is there since."""

    time: int
    by: int
    since: int


@dataclass(slots=True)
class Schedule:
    """All that has happened; outcomes in order of arrival, the others in that of time."""

    outcomes: list[Outcome] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    depth: list[Change] = field(default_factory=list)


def schedule(setting: Setting, draws: Draws) -> Schedule:
    """Serve the requests, in the order of the setting."""
    a_kind("setting", setting, Setting, "Setting(rate=0.3)")
    return _Run(setting, a_kind("chance", draws, Draws, "draw_chance(1)")).serve()


def nearest(value: float) -> int:
    """Rounded as JavaScript's Math.round does, half up."""
    return math.floor(value + 0.5)


class _Run:
    """The state while requests come, wait and are served."""

    def __init__(self, setting: Setting, draws: Draws) -> None:
        self.setting, self.draws, self.made = setting, draws, Schedule()
        self.free = [0] * setting.servers
        # Rank, request, attempt, when it joined; who is served next is the first.
        self.queue: list[tuple[int, int, int, int]] = []
        self.door: list[int] = []  # who waits for a place in the queue
        self.coming: list[tuple[int, int, int]] = []  # time, request, attempt
        time = 0
        for number, gap in enumerate(draws.gaps):
            time += nearest((gap if setting.random_arrivals else UNIT) / setting.rate)
            self.made.outcomes.append(Outcome(time))
            self.coming.append((time + (0 if setting.synchronous else ACCEPT_US), number, 1))

    def serve(self) -> Schedule:
        while self.coming or self.queue:
            worker = min(range(len(self.free)), key=self.free.__getitem__)
            start = max(self.free[worker], self.queue[0][3]) if self.queue else None
            # Who starts at the moment of an arrival has made room for it.
            if start is None or (self.coming and self.coming[0][0] < start):
                self.arrive(*self.coming.pop(0))
            else:
                self.work(worker, start)
        return self.made

    def arrive(self, time: int, number: int, attempt: int) -> None:
        full = len(self.queue) >= self.setting.bound and attempt == 1
        if full and self.setting.refuses:
            outcome = self.made.outcomes[number]
            outcome.refused, outcome.know = True, time
        elif full and self.setting.mode == "async wait":
            self.door.append(number)
        else:
            self.join(time, number, attempt)

    def join(self, time: int, number: int, attempt: int) -> None:
        """Into the queue: what comes back has the place of its first arrival."""
        insort(self.queue, (self.setting.rank(number), number, attempt, time))
        self.made.depth.append(Change(time, 1, time))
        if attempt == 1 and not self.setting.synchronous:
            self.made.outcomes[number].accept = time

    def work(self, worker: int, start: int) -> None:
        _, number, attempt, joined = self.queue.pop(0)
        self.made.depth.append(Change(start, -1, joined))
        if self.door:
            self.join(start, self.door.pop(0), 1)
        outcome = self.made.outcomes[number]
        crash = self.draws.crashes[number][attempt - 1] < nearest(1000 * self.setting.failure)
        early = self.setting.ack == "before" and not self.setting.synchronous
        if crash and early:
            return  # acknowledged, and never done
        size = self.draws.tasks[number] if self.setting.random_tasks else UNIT
        end = start + nearest(size * self.setting.task)
        self.free[worker] = end
        self.made.works.append(Work(number, worker, start, end))
        outcome.copies += 1
        outcome.complete = end if outcome.complete is None else outcome.complete
        if outcome.know is None:
            outcome.know = end
        if self.setting.synchronous:
            outcome.failed, outcome.accept = crash, None if crash else end
        elif crash and attempt < ATTEMPTS:
            timeout = start + max(nearest(2 * self.setting.task * UNIT), end - start)
            insort(self.coming, (timeout, number, attempt + 1))
