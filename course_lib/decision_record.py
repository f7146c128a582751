"""A decision on one page, and questions about what it leaves open or says twice.

    record = Record("confirmation e-mail", axes=axes, clocks=clocks, promise=promise,
                    failures=failures, capacity=capacity, care=care)
    record                  # the page
    record.questions()      # what a kind colleague would ask

The parts are plain dicts, so that a form can be filled in line by line; `...` is a blank. `FORM`
says what each line is for. Times are in seconds, rates per second. It knows nothing but your
answers: no questions left does not mean that the decision is right.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from .checked import number, whole
from .scaling import backlog_after
from .theory import mmc

FORM: dict[str, dict[str, str]] = {
    "axes": {
        "interaction": "request-reply or one-way",
        "coupling": "both up now, or buffered by somebody",
        "control flow": "waits for the result, or continues",
        "thread": "blocking or non-blocking",
        "structure": "sequential or concurrent",
        "execution": "one core at a time, or parallel",
    },
    "clocks": {
        "accept": "seconds within which 99 of 100 callers may go on",
        "complete": "seconds within which 99 of 100 are done",
        "know": "seconds within which 99 of 100 users have learned how it went",
        "told by": "how the user learns it, if it failed too",
    },
    "promise": {
        "yes at": "the rung of the acknowledgement, A0 to A5",
        "delivery": "at most once or at least once",
        "lost of a million": "how many may be lost and nobody is told",
        "doubled of a million": "how many may take effect twice",
        "told apart by": "the idempotency key, which is the same on each attempt",
        "order per": "what stays in order, and what keeps it; or nothing",
    },
    "capacity": {
        "arrivals": "per second, on an ordinary day",
        "peak": "per second, in the worst hour that you plan for",
        "peak lasts": "seconds",
        "service": "seconds of work for each",
        "workers": "how many work at the same time",
        "room": "how many may wait before you say “come back later”",
    },
    "care": {
        "owner": "who is woken up",
        "alarm": "on which number: the age of the oldest one waiting, if there is a queue",
        "alarm after": "seconds of that age",
        "dead letters": "who looks at what has failed for good, and when",
        "change my mind": "what would make you decide otherwise",
    },
}  # fmt: skip
_FIRST = {part: next(iter(lines)) for part, lines in FORM.items()} | {"failures": "no answer"}
RUNGS = ("A0", "A1", "A2", "A3", "A4", "A5")
NUMBERS = {"accept", "complete", "know", "lost of a million", "doubled of a million", "arrivals",
           "peak", "peak lasts", "service", "workers", "room", "alarm after"}  # fmt: skip
ASKED = ("know", "told by")  # have a question of their own if they are blank
WIDTH = 78  # characters of the page
RUNG = re.compile(r"\bA[0-5]\b", re.IGNORECASE)
QUEUED = re.compile("buffer|queue|broker", re.IGNORECASE)
AGAIN = re.compile(
    r"(?<!no )(?<!not )(?<!never )\b(retr(y|ies|ied)|tr(y|ies|ied) again)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A decision, as filled in so far; shown as one page.

    Raises ValueError for a line that the form does not have, and for a number that cannot be, such
    as 2,000,000 lost of a million; TypeError for a number that is none.
    """

    title: str
    _: KW_ONLY
    axes: Mapping[str, Any]
    clocks: Mapping[str, Any]
    promise: Mapping[str, Any]
    failures: Mapping[str, str]
    capacity: Mapping[str, Any]
    care: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not isinstance(self.title, str):
            raise TypeError(f"the title is {self.title!r}; give words, like 'confirmation e-mail'")
        for part in (*FORM, "failures"):
            _lines(part, getattr(self, part))
        for part, lines in FORM.items():
            for line, answer in getattr(self, part).items():
                _check(part, line, answer, lines)

    def blanks(self) -> dict[str, list[str]]:
        """The lines of each part that are not answered."""
        parts = {part: [*lines] for part, lines in FORM.items()} | {"failures": [*self.failures]}
        left = {
            part: [line for line in lines if _is_blank(getattr(self, part).get(line, ...))]
            for part, lines in parts.items()
        }
        return {part: lines for part, lines in left.items() if lines}

    def questions(self) -> list[str]:
        """What is blank, and what does not go together."""
        blank = [
            f"{part}: still blank: {', '.join(left)}"
            for part, lines in self.blanks().items()
            if (left := [line for line in lines if line not in ASKED])
        ]
        said = {
            line: answer
            for part in FORM
            for line, answer in getattr(self, part).items()
            if not _is_blank(answer)
        }
        texts = map(str, [self.title, *said.values(), *self.failures.values()])
        found = (_words(" ".join(texts)), _clocks(said), _promise(said),
                 _failures(self.failures, said), _capacity(said), _care(said))  # fmt: skip
        return blank + [question for part in found for question in part]

    def __repr__(self) -> str:
        """The page."""
        lines = [self.title, "=" * len(self.title)]
        for part in (*FORM, "failures"):
            lines += ["", part]
            for line, answer in getattr(self, part).items():
                text = f"{line}: {_said(part, line, answer)}"
                lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="      ")
            if part == "capacity" and (plan := _plan(self.capacity)):
                lines += [f"  → {line}" for line in plan.lines()]
        return "\n".join([*lines, "", f"open questions: {len(self.questions())}"])


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the numbers of the capacity."""

    busy: float
    """Share of the workers' time that an ordinary day takes (ρ); from 1 on the line grows."""
    response: float | None
    """Mean seconds from arrival to done on an ordinary day, if services vary (M/M/c)."""
    peak: float
    """The same share in the peak."""
    backlog: float
    """How many wait at the end of every second peak, or more."""
    bad_backlog: float
    """The same of one peak in ten."""
    drain: float | None
    """Seconds from then until nobody waits, on an ordinary day again; None: never."""
    longest: float
    """Seconds that the last of them waits."""

    def lines(self) -> Iterator[str]:
        """For the page."""
        mean = "never caught up" if self.response is None else f"mean {self.response:.3g} s"
        yield f"ordinary day: {100 * self.busy:.0f} % busy, complete: {mean}"
        gone = "for ever" if self.drain is None else f"until {self.drain:,.0f} s later"
        bad = f"{self.bad_backlog:,.0f} in one of ten"
        yield f"peak: {100 * self.peak:.0f} % busy, {self.backlog:,.0f} waiting at its end, {bad}"
        if self.backlog:
            yield f"the last of them waits {self.longest:,.0f} s; there is a line {gone}"


