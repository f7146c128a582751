"""How a promise stands at a moment, and when it broke. A promise that broke stays broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .day import Day, Mail, is_now
from .rules import SECOND, TIMES, seconds
from .stories import Promise
from .words import say


@dataclass(frozen=True, slots=True)
class Standing:
    """One promise at one moment."""

    words: str
    """What is promised."""
    now: str
    """How it stands, in numbers."""
    broken: int | None
    """When it broke, if that was before; milliseconds."""


@dataclass(frozen=True, slots=True)
class Break:
    """When a promise broke, and by which e-mail (0: by none)."""

    at: int
    mail: int = 0


def words(promise: Promise) -> str:
    """What is promised, as a reader says it."""
    kind, limit = promise.kind, promise.limit
    if kind in TALLIES:
        name = "most" if limit else "none"
        return say("promise", name, limit=limit, noun=say("noun", kind))
    if kind in CLOCKS:
        return say("promise", "time", limit=limit, noun=say("noun", kind))
    return say("promise", kind, limit=limit)


def standing(day: Day, promise: Promise, time: int) -> Standing:
    """How a promise stands at a moment."""
    found = broken(day, promise)
    is_broken = found is not None and found.at <= time
    return Standing(
        words(promise), _now(day, promise, time), found.at if found and is_broken else None
    )


def broken(day: Day, promise: Promise) -> Break | None:
    """When it broke, if it did."""
    if promise.kind in TALLIES:
        return _tally_broken(day, promise)
    if promise.kind in CLOCKS:
        return _clock_broken(day, promise)
    return (
        _workers_broken(day, promise) if promise.kind == "workers" else _paid_broken(day, promise)
    )


def _now(day: Day, promise: Promise, time: int) -> str:
    if promise.kind in TALLIES:
        asked = sum(mail.arrival <= time for mail in day.mails)
        count = sum(at <= time for at, _ in _tally(day, promise.kind))
        return say("promise", "now_count", count=count, asked=asked)
    if promise.kind in CLOCKS:
        return _clock_now(day, promise.kind, time)
    if promise.kind == "workers":
        dead = {w.worker for w in day.works if w.kind == "dead" and w.start <= time < w.due}
        crew = there(day, time)
        alive = sum(worker not in dead for worker in crew)
        return say("promise", "now_workers", count=len(crew), alive=alive)
    return say("promise", "now_paid", paid=paid(day, time) // SECOND)


# So many e-mails at most.


def _second(mail: Mail) -> int | None:
    return mail.sent[1] if len(mail.sent) > 1 else None


def _again(mail: Mail) -> int | None:
    """When it was delivered for the second time."""
    deliveries = [stay.start for stay in mail.stays if stay.place == "worker"]
    return deliveries[1] if len(deliveries) > 1 else None


TALLIES: dict[str, Callable[[Mail], int | None]] = {
    "lost": lambda mail: mail.lost,
    "twice": _second,
    "again": _again,
    "failed": lambda mail: mail.failed,
    "refused": lambda mail: mail.refused,
}


def _tally(day: Day, kind: str) -> list[tuple[int, int]]:
    """(when, which e-mail), in order of time."""
    moments = ((TALLIES[kind](mail), mail.number) for mail in day.mails)
    return sorted((at, number) for at, number in moments if at is not None)


def _tally_broken(day: Day, promise: Promise) -> Break | None:
    found = _tally(day, promise.kind)
    return Break(*found[promise.limit]) if len(found) > promise.limit else None


# 99 of 100 within so many seconds: nearest rank, of those not refused, who wait by their age.

CLOCKS: dict[str, Callable[[Mail], int | None]] = {
    "known": lambda mail: mail.know,
    "accepted": lambda mail: mail.accept,
}


def _asked(day: Day, time: int) -> list[Mail]:
    """Who counts at a moment: a refused e-mail does until it is refused."""
    return [
        mail
        for mail in day.mails
        if mail.arrival <= time and (mail.refused is None or time < mail.refused)
    ]


def _clock_now(day: Day, kind: str, time: int) -> str:
    ages = []
    for mail in _asked(day, time):
        told = CLOCKS[kind](mail)
        until = told if told is not None and told <= time else time
        ages.append((until - mail.arrival, mail.number))
    if not ages:
        return say("promise", "now_nothing")
    length, number = sorted(ages)[_rank(len(ages)) - 1]
    return say("promise", "now_time", time=seconds(length), mail=number)


def _rank(count: int) -> int:
    return (99 * count + 99) // 100


def _clock_broken(day: Day, promise: Promise) -> Break | None:
    """The first moment at which more than one in a hundred had not been told in time."""
    end, limit = TIMES["end"], SECOND * promise.limit
    late = []
    for mail in _asked(day, end):
        told, at = CLOCKS[promise.kind](mail), mail.arrival + limit
        if at <= end and (told is None or told >= at):
            late.append((at, mail.number))
    for count, (at, number) in enumerate(sorted(late), 1):
        asked = len(_asked(day, at))
        if count > asked - _rank(asked):
            return Break(at, number)
    return None


# Workers.


def there(day: Day, time: int) -> list[int]:
    """Which workers are there, and cost something, at a moment."""
    return [shift.worker for shift in day.shifts if is_now(shift, time)]


def paid(day: Day, time: int) -> int:
    """What all workers have cost by then, in worker-milliseconds."""
    ends = ((s.start, time if s.end is None else min(s.end, time)) for s in day.shifts)
    return sum(max(0, end - start) for start, end in ends)


def _workers_broken(day: Day, promise: Promise) -> Break | None:
    starts = sorted(shift.start for shift in day.shifts)
    return next((Break(at) for at in starts if len(there(day, at)) > promise.limit), None)


def _paid_broken(day: Day, promise: Promise) -> Break | None:
    """The first millisecond after which they have cost more, by halving."""
    limit, low, high = SECOND * promise.limit, 0, TIMES["end"]
    if paid(day, high) <= limit:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if paid(day, middle) > limit else (middle + 1, high)
    return Break(low)
