"""Exercise 9: order for each key, and parallel all the same."""

from __future__ import annotations

import asyncio
from typing import Any

from .property import Property, expect, on_clock

Messages = list[tuple[str, int]]


class _Work:
    """Notes what begins and ends, and how many work at the same time."""

    def __init__(self, slow: str = "") -> None:
        self.slow = slow
        self.done: dict[str, list[int]] = {}
        self.ends: dict[str, float] = {}
        self.at_work: list[str] = []
        self.most = 0
        self.twice = ""

    async def __call__(self, key: str, value: int) -> None:
        self.twice = self.twice or (key if key in self.at_work else "")
        self.at_work.append(key)
        self.most = max(self.most, len(self.at_work))
        await asyncio.sleep(10.0 if key == self.slow else 0.1 * (1 + (7 * value) % 3))
        self.at_work.remove(key)
        self.done.setdefault(key, []).append(value)
        self.ends[key] = asyncio.get_running_loop().time()


def _run(piece: Any, messages: Messages, limit: int, slow: str = "") -> tuple[_Work, str]:
    work, case = (
        _Work(slow),
        f"messages {messages if len(messages) < 7 else len(messages)}, limit {limit}",
    )
    on_clock(lambda: piece(list(messages), work, limit), case)
    return work, case


def _many(keys: int, each: int) -> Messages:
    return [(f"k{number % keys}", number) for number in range(keys * each)]


CASES = (([("a", 0)], 2), ([("a", 0), ("a", 1), ("a", 2)], 3), (_many(2, 3), 2), (_many(6, 5), 4))


def in_order(piece: Any) -> None:
    for messages, limit in CASES:
        work, case = _run(piece, messages, limit)
        right: dict[str, list[int]] = {}
        for key, value in messages:
            right.setdefault(key, []).append(value)
        rule = "All messages are done, those of a key in the order in which they came."
        expect(work.done == right, rule, case, work.done)


def one_of_a_key(piece: Any) -> None:
    for messages, limit in CASES:
        work, case = _run(piece, messages, limit)
        rule = "Two messages of one key are never worked on at the same time."
        expect(not work.twice, rule, case, f"two of {work.twice}")


def within_the_limit(piece: Any) -> None:
    for messages, limit in ((_many(2, 2), 2), (_many(6, 5), 4), (_many(20, 2), 3)):
        work, case = _run(piece, messages, limit)
        rule = f"At least 2 are worked on at the same time, and never more than {limit}."
        expect(2 <= work.most <= limit, rule, case, f"{work.most} at the same time")


def slow_key(piece: Any) -> None:
    messages = [("slow", 0), ("a", 1), ("a", 2), ("a", 3), ("a", 4)]
    work, case = _run(piece, messages, 2, slow="slow")
    rule = "A slow key does not hold up the others: a is done long before slow."
    ends = f"a after {work.ends.get('a', -1):.1f} s, slow after {work.ends.get('slow', -1):.1f} s"
    expect(work.ends.get("a", 99) < 5, rule, f"{case}; slow takes 10 s", ends)


PROPERTIES: dict[str, Property] = {
    "order of each key": in_order,
    "one of a key at a time": one_of_a_key,
    "parallel within the limit": within_the_limit,
    "a slow key": slow_key,
}
