"""Exercise 3: try again, with full jitter.

References: Exponential Backoff And Jitter, AWS Architecture Blog 2015.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from ..checked import plural
from .property import Exercise, NotMet, expect
from .retry_calls import ByChance, Calls, Even
from .student import LONG, Pieces, Student

ROUNDING = 1e-6  # seconds
FEW, MANY = 4, 16
"""Scenes with draws by chance: of so few the longest is near its ceiling, and so many are even."""
BLOCKED = "2 calls, CancelledError"
"""What is seen of one who was cancelled while the loop was blocked, between two attempts."""
DRAWN = "Each wait is drawn with the rng that was handed in."


def attempts(student: Student, chance: Random) -> None:
    """As many as it takes or as there may be; what comes out is op's, and nobody else knows it."""
    last = chance.randrange(4, 7)
    for most, failures, gives, takes in (
        (1, 0, "", 0), (1, 3, "", 0), (2, 3, "", 0), (3, 1, "", 0), (last, 9, "", 0),
        (2, 0, None, 0), (3, 1, False, 0), (3, 1, "", LONG),
    ):  # fmt: skip
        kinds = [chance.choice((ConnectionError, ConnectionResetError)) for _ in range(failures)]
        calls = Calls(chance, kinds, takes, gives)
        case = f"max_attempts={most}, op {_fails(failures)}" + _and_gives(gives)
        if takes:
            case += f", each call takes {takes:.0f} s"
        seen = calls.seen(student, case, most)
        wanted = calls.ends_after(min(most, failures + 1))
        rule = (
            "op is called until it raises nothing, max_attempts times at most; "
            "its result comes out, whatever it is, or its last error as it is."
        )
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
    _each_for_itself(student, chance)


def _each_for_itself(student: Student, chance: Random) -> None:
    """What becomes of the first is another property."""
    first = Calls(chance, [ConnectionError, ValueError])
    others = [Calls(chance, [ConnectionError] * 9) for _ in range(2)]
    case = (
        "max_attempts=3, op fails with ConnectionError, then with ValueError; then two calls of "
        "retry at the same moment, whose op fails 9 times"
    )

    async def scene(pieces: Pieces) -> list[str]:
        await first.outcome(pieces, Even(), 3, 10, 10)
        both = (one.outcome(pieces, Even(), 3, 10, 10) for one in others)
        return await asyncio.gather(*both)

    rule, wanted = "Each call counts its own attempts.", [one.ends_after(3) for one in others]
    seen = student.on_clock(scene, case)
    expect(seen == wanted, rule, case, seen="; ".join(seen), wanted="; ".join(wanted))


def _fails(times: int) -> str:
    return {0: "never fails", 1: "fails once"}.get(times, f"fails {times} times")


def _and_gives(value: Any) -> str:
    return "" if value == "" else f", it gives {value}"


def between(student: Student, chance: Random) -> None:
    """However often it is tried: one wait between two attempts."""
    rule = "Between two attempts there is one `await sleep(d)`, and none after the last."
    for most in (3, 1, chance.randrange(4, 7)):
        calls = Calls(chance, [ConnectionError] * 9)
        case = f"max_attempts={most}, op fails 9 times"
        calls.seen(student, case, most)
        tried = calls.said.count("op")
        right = (["op", "sleep", "awake"] * (tried if most == 1 else max(tried, 2)))[:-2]
        seen = ", ".join(calls.said) or "nothing is called"
        if tried > 1 and "sleep" not in calls.said:
            seen += "; the sleep that was handed in is not awaited"
        expect(calls.said == right, rule, case, seen=seen, wanted=", ".join(right[:7]) or "nothing")
    for failures in (0, 1):
        calls = Calls(chance, [ConnectionError] * failures)
        case = f"max_attempts=3, op {_fails(failures)}"
        calls.seen(student, case, 3)
        seen, good = ", ".join(calls.said), calls.said[-1:] != ["awake"]
        expect(good, rule, case, seen=seen, wanted="nothing after the last op")


