"""Exercise 1: blocking work beside an event loop."""

from __future__ import annotations

import threading
import time
from typing import Any

from .property import Property, expect, on_clock


class _Work:
    """A blocking function that takes 0.1 s, and notes its threads and how many overlap."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = self.most = 0
        self.threads: set[int] = set()

    def __call__(self, x: int) -> int:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.threads.add(threading.get_ident())
        time.sleep(0.1 if x % 2 else 0.2)  # so that the first does not always end first
        with self.lock:
            self.running -= 1
        return x * x


def _run(piece: Any, count: int, limit: int) -> tuple[_Work, Any, str]:
    work, case = _Work(), f"{count} pieces of work, limit {limit}"
    trace = on_clock(lambda: piece(work, list(range(count)), limit), case)
    return work, trace.result, case


def order(piece: Any) -> None:
    for count, limit in ((1, 1), (2, 2), (5, 2), (12, 4)):
        _, result, case = _run(piece, count, limit)
        right = [x * x for x in range(count)]
        rule = "The results come as a list, in the order of the inputs."
        expect(isinstance(result, list) and result == right, rule, case, result)


def off_the_loop(piece: Any) -> None:
    for count in (1, 3):
        work, _, case = _run(piece, count, 2)
        rule = "The blocking function never runs in the thread of the event loop."
        expect(threading.get_ident() not in work.threads, rule, case, "it ran in that thread")


def overlap(piece: Any) -> None:
    for count, limit in ((2, 2), (8, 2), (40, 3)):
        work, _, case = _run(piece, count, limit)
        rule = f"At least 2 run at the same time, and never more than the limit of {limit}."
        expect(2 <= work.most <= limit, rule, case, f"{work.most} at the same time")


PROPERTIES: dict[str, Property] = {
    "results in order": order,
    "off the loop": off_the_loop,
    "overlap within the limit": overlap,
}
