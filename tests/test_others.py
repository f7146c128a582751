"""Threads that a run did not begin: never a false Stuck, and no jump over what they may do."""

from __future__ import annotations

import _thread
import asyncio
import gc
import logging
import logging.handlers
import multiprocessing
import queue
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest

from course_lib import Stuck, run
from course_lib.loop import live
from course_lib.loop.live import LiveLoop
from course_lib.loop.others import bare_threads, others_who_could_act
from tests.conftest import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
CLOCKS = ("virtual", "live")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A pool whose thread is older than the run, and has nothing to do."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(divmod, 7, 3).result()
        until_idle(pool)
        yield pool


def until_idle(pool: ThreadPoolExecutor) -> None:
    """Its thread has seen that there is nothing left to do, also where the machine is busy."""
    assert pool._idle_semaphore.acquire(timeout=PATIENCE)
    pool._idle_semaphore.release()


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("way", ["run_in_executor", "wrap_future"])
def test_a_pool_that_was_used_before(pool: ThreadPoolExecutor, clock: Any, way: str) -> None:
    """A call in it is waited for, also the second time."""

    async def main() -> str:
        if way == "wrap_future":
            call = asyncio.wrap_future(pool.submit(work))
        else:
            call = asyncio.get_running_loop().run_in_executor(pool, work)
        return await asyncio.wait_for(call, 100)

    def work() -> str:
        time.sleep(0.02)
        return "done"

    assert [run(main, clock=clock).result for _ in range(2)] == ["done"] * 2


def test_a_pool_of_processes_on_the_live_clock() -> None:
    """Its helpers are older than the second run."""

    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        return [
            await loop.run_in_executor(processes, divmod, 7, 3),
            await asyncio.wrap_future(processes.submit(divmod, 7, 3)),
        ]

    with ProcessPoolExecutor(1) as processes:
        assert [run(main, clock="live").result for _ in range(2)] == [[(2, 1)] * 2] * 2


def test_a_pool_of_processes_is_refused_on_the_virtual_clock() -> None:
    """By `submit` as by `run_in_executor`."""

    async def main() -> None:
        processes.submit(divmod, 7, 3)

    with (
        ProcessPoolExecutor(1) as processes,
        pytest.raises(RuntimeError, match="processes do not run on the virtual clock"),
    ):
        run(main)


class Helper:
    """A thread from an earlier cell, which answers what it is asked."""

    def __init__(self) -> None:
        self.requests: queue.Queue[Any] = queue.Queue()
        self.thread = threading.Thread(target=self.work, name="helper", daemon=True)
        self.thread.start()

    def work(self) -> None:
        while (asked := self.requests.get()) is not None:
            loop, answer = asked
            if not loop.is_closed():
                loop.call_soon_threadsafe(answer.set_result, "answer")

    async def ask(self) -> str:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self.requests.put((loop, answer))
        return await answer


@pytest.fixture
def helper() -> Iterator[Helper]:
    """A helper that ends with the test."""
    helper = Helper()
    yield helper
    helper.requests.put(None)
    helper.thread.join()


def test_a_helper_of_an_earlier_cell_on_the_live_clock(helper: Helper) -> None:
    """Nothing else goes on, and its answer is waited for."""
    assert [run(helper.ask, clock="live").result for _ in range(2)] == ["answer"] * 2


WAY_OUT = r'helper: older than this run, .* begin such a thread or call inside .*clock="live"'


def test_a_helper_of_an_earlier_cell_is_no_reason_for_stuck(helper: Helper) -> None:
    """On the virtual clock the sentence says who may be waited for, and what to do."""
    waiting: Any = []

    async def main() -> None:
        waiting.append(asyncio.get_running_loop().create_future())
        await waiting[0]

    with pytest.raises(Stuck, match=f"nothing in this run will ever wake(.|\n)*{WAY_OUT}"):
        run(main)


def test_nor_is_one_for_whom_the_loop_itself_waits(helper: Helper) -> None:
    """It blocks till the helper acts, which the run cannot see."""

    async def main() -> Any:
        return queue.Queue[Any]().get()

    with pytest.raises(Stuck, match=f"nothing in this run will ever let(.|\n)*{WAY_OUT}"):
        run(main)


