"""Threads keep to the clock of the run that started them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from course_lib import run, span

CLOCKS = ("virtual", "live")


def at_once(number: int, seconds: float) -> Callable[[], Any]:
    """A program in which that many threads sleep that long, at the same time."""

    async def main() -> None:
        await asyncio.gather(*[asyncio.to_thread(time.sleep, seconds) for _ in range(number)])

    return main


def test_threads_sleep_at_the_same_time() -> None:
    """Three sleeps of 0.3 s in three threads take 0.3 s, each blocked in its own lane."""
    trace = run(at_once(3, 0.3))
    assert trace.duration == 0.3
    assert [trace.total(f"thread {n}", "blocked") for n in (1, 2, 3)] == [0.3, 0.3, 0.3]


def test_the_default_executor_is_wide() -> None:
    """32 threads at once and no more: the 33rd sleep comes after the first."""
    assert [run(at_once(n, 1)).duration for n in (32, 33)] == [1, 2]


@pytest.mark.parametrize("clock", CLOCKS)
def test_an_executor_has_so_many_threads(clock: Any) -> None:
    """Ten sleeps in six threads take two rounds; lanes are numbered as threads become free."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(6) as pool:
            await asyncio.gather(*[loop.run_in_executor(pool, time.sleep, 0.1) for _ in range(10)])

    trace = run(main, clock=clock)
    assert 0.2 <= trace.duration < (0.2001 if clock == "virtual" else 0.6)
    assert {lane for lane in trace.lanes if lane != "main"} == {f"thread {n}" for n in range(1, 7)}


def test_a_thread_does_its_work_while_the_loop_goes_on() -> None:
    """The loop ticks while a thread sleeps; a sleep in the loop itself would stop it."""

    async def main() -> list[float]:
        done = asyncio.create_task(asyncio.to_thread(time.sleep, 2.5))
        ticks = []
        while not done.done():
            await asyncio.sleep(1)
            ticks.append(time.monotonic())
        return ticks

    assert run(main).result == [1, 2, 3]


@pytest.mark.parametrize("clock", CLOCKS)
def test_results_and_errors_come_back(clock: Any) -> None:
    """What the call in a thread returns or raises is what the task gets."""

    async def main() -> Any:
        results = [asyncio.to_thread(divmod, 7, 3), asyncio.to_thread(divmod, 7, 0)]
        return await asyncio.gather(*results, return_exceptions=True)

    first, second = run(main, clock=clock).result
    assert first == (2, 1)
    assert isinstance(second, ZeroDivisionError)


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_thread_has_the_clock_and_names_of_its_run(clock: Any) -> None:
    """`span` works in a thread, and so does `time.monotonic`, also in between two sleeps."""

    def work() -> float:
        with span("count", lane="cellar"):
            begin = time.monotonic()
            time.sleep(0.02)
            return time.monotonic() - begin

    trace = run(asyncio.to_thread(work), clock=clock)
    assert 0.02 <= trace.result < 0.3
    found = [(s.lane, s.label, s.kind) for s in trace.spans if s.lane == "cellar"]
    assert found == [("cellar", "count", "blocked")]


def test_a_thread_may_wake_the_loop() -> None:
    """`call_soon_threadsafe` from a worker puts into a queue of the loop."""

    async def main() -> tuple[Any, float]:
        loop = asyncio.get_running_loop()
        line: asyncio.Queue[str] = asyncio.Queue()

        def work() -> None:
            time.sleep(1)
            loop.call_soon_threadsafe(line.put_nowait, "soup")
            time.sleep(1)

        working = asyncio.create_task(asyncio.to_thread(work))
        found = await line.get(), time.monotonic()
        await working
        return found

    assert run(main).result == ("soup", 1)


def test_a_cancelled_task_leaves_its_thread_to_end() -> None:
    """Nobody can cancel a thread: the run waits for it, as `asyncio.run` does."""

    async def main() -> None:
        task = asyncio.create_task(asyncio.to_thread(time.sleep, 5))
        await asyncio.sleep(1)
        task.cancel()

    trace = run(main)
    assert trace.duration == 5
    assert trace.total("thread 1", "blocked") == 5


def test_an_interrupt_leaves_no_thread_behind() -> None:
    """After Ctrl-C the threads of the run are gone when `run` returns."""
    ended = []

    def work() -> None:
        try:
            while True:
                time.sleep(1)
        finally:
            ended.append(threading.current_thread())

    async def main() -> None:
        task = asyncio.create_task(asyncio.to_thread(work))
        await asyncio.sleep(2.5)
        raise KeyboardInterrupt
        await task

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt) as caught:
        run(main)
    assert caught.value.trace.duration == 2.5
    assert (len(ended), threading.active_count()) == (1, before)


REAL: list[tuple[str, Callable[[], Any]]] = [
    ("lock", lambda: [lock.acquire() for lock in [threading.Lock()] * 2]),
    ("event", lambda: threading.Event().wait()),
    ("queue", lambda: queue.Queue().get()),
    ("simple queue", lambda: queue.SimpleQueue().get()),
    ("future", lambda: concurrent.futures.Future().result()),
]


@pytest.mark.slow
def test_a_thread_that_waits_for_something_real_is_told_so() -> None:
    """A lock, an event, a queue, a future: each is an error within seconds, not for ever."""

    async def main() -> list[Any]:
        calls = [asyncio.to_thread(call) for _, call in REAL]
        return await asyncio.gather(*calls, return_exceptions=True)

    def one(call: Callable[[], Any], told: list[str]) -> None:
        with pytest.raises(RuntimeError) as caught:
            run(asyncio.to_thread(call))
        told.append(str(caught.value))

    told: list[str] = []
    threads = [threading.Thread(target=one, args=(call, told)) for _, call in REAL]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(told) == len(REAL)
    assert all("thread 1 waits for something real" in text for text in told)
    assert all('else run(…, clock="live")' in text for text in told)
    assert time.perf_counter() - begin < 15


@pytest.mark.slow
def test_a_thread_that_computes_for_long_is_left_alone() -> None:
    """Three seconds of real computing are no waiting: the result comes, at virtual 0 s."""

    def compute() -> int:
        end = time.process_time() + 2.5
        rounds = 0
        while time.process_time() < end:
            rounds += sum(range(1_000_000)) > 0
        return rounds

    trace = run(asyncio.to_thread(compute))
    assert trace.result > 0
    assert trace.duration == 0


def test_processes_are_refused_on_the_virtual_clock() -> None:
    """A process pool cannot keep to a virtual clock; the message names both ways out."""

    async def main() -> None:
        with ProcessPoolExecutor(1) as pool:
            await asyncio.get_running_loop().run_in_executor(pool, partial(divmod, 7, 3))

    with pytest.raises(RuntimeError, match=r'processes.*to_thread.*clock="live"'):
        run(main)


def test_a_loop_of_its_own_in_a_thread_keeps_to_the_real_clock() -> None:
    """`asyncio.run` in a thread of a virtual run ends: its clock does not stand still."""

    async def nap() -> float:
        start = time.monotonic()
        await asyncio.sleep(0.02)
        return time.monotonic() - start

    async def main() -> float:
        return await asyncio.to_thread(asyncio.run, nap())

    trace = run(main)
    assert trace.result >= 0.015
    assert trace.duration == 0
