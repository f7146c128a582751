"""Exercise 3: try again, with full jitter.

References: Exponential Backoff And Jitter, AWS Architecture Blog 2015.
"""

from __future__ import annotations

import asyncio
import random
from statistics import mean
from typing import Any

from .property import Property, expect, on_clock

BASE, CAP = 0.1, 1.0
SEEDS = 2000


class _Calls:
    """An operation that fails so many times, and a sleep that only notes."""

    def __init__(self, failures: int, error: type[BaseException] = ConnectionError) -> None:
        self.failures, self.error = failures, error
        self.attempts, self.waits = 0, list[float]()

    async def op(self) -> str:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise self.error("not now")
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


async def _outcome(piece: Any, calls: _Calls, attempts: int, seed: int = 1) -> str:
    rng = random.Random(seed)
    try:
        return str(await piece(calls.op, attempts, BASE, CAP, rng, calls.sleep, (ConnectionError,)))
    except BaseException as problem:  # noqa: BLE001  whatever comes out is looked at
        return type(problem).__name__


def _run(piece: Any, calls: _Calls, attempts: int) -> tuple[str, str]:
    case = f"max_attempts={attempts}, op fails {calls.failures} times with {calls.error.__name__}"
    return on_clock(lambda: _outcome(piece, calls, attempts), case).result, case


def attempts(piece: Any) -> None:
    for most, failures in ((1, 0), (1, 5), (2, 1), (3, 5), (5, 4)):
        calls = _Calls(failures)
        result, case = _run(piece, calls, most)
        right = ("done", failures + 1) if failures < most else ("ConnectionError", most)
        rule = f"Here op is called {right[1]} times, and the outcome is {right[0]}."
        seen = f"{calls.attempts} calls, {result}"
        expect((result, calls.attempts) == right, rule, case, seen)


def sleeps(piece: Any) -> None:
    for most in (1, 2, 4):
        calls = _Calls(99)
        _, case = _run(piece, calls, most)
        rule = "There is one wait between two attempts, and none after the last."
        expect(len(calls.waits) == most - 1, rule, case, f"{len(calls.waits)} waits")


def bounds(piece: Any) -> None:
    for seed in range(50):
        calls = _Calls(99)
        case = f"max_attempts=8, base={BASE}, cap={CAP}"
        on_clock(lambda: _outcome(piece, calls, 8, seed), case)  # noqa: B023
        rule = "Between eight attempts there are waits."
        expect(calls.waits, rule, case, "none")
        for k, wait in enumerate(calls.waits):
            ceiling = min(CAP, BASE * 2**k)
            rule = f"Wait number {k} lies between 0 and min(cap, base × 2^{k}) = {ceiling:g} s."
            expect(0 <= wait <= ceiling + 1e-12, rule, case, f"{wait:.3f} s")


def jitter(piece: Any) -> None:
    async def all_seeds() -> list[list[float]]:
        found = []
        for seed in range(SEEDS):
            calls = _Calls(99)
            await _outcome(piece, calls, 6, seed)
            found.append(calls.waits)
        return found

    case = f"max_attempts=6, base={BASE}, cap={CAP}, over {SEEDS} seeds of rng"
    waits = on_clock(all_seeds, case).result
    for k in range(5):
        ceiling = min(CAP, BASE * 2**k)
        here = [run[k] for run in waits if len(run) > k]
        expect(len(here) == SEEDS, f"Wait number {k} comes in each run.", case, len(here))
        rule = f"Full jitter: wait number {k} is {ceiling / 2:g} s on average (half of the ceiling)"
        seen = f"{mean(here):.3f} s on average, {min(here):.3f} s at least"
        near = abs(mean(here) - ceiling / 2) <= 0.05 * ceiling / 2
        expect(near and min(here) < 0.05 * ceiling, f"{rule}, and sometimes nearly 0.", case, seen)


def passes_through(piece: Any) -> None:
    for error in (ValueError, asyncio.CancelledError):
        calls = _Calls(99, error)
        result, case = _run(piece, calls, 3)
        rule = "An error that is not in retry_on, and a cancellation, comes out after one attempt."
        seen = f"{calls.attempts} attempts, {result}"
        expect((calls.attempts, result) == (1, error.__name__), rule, case, seen)


PROPERTIES: dict[str, Property] = {
    "attempts": attempts,
    "waits between attempts": sleeps,
    "waits within their bounds": bounds,
    "full jitter": jitter,
    "other errors pass through": passes_through,
}
