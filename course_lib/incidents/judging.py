"""The verdict: which promises were kept, and of each that was not, the moment and the cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..checked import a_kind
from .day import Day, Entry, Mail, is_now
from .promises import TALLIES, Break, broken, standing, there
from .rules import SECOND, TIMES, seconds
from .stories import Promise
from .words import say


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one promise."""

    promise: str
    words: str
    """How it stands at the end if it was kept, or else the cause."""
    broken: int | None
    """When it broke; milliseconds."""
    since: int | None
    """When its cause began: the moment to look at."""
    mail: int
    """The e-mail that broke it; 0 for none."""

    @property
    def is_kept(self) -> bool:
        """Whether it held for the whole minute."""
        return self.broken is None


@dataclass(frozen=True, slots=True, repr=False)
class Judgement:
    """The verdict on a day; shows itself as text."""

    words: str
    findings: list[Finding]

    @property
    def is_won(self) -> bool:
        """Whether all promises were kept."""
        return all(finding.is_kept for finding in self.findings)

    def __repr__(self) -> str:
        """A line for the whole, and one for each promise."""
        lines = [
            f"{'✓' if one.is_kept else '✗'} {one.promise}: {one.words}" for one in self.findings
        ]
        return "\n".join([self.words, *lines])


def judge(day: Day) -> Judgement:
    """The verdict at the end of the minute; TypeError for what is no day."""
    a_kind("day", day, Day, 'play(story("friday"))')
    findings = [_finding(day, promise) for promise in day.story.promises]
    kept = sum(finding.is_kept for finding in findings)
    count, made = len(findings), len(day.moves)
    moves = say("verdict", "move") if made == 1 else say("verdict", "moves", count=made)
    about = {"end": TIMES["end"] // SECOND, "count": count, "kept": kept, "moves": moves}
    return Judgement(say("verdict", "all" if kept == count else "some", **about), findings)


def _finding(day: Day, promise: Promise) -> Finding:
    found = broken(day, promise)
    stands = standing(day, promise, TIMES["end"])
    if found is None:
        return Finding(stands.words, say("cause", "kept", now=stands.now), None, None, 0)
    words, since = _cause(day, promise, found)
    return Finding(stands.words, words, found.at, since, found.mail)


Cause = tuple[str, int]  # a sentence, and when it began


def _cause(day: Day, promise: Promise, found: Break) -> Cause:
    at = seconds(found.at)
    if promise.kind == "workers":
        return say("cause", "workers", at=at, count=len(there(day, found.at))), found.at
    if promise.kind == "paid":
        return say("cause", "paid", at=at, limit=promise.limit), found.at
    if promise.kind == "refused":
        return say("cause", "refused", at=at, mail=found.mail), found.at
    if promise.kind == "again":
        first = _entries(day, kind="taken", mail=found.mail)[0].at
        return say("cause", "again", at=at, mail=found.mail, since=seconds(first)), first
    if promise.kind in TALLIES:
        return _tally_cause(day, promise.kind, found)
    return _clock_cause(day, promise, found)


def _entries(day: Day, **about: str | int) -> list[Entry]:
    """Those of the log that have these values."""
    return [e for e in day.log if all(getattr(e, name) == value for name, value in about.items())]


def _tally_cause(day: Day, kind: str, found: Break) -> Cause:
    """Why an e-mail was lost, sent twice or given up: its entry knows."""
    entry = next(e for e in _entries(day, mail=found.mail, at=found.at) if e.why)
    since, worker = BEGINNINGS[kind](day, entry)
    name = f"{kind}_{entry.why}"
    about = {"mail": found.mail, "at": seconds(found.at), "since": seconds(since)}
    return say("cause", name, worker=worker, **about), since


def _lost_since(day: Day, entry: Entry) -> tuple[int, int]:
    """Its ack before the work."""
    return _entries(day, kind="acked", mail=entry.mail)[-1].at, entry.worker


def _twice_since(day: Day, entry: Entry) -> tuple[int, int]:
    """That its first sender was killed, or else that it was delivered again too early."""
    if entry.why == "dead":
        sender = _entries(day, kind="sent", mail=entry.mail)[0]
        killed = _entries(day, kind="killed", worker=sender.worker)
        return next(e.at for e in killed if e.at >= sender.at), sender.worker
    again = _entries(day, kind="redelivered", mail=entry.mail)[0]
    before = day.log[: day.log.index(again)]
    taken = [e for e in before if e.kind == "taken" and e.mail == entry.mail]
    return again.at, taken[-1].worker


def _failed_since(day: Day, entry: Entry) -> tuple[int, int]:
    """Its first attempt, if there were several."""
    first = _entries(day, kind="taken", mail=entry.mail)[0].at
    return (first if entry.why == "attempts" else entry.at), entry.worker


BEGINNINGS: dict[str, Callable[[Day, Entry], tuple[int, int]]] = {
    "lost": _lost_since,
    "twice": _twice_since,
    "failed": _failed_since,
}


def _clock_cause(day: Day, promise: Promise, found: Break) -> Cause:
    """Why an e-mail was late: it was lost, had failed, or spent its time somewhere."""
    mail = day.mails[found.mail - 1]
    about = {
        "mail": mail.number,
        "asked": seconds(mail.arrival),
        "noun": say("noun", promise.kind),
        "limit": promise.limit,
    }
    for name, at in (("time_lost", mail.lost), ("time_failed", mail.failed)):
        if at is not None and at <= found.at:
            return say("cause", name, since=seconds(at), **about), at
    place, length, since = _longest(mail, found.at)
    before = _before(day, mail, since) if place == "queue" else 0
    about |= {"length": seconds(length), "since": seconds(since), "count": before}
    meanwhile = "" if place == "dead" else _meanwhile(day, since, found.at)
    return say("cause", f"time_{place}", **about) + meanwhile, since


def _longest(mail: Mail, until: int) -> tuple[str, int, int]:
    """Where it was longest by then, for how long, and since when; of equal ones the first."""
    spent: dict[str, tuple[int, int]] = {}
    for stay in mail.stays:
        end = until if stay.end is None else min(stay.end, until)
        if end > stay.start:
            length, since = spent.get(stay.place, (0, stay.start))
            spent[stay.place] = (length + end - stay.start, since)
    place = max(spent, key=lambda name: spent[name][0])
    return place, *spent[place]


def _before(day: Day, mail: Mail, time: int) -> int:
    """How many stood before it in the queue."""
    return sum(
        stay.place == "queue" and is_now(stay, time)
        for other in day.mails[: mail.number - 1]
        for stay in other.stays
    )


def _meanwhile(day: Day, start: int, end: int) -> str:
    """What else went wrong in that time: the first of each kind."""
    found = ""
    for kind in ("away", "slow"):
        spells = [s for s in day.spells if s.kind == kind and s.start < end and s.end > start]
        if spells:
            found += say("cause", f"while_{kind}", start=seconds(spells[0].start))
    killed = [e for e in _entries(day, kind="killed") if start <= e.at < end]
    if killed:
        found += say("cause", "while_killed", worker=killed[0].worker, start=seconds(killed[0].at))
    return found
