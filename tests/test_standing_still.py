"""A program that goes round while the virtual clock stands still is told so, and how to get out."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from course_lib import Stuck, run
from course_lib.exercises.here import Here
from course_lib.exercises.property import NotMet
from course_lib.exercises.student import Pieces, Raised
from course_lib.loop import scheduler
from course_lib.staff.conversation.judge import Behind
from course_lib.staff.conversation.sandbox import Sandbox


@pytest.fixture(autouse=True)
def nobody_else_looks() -> Iterator[None]:
    """Hypothesis looks at the clock whenever garbage is collected, and here each look counts."""
    others, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = others


@pytest.fixture
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a thousandth of the turns, so that a test takes a moment."""
    monkeypatch.setattr(scheduler, "MOST_ROUNDS", 1_000)
    monkeypatch.setattr(scheduler, "MOST_TURNS", 5_000)
    monkeypatch.setattr(scheduler, "FEW_ROUNDS", 10)
    monkeypatch.setattr(scheduler, "MOST_LOOKS", 1_000)


async def ask_the_clock() -> None:
    await asyncio.sleep(0.1)
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        pass


async def ask_the_loop() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.1)
    while loop.time() < 1:
        pass


async def ask_the_calendar() -> None:
    await asyncio.sleep(0.1)
    begin = datetime.now()  # noqa: DTZ005
    while datetime.now() == begin:  # noqa: DTZ005
        pass


async def sleep_for_no_time() -> None:
    await asyncio.sleep(0.1)
    while not asyncio.current_task().done():  # type: ignore[union-attr]
        time.sleep(0)


async def ask_a_task() -> None:
    task = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0.1)
    while not task.done():
        await asyncio.sleep(0)


async def ask_a_queue() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    await asyncio.sleep(0.1)
    while True:
        try:
            queue.get_nowait()
        except asyncio.QueueEmpty:
            await asyncio.sleep(0)


async def wait_without_patience() -> None:
    await asyncio.sleep(0.1)
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0)


GOING_ROUND = {
    ask_the_clock: 3,
    ask_the_loop: 3,
    ask_the_calendar: 3,
    sleep_for_no_time: 3,
    ask_a_task: 4,
    ask_a_queue: 7,
    wait_without_patience: 4,
}


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize("main", GOING_ROUND)
def test_who_goes_round_is_told(main: Callable[[], Any]) -> None:
    """The time, the lane, the line, and the way out."""
    name, line = main.__name__, main.__code__.co_firstlineno + GOING_ROUND[main]
    with pytest.raises(Stuck) as caught:
        run(main)
    told = str(caught.value)
    assert told.startswith(f"time stands still at 0.1 s while {name} goes round on line {line}")
    assert 'asyncio.sleep(0.1), for an event or a queue; or run(…, clock="live")' in told
    assert caught.value.trace.duration == 0.1  # type: ignore[attr-defined]


@pytest.mark.usefixtures("bounds")
@pytest.mark.parametrize("how", ["call_soon", "call_later", "call_at"])
def test_a_callback_that_calls_itself_again_is_told(how: str) -> None:
    """It is no task, so it is told by its name and the line where it begins."""

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def tick() -> None:
            if how == "call_at":
                loop.call_at(last + 0.1, tick)
            else:
                getattr(loop, how)(*([0] if how == "call_later" else []), tick)

        last = loop.time()
        tick()
        await asyncio.sleep(2)

    with pytest.raises(Stuck, match=r"stands still at 0(\.1)? s while tick goes round on line \d+"):
        run(main)


@pytest.mark.usefixtures("bounds")
def test_several_who_go_round_are_named() -> None:
    """The first five by name and line, the others by their number."""

    async def turn() -> None:
        while True:
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*[turn() for _ in range(9)])

    with pytest.raises(Stuck) as caught:
        run(main)
    line = turn.__code__.co_firstlineno + 2
    named = ", ".join(f"turn {n} goes round on line {line}" for n in range(1, 6))
    assert f"while {named}, and 4 more go round." in str(caught.value)


@pytest.mark.usefixtures("bounds")
def test_a_thread_that_asks_the_clock_is_told() -> None:
    """The clock stands still for a thread too, unless it sleeps."""

    def work() -> None:
        while time.monotonic() < 1:
            pass

    with pytest.raises(Stuck, match=r"while thread 1 goes round on line \d+ and looks"):
        run(asyncio.to_thread(work))


@pytest.mark.usefixtures("bounds")
def test_time_that_moves_lets_everything_go_on() -> None:
    """A thousand looks and rounds at each of many moments are no standing still."""

    async def main() -> int:
        rounds = 0
        while time.monotonic() < 0.1:
            for _ in range(300):
                time.perf_counter()
                await asyncio.sleep(0)
                rounds += 1
            await asyncio.sleep(0.01)
        return rounds

    assert run(main).result == 3_000


@pytest.mark.usefixtures("bounds")
def test_on_the_live_clock_time_never_stands_still() -> None:
    """Who asks again and again there gets an answer in the end."""

    async def main() -> str:
        task = asyncio.create_task(asyncio.sleep(0.02, "done"))
        while not task.done():
            await asyncio.sleep(0)
        end = time.perf_counter() + 0.01
        while time.perf_counter() < end:
            pass
        return await task

    assert run(main, clock="live").result == "done"


@pytest.mark.slow
def test_a_hundred_thousand_turns_at_one_moment_are_no_standing_still() -> None:
    """Nor are ten thousand tasks that look at the clock, each of which takes several turns."""

    async def turns() -> None:
        for _ in range(4):
            await asyncio.sleep(0)
            time.perf_counter()

    async def main() -> float:
        for _ in range(100_000):
            await asyncio.sleep(0)
        await asyncio.gather(*[turns() for _ in range(10_000)])
        return time.perf_counter()

    assert run(main).result == 0


@pytest.mark.usefixtures("bounds")
def test_an_interrupt_ends_a_task_that_goes_round() -> None:
    """Ctrl-C comes out of the run, as always."""

    async def main() -> None:
        for _ in range(500):
            await asyncio.sleep(0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(main)


@pytest.mark.slow
def test_behind_bars_it_is_told_in_the_same_words(sandbox: Sandbox) -> None:
    """To the grader, too, it is the program that stands still, and no cancellation of its own."""
    cell = "async def piece():\n    while True:\n        await asyncio.sleep(0)\n"

    async def scene(pieces: Pieces) -> None:
        with suppress(Raised):
            await pieces.call("piece")

    space: dict[str, Any] = {"asyncio": asyncio}
    exec(compile(cell, "<cell>", "exec", dont_inherit=True), space)
    with pytest.raises(NotMet) as here:
        Here(space).on_clock(scene, "piece()")
    cells = ["import asyncio", cell]
    with sandbox.submission(cells) as submission, pytest.raises(NotMet) as behind:
        Behind([submission], cells).on_clock(scene, "piece()")
    assert "time stands still at 0 s while it goes round on line 3" in str(here.value)
    assert str(behind.value) == str(here.value)
