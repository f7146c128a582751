"""Exercise 6: a circuit breaker with a clock that is handed in.

References: M. Nygard, Release It!, Pragmatic Bookshelf 2007, chapter 5.
"""

from __future__ import annotations

import asyncio
from typing import Any

from .property import Property, expect, on_clock

THRESHOLD, RESET = 3, 10.0


class _Bench:
    """A breaker, its clock, and an operation that fails while it is told to."""

    def __init__(self, piece: Any) -> None:
        self.now, self.calls, self.fails = 0.0, 0, True
        self.hold: asyncio.Event | None = None
        self.breaker = piece(THRESHOLD, RESET, lambda: self.now)

    async def op(self) -> str:
        self.calls += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise ConnectionError("not now")
        return "done"

    async def call(self) -> str:
        """How one call ends: done, or the name of what was raised."""
        try:
            return str(await self.breaker.call(self.op))
        except Exception as problem:  # noqa: BLE001  whatever comes out is looked at
            return type(problem).__name__

    async def open(self) -> None:
        for _ in range(THRESHOLD):
            await self.call()


def _story(piece: Any, story: Any, case: str) -> Any:
    return on_clock(lambda: story(_Bench(piece)), case).result


def opens(piece: Any) -> None:
    async def story(bench: _Bench) -> tuple[list[str], int]:
        return [await bench.call() for _ in range(THRESHOLD + 2)], bench.calls

    case = f"threshold {THRESHOLD}, the operation fails {THRESHOLD + 2} times in a row"
    ends, calls = _story(piece, story, case)
    rule = f"After {THRESHOLD} failures in a row it is open: OpenError, and nothing is called."
    right = (["ConnectionError"] * THRESHOLD + ["OpenError"] * 2, THRESHOLD)
    expect((ends, calls) == right, rule, case, f"{calls} calls, {', '.join(ends)}")


def one_probe(piece: Any) -> None:
    async def story(bench: _Bench) -> tuple[int, int]:
        await bench.open()
        bench.now = RESET - 0.1
        await bench.call()
        early, bench.now = bench.calls, RESET
        await bench.call()
        return early - THRESHOLD, bench.calls - early

    case = f"it opens at 0 s; a call at {RESET - 0.1} s, and one at {RESET} s"
    early, late = _story(piece, story, case)
    rule = f"Before {RESET:g} s nothing is called, and from then on one probe is let through."
    expect((early, late) == (0, 1), rule, case, f"{early} and {late} calls of the operation")


def failed_probe(piece: Any) -> None:
    async def story(bench: _Bench) -> tuple[str, int]:
        await bench.open()
        bench.now = RESET
        await bench.call()
        before, bench.now = bench.calls, 2 * RESET - 0.1
        end = await bench.call()
        return end, bench.calls - before

    case = f"the probe at {RESET:g} s fails; a call at {2 * RESET - 0.1} s"
    end, calls = _story(piece, story, case)
    rule = f"A failed probe opens it for another {RESET:g} s."
    expect((end, calls) == ("OpenError", 0), rule, case, f"{end}, {calls} calls")


def five_at_once(piece: Any) -> None:
    async def story(bench: _Bench) -> int:
        await bench.open()
        bench.now, bench.hold, bench.fails = RESET, asyncio.Event(), False
        before = bench.calls
        tasks = [asyncio.create_task(bench.call()) for _ in range(5)]
        await asyncio.sleep(0.1)
        seen = bench.calls - before
        bench.hold.set()
        await asyncio.gather(*tasks)
        return seen

    case = f"5 calls at the same moment, at {RESET:g} s"
    seen = _story(piece, story, case)
    expect(
        seen == 1, "Of calls at the same moment exactly one is the probe.", case, f"{seen} calls"
    )


def closes(piece: Any) -> None:
    async def story(bench: _Bench) -> list[str]:
        await bench.open()
        bench.now, bench.fails = RESET, False
        ends = [await bench.call(), await bench.call()]
        bench.fails = True
        await bench.call()
        await bench.call()
        bench.fails = False
        return [*ends, await bench.call()]

    case = "the probe succeeds, one more call, two failures, one more call"
    ends = _story(piece, story, case)
    rule = "A success closes it and sets the count of failures back to 0."
    expect(ends == ["done"] * 3, rule, case, ", ".join(ends))

    async def counted(bench: _Bench) -> list[str]:
        ends = []
        for fails in (True, True, False, True, True, False):
            bench.fails = fails
            ends.append(await bench.call())
        return ends

    case = f"threshold {THRESHOLD}: two failures, a success, two failures, a success"
    ends = _story(piece, counted, case)
    expect("OpenError" not in ends, rule, case, ", ".join(ends))


def cancelled_probe(piece: Any) -> None:
    async def story(bench: _Bench) -> str:
        await bench.open()
        bench.now, bench.hold, bench.fails = RESET, asyncio.Event(), False
        probe = asyncio.create_task(bench.call())
        await asyncio.sleep(0.1)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        bench.hold, bench.now = None, 3 * RESET
        return await bench.call()

    case = f"the probe at {RESET:g} s is cancelled by its caller; a call at {3 * RESET:g} s"
    end = _story(piece, story, case)
    rule = "A probe that was cancelled does not keep the breaker shut for ever."
    expect(end == "done", rule, case, end)


PROPERTIES: dict[str, Property] = {
    "opens": opens,
    "one probe, in time": one_probe,
    "a failed probe": failed_probe,
    "five at once": five_at_once,
    "a success closes": closes,
    "a cancelled probe": cancelled_probe,
}