Answers = Mapping[str, Any]
"""By line, without the blanks."""


def _plan(said: Answers) -> Plan | None:
    """None if one of the numbers is missing."""
    names = ("arrivals", "peak", "peak lasts", "service", "workers")
    if any(_is_blank(said.get(name, ...)) for name in names) or not said["service"]:
        return None
    rate, peak, lasts, service, workers = (said[name] for name in names)
    able = workers / service
    backlog, bad = (
        round(backlog_after(lasts, rate=peak, capacity=able, share=share)) for share in (0.5, 0.9)
    )
    lines = (peak / able, backlog, bad)
    if rate >= able or rate * service >= workers:  # both are rounded
        return Plan(rate / able, None, *lines, None, backlog / able)
    mean = mmc(rate=rate, mean_service=service, servers=workers).response
    return Plan(rate / able, mean, *lines, backlog / (able - rate), backlog / able)


# ---- what does not go together ------------------------------------------------------------------
def _words(text: str) -> Iterator[str]:
    if re.search(r"exactly[\s-]+once", text, re.IGNORECASE):
        yield (
            "promise: “exactly once” can mean two things; which is it: at most once (some are "
            "lost), or at least once, with a key by which the second one does nothing?"
        )


def _clocks(said: Answers) -> Iterator[str]:
    if "know" not in said or "told by" not in said:
        yield "clocks: how does the user learn that it failed, and after how long?"
    accept, complete, know = (said.get(name) for name in ("accept", "complete", "know"))
    if accept is not None and complete is not None and complete < accept:
        yield f"clocks: complete after {complete:g} s, before it is accepted ({accept:g} s)?"
    if complete is not None and know is not None and know < complete:
        yield f"clocks: known after {know:g} s, before it is complete ({complete:g} s)?"
    waits = re.match(r"(?i)(the caller )?waits\b", said.get("control flow", ""))
    if waits and accept is not None and complete is not None and accept < complete:
        yield (
            f"clocks: the caller waits for the result, and goes on after {accept:g} s, but the "
            f"result takes {complete:g} s; which of the two do you mean?"
        )


def _promise(said: Answers) -> Iterator[str]:
    named = RUNG.search(said.get("yes at", ""))
    rung, delivery = named[0].upper() if named else "", said.get("delivery", "")
    lost, doubled = said.get("lost of a million"), said.get("doubled of a million")
    if "yes at" in said and not rung:
        yield (
            f"promise: the yes is at {said['yes at']!r}, which names no rung of the ladder; is it "
            f"{', '.join(RUNGS[:-1])} or {RUNGS[-1]}?"
        )
    if rung in RUNGS[:2] and lost == 0:
        yield (
            f"promise: you say yes at {rung}, when it is in memory only, and lose none; what "
            "about a crash one moment later?"
        )
    if re.search(r"(?i)at[\s-]+most[\s-]+once", delivery) and lost == 0:
        yield "promise: at most once means that some are lost; how many of a million may be?"
    twice = re.search(r"(?i)at[\s-]+least[\s-]+once", delivery)
    if twice and doubled == 0 and "told apart by" not in said:
        yield (
            "promise: at least once means that some come twice, and none may count twice; by "
            "which key does the consumer know the second one?"
        )
    order, workers = said.get("order per", ""), said.get("workers", 1)
    kept = re.search("(?i)nothing|same|partition|sequence|version", order)
    if order and not kept and workers > 1:
        yield (
            f"promise: order per {order}, with {workers} workers; what brings all of one key to "
            "the same worker, also one that is tried again?"
        )


