"""Exercise 2: a pipeline that holds its source back."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from ..checked import plural
from .pipeline_flow import Flow
from .property import Exercise, expect
from .student import LONG, Pieces, Raised, Student, now

ENDS: list[Any] = [-1, "end", "END", "stop", "STOP", "done", "DONE"]
"""What is often taken for an end of the line, and may be an item."""
ANYTHING: list[Any] = [0, "a", "a", [1], "", {}, (2, "b"), False, "c", *ENDS]
CANCELLED = "40 items, workers=3, maxsize=2, run_pipeline is cancelled half way"


def _items(count: int) -> list[Any]:
    return list(range(1, count + 1))  # what counts as false is a case of its own


def _case(flow: Flow, workers: int, size: int, more: str) -> str:
    return f"{plural(len(flow.items), 'item')}{more}, workers={workers}, maxsize={size}"


def _run(student: Student, flow: Flow, workers: int, size: int, more: str = "") -> tuple[Any, str]:
    """What comes of it, with the case in words."""
    case = _case(flow, workers, size, more)
    return student.on_clock(lambda pieces: flow.outcome(pieces, workers, size), case), case


def _works(student: Student, flow: Flow, workers: int, size: int, more: str = "") -> str:
    """The case in words, once all is worked on: that it ends then, too, is another property."""
    case = _case(flow, workers, size, more)

    async def scene(pieces: Pieces) -> None:
        running = asyncio.create_task(flow.outcome(pieces, workers, size), name="it")
        await asyncio.wait([running], timeout=LONG)
        if flow.done == len(flow.items):
            running.cancel()
        await running

    student.on_clock(scene, case)
    return case


def _told(outcome: Any) -> str:
    if isinstance(outcome, Raised):
        return f"it raises {outcome.alone()}"
    return f"it gives {outcome!r}"


def _is_pipeline(flow: Flow, case: str) -> None:
    """Needed for every point: neither one item after the other nor all of them at once."""
    rule = "While work goes on, the next items are pulled; and not all are worked on at once."
    seen = f"at most {flow.apart} pulled and not done, {flow.most} at work at the same time"
    expect(flow.is_pipeline, rule, case, seen=seen)


def results(student: Student, chance: Random) -> None:
    """Each item once, whatever it is, and each result once, whatever that is."""
    many = _items(chance.randrange(20, 30))
    for items, workers, size in (([7], 1, 1), ([], 2, 2), ([1, 2], 5, 3), (many, 3, 2)):
        _all_done(student, Flow(chance, items), workers, size)
    slow = Flow(chance, [1, 2], takes={0: LONG})
    _all_done(student, slow, 2, 2, f", the first takes {LONG:.0f} s")
    _all_done(student, Flow(chance, ANYTHING), 2, 2, f" {ANYTHING}")
    _called_again(student, Flow(chance, [7]), Flow(chance, [8]))


def _all_done(student: Student, flow: Flow, workers: int, size: int, more: str = "") -> None:
    _gives_all(flow, *_run(student, flow, workers, size, more))


def _called_again(student: Student, flow: Flow, before: Flow) -> None:
    async def scene(pieces: Pieces) -> Any:
        await before.outcome(pieces, 1, 1)
        return await flow.outcome(pieces, 1, 1)

    case = "1 item, workers=1, maxsize=1; it is the second call"
    _gives_all(flow, student.on_clock(scene, case), case)


def _gives_all(flow: Flow, outcome: Any, case: str) -> None:
    rule = "work is called once for each item, whatever the item is, and ends."
    raises = "; " + _told(outcome) if isinstance(outcome, Raised) else ""
    good = _same(flow.worked, flow.items) and flow.done == len(flow.items) and not raises
    seen = f"{flow.worked}, {flow.done} of them ended{raises}"
    expect(good, rule, case, seen=seen, wanted=flow.items)
    rule = "The list has all that work gave, whatever that is, in any order."
    expect(_same(outcome, flow.gave), rule, case, seen=_told(outcome), wanted=flow.gave)
    if len(flow.items) > 2:
        _is_pipeline(flow, case)


def _same(one: Any, other: list[Any]) -> bool:
    return isinstance(one, list) and sorted(map(repr, one)) == sorted(map(repr, other))


def backpressure(student: Student, chance: Random) -> None:
    """The line between fills up, and then the source waits, also behind a slow worker."""
    for workers, size in ((1, 1), (1, 4), (chance.randrange(2, 5), chance.randrange(3, 7))):
        flow = Flow(chance, _items(5 * (size + workers)), takes={2: 2.0})
        case = _works(student, flow, workers, size)
        most = size + max(workers, flow.most) + 1  # too many at work is another property
        rule = (
            f"While the workers are busy, the queue fills up to maxsize = {size}, and never more "
            f"than maxsize + workers + 1 = {size + workers + 1} items are pulled and not done."
        )
        good = size + 1 <= flow.apart <= most and flow.most < len(flow.items)
        wanted = f"{size + 1} to {size + workers + 1}"
        expect(good, rule, case, seen=f"{flow.apart} pulled and not done", wanted=wanted)


def overlap(student: Student, chance: Random) -> None:
    """As many as there are workers, and a slow item takes one of them."""
    for workers, count in ((1, 3), (2, 8), (chance.randrange(3, 6), 20)):
        flow = Flow(chance, _items(count))
        case = _works(student, flow, workers, 2)
        rule = "As many items are at work at the same time as there are workers, and never more."
        expect(flow.most == workers, rule, case, seen=f"{flow.most} at work", wanted=workers)
        if workers > 1:
            _is_pipeline(flow, case)
    flow = Flow(chance, _items(12), takes={1: 30.0})
    case = _works(student, flow, 2, 2, ", the second takes 30 s and the others 0.2 s")
    last = max((end for number, end in flow.ends.items() if number != 1), default=30.0)
    rule = "A slow item takes one worker; meanwhile the other one goes on with the rest."
    seen = f"the others are done at {last:.1f} s"
    expect(last < 30 and flow.done > 8, rule, case, seen=seen, wanted="about 2 s")


def errors(student: Student, chance: Random) -> None:
    """Whichever call it is: the first, one between, the last; and an error of the source itself."""
    for number, count, workers, error in (
        (0, 1, 2, LookupError), (0, 8, 1, ValueError), (2, 10, 2, TimeoutError),
        (9, 10, 2, LookupError),
    ):  # fmt: skip
        flow = Flow(chance, _items(count), fails_at=number, error=error)
        more = f" and call {number + 1} of work raises {error.__name__}"
        _comes_out(student, flow, workers, more)
    _is_pipeline(flow, "10 items, workers=2, maxsize=2")
    for count, workers in ((0, 2), (8, 1)):
        flow = Flow(chance, _items(count), source_fails=True)
        _comes_out(student, flow, workers, " and then the source raises LookupError")


def _comes_out(student: Student, flow: Flow, workers: int, more: str) -> None:
    outcome, case = _run(student, flow, workers, 2, more)
    rule = "The error comes out of run_pipeline, alone or in an exception group."
    wanted = f"it raises {flow.error.__name__}"
    expect(flow.came_out(outcome), rule, case, seen=_told(outcome), wanted=wanted)


def nobody_goes_on(student: Student, chance: Random) -> None:
    """After a cancellation; that what is left goes on after an error is allowed."""
    flow = Flow(chance, _items(40))
    outcome, on = student.on_clock(lambda pieces: _cancelled(pieces, flow), CANCELLED)
    _is_pipeline(flow, CANCELLED)
    rule = "A cancellation comes out, and all ends at once: no work goes on, nothing is pulled."
    good = "CancelledError" in outcome and not on
    expect(good, rule, CANCELLED, seen=f"{outcome}; {on}".removesuffix("; "))


async def _cancelled(pieces: Pieces, flow: Flow) -> tuple[str, str]:
    """What came out, and what went on after it."""
    running = asyncio.create_task(flow.outcome(pieces, 3, 2), name="it")
    await asyncio.sleep(0.5)
    running.cancel()
    cancelled_at, ended = now(), running.done()
    told = "it has ended before" if ended else _told(await running)
    return told, await flow.goes_on(since=cancelled_at)


EXERCISE = Exercise(
    ("run_pipeline",),
    {
        "all results": results,
        "backpressure": backpressure,
        "workers at the same time": overlap,
        "errors come out": errors,
        "nobody goes on": nobody_goes_on,
    },
)
