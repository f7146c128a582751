"""Advice on how to communicate, from a few answers about an operation, and with its reasons.

    advise(Operation("login", needs_outcome=True, before_yes="the password is right", p99=0.3))

A rule of thumb that you can argue with: each reason names the rule it comes from, and the advice
says which single answer would change it. It knows nothing but your answers.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import Any, NamedTuple

from .checked import number

LONG = 10.0
"""Seconds after which people turn to something else.

Source: J. Nielsen, "Response Times: The 3 Important Limits", 1993 (0.1 s feels instantaneous,
1 s keeps the flow of thought, 10 s the attention). A limit of perception, so take it as "about".
"""

RULES = {
    1: "Does the caller's next step need the outcome?",
    2: "What must be true before we may say yes? Wait for that to be stored, and for no more.",
    3: "Everything else is asynchronous, with somebody who answers for it.",
    4: f"Over about {LONG:g} s, or in the hands of others: make it a job that can be asked for.",
    5: "Order comes from one place for each key, not from callers that wait.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """The answers about one operation.

    Raises TypeError for an answer of the wrong kind (a "no" in quotation marks would count as a
    yes), ValueError for a `p99` that is no length of time.
    """

    name: str
    _: KW_ONLY
    needs_outcome: bool
    """Does the caller's next step need the outcome?"""
    before_yes: str = ""
    """What must be true before we may say "yes"; empty: nothing."""
    p99: float = 1.0
    """Seconds within which 99 of 100 are complete."""
    may_be_lost: bool = False
    """May it be lost now and then, and nobody is told?"""
    order_per: str = ""
    """What must stay in order: the events of each "account", of "everything"; empty: nothing."""
    depends_on_others: bool = False
    """Must people act before it is complete, or somebody else's system with no time limit?"""
    progress_screen: bool = False
    """Can the user wait in front of a progress screen?"""

    def __post_init__(self) -> None:
        for field in fields(self):
            CHECKS[str(field.type)](field.name, getattr(self, field.name))

    @property
    def is_job(self) -> bool:
        """Whether rule 4 applies."""
        return self.p99 > LONG or self.depends_on_others


class Style(NamedTuple):
    """A way to communicate."""

    name: str
    means: str


SYNCHRONOUS = Style("synchronous", "the caller waits for the outcome")
ACCEPT = Style("synchronous accept", "the caller waits until it is stored; the rest comes later")
WATCHED_JOB = Style("job with a progress screen", "accept, answer 202, and let the user watch")
JOB = Style("job with a notification", "accept, answer 202, and tell them when it is done")
AT_MOST_ONCE = Style("fire and forget", "at most once: some are lost, and nobody is told")


class Row(NamedTuple):
    """One row of the table: a style, and when it is the one."""

    style: Style
    when: Callable[[Operation], bool]
    rules: tuple[int, ...]


# From top to bottom; the first row that fits is the advice.
TABLE = (
    Row(AT_MOST_ONCE, lambda o: o.may_be_lost and not (o.needs_outcome or o.before_yes), (1, 2, 3)),
    Row(WATCHED_JOB, lambda o: o.is_job and o.needs_outcome and o.progress_screen, (1, 2, 3, 4)),
    Row(JOB, lambda o: o.is_job, (1, 2, 3, 4)),
    Row(SYNCHRONOUS, lambda o: o.needs_outcome, (1, 2, 4)),
    Row(ACCEPT, lambda o: True, (1, 2, 3, 4)),
)


class Reason(NamedTuple):
    """Why, and by which of the RULES."""

    rule: int
    text: str


class Change(NamedTuple):
    """One answer that, given like this, would lead to another style."""

    answer: str
    style: Style


@dataclass(frozen=True, repr=False, slots=True)
class Advice:
    """A style, its reasons, and what would change it; shows itself as text."""

    operation: Operation
    style: Style
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]

    def __repr__(self) -> str:
        lines = [f"{self.operation.name} → {self.style.name} ({self.style.means})"]
        lines += ["because"]
        lines += [_item(f"rule {rule}: ", text) for rule, text in self.reasons]
        lines += ["what would change my mind"]
        lines += [f"  {answer} → {style.name}" for answer, style in self.changes]
        if not self.changes:
            lines.append("  no single answer, for more than one reason leads here")
        return "\n".join(lines)