def _failures(failures: Mapping[str, str], said: Answers) -> Iterator[str]:
    for failure, answer in failures.items():
        if AGAIN.search(str(answer)) and not re.search(r"\d", str(answer)):
            yield f"failures: {failure}: tried again how often at most, and what then?"
    if QUEUED.search(said.get("coupling", "")) and not any("crash" in f.lower() for f in failures):
        yield "failures: a worker's crash is missing: is its message lost then, or doubled?"
    if not any(re.search("(?i)time|answer", failure) for failure in failures):
        yield "failures: “no answer in time” is missing: who finds out whether it was done?"


def _capacity(said: Answers) -> Iterator[str]:
    complete, plan, room = said.get("complete"), _plan(said), said.get("room")
    usual, peak = said.get("arrivals"), said.get("peak")
    if usual is not None and peak is not None and peak < usual:
        yield (
            f"capacity: {peak:g} come per second in the peak, and {usual:g} on an ordinary day; "
            "which of the two is the peak?"
        )
    if plan is None:
        return
    if plan.response is None:
        yield (
            f"capacity: an ordinary day keeps the workers {100 * plan.busy:.0f} % busy, so the "
            "line grows for ever; more workers, or fewer arrivals?"
        )
    elif complete is not None and complete < plan.response:
        yield (
            f"capacity: 99 of 100 complete within {complete:g} s, but on an ordinary day the mean "
            f"alone is {plan.response:.3g} s; which number gives way?"
        )
    if room is not None and plan.bad_backlog > room:
        yield (
            f"capacity: one peak in ten leaves {plan.bad_backlog:,.0f} waiting, and there is "
            f"room for {room:,}; who hears “come back later”, and what do they do then?"
        )


def _care(said: Answers) -> Iterator[str]:
    alarm = re.search(r"\bage\b|\boldest\b", said.get("alarm", ""), re.IGNORECASE)
    if QUEUED.search(said.get("coupling", "")) and not alarm:
        yield (
            "care: there is a queue and no alarm on the age of the oldest one in it; who notices "
            "when the workers stand still, and every user is still told “accepted”?"
        )
    after, complete = said.get("alarm after"), said.get("complete")
    if alarm and after is not None and complete is not None and after >= complete:
        yield (
            f"care: the alarm rings when the oldest is {after:,} s old, and by then the "
            f"{complete:,} s of “complete” are over; what can its reader still save?"
        )


# ---- lines and answers --------------------------------------------------------------------------
def _said(part: str, line: str, answer: Any) -> str:
    if _is_blank(answer):
        return "(blank)"
    if part == "failures" or line not in NUMBERS:
        return str(answer)
    seconds = part == "clocks" or line in ("peak lasts", "service", "alarm after")
    unit = " s" if seconds else " per second" if line in ("arrivals", "peak") else ""
    return f"{answer:,}{unit}"


def _is_blank(answer: object) -> bool:
    return answer is ... or (isinstance(answer, str) and not answer.strip())


def _lines(part: str, answers: Any) -> None:
    if not isinstance(answers, Mapping) or not all(isinstance(line, str) for line in answers):
        raise TypeError(f"{part} is {answers!r}; give a dict: {{'{_FIRST[part]}': …}}")


def _check(part: str, line: str, answer: Any, lines: Mapping[str, str]) -> None:
    if line not in lines:
        raise ValueError(f"the form has no line {line!r} in {part}; it has: {', '.join(lines)}")
    if answer is ...:
        return
    if line not in NUMBERS:
        if not isinstance(answer, str):
            raise TypeError(f"{part}: {line} is {answer!r}; give words, or ... ({lines[line]})")
        return
    try:
        if line in ("workers", "room"):
            whole(line, answer, least=1 if line == "workers" else 0)
        else:
            number(line, answer, most=1_000_000 if line.endswith("of a million") else math.inf)
    except (TypeError, ValueError) as problem:
        raise type(problem)(f"{part}: {problem}, or ... ({lines[line]})") from None
