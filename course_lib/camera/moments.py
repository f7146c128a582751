"""What there is after each step of a film: who stands in which box, and who waits for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .film import Film, Kind, Step, Wait


class Box(StrEnum):
    """Where a task can be; each is in one of them."""

    RUNNING = "running"
    READY = "ready queue"
    TIMERS = "timers"
    WAITING = "waiting for others"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is after a step."""

    step: Step
    alive: tuple[int, ...]
    """All tasks that were made by then, as places in the film's cast."""
    waits: dict[int, Wait]
    """What each does since its last turn; a task that is in its turn has none."""

    def box(self, task: int) -> Box:
        """Where a task is."""
        wait = self.waits.get(task)
        if task in self.step.ready:
            return Box.READY
        if wait is None:  # also of one that has made another which begins at once
            return Box.RUNNING
        if wait.is_end:
            return Box.OVER
        return Box.TIMERS if any(task == who for _, who in self.step.timers) else Box.WAITING

    def others(self, task: int) -> list[int]:
        """For whom a task still waits: those who are over keep it no longer."""
        wait = self.waits.get(task)
        left = (() if wait is None else wait.others) or ()
        return [who for who in left if who not in self.waits or not self.waits[who].is_end]


def moments(film: Film) -> Iterator[Moment]:
    """What there is after each step, in their order."""
    tasks = (n for n, actor in enumerate(film.cast) if actor.is_task)
    alive = [next(tasks, 1)]  # the run itself makes the first
    waits: dict[int, Wait] = {}
    for step in film.steps:
        if step.kind < Kind.LOOP:
            waits.pop(step.actor, None)
        waits |= step.waits
        alive += [who for who in step.made if who not in alive]
        if film.cast[step.actor].is_task and step.actor not in alive:
            alive.append(step.actor)
        yield Moment(step, tuple(alive), dict(waits))
