"""Locks, and all that waits by them, keep to the clock of a run: conditions, queues, futures."""

from __future__ import annotations

import asyncio
import inspect
import queue
import threading
import time
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from typing import Any

import pytest

from course_lib import Stuck, run

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


@pytest.mark.parametrize(
    "wait",
    [
        lambda: threading.Event().wait(threading.TIMEOUT_MAX),
        lambda: queue.Queue().get(timeout=4e9),
        lambda: Future().result(5e9),
        lambda: join(threading.Thread(target=threading.Event().wait), 5e9),
        lambda: join(threading.Timer(5e9, print), None),
    ],
    ids=["event", "queue", "future", "thread", "timer"],
)
@pytest.mark.parametrize("where", ["a thread", "the loop"])
def test_the_longest_limit_that_python_takes_is_never_over(
    wait: Callable[[], Any], where: str
) -> None:
    """The clock does not jump by a century: nobody moves, as with `asyncio.sleep(inf)`."""

    async def main() -> None:
        if where == "the loop":
            wait()
        else:
            await asyncio.to_thread(wait)

    with pytest.raises(Stuck, match=" at 0 ms, and nothing will ever") as raised:
        run(main)
    assert raised.value.trace.duration == 0


def join(thread: threading.Thread, limit: float | None) -> None:
    thread.start()
    thread.join(limit)


@pytest.mark.parametrize("free", [True, False], ids=["free", "taken"])
@pytest.mark.parametrize(
    ("limit", "error"),
    [(float("nan"), ValueError), (float("inf"), OverflowError), (-2, ValueError)],
)
def test_what_is_no_limit_is_refused_as_by_a_real_lock(
    limit: float, error: type[Exception], free: bool
) -> None:
    """In a run as outside one, whether or not there is anything to wait for."""

    async def main() -> None:
        lock = threading.Lock()
        if not free:
            lock.acquire()
        with pytest.raises(error):
            lock.acquire(timeout=limit)

    asyncio.run(main())
    assert run(main).duration == 0


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
forks = [threading.Lock() for _ in range(3)]
accounts = {"Ann": Account(), "Bob": Account()}
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


async def makes_locks() -> list[Any]:
    """What a run makes, to be used after it."""
    return [threading.Lock(), threading.RLock(), queue.SimpleQueue(), threading.Event()]


def test_outside_a_run_the_same_locks_are_real() -> None:
    """A lock that a run has made, or had in its hands, works after it."""
    lock, rlock, line, event = run(makes_locks).result
    for each in (lock, rlock, old_lock, old_rlock, account.lock):
        with each:
            pass
        assert each.acquire(timeout=1)
        each.release()
    line.put(1)
    assert line.get() == 1
    assert not event.wait(0)
    assert type(old_lock) is type(account.lock) is type(threading.Lock())


def test_a_lock_made_in_a_run_holds_up_real_threads() -> None:
    """One that waits for it outside of any run gets it when it is free."""
    lock = run(makes_locks).result[0]
    seen = []

    def wait() -> None:
        with lock:
            seen.append("got it")

    lock.acquire()
    thread = threading.Thread(target=wait)
    thread.start()
    assert not seen
    lock.release()
    thread.join()
    assert seen == ["got it"]


HOLDERS: dict[str, Callable[[], Any]] = {
    "a lock": lambda: threading.Lock(),
    "an old lock": lambda: old_lock,
    "an old rlock": lambda: old_rlock,
    "the lock of an old object": lambda: account.lock,
    "an old lock in a list": lambda: forks[1],
    "the lock of an old object in a dict": lambda: accounts["Bob"].lock,
    "an rlock": lambda: threading.RLock(),
    "a semaphore": lambda: threading.Semaphore(),
    "a condition": lambda: threading.Condition(),
}


