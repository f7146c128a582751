"""What a schedule says in numbers; explorer_measures.js mirrors it."""

from __future__ import annotations

import math
from typing import Any

from ..checked import a_kind, number, one_of
from .schedule import UNIT, Draws, Schedule, Setting, schedule

CLOCKS = ("accept", "complete", "know")
Points = list[tuple[int, int]]


def counts(made: Schedule) -> dict[str, int]:
    """How many were accepted, done, duplicated, lost, refused, and told that it failed: wrongly, as
    a crash comes after the work.
    """
    outcomes = made.outcomes
    return {
        "accepted": sum(outcome.accept is not None for outcome in outcomes),
        "done": sum(outcome.copies > 0 for outcome in outcomes),
        "told failed, but done": sum(outcome.failed for outcome in outcomes),
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
    a_kind("schedule", made, Schedule, "schedule(Setting(), draw_chance(1))")
    one_of("clock", clock, CLOCKS)
    number("percentile", q, "per cent", most=100)
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


def lines(made: Schedule) -> tuple[Points, Points]:
    """How many wait, and how long the oldest of them has, each as (time, value) in its order.

    Two points at one time are a step; who leaves and who follows at one moment are one step.
    """
    depth: Points = []
    age: Points = []
    waiting: list[int] = []  # since when; the oldest first

    def note(time: int) -> None:
        depth.append((time, len(waiting)))
        age.append((time, time - waiting[0] if waiting else 0))

    for time, change, joined in made.depth:
        if depth and depth[-1][0] == time:
            del depth[-1], age[-1]
        else:
            note(time)
        if change > 0:
            waiting.append(joined)
        else:
            waiting.remove(joined)
        note(time)
    return depth, age


def summary(setting: Setting, draws: Draws) -> dict[str, Any]:
    """The numbers of a setting, as the explorer shows them."""
    made = schedule(setting, draws)
    clocks = {clock: (percentile(50, made, clock), percentile(99, made, clock)) for clock in CLOCKS}
    return {"clocks": clocks, "counts": counts(made), "little": little(made)}