@pytest.mark.parametrize("way", ["a future", "something handed over"])
def test_the_clock_does_not_jump_over_what_a_helper_may_do(helper: Helper, way: str) -> None:
    """A time limit does not fire while somebody else could act who knows nothing of the clock."""

    async def main() -> None:
        if way == "a future":
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 100)
        helper.requests.put((asyncio.get_running_loop(), asyncio.Future()))
        await asyncio.wait_for(asyncio.Event().wait(), 100)

    until_it_waits(helper)
    with pytest.raises(RuntimeError, match=WAY_OUT):
        run(main)


def until_it_waits(helper: Helper) -> None:
    """A helper that has just been begun comes to its queue."""
    while not helper.requests.not_empty._waiters:
        time.sleep(0)


def test_a_call_that_was_begun_before_is_not_jumped_over(pool: ThreadPoolExecutor) -> None:
    """The run cannot know how long it takes on which clock; live it is simply waited for."""
    go_on = threading.Event()
    calls = [pool.submit(go_on.wait) for _ in range(2)]

    async def main() -> bool:
        return await asyncio.wait_for(asyncio.wrap_future(calls[0]), 100)

    async def let_it_go_on() -> bool:
        asyncio.get_running_loop().call_later(0.01, go_on.set)
        return await asyncio.wrap_future(calls[1])

    with pytest.raises(RuntimeError, match=r"ThreadPoolExecutor.*: older than this run"):
        run(main)
    assert run(let_it_go_on, clock="live").result is True


def test_a_helper_with_whom_a_run_has_nothing_to_do_changes_nothing(helper: Helper) -> None:
    """Sleeps, queues, events and locks of tasks among themselves go on as without it."""

    async def main() -> Any:
        line: asyncio.Queue[str] = asyncio.Queue()
        cooking = asyncio.create_task(line.get())
        await asyncio.sleep(10)
        await line.put("soup")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 5)
        await asyncio.to_thread(time.sleep, 5)
        return await cooking

    trace = run(main)
    assert (trace.result, trace.duration, trace.notes) == ("soup", 20, ())


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_bare_thread_belongs_to_the_run(clock: Any) -> None:
    """One that `_thread` begins, of which `threading` knows nothing, is waited for."""

    async def main() -> str:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()

        def work(text: str, *, more: str = "") -> None:
            time.sleep(0.01)
            loop.call_soon_threadsafe(answer.set_result, text + more)

        _thread.start_new_thread(work, ("ans",), {"more": "wer"})
        return await answer

    assert run(main, clock=clock).result == "answer"


def test_an_older_bare_thread_is_no_reason_for_stuck() -> None:
    """On the live clock it is waited for, and the virtual one says that it is not its own."""
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        while (ask := asked.get()) is not None:
            ask()

    _thread.start_new_thread(work, ())

    async def main() -> int:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        if isinstance(loop, LiveLoop):
            asked.put(lambda: loop.call_soon_threadsafe(answer.set_result, 7))
        return await answer

    assert run(main, clock="live").result == 7
    with pytest.raises(Stuck, match=r"nothing in this run(.|\n)*thread \d+: older than this run"):
        run(main)
    asked.put(None)


def test_looking_at_threads_keeps_nothing_of_theirs() -> None:
    """What a thread held is gone with it, without a collection of garbage."""

    class Held:
        """Something that a thread has in a variable."""

    go_on = threading.Event()
    seen: list[weakref.ref[Held]] = []

    def work() -> None:
        held = Held()
        seen.append(weakref.ref(held))
        go_on.wait()

    gc.collect()
    gc.disable()
    try:
        thread = threading.Thread(target=work)
        thread.start()
        while not seen:
            time.sleep(0)
        assert bare_threads() == []
        go_on.set()
        thread.join()
        assert seen[0]() is None
    finally:
        gc.enable()


