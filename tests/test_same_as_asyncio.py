"""Programs do on the virtual clock what they do on asyncio's own loop, at the same times."""

from __future__ import annotations

import asyncio
import selectors
import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.flow import drive
from course_lib.loop.clock import VirtualLoop
from course_lib.loop.stand_ins import stand_ins

Step = tuple[Any, ...]
Program = list[list[Step]]


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: lets the loop's clock jump by as much as asyncio wanted to sleep."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("asyncio itself would wait for ever")
        self.now += max(timeout, 0)
        return super().select(0)


class StockLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop and sleep, on a virtual time that only this test has."""

    def __init__(self) -> None:
        super().__init__(_JumpingSelector())

    def time(self) -> float:
        return float(self._selector.now)  # type: ignore[attr-defined]

    def block(self, seconds: float) -> None:
        """What `time.sleep` does: time goes by, and nobody has a turn."""
        self._selector.now += seconds  # type: ignore[attr-defined]


def play(program: Program, say: Callable[[str], None]) -> Callable[[], Any]:
    """A program of tasks, each a list of steps, that share one of everything."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        shared: dict[str, Any] = {
            "queue": asyncio.Queue(2),
            "lock": asyncio.Lock(),
            "semaphore": asyncio.Semaphore(2),
            "event": asyncio.Event(),
            "condition": asyncio.Condition(),
        }
        tasks: list[asyncio.Task[None]] = []

        async def steps(name: int, todo: list[Step]) -> None:
            for step in todo:
                what, *arguments = step
                try:
                    await do(what, *arguments)
                    outcome = "done"
                except TimeoutError:
                    outcome = "too late"
                except asyncio.CancelledError:
                    say(f"{loop.time():.3f} task {name}: {step} cancelled")
                    raise
                say(f"{loop.time():.3f} task {name}: {step} {outcome}")

        async def hold(what: str, seconds: float) -> None:
            async with shared[what]:
                await asyncio.sleep(seconds)

        async def do(what: str, *arguments: Any) -> None:
            if what == "sleep":
                await asyncio.sleep(arguments[0])
            elif what == "block":
                (loop.block if isinstance(loop, StockLoop) else time.sleep)(arguments[0])
            elif what == "yield":
                await asyncio.sleep(0)
            elif what == "put":
                await shared["queue"].put(0)
            elif what == "get":
                await shared["queue"].get()
            elif what == "hold":
                await hold(*arguments)
            elif what == "set":
                shared["event"].set()
            elif what == "wait":
                await shared["event"].wait()
            elif what == "cancel":
                tasks[arguments[0] % len(tasks)].cancel()
            elif what == "limit":
                seconds, step = arguments
                async with asyncio.timeout(seconds):
                    await do(*step)
            elif what == "wait for":
                seconds, step = arguments
                await asyncio.wait_for(do(*step), seconds)
            elif what == "shield":
                await asyncio.shield(asyncio.sleep(arguments[0]))
            elif what == "group":
                async with asyncio.TaskGroup() as group:
                    for seconds in arguments[0]:
                        group.create_task(asyncio.sleep(seconds))
            elif what == "gather":
                await asyncio.gather(*[asyncio.sleep(seconds) for seconds in arguments[0]])

        tasks += [asyncio.create_task(steps(n, todo)) for n, todo in enumerate(program)]
        await asyncio.wait(tasks, timeout=1000)
        for task in tasks:  # in order: asyncio's own set of them has none
            task.cancel()
        await asyncio.wait(tasks)

    return main


def stock(program: Program) -> list[str]:
    said: list[str] = []
    with asyncio.Runner(loop_factory=StockLoop) as runner:
        runner.run(play(program, said.append)())
    return said


def ours(program: Program) -> list[str]:
    said: list[str] = []
    with stand_ins(globals()):
        drive(VirtualLoop(), play(program, said.append)())
    return said


BITS = 24
# Before 3.12 asyncio's own wait_for made a task more, and a run does as 3.12 does.
LIMITS = ["limit", "wait for"] if sys.version_info >= (3, 12) else ["limit"]


def numbered(program: Program) -> Program:
    """Give every length a power of two of its own, so that no two deadlines are ever equal."""
    bit = iter(range(10_000))

    def own(step: Step) -> Step:
        return tuple(lengthen(value) for value in step)

    def lengthen(value: Any) -> Any:
        if isinstance(value, float):
            return value + 2.0 ** -(10 + next(bit) % BITS)
        if isinstance(value, tuple):
            return own(value)
        if isinstance(value, list):
            return [lengthen(v) for v in value]
        return value

    return [[own(step) for step in todo] for todo in program]


lengths = st.integers(1, 4).map(float)
plain = st.one_of(
    st.tuples(st.sampled_from(["sleep", "block"]), lengths),
    st.tuples(st.sampled_from(["put", "get", "set", "wait", "yield"])),
    st.tuples(st.just("hold"), st.sampled_from(["lock", "semaphore", "condition"]), lengths),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("shield"), lengths),
    st.tuples(st.sampled_from(["group", "gather"]), st.lists(lengths, min_size=1, max_size=3)),
)
step = st.one_of(plain, st.tuples(st.sampled_from(LIMITS), lengths, plain))
programs = st.lists(st.lists(step, min_size=1, max_size=5), min_size=1, max_size=4).map(numbered)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(programs)
def test_the_same_events_at_the_same_times(program: Program) -> None:
    """Sleeps, queues, locks, limits, groups and cancellation print the same lines in order.

    So do they where somebody blocks the loop: what is queued meanwhile comes before what is due.
    """
    assert ours(program) == stock(program)