def advise(operation: Operation) -> Advice:
    """The style that the rules lead to, why, and each single answer that would change it.

    Raises TypeError for what is no Operation.
    """
    if not isinstance(operation, Operation):
        raise TypeError(
            f"advise needs an Operation, and {operation!r} is none: "
            'advise(Operation("login", needs_outcome=True))'
        )
    row = _first(operation)
    rules = (*row.rules, 5) if operation.order_per else row.rules
    reasons = tuple(Reason(rule, REASONS[rule](operation)) for rule in rules)
    return Advice(operation, row.style, reasons, _changes(operation, row.style))


def _first(operation: Operation) -> Row:
    return next(row for row in TABLE if row.when(operation))


def _changes(operation: Operation, style: Style) -> tuple[Change, ...]:
    """Try each answer the other way round, and keep those that lead elsewhere."""
    tried = [Change(answer, _first(other).style) for answer, other in _others(operation)]
    return tuple(change for change in tried if change.style != style)


def _others(operation: Operation) -> list[tuple[str, Operation]]:
    """The operation with one answer changed, for each answer, in words that could be typed."""
    found = []
    for name in ("needs_outcome", "may_be_lost", "depends_on_others", "progress_screen"):
        answer: dict[str, Any] = {name: not getattr(operation, name)}
        found.append((f"{name}={answer[name]}", replace(operation, **answer)))
    before_yes = "" if operation.before_yes else "…"
    found.append((f'before_yes="{before_yes}"', replace(operation, before_yes=before_yes)))
    if operation.p99 > LONG:
        found.append((f"p99 of {LONG:g} s or less", replace(operation, p99=LONG)))
    else:
        found.append((f"p99 over {LONG:g} s", replace(operation, p99=2 * LONG)))
    return found


def _outcome(o: Operation) -> str:
    if o.needs_outcome:
        return "The caller's next step needs the outcome, so somebody waits for it."
    return "The caller can go on without the outcome, so do not make it wait for that."


def _yes(o: Operation) -> str:
    if o.before_yes:
        return f"Before you say yes, this must be true: {o.before_yes}."
    if o.may_be_lost:
        return "Nothing must be true first: if this one is lost, the next one will do."
    if o.needs_outcome and not o.is_job:
        return "Nothing must be stored first: the outcome itself is the answer."
    return "It must not be lost, so store the request before you say yes."


def _rest(o: Operation) -> str:
    if o.may_be_lost:
        return "What comes after may be lost, so no retries; but count what is lost."
    return "What comes after gets an owner, retries, an idempotency key, a deadline and a DLQ."


def _length(o: Operation) -> str:
    if o.depends_on_others:
        return "It waits for others, who keep to no time limit: give it an address and a state."
    if o.p99 > LONG:
        return f"p99 is {_duration(o.p99)}, over about {LONG:g} s: give it an address and a state."
    if o.p99 > 1 and o.needs_outcome:
        return f"p99 is {_duration(o.p99)}: people wait that long, if they see that it goes on."
    return f"p99 is {_duration(o.p99)}, under about {LONG:g} s: short enough to wait for."


def _order(o: Operation) -> str:
    if o.order_per == "everything":
        return "One queue and one worker for everything: a total order goes no faster."
    return f"Order per {o.order_per}: a queue for each {o.order_per}, one worker at a time on it."


REASONS: dict[int, Callable[[Operation], str]] = {
    1: _outcome,
    2: _yes,
    3: _rest,
    4: _length,
    5: _order,
}


def _duration(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def _item(head: str, text: str) -> str:
    return textwrap.fill(head + text, 96, initial_indent="  ", subsequent_indent=" " * 10)


def _yes_or_no(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is a yes or a no: give True or False, not {value!r}")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f'{name} is a text, with "" for nothing; {value!r} is none')


def _seconds(name: str, value: object) -> None:
    try:
        number(name, value, "seconds", above=True)
    except ValueError as problem:
        raise ValueError(
            f"{problem}; if nobody can say how long it takes, depends_on_others=True"
        ) from None


CHECKS: dict[str, Callable[[str, object], None]] = {
    "bool": _yes_or_no,
    "str": _text,
    "float": _seconds,
}
"""By the type that an answer is declared with."""
