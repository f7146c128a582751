"""Seven quantities to estimate in an interview, and a check that says how far off an answer is.

    drill = Drill()
    drill.check("celebrity", 0)      # the question; 0 means: not answered yet
    drill                            # how many are right so far

An answer is right within 5 %. A wrong one is told its direction, its rough size and how to go on,
never the number. What is to be found is computed here from what the questions say.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .checked import number, said

WITHIN = 0.05
"""How far from the exact number an answer may be, as a share of it."""
WIDTH = 92  # characters in a line

# Source of the first two: M. Kleppmann, Designing Data-Intensive Applications, O'Reilly 2017,
# chapter 1, from a talk given at Twitter in 2012. All others are assumptions.
FOLLOWERS = 30_000_000
TIMELINE_WRITES = 345_000  # per second, by all workers together
BACKLOG = 18_000  # messages
COMING = 10  # messages per second
CONSUMERS, EACH = 3, 5  # how many, and messages per second for each
CALLERS, ATTEMPTS = 3, 4  # services that call the next one, and how often each of them tries
HOPS, UP = 5, 0.999  # calls one after another, and the share of the time that each service is up
DAYS = 30
MONTH = DAYS * 24 * 60  # minutes
LEAVES, SLOW = 100, 0.01  # calls at once, and the share of slow answers of each
CALLS, TIMEOUT = 100, 30  # per second, and seconds
EVENTS, CPU = 1_000_000, 0.001  # per second, and seconds of a processor for each


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something to estimate, with what is commonly answered instead."""

    question: str
    unit: str
    value: float
    hint: str
    """What to do, for any other wrong answer."""
    slips: tuple[tuple[float, str], ...] = ()
    """Wrong answers that have a known reason, and a question that leads on from there."""


QUANTITIES = {
    "celebrity": Quantity(
        f"An author has {FOLLOWERS:,} followers. All workers together write {TIMELINE_WRITES:,} "
        "timelines per second, and have nothing else to do. After how many seconds does the last "
        "follower have the post?",
        "s",
        FOLLOWERS / TIMELINE_WRITES,
        "How many are to be written, and how many are written in one second?",
        ((FOLLOWERS / TIMELINE_WRITES / 60, "Are these minutes? Seconds are asked for."),),
    ),
    "drain": Quantity(
        f"A queue holds {BACKLOG:,} messages, and {COMING} more come every second. {CONSUMERS} "
        f"consumers do {EACH} per second each. After how many minutes is the queue empty?",
        "min",
        BACKLOG / (CONSUMERS * EACH - COMING) / 60,
        "By how many messages does the queue get shorter in one second?",
        (
            (BACKLOG / (CONSUMERS * EACH - COMING), "Are these seconds? Minutes are asked for."),
            (BACKLOG / (CONSUMERS * EACH) / 60, "What comes in while the backlog is worked off?"),
        ),
    ),
    "attempts": Quantity(
        f"A request passes {CALLERS + 1} services in a row, so {CALLERS} of them call the next "
        f"one. Each of the {CALLERS} makes up to {ATTEMPTS} attempts. The last service fails every "
        "time. How many calls does it get for one request?",
        "calls",
        ATTEMPTS**CALLERS,
        "Begin at the bottom: how many calls for one attempt of the service above? And above that?",
        (
            (ATTEMPTS * CALLERS, "Do the attempts add up? Each one above repeats all those below."),
            ((ATTEMPTS - 1) ** CALLERS, "Is the first try counted? An attempt is any try."),
            (ATTEMPTS ** (CALLERS + 1), "Whom does the last service call?"),
            (CALLERS**ATTEMPTS, "Which number is multiplied, and how many times?"),
        ),
    ),
    "chain": Quantity(
        f"A click needs {HOPS} services, one calling the other. Each is up {100 * UP:g}\u00a0% of "
        f"the time, and they fail independently. In {DAYS} days, for how many "
        "minutes does the click fail?",
        "min",
        (1 - UP**HOPS) * MONTH,
        "Which share of the time are all of them up at once? How many minutes has the rest?",
        (
            ((1 - UP) * MONTH, "That is what one service alone costs. How many are there?"),
            ((1 - UP**HOPS) * MONTH / 60, "Are these hours? Minutes are asked for."),
            (UP**HOPS * MONTH, "Is that how long it works? The rest is asked for."),
        ),
    ),
    "tail": Quantity(
        f"A page needs the answers of {LEAVES} servers, asked at once. Each of them is slow in "
        f"{100 * SLOW:g}\u00a0% of its answers. How many per cent of the pages have to wait for a "
        "slow one?",
        "%",
        100 * (1 - (1 - SLOW) ** LEAVES),
        "Which share of the pages meets no slow server at all?",
        (
            (1 - (1 - SLOW) ** LEAVES, "Is that a share? Per cent are asked for."),
            (100 * (1 - SLOW) ** LEAVES, "Are these the lucky pages? The others are asked for."),
            (100 * SLOW, "That is one server alone. How likely are all of them quick?"),
            (100 * SLOW * LEAVES, "Can chances be added up, when several may be slow at once?"),
        ),
    ),
    "open calls": Quantity(
        f"{CALLS} calls per second go to a service that has stopped answering. Each is given up "
        f"after {TIMEOUT}\u00a0s. How many are open at the same time?",
        "calls",
        CALLS * TIMEOUT,
        "Little's law: how many come per second, and for how long does each of them stay?",
        (
            (CALLS / TIMEOUT, "Do more of them stay, or fewer, if each stays longer?"),
            (CALLS, "Those came in the last second. Who of the seconds before is still there?"),
        ),
    ),
    "cores": Quantity(
        f"{EVENTS:,} events come per second, and each needs {1000 * CPU:g}\u00a0ms of a processor. "
        "How many cores are busy, on average?",
        "cores",
        EVENTS * CPU,
        "Little's law again: a core is held by one event at a time, and for how many seconds?",
        ((EVENTS, "So many come. Is each of them at work for a whole second?"),),
    ),
}

