"""Exercise 9: order for each key, and parallel all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from .property import Exercise, expect
from .student import LATER, Pieces, Student, now

Messages = Sequence[tuple[str, int]]


class Work:
    """Notes what begins and ends, and how many work at the same time."""

    def __init__(self, seconds: dict[tuple[str, int], float]) -> None:
        self.seconds = seconds
        self.at_work: list[str] = []
        self.begun: list[tuple[str, int]] = []
        self.ends: list[tuple[float, str, int]] = []
        self.most = 0
        self.twice = ""
        self.in_time = 0
        """Messages that are done when the piece ends."""

    async def __call__(self, key: str, value: int) -> None:
        if not (isinstance(key, str) and isinstance(value, int)):
            raise TypeError("work(key, value) gets the key and the value of a message")
        self.begun.append((key, value))
        self.twice = self.twice or (key if key in self.at_work else "")
        self.at_work.append(key)
        self.most = max(self.most, len(self.at_work))
        await asyncio.sleep(self.seconds.get((key, value), 0.1))
        self.at_work.remove(key)
        self.ends.append((now(), key, value))


def _by_key(messages: Messages) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, value in messages:
        found.setdefault(key, []).append(value)
    return found


def _run(
    student: Student, messages: Messages, limit: int, work: Work, *, before: Messages = ()
) -> str:
    told = list(messages) if len(messages) < 7 else f"{len(messages)} messages"
    case = f"{told}, limit {limit}"
    if before:
        case += f", after a call with {before}"

    async def scene(pieces: Pieces) -> None:
        if before:
            await pieces.call("consume_by_key", list(before), Work({}), limit)
        await pieces.call("consume_by_key", list(messages), work, limit)
        work.in_time, begun = len(work.ends), -1
        # What is left behind goes on to its end: that it is left is one property, its order others.
        while len(work.ends) < len(messages) and begun < len(work.begun):
            begun = len(work.begun)
            await asyncio.sleep(LATER)

    student.on_clock(scene, case)
    return case


def in_order(student: Student, chance: Random) -> None:
    """All are done, each once, and begun in the order of their key, whatever they are and take."""
    numbers = chance.sample(range(1, 100), 25)  # not in the order of their size
    small, alike = [("a", 2), ("a", 1)], [("a", 0), ("b", 1), ("a", 0)]
    many = [(f"k{chance.randrange(5)}", number) for number in numbers]
    for messages, limit in ((small, 2), (alike, 2), (many, 4), ([], 2)):
        work = Work(_some_time(chance, messages))
        case = _run(student, messages, limit, work)
        rule = "All messages are done, those of a key begun in the order in which they came."
        right, seen = _by_key(messages), _by_key(work.begun)
        expect(seen == right, rule, case, seen=seen, wanted=right)
        _all_done(work, messages, rule, case)
        _done_in_time(work, messages, case)
    line = [("a", number) for number in range(1, 21)]
    for messages in ([("b", 21), *line], [*line, ("b", 21)]):
        work = Work(dict.fromkeys(line, 50.0))
        case = f"{_run(student, messages, 2, work)}: b 0.1 s, and a 20 times 50 s"
        _done_in_time(work, messages, case)
    work = Work({})
    case = _run(student, small, 2, work, before=[("b", 3)])
    rule = "Each call works on its own messages, and on no other's."
    expect(sorted(work.begun) == sorted(small), rule, case, seen=work.begun, wanted=small)


def one_of_a_key(student: Student, chance: Random) -> None:
    """Two of one key never overlap, though two of different keys do."""
    small = [("a", 1), ("b", 2), ("a", 3), ("b", 4)]
    many = [(chance.choice("ab"), number) for number in range(5, 17)]
    for messages in (small, [*small, *many]):
        work = Work(_some_time(chance, messages))
        case = _run(student, messages, 4, work)
        rule = "Two messages of one key are never worked on at the same time, those of others are."
        expect(not work.twice, rule, case, seen=f"two of {work.twice} at the same time")
        _all_done(work, messages, rule, case)
        expect(work.most == 2, rule, case, seen=f"{work.most} at the same time", wanted=2)


def _some_time(chance: Random, messages: Messages) -> dict[tuple[str, int], float]:
    return {message: chance.uniform(0.05, 0.4) for message in messages}


def _all_done(work: Work, messages: Messages, rule: str, case: str) -> None:
    seen = f"{len(work.ends)} of {len(messages)} are done"
    expect(
        sorted(work.begun) == sorted(messages) and len(work.ends) == len(messages),
        rule,
        case,
        seen=seen,
    )


def _done_in_time(work: Work, messages: Messages, case: str) -> None:
    rule, count = "It ends when all messages are done, and not before.", len(messages)
    seen = f"{work.in_time} of {count} are done when it ends"
    expect(work.in_time == count, rule, case, seen=seen, wanted="all of them")


def within_the_limit(student: Student, chance: Random) -> None:
    """As many as the limit work at the same time, and never more."""
    for keys, limit in ((3, 2), (chance.randrange(8, 12), chance.randrange(3, 6))):
        messages = [(f"k{number % keys}", number) for number in range(1, 2 * keys + 1)]
        work = Work({})
        case = _run(student, messages, limit, work)
        rule = f"With {keys} keys and a limit of {limit}, {limit} are worked on at the same time."
        _all_done(work, messages, rule, case)
        expect(work.most == limit, rule, case, seen=f"{work.most} at the same time", wanted=limit)


def slow_key(student: Student, chance: Random) -> None:
    """A key that is slow takes one place and not those of the others, however many these are."""
    few = [("slow", 1), ("a", 2), ("slow", 3), ("slow", 4), ("b", 5), ("a", 6)]
    keys = [f"k{number}" for number in range(10)]
    many = [(key, number) for number, key in enumerate(["slow", "late", *keys] * 2, start=1)]
    for messages, limit in ((few, 3), (many, 5)):
        _others_go_on(student, messages, limit, chance.uniform(70, 80))


def _others_go_on(student: Student, messages: Messages, limit: int, slow: float) -> None:
    slow_keys = [key for key in ("slow", "late") if key in dict(messages)]
    work = Work({message: slow for message in messages if message[0] in slow_keys})
    told = f"each of {' and '.join(slow_keys)} takes {slow:.1f} s, the others 0.1 s"
    case = f"{_run(student, messages, limit, work)}; {told}"
    rule = f"A slow key does not hold up the others: they are done before {slow:.1f} s."
    _all_done(work, messages, rule, case)
    others = [when for when, key, _ in work.ends if key not in slow_keys]
    seen = f"the last of the others is done at {max(others):.1f} s"
    expect(max(others) < slow, rule, case, seen=seen, wanted=f"at {len(others) / 10:.1f} s, or so")


EXERCISE = Exercise(
    ("consume_by_key",),
    {
        "order of each key": in_order,
        "one of a key at a time": one_of_a_key,
        "parallel within the limit": within_the_limit,
        "a slow key": slow_key,
    },
)
