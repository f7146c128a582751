"""Threads keep to the clock of the run that started them."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from course_lib import Stuck, run, span

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


@pytest.mark.slow
def test_a_thread_that_waits_for_something_real_is_told_so() -> None:
    """Nobody writes into the pipe: an error within seconds, and the thread is left to itself."""
    reader, writer = os.pipe()
    begin = time.perf_counter()
    with pytest.raises(RuntimeError, match=r"thread 1 waits for something real.*clock=\"live\""):
        run(asyncio.to_thread(os.read, reader, 1))
    assert time.perf_counter() - begin < 30
    os.close(writer)


FOR_EVER: dict[str, Callable[[], Any]] = {
    "lock": lambda: [lock.acquire() for lock in [threading.Lock()] * 2],
    "event": lambda: threading.Event().wait(),
    "condition": lambda: wait_for_a_condition(threading.Condition()),
    "semaphore": lambda: threading.Semaphore(0).acquire(),
    "barrier": lambda: threading.Barrier(2).wait(),
    "queue get": lambda: queue.Queue().get(),
    "queue put": lambda: [line.put(1) for line in [queue.Queue(1)] * 2],
    "future": lambda: Future().result(),
    "futures": lambda: futures.wait([Future()]),
    "thread": lambda: join_one_that_never_ends(),
}


def wait_for_a_condition(condition: threading.Condition) -> None:
    with condition:
        condition.wait()


def join_one_that_never_ends() -> None:
    thread = threading.Thread(target=threading.Event().wait, name="endless")
    thread.start()
    thread.join()


@pytest.mark.parametrize("where", ["a thread", "the loop"])
@pytest.mark.parametrize("reason", FOR_EVER)
def test_what_nobody_will_ever_end_is_told_at_once(reason: str, where: str) -> None:
    """In a thread or, worse, in the loop: Stuck, with what it waits for."""

    async def main() -> None:
        if where == "the loop":
            FOR_EVER[reason]()
        else:
            await asyncio.to_thread(FOR_EVER[reason])

    who = "main" if where == "the loop" else "thread 1"
    with pytest.raises(Stuck, match=rf"  {who} waits for {reason}"):
        run(main)


def at_its_time(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and how long it takes."""
    begin = time.monotonic()
    return call(), time.monotonic() - begin


old_lock = threading.Lock()
old_rlock = threading.RLock()
old_event = threading.Event()
old_queue: queue.Queue[int] = queue.Queue()
old_condition = threading.Condition()


class Account:
    """An object with a lock of its own, older than the run."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.money = 100

    def take(self, amount: int) -> None:
        with self.lock:
            money = self.money
            time.sleep(1)
            self.money = money - amount


account = Account()
LIMITED: dict[str, tuple[Callable[[], Any], Any, float]] = {
    "event": (lambda: threading.Event().wait(2), False, 2),
    "old event": (lambda: old_event.wait(2), False, 2),
    "queue": (lambda: nothing_in(queue.Queue(), 1.5), "empty", 1.5),
    "old queue": (lambda: nothing_in(old_queue, 1.5), "empty", 1.5),
    "simple queue": (lambda: nothing_in(queue.SimpleQueue(), 1.5), "empty", 1.5),
    "lock": (lambda: [x.acquire(timeout=2.5) for x in [threading.Lock()] * 2], [True, False], 2.5),
    "rlock": (lambda: [x.acquire(timeout=2) for x in [threading.RLock()] * 2], [True, True], 0),
    "semaphore": (lambda: threading.Semaphore(0).acquire(timeout=1), False, 1),
    "condition": (lambda: until_a_condition(threading.Condition()), False, 3),
    "old condition": (lambda: until_a_condition(old_condition), False, 3),
    "barrier": (lambda: one_at_a_barrier(), "broken", 4),
    "result": (lambda: no_result(Future()), "too late", 2),
    "wait": (lambda: len(futures.wait([Future()], timeout=2).not_done), 1, 2),
    "as_completed": (lambda: none_completed(), "too late", 2),
    "join": (lambda: join_for(0.5), True, 0.5),
    "join to the end": (lambda: join_for(9), False, 1),
}


def nothing_in(line: Any, seconds: float) -> str:
    try:
        return str(line.get(timeout=seconds))
    except queue.Empty:
        return "empty"


def until_a_condition(condition: threading.Condition) -> bool:
    with condition:
        return condition.wait_for(lambda: False, 3)


def one_at_a_barrier() -> str:
    try:
        return str(threading.Barrier(2).wait(4))
    except threading.BrokenBarrierError:
        return "broken"


def no_result(future: Future[Any]) -> Any:
    try:
        return future.result(timeout=2)
    except TimeoutError:
        return "too late"


def none_completed() -> Any:
    try:
        return list(futures.as_completed([Future()], timeout=2))
    except TimeoutError:
        return "too late"


def join_for(seconds: float) -> bool:
    thread = threading.Thread(target=time.sleep, args=(1,))
    thread.start()
    thread.join(seconds)
    return thread.is_alive()


@pytest.mark.parametrize("where", ["a thread", "the loop"])
@pytest.mark.parametrize("what", LIMITED)
def test_a_wait_with_a_limit_takes_so_long_on_the_clock(what: str, where: str) -> None:
    """Whether its lock was made in the run or before, and also where it blocks the loop."""
    call, result, seconds = LIMITED[what]

    async def main() -> Any:
        return (
            at_its_time(call) if where == "the loop" else await asyncio.to_thread(at_its_time, call)
        )

    assert run(main).result == (result, seconds)


@pytest.mark.parametrize("what", LIMITED)
def test_outside_a_run_the_same_locks_are_real(what: str) -> None:
    """A lock that a run has made, or had in its hands, works after it, and in other threads."""
    made: list[Any] = []

    async def main() -> None:
        made.append((threading.Lock(), threading.RLock(), queue.SimpleQueue(), threading.Event()))

    run(main)
    for lock in (*made[0][:2], old_lock, old_rlock):
        with lock:
            assert not lock.acquire(False) or lock.release() is None
    made[0][2].put(1)
    assert made[0][2].get() == 1
    assert not made[0][3].wait(0)


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