State = Literal["right", "to try again", "not answered"]


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What the check says to one answer; shows itself as the question and that."""

    question: str
    state: State
    says: str

    def __repr__(self) -> str:
        return "\n".join([*_lines(self.question), "", *_lines(self.says)])


@dataclass(slots=True, repr=False)
class Drill:
    """Checks answers one at a time and keeps count; shows itself as a table."""

    verdicts: dict[str, Verdict] = field(default_factory=dict, init=False)
    """By name, the last one each."""

    def check(self, name: str, answer: Any) -> Verdict:
        """What to say to `answer`, a plain number in the unit that is asked for; 0 is none yet.

        Never fails because of an answer. Raises ValueError for a name that is not in QUANTITIES.
        """
        if not isinstance(name, str) or name not in QUANTITIES:
            raise ValueError(f"the drill has no {name!r}; it has {', '.join(QUANTITIES)}")
        quantity = QUANTITIES[name]
        state, says = judge(quantity, answer)
        self.verdicts[name] = Verdict(quantity.question, state, says)
        return self.verdicts[name]

    def __repr__(self) -> str:
        found: dict[str, State] = dict.fromkeys(QUANTITIES, "not answered")
        found |= {name: verdict.state for name, verdict in self.verdicts.items()}
        count = {state: [*found.values()].count(state) for state in get_args(State)}
        rows = [f"{name:12}{state}" for name, state in found.items()]
        return "\n".join([*rows, "", ", ".join(f"{n} {state}" for state, n in count.items())])


def judge(quantity: Quantity, answer: Any) -> tuple[State, str]:
    """The state of an answer to `quantity`, and a sentence or two for who gave it."""
    if answer is ...:
        return "not answered", NOT_YET
    try:
        given = number("answer", answer)
    except TypeError:
        return "to try again", f"{_short(answer)} is no plain number. {_looks(quantity)}"
    except ValueError:
        return "to try again", f"{_short(answer)} cannot be the number. {_looks(quantity)}"
    if given == 0:
        return "not answered", NOT_YET
    if abs(given - quantity.value) <= WITHIN * quantity.value:
        return "right", f"Right. To four digits: {quantity.value:,.4g}\u00a0{quantity.unit}."
    near = (hint for slip, hint in quantity.slips if math.isclose(given, slip, rel_tol=WITHIN))
    return "to try again", f"{_off(given, quantity.value)} {next(near, quantity.hint)}"


NOT_YET = "Not answered yet: write your number in place of the 0, and run the cell again."


def _looks(quantity: Quantity) -> str:
    return (
        f"Write digits and at most a point, like 12 or 3.4, without quotation marks or a sign for "
        f"the unit; the unit is {quantity.unit}."
    )


def _off(number: float, value: float) -> str:
    """Which way, and roughly how far; too roughly to compute `value` from it."""
    ratio = max(number / value, value / number)
    which = "Too small" if number < value else "Too large"
    if ratio < 1.5:
        return f"{which}, by less than a factor of 1.5."
    for limit, size in ((math.sqrt(8), 2), (math.sqrt(32), 4), (10.0, 8)):
        if ratio <= limit:
            return f"{which}, by about a factor of {size}."
    most = next(size for size in (1000, 100, 10) if ratio > size)
    return f"{which}, by more than a factor of {most:,}."


def _short(answer: Any) -> str:
    return textwrap.shorten(said(answer), 40, placeholder=" …")


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH)