def test_a_bare_thread_that_is_over_could_not_act() -> None:
    """Who asks for its own name is known to Python 3.11 for ever."""

    known = threading.Event()

    def work() -> None:
        threading.current_thread()
        known.set()

    number = _thread.start_new_thread(work, ())
    known.wait()
    while number in sys._current_frames():
        time.sleep(0)
    assert others_who_could_act(()) == []


def test_the_live_clock_looks_again_who_could_act(monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper that ends without a word is not waited for: then nobody could act."""
    monkeypatch.setattr(live, "LOOK_AGAIN", 0.01)
    begun = threading.Event()

    async def main() -> None:
        def work() -> None:
            begun.wait()

        threading.Thread(target=work).start()
        asyncio.get_running_loop().call_later(0.03, begun.set)
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="main waits for event"):
        run(main, clock="live")


def test_the_calls_of_a_multiprocessing_pool_are_seen() -> None:
    """In a pool that is older than the run; where it is of processes, it has the same threads."""
    pool = ThreadPool(1)

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()

        def tell(result: Any) -> None:
            loop.call_soon_threadsafe(answer.set_result, result)

        pool.apply_async(divmod, (7, 3), callback=tell)
        return await answer

    async def for_ever() -> None:
        await asyncio.Event().wait()

    with pool:
        assert [run(main, clock="live").result for _ in range(2)] == [(2, 1)] * 2
        with pytest.raises(Stuck, match="nothing will ever wake"):
            run(for_ever, clock="live")


@pytest.mark.parametrize("way", ["set_result", "a method in C", "a loop", "asyncio.run"])
def test_an_older_thread_at_a_function_of_pythons_own_is_seen(way: str) -> None:
    """It was begun for somebody: on the live clock the run waits for it."""
    answer: Future[int] = Future()

    async def think() -> int:
        await asyncio.sleep(0.1)
        answer.set_result(42)
        return 42

    loop = asyncio.new_event_loop()
    thread: threading.Thread
    if way == "set_result":
        thread = threading.Timer(0.1, answer.set_result, [42])
    elif way == "a method in C":
        held = _thread.allocate_lock()
        held.acquire()
        thread = threading.Timer(0.1, held.release)
    elif way == "a loop":
        thread = threading.Thread(target=loop.run_forever)
    else:
        thread = threading.Thread(target=asyncio.run, args=[think()])

    async def main() -> int:
        if way == "a method in C":
            while held.locked():
                await asyncio.sleep(0.01)
            return 42
        asked = asyncio.run_coroutine_threadsafe(think(), loop) if way == "a loop" else answer
        return await asyncio.wrap_future(asked)

    thread.start()
    try:
        assert run(main, clock="live").result == 42
        if way == "a loop":  # which is idle now
            with pytest.raises(Stuck, match="nothing will ever wake"):
                run(asyncio.Event().wait, clock="live")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="This system has no timers of signals")
@pytest.mark.parametrize("way", ["the loop's", "Python's"])
def test_a_signal_may_come(way: str) -> None:
    """A handler of the student's could wake a task: it is waited for on the live clock."""

    async def main() -> str:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        if way == "the loop's":
            loop.add_signal_handler(signal.SIGALRM, answer.set_result, "rang")
        else:
            ring = lambda *_: loop.call_soon_threadsafe(answer.set_result, "rang")  # noqa: E731
            signal.signal(signal.SIGALRM, ring)
        if isinstance(loop, LiveLoop):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        return await answer

    before = signal.getsignal(signal.SIGALRM)
    try:
        assert run(main, clock="live").result == "rang"
        if way == "Python's":
            with pytest.raises(Stuck, match=r"nothing in this run(.|\n)*the handler of SIGALRM:"):
                run(main)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_idle_threads_could_not_act(pool: ThreadPoolExecutor) -> None:
    """Threads of a pool that has nothing to do; one that is new could, and so could a helper."""
    before = threading.enumerate()
    assert others_who_could_act(before) == []
    go_on = threading.Event()
    call = pool.submit(go_on.wait)
    assert [thread.name[:18] for thread in others_who_could_act(before)] == ["ThreadPoolExecutor"]
    go_on.set()
    call.result()
    until_idle(pool)
    end = threading.Event()
    mine = threading.Thread(target=lambda: end.wait(), name="mine", daemon=True)
    mine.start()
    assert others_who_could_act(threading.enumerate()) == [mine]
    end.set()
    mine.join()
    assert others_who_could_act(before) == []


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("who_first", ["nest_asyncio", "course_lib"])
def test_a_loop_that_was_made_reentrant(who_first: str, clock: str) -> None:
    """After `nest_asyncio.apply()`, which changes the loops of all, a run is as without it."""
    libraries = ["import nest_asyncio2 as nest_asyncio; nest_asyncio.apply()", "import course_lib"]
    program = f"""
import asyncio, time
{libraries[who_first != "nest_asyncio"]}
{libraries[who_first == "nest_asyncio"]}
nest_asyncio.apply()

async def main():
    await asyncio.gather(asyncio.sleep(0.01), asyncio.to_thread(time.sleep, 0.02))
    return "done"

async def cell():
    return course_lib.run(main, clock={clock!r}).result

print(course_lib.run(main, clock={clock!r}).result, asyncio.run(cell()))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert (done.stdout.strip(), done.stderr) == ("done done", "")


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_loop_is_not_made_reentrant_from_inside(clock: str) -> None:
    """`nest_asyncio.apply()` in a run leaves its loop, and those of later runs, as they are."""
    program = f"""
import asyncio
import course_lib
import nest_asyncio2 as nest_asyncio

async def main():
    nest_asyncio.apply()
    await asyncio.sleep(0.01)
    return "done"

async def nested():
    loop = asyncio.get_event_loop()
    coroutine = main()
    try:
        loop.run_until_complete(coroutine)
    finally:
        coroutine.close()

for _ in range(2):
    print(course_lib.run(main, clock={clock!r}).result)
    try:
        course_lib.run(nested, clock={clock!r})
    except RuntimeError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    first, nested, *again = done.stdout.splitlines()
    assert (first, done.stderr) == ("done", "")
    assert "a run goes on already, so await the coroutine instead" in nested
    assert again == [first, nested]


def test_a_run_ends_with_a_sentence_when_nobody_could_act_on_the_live_clock(
    pool: ThreadPoolExecutor,
) -> None:
    """Stuck as ever, though there are threads that have nothing to do."""

    async def main() -> None:
        await asyncio.to_thread(divmod, 7, 3)
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="main waits for event"):
        run(main, clock="live")


