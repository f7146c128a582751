"""How everything stands at one moment of a day: what a picture shows, the past as well as now."""

from __future__ import annotations

from dataclasses import dataclass

from .day import Day, Mail, Stay, is_now
from .promises import Standing, standing, there
from .rules import COUNTS, SETTINGS, Settings, Value


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker, and what it does."""

    number: int
    kind: str
    """"gone", "idle", or a kind of `Work`."""
    mail: int = 0
    attempt: int = 0
    start: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """All at one moment; numbers of e-mails, times in milliseconds."""

    time: int
    settings: Settings
    queue: list[int]
    oldest: int
    """Since when the one that waits longest is in the queue, as a length; 0 if none waits."""
    workers: list[Hand]
    provider: str
    """"there", "slow" or "away"."""
    pausing: list[int]
    counts: dict[str, int]
    standing: list[Standing]


def at(day: Day, time: int) -> Moment:
    """The moment after all that happened in this millisecond."""
    stays = {mail.number: stay for mail in day.mails if (stay := _stay(mail, time))}
    waiting = {number: stay for number, stay in stays.items() if stay.place == "queue"}
    spells = [spell.kind for spell in day.spells if spell.start <= time < spell.end]
    return Moment(
        time=time,
        settings=_settings(day, time),
        queue=list(waiting),
        oldest=max((time - stay.start for stay in waiting.values()), default=0),
        workers=[_hand(day, number + 1, time) for number in range(COUNTS["workers"])],
        provider="away" if "away" in spells else "slow" if "slow" in spells else "there",
        pausing=[number for number, stay in stays.items() if stay.place == "pause"],
        counts=_counts(day, time),
        standing=[standing(day, promise, time) for promise in day.story.promises],
    )


def _stay(mail: Mail, time: int) -> Stay | None:
    return next((stay for stay in mail.stays if is_now(stay, time)), None)


def _settings(day: Day, time: int) -> Settings:
    """Those of the start, and what moves and script have made of them by then."""
    found: Settings = dict(day.opening)
    for entry in day.log:
        if entry.at <= time and entry.kind in SETTINGS:
            is_number = bool(SETTINGS[entry.kind].most) and entry.value != "none"
            value: Value = int(entry.value) if is_number else entry.value
            found[entry.kind] = value
    return found


def _hand(day: Day, number: int, time: int) -> Hand:
    works = [w for w in day.works if w.worker == number and is_now(w, time)]
    if number not in there(day, time):
        return Hand(number, "gone")
    if not works:
        return Hand(number, "idle")
    work = works[0]
    return Hand(number, work.kind, work.mail, work.attempt, work.start, work.due)


def _counts(day: Day, time: int) -> dict[str, int]:
    """How many e-mails by then, of each fate."""

    def by_then(moment: int | None) -> bool:
        return moment is not None and moment <= time

    mails = day.mails
    return {
        "asked": sum(by_then(mail.arrival) for mail in mails),
        "accepted": sum(by_then(mail.accept) for mail in mails),
        "sent": sum(any(map(by_then, mail.sent)) for mail in mails),
        "twice": sum(sum(map(by_then, mail.sent)) > 1 for mail in mails),
        "refused": sum(by_then(mail.refused) for mail in mails),
        "failed": sum(by_then(mail.failed) for mail in mails),
        "lost": sum(by_then(mail.lost) for mail in mails),
    }
