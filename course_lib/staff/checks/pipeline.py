"""Exercise 2: a pipeline that holds its source back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from ..grading.marks import NoPoint
from .property import Property, expect, on_clock


class _Source:
    """Counts what was pulled and what is done."""

    def __init__(self, count: int) -> None:
        self.count, self.pulled, self.done, self.apart = count, 0, 0, 0

    def __iter__(self) -> Iterator[int]:
        for number in range(self.count):
            self.pulled += 1
            self.apart = max(self.apart, self.pulled - self.done)
            yield number

    async def work(self, item: int) -> int:
        await asyncio.sleep(0.1 + 0.01 * (item % 3))
        self.done += 1
        return 10 * item


CASES = ((1, 1, 1), (5, 1, 1), (20, 2, 3), (60, 3, 5))


def results(piece: Any) -> None:
    for count, workers, size in CASES:
        source, case = _Source(count), f"{count} items, workers={workers}, maxsize={size}"
        trace = on_clock(lambda: piece(iter(source), source.work, workers, size), case)  # noqa: B023
        right = [10 * n for n in range(count)]
        rule = "It gives a list of all results, each once, in any order."
        good = isinstance(trace.result, list) and sorted(trace.result) == right
        expect(good, rule, case, trace.result)


def backpressure(piece: Any) -> None:
    for count, workers, size in CASES:
        source, case = _Source(count), f"{count} items, workers={workers}, maxsize={size}"
        on_clock(lambda: piece(iter(source), source.work, workers, size), case)  # noqa: B023
        most = size + workers + 1
        rule = f"No more than maxsize + workers + 1 = {most} are pulled and not done."
        expect(source.apart <= most, rule, case, f"{source.apart} were")
    source, case = _Source(12), "12 items, workers=3, maxsize=2"
    took = on_clock(lambda: piece(iter(source), source.work, 3, 2), case).duration
    rule = "The workers work at the same time."
    expect(took < 1.0, rule, case, f"it took {took:.2f} s, as long as one worker needs")


def errors(piece: Any) -> None:
    for fails, count, workers in ((0, 1, 2), (0, 6, 1), (2, 10, 2), (9, 10, 2)):
        told = f"workers={workers}, maxsize=2, and work raises LookupError for item {fails}"
        case = f"{count} items, {told}"

        async def work(item: int) -> int:
            await asyncio.sleep(0.1)
            if item == fails:  # noqa: B023
                raise LookupError("no such item")
            return item

        rule = "An error of a worker comes out of run_pipeline, alone or in a group, and no hang."
        try:
            trace = on_clock(lambda: _caught(piece(iter(range(count)), work, workers, 2)), case)  # noqa: B023
        except NoPoint as told:
            raise NoPoint(f"{rule}\n{told}") from None
        expect(trace.result == "LookupError", rule, case, trace.result)


async def _caught(running: Any) -> str:
    try:
        await running
    except BaseException as problem:
        while isinstance(problem, BaseExceptionGroup) and len(problem.exceptions) == 1:
            problem = problem.exceptions[0]
        if isinstance(problem, asyncio.CancelledError):  # by a run that is stuck
            raise
        return type(problem).__name__
    return "no error came out"


PROPERTIES: dict[str, Property] = {
    "all results": results,
    "backpressure": backpressure,
    "errors come out": errors,
}