Waits = list[list[float]]
"""Seconds: all waits but the last, of each of some runs."""


def _waits(
    student: Student,
    rng: Even,
    base: float,
    cap: float,
    *,
    most: int = 7,
    takes: float = 0,
    every: int = 1,
) -> Waits:
    """Of a run for each part that is drawn first, or for every second one: each takes its time."""
    case = f"max_attempts={most}, base={base:g}, cap={cap:g}, op fails 9 times"

    async def scene(pieces: Pieces) -> Waits:
        found = []
        for run in range(0, rng.PARTS, every):
            calls = Calls(Random(run), [ConnectionError] * 9, takes)
            rng.begin(run)
            await calls.outcome(pieces, rng, most, base, cap)
            found.append(calls.waits()[: most - 2])
        return found

    waits = student.on_clock(scene, case)
    few, rule = min(map(len, waits)), "There is a wait between two attempts, whenever op fails."
    expect(few == most - 2, rule, case, seen=plural(few, "wait"))
    return waits


def _must_be_right(
    look: Callable[[Waits], None], draw: Callable[[Even], Waits], seed: int, scenes: int
) -> bool:
    """Raise what is wrong with waits that were drawn evenly, unless many by chance are right.

    What comes of several draws for a wait, of which perhaps some are thrown away, is even only by
    chance, and in many waits. They cost more time, and one draw for each wait never needs them.
    Gives whether they were needed.
    """
    rng = Even()
    waits = draw(rng)
    try:
        look(waits)
    except NotMet as words:
        if rng.draws == len(waits[0]) + 1:
            raise
        many = [run for number in range(scenes) for run in draw(ByChance(seed + number))]
        try:
            look(many)
        except NotMet:
            raise words from None
        return True
    return False


def bounds(student: Student, chance: Random) -> None:
    """None is longer than its ceiling, and of six the longest is near it."""
    base = chance.choice((0.01, 0.02, 0.05))  # so that who takes them for milliseconds still ends
    seed = chance.getrandbits(32)
    for cap, most in ((10 * base, 7), (base / 2, 4)):
        takes = cap / 20  # so short that a time limit for all is another property
        draw = partial(_waits, student, base=base, cap=cap, most=most, takes=takes, every=2)
        _must_be_right(partial(_within, base, cap), draw, seed, FEW)


def _within(base: float, cap: float, waits: Waits) -> None:
    for k in range(len(waits[0])):
        top, longest = min(cap, base * 2**k), max(run[k] for run in waits)
        rule = f"For k = {k} the wait is anything from 0 to min(cap, base × 2^{k}) = {top:g} s."
        case = f"the wait before attempt {k + 2}, base={base:g}, cap={cap:g}, "
        case += f"op takes {cap / 20:g} s"
        seen = f"of six such waits, drawn evenly, the longest is {longest:.3f} s"
        good = 0.5 * top < longest <= top + ROUNDING
        expect(good, rule, case, seen=seen, wanted=f"a little less than {top:g} s")


def jitter(student: Student, chance: Random) -> None:
    """From nothing to the longest, evenly, whatever the longest is: that is another property."""
    base, seed = chance.choice((0.1, 0.2)), chance.getrandbits(32)
    case = f"max_attempts=7, base={base:g}, cap={3 * base:g}, op fails 9 times"

    def draw(rng: Even) -> Waits:
        waits = _waits(student, rng, base, 3 * base)
        expect(rng.draws > 1, DRAWN, case, seen=f"{plural(rng.draws, 'draw')} for 6 waits")
        return waits

    if _must_be_right(partial(_full, case), draw, seed, MANY):
        once, again = draw(ByChance(seed)), draw(ByChance(seed))
        case = "rng draws the same numbers once more"
        expect(again == once, DRAWN, case, seen="other waits", wanted="the same waits")