def twice(number: int) -> int:
    return 2 * number


@pytest.mark.parametrize("kind", [ThreadPool, multiprocessing.Pool])
def test_a_pool_of_multiprocessing_is_refused_on_the_virtual_clock(kind: Any) -> None:
    """Its helpers wait for pipes, beside a loop that stands still: it would wait for ever."""

    async def main() -> list[int]:
        with kind(2) as pool:
            return pool.map(twice, [1, 2])

    with pytest.raises(RuntimeError, match=r'multiprocessing .* or run\(…, clock="live"\)') as told:
        run(main)
    assert multiprocessing.active_children() == [], told  # which still holds the pool
    assert run(main, clock="live").result == [2, 4]


def test_a_queue_of_multiprocessing_goes_on_beside_any_clock() -> None:
    """What feeds it waits for nobody; so it serves one run after the other, and none at all."""
    letters: multiprocessing.Queue[int] = multiprocessing.Queue()
    log = logging.Logger("letters")
    log.addHandler(logging.handlers.QueueHandler(letters))

    async def main() -> list[Any]:
        letters.put(4)
        own: multiprocessing.Queue[int] = multiprocessing.Queue()
        own.put(5)
        found = [letters.get(timeout=PATIENCE), own.get(timeout=PATIENCE)]
        log.warning("six")
        return [*found, letters.get(timeout=PATIENCE).getMessage()]  # type: ignore[attr-defined]

    for clock in ("virtual", "virtual", "live"):
        assert run(main, clock=clock).result == [4, 5, "six"]  # type: ignore[arg-type]
    letters.put(7)
    assert letters.get(timeout=PATIENCE) == 7
