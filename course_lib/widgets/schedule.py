"""Who waits, who works, and who is told what, for some hundred requests; the explorer mirrors it.

    made = schedule(Setting(rate=0.3, task=3.0), draw_chance(seed=1))

All times are whole microseconds, and chance comes as whole numbers drawn beforehand, so the mirror
in explorer.js computes the very same integers. For many requests there is `course_lib.load`.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from ..checked import within, yes_or_no
from ..scenarios.email import ACCEPT

Mode = Literal["sync one thread", "sync N threads", "async unbounded", "async reject", "async wait"]
Ack = Literal["after", "before"]

SEED = 1
REQUESTS = 200
ATTEMPTS = 5  # deliveries of one request; after the last it is set aside
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
    """How many may wait in the queue, where it has an end."""
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
        for name, known in (("mode", Mode), ("ack", Ack)):
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


@dataclass(slots=True)
class Schedule:
    """Outcomes in order of arrival; works: (request, worker, start, end); depth: (time, by how
    many, since when who joins or leaves was there) of each change of the number that wait."""

    outcomes: list[Outcome] = field(default_factory=list)
    works: list[tuple[int, int, int, int]] = field(default_factory=list)
    depth: list[tuple[int, int, int]] = field(default_factory=list)


def schedule(setting: Setting, draws: Draws) -> Schedule:
    """Serve the requests first come, first served."""
    return _Run(setting, draws).serve()


def nearest(value: float) -> int:
    """Rounded as JavaScript's Math.round does, half up."""
    return math.floor(value + 0.5)


class _Run:
    """The state while requests come, wait and are served."""

    def __init__(self, setting: Setting, draws: Draws) -> None:
        self.setting, self.draws, self.made = setting, draws, Schedule()
        self.free = [0] * setting.servers
        self.queue: list[tuple[int, int, int]] = []  # request, attempt, when it joined
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
            start = max(self.free[worker], self.queue[0][2]) if self.queue else None
            # Who starts at the moment of an arrival has made room for it.
            if start is None or (self.coming and self.coming[0][0] < start):
                self.arrive(*self.coming.pop(0))
            else:
                self.work(worker, start)
        return self.made

    def arrive(self, time: int, number: int, attempt: int) -> None:
        full = len(self.queue) >= self.setting.bound and attempt == 1
        if full and self.setting.mode == "async reject":
            outcome = self.made.outcomes[number]
            outcome.refused, outcome.know = True, time
        elif full and self.setting.mode == "async wait":
            self.door.append(number)
        else:
            self.join(time, number, attempt)

    def join(self, time: int, number: int, attempt: int) -> None:
        """Into the queue, by the order of arrival: what comes back goes to the front."""
        insort(self.queue, (number, attempt, time))
        self.made.depth.append((time, 1, time))
        if attempt == 1 and not self.setting.synchronous:
            self.made.outcomes[number].accept = time

    def work(self, worker: int, start: int) -> None:
        number, attempt, joined = self.queue.pop(0)
        self.made.depth.append((start, -1, joined))
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
        self.made.works.append((number, worker, start, end))
        outcome.copies += 1
        outcome.complete = end if outcome.complete is None else outcome.complete
        if outcome.know is None:
            outcome.know = end
        if self.setting.synchronous:
            outcome.failed, outcome.accept = crash, None if crash else end
        elif crash and attempt < ATTEMPTS:
            timeout = start + max(nearest(2 * self.setting.task * UNIT), end - start)
            insort(self.coming, (timeout, number, attempt + 1))


def counts(made: Schedule) -> dict[str, int]:
    """How many were accepted, done, failed, duplicated, lost and refused."""
    outcomes = made.outcomes
    return {
        "accepted": sum(outcome.accept is not None for outcome in outcomes),
        "done": sum(outcome.copies > 0 for outcome in outcomes),
        "failed": sum(outcome.failed for outcome in outcomes),
        "duplicated": sum(max(0, outcome.copies - 1) for outcome in outcomes),
        "lost": sum(outcome.lost for outcome in outcomes),
        "refused": sum(outcome.refused for outcome in outcomes),
    }


def percentile(q: int, made: Schedule, clock: str) -> int | None:
    """Microseconds from arrival that q per cent of the requests do not exceed; None: never.

    The time of one of them (nearest rank) that were not refused. Whoever never had such a time
    waits for ever: what is lost makes a percentile worse, not better. `clock` is accept, complete
    or know.
    """
    moments = [getattr(outcome, clock) for outcome in made.outcomes if not outcome.refused]
    arrivals = [outcome.arrival for outcome in made.outcomes if not outcome.refused]
    times = sorted(
        math.inf if moment is None else moment - arrival
        for moment, arrival in zip(moments, arrivals, strict=True)
    )
    found = times[max(0, math.ceil(q * len(times) / 100) - 1)] if times else math.inf
    return None if math.isinf(found) else int(found)


def little(made: Schedule) -> tuple[float, float, float, float]:
    """L counted, λ per second, W in seconds, and λW, over the time from empty to empty.

    Counted are those who have come and whose work is not done; L is the area under their number.
    """
    stays = [(f.arrival, f.complete) for f in made.outcomes if f.complete is not None]
    if not stays:
        return 0.0, 0.0, 0.0, 0.0
    changes = sorted([(begin, 1) for begin, _ in stays] + [(end, -1) for _, end in stays])
    area, there, before = 0, 0, changes[0][0]
    for time, change in changes:
        area += there * (time - before)
        there, before = there + change, time
    duration = changes[-1][0] - changes[0][0]
    rate, stay = len(stays) / duration, sum(end - begin for begin, end in stays) / len(stays)
    return area / duration, rate * UNIT, stay / UNIT, rate * stay


def summary(setting: Setting, draws: Draws) -> dict[str, Any]:
    """The numbers of a setting, as the explorer shows them."""
    made = schedule(setting, draws)
    clocks = {
        clock: (percentile(50, made, clock), percentile(99, made, clock))
        for clock in ("accept", "complete", "know")
    }
    return {"clocks": clocks, "counts": counts(made), "little": little(made)}