def _full(case: str, waits: Waits) -> None:
    longest = [max(waits) for waits in zip(*waits, strict=True)]
    for k, top in enumerate(longest):
        found = sorted(run[k] for run in waits)
        mean = sum(found) / len(found)
        rule = f"Full jitter: for k = {k} all waits from 0 to min(cap, base × 2^{k}) are as likely."
        expect(top > 0, rule, case, seen="each wait takes 0 s", wanted="waits that differ")
        where, right = _where_uneven(found)
        seen = f"the waits are {found[0]:.2f} to {top:.2f} s, {mean:.2f} s on average; {where}"
        wanted = f"about 0 to {top:.2f} s, {top / 2:.2f} s on average; {right}"
        good = _is_even([wait / top for wait in found])
        expect(good, rule, case, seen=seen, wanted=wanted)
    parts = [[wait / top for wait, top in zip(run, longest, strict=True)] for run in waits]
    for k in range(1, len(longest)):
        same = sum(abs(run[k] - run[k - 1]) < 0.01 for run in parts)
        seen = f"of its longest, each wait for k = {k} is the same part as the one before it"
        expect(same < len(parts) / 2, DRAWN, case, seen=seen)
    rule = "Full jitter: all waits from 0 to the longest are as likely."
    seen = "some parts of the longest come more often than others"
    expect(_is_even(sorted(part for run in parts for part in run)), rule, case, seen=seen)


def _where_uneven(waits: list[float]) -> tuple[str, str]:
    """Where they differ most from even ones: how many are as short, and how many would be."""
    count, top = len(waits), waits[-1]
    apart = [step - wait / top for wait, step in zip(waits, _steps(count), strict=True)]
    place = max(range(count), key=lambda place: abs(apart[place]))
    wait, too_many = waits[place], apart[place] > 0
    limit, right = "at most" if too_many else "less than", count * wait / top
    seen = f"{place + too_many} of {count} are {limit} {wait:.2f} s"
    return seen, f"about {right:.0f} of {count}"


def _steps(count: int) -> list[float]:
    return [(place + 0.5) / (count - 0.5) for place in range(count)]


def _is_even(parts: list[float]) -> bool:
    """From the shortest to the longest they rise by steps of the same height, or nearly.

    By chance one in a million fails: the Kolmogorov-Smirnov test.
    """
    steps = _steps(len(parts))
    apart = 0.03 if len(parts) == Even.PARTS else 2.7 / len(parts) ** 0.5
    return all(abs(part - step) < apart for part, step in zip(parts, steps, strict=True))


def passes_through(student: Student, chance: Random) -> None:
    """What is tried again is said by retry_on alone, and a cancellation never is."""
    rule = "An error that is in retry_on is tried again; any other comes out at once, as it is."
    others = ([ValueError], [LookupError, OSError], [TimeoutError], [asyncio.CancelledError])
    for errors in others:
        calls = Calls(chance, [*errors, *[ValueError] * 9])
        told = ", then with ".join(error.__name__ for error in errors)
        case = f"retry_on=(ConnectionError, LookupError), op fails with {told}"
        seen, wanted = calls.seen(student, case, 4), calls.ends_after(len(errors))
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
    rule = "A cancellation comes out at once, and nothing is tried again."
    for at, where in ((0.5, "while op is at work"), (2.0, "between two attempts")):
        calls = Calls(chance, [LookupError] * 9, takes=1)
        case = f"retry is cancelled from outside, {where}"
        seen = calls.seen(student, case, 4, cancelled_at=at)
        # Who blocks the loop is reached behind bars later than here, and loses the waits for it.
        blocks = "sleep" not in calls.said and seen == BLOCKED
        expect(seen == calls.cancelled or blocks, rule, case, seen=seen, wanted=calls.cancelled)


EXERCISE = Exercise(
    ("retry",),
    {
        "attempts": attempts,
        "waits between attempts": between,
        "waits within their bounds": bounds,
        "full jitter": jitter,
        "other errors pass through": passes_through,
    },
)