@pytest.mark.parametrize("what", HOLDERS)
def test_one_after_the_other_holds_a_lock(what: str) -> None:
    """First come, first served, for threads and for the loop, which comes last and is blocked."""

    async def main() -> list[tuple[str, float]]:
        holder = HOLDERS[what]()
        seen = []

        def work(name: str) -> None:
            with holder:
                time.sleep(1)
                seen.append((name, time.monotonic()))

        working = asyncio.gather(*[asyncio.to_thread(work, name) for name in "abc"])
        await asyncio.sleep(0.5)
        work("loop")
        await working
        return seen

    trace = run(main)
    assert trace.result == [("a", 1), ("b", 2), ("c", 3), ("loop", 4)]
    assert trace.total("main", "blocked") == 3.5
    assert trace.total("thread 3", "waiting") == 2


def test_threads_that_take_turns_with_a_lock() -> None:
    """Who lets go and wants it back at once comes after who has been waiting."""

    async def main() -> list[str]:
        lock = threading.Lock()
        seen = []

        def work(name: str) -> None:
            for _ in range(3):
                with lock:
                    seen.append(name)
                    time.sleep(1)

        await asyncio.gather(asyncio.to_thread(work, "a"), asyncio.to_thread(work, "b"))
        return seen

    assert run(main).result == list("ababab")


def test_an_old_account_loses_no_money() -> None:
    """Five threads take from it, one after the other."""

    async def main() -> int:
        account.money = 100
        await asyncio.gather(*[asyncio.to_thread(account.take, 10) for _ in range(5)])
        return account.money

    trace = run(main)
    assert (trace.result, trace.duration) == (50, 5)


def test_a_condition_wakes_those_that_wait() -> None:
    """One at first, then all; each goes on at the moment at which it is told."""

    async def main() -> list[float]:
        bell, seen = threading.Condition(), []

        def wait() -> None:
            with bell:
                bell.wait()
                seen.append(time.monotonic())

        waiting = asyncio.gather(*[asyncio.to_thread(wait) for _ in range(3)])
        for count in (1, 2):
            await asyncio.sleep(1)
            with bell:
                bell.notify(count)
        await waiting
        return seen

    assert run(main).result == [1, 2, 2]


def test_the_trace_says_what_a_thread_waits_for() -> None:
    """In its lane: for what, how long and on which line; for the loop it is being blocked."""
    line = inspect.getsourcelines(test_the_trace_says_what_a_thread_waits_for)[1]

    async def main() -> None:
        orders: queue.Queue[str] = queue.Queue()

        def cook() -> None:
            orders.get()

        cooking = asyncio.create_task(asyncio.to_thread(cook))
        await asyncio.sleep(2)
        orders.put("soup")
        await cooking
        threading.Event().wait(1)

    trace = run(main)
    assert [(s.kind, s.text, s.duration) for s in trace.spans if s.lane == "thread 1"] == [
        ("waiting", f"queue get (line {line + 8})", 2)
    ]
    assert [(s.kind, s.text) for s in trace.spans if s.kind == "blocked"] == [
        ("blocked", f"event (line {line + 14})")
    ]


def test_locks_are_locks() -> None:
    """Whatever `isinstance` is asked during a run, in every Python."""

    async def main() -> list[bool]:
        found = [isinstance(x, queue.SimpleQueue) for x in (old_line, queue.SimpleQueue(), 3)]
        if isinstance(threading.Lock, type):  # from Python 3.13 on
            found += [isinstance(x, threading.Lock) for x in (hidden[0], threading.Lock(), 3)]
        return found

    found = run(main).result
    assert found[:3] == [True, True, False]
    assert found[3:] in ([], [True, True, False])


@pytest.mark.parametrize("clock", ["virtual", "live"])
def test_a_lock_is_shown_as_pythons_own(clock: Any) -> None:
    """An old one and a new one; nobody who prints one has to know what stands in for it."""

    async def main() -> list[str]:
        with old_lock:
            return [repr(lock).partition(" object")[0] for lock in (old_lock, threading.Lock())]

    assert run(main, clock=clock).result == ["<locked _thread.lock", "<unlocked _thread.lock"]


old_lock = threading.Lock()
old_line: queue.SimpleQueue[int] = queue.SimpleQueue()
hidden = [threading.Lock()]
