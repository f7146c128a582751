"""Threads keep to the clock of the run that started them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.thread import BrokenThreadPool
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import Stuck, Trace, run, span
from course_lib.loop import others
from course_lib.loop.ahead_threads import AheadThreads
from course_lib.loop.calls import _noted
from course_lib.loop.virtual import VirtualLoop
from course_lib.loop.virtual_threads import VirtualThreads
from tests.conftest import in_ci

CLOCKS = ("virtual", "live")
NEED_REAL_ONES = {  # what cannot be where no thread can be started; tests/test_ahead.py says why
    "test_a_thread_asks_the_loop_and_waits_for_its_answer",
    "test_a_callback_is_in_the_lane_of_its_call",
    "test_the_end_of_a_run_ends_who_hears_of_an_error_quietly",
    "test_a_thread_that_waits_for_something_real_is_told_so",
    "test_a_program_that_goes_on_without_a_thread_is_told_so",
    "test_nobody_waits_for_a_thread_that_was_given_up",
    "test_what_an_initializer_makes_is_there_in_its_thread",
    "test_python_ends_though_a_thread_swallows_that_its_run_is_over",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each claim holds for both kinds of threads on the virtual clock."""
    name = metafunc.function.__name__
    kinds = [VirtualThreads] if name in NEED_REAL_ONES else [VirtualThreads, AheadThreads]
    metafunc.parametrize("kind_of_threads", kinds, ids=lambda kind: kind.__name__, indirect=True)


@pytest.fixture(autouse=True)
def kind_of_threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real ones, or those of a browser, where none can be started."""
    monkeypatch.setattr(VirtualLoop, "kind_of_threads", request.param)


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


@pytest.mark.slow
def test_a_program_that_goes_on_without_a_thread_is_told_so() -> None:
    """Whoever catches the error sees in the trace that from there on threads were missing."""
    reader, writer = os.pipe()

    async def main() -> str:
        with ThreadPoolExecutor() as pool:
            try:
                pool.submit(os.read, reader, 1).result()
            except RuntimeError:
                return "went on"
        return "read"

    trace = run(main)
    assert trace.result == "went on"
    (note,) = trace.notes
    assert note.startswith("thread 1 waits for something real")
    os.close(writer)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["a pool's end", "a pool's end, at once", "join"])
def test_nobody_waits_for_a_thread_that_was_given_up(way: str) -> None:
    """What tidies up behind the error would wait for ever: `with` of a pool, `finally: join`."""
    reader, writer = os.pipe()

    async def main() -> None:
        if way == "join":
            thread = threading.Thread(target=os.read, args=(reader, 1))
            thread.start()
            try:
                await asyncio.sleep(1)
            finally:
                thread.join()
        with ThreadPoolExecutor() as pool:
            call = pool.submit(os.read, reader, 1)
            if way == "a pool's end":
                await asyncio.wrap_future(call)
            call.result()

    rescue = threading.Timer(30, os.write, (writer, b"!"))
    rescue.daemon = True
    rescue.start()
    begin = time.perf_counter()
    with pytest.raises(RuntimeError, match=r"waits for something real.*clock=\"live\""):
        run(main)
    assert time.perf_counter() - begin < 20
    rescue.cancel()
    os.close(writer)


@in_ci
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


def test_a_thread_of_ones_own_keeps_to_the_clock() -> None:
    """One begun inside the run sleeps on its clock, wakes the loop, and is a lane by its name."""

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def cook() -> None:
            with span("soup"):
                time.sleep(3)
            loop.call_soon_threadsafe(answer.set_result, "done")

        threading.Thread(target=cook).start()
        found = await answer, time.monotonic()
        last = threading.Thread(target=time.sleep, args=(2,), name="last")
        last.start()
        alive = last.is_alive()
        last.join()
        return *found, alive, last.is_alive(), time.monotonic()

    trace = run(main)
    assert trace.result == ("done", 3, True, False, 5)
    found = [(s.lane, s.label, s.kind, s.duration) for s in trace.spans if s.lane != "main"]
    assert found == [("cook", "soup", "blocked", 3), ("last", "time.sleep", "blocked", 2)]


def test_names_of_threads_are_the_same_in_every_run() -> None:
    """Python numbers its threads through; a lane is called by what the thread does."""

    class Waiter(threading.Thread):
        """A kind of thread."""

        def run(self) -> None:
            time.sleep(1)

    async def main() -> None:
        timer = threading.Timer(1, print)
        threads = [Waiter(), Waiter(), threading.Thread(target=time.sleep, args=(1,)), timer]
        for thread in threads:
            thread.start()
        await asyncio.sleep(0.5)
        timer.cancel()
        for thread in threads:
            thread.join()

    lanes = [set(run(main).lanes) for _ in range(2)]
    assert lanes == [{"main", "Waiter 1", "Waiter 2", "sleep", "Timer"}] * 2


def test_a_timer_fires_on_the_clock() -> None:
    """`threading.Timer`, whether it was made in the run or before."""
    seen: list[float] = []
    old = threading.Timer(2, lambda: seen.append(time.monotonic()))

    async def main() -> None:
        threading.Timer(1, lambda: seen.append(time.monotonic())).start()
        old.start()
        await asyncio.sleep(5)

    assert run(main).duration == 5
    assert seen == [1, 2]


def test_a_thread_that_goes_on_after_the_run_is_ended_with_it() -> None:
    """Nobody awaits or joins it; the run is as long as its loop."""
    ended = []

    def work() -> None:
        try:
            time.sleep(100)
        finally:
            ended.append("ended")

    async def main() -> None:
        threading.Thread(target=work).start()
        ThreadPoolExecutor(1).submit(work)
        await asyncio.sleep(1)

    before = threading.active_count()
    trace = run(main)
    assert trace.duration == 1
    assert (ended, threading.active_count()) == (["ended"] * 2, before)
    missed = "was not over when the run was, and ended with it: await or join it"
    assert trace.notes == (f"work {missed}", f"thread 1 {missed}")


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_loop_that_runs_cannot_be_closed(clock: Any) -> None:
    """From no thread, and those that work for it go on."""

    async def main() -> list[Any]:
        loop = asyncio.get_running_loop()
        at_work = asyncio.create_task(asyncio.to_thread(time.sleep, 0.02))
        await asyncio.sleep(0.01)
        closing = asyncio.to_thread(loop.close)
        with pytest.raises(RuntimeError, match="Cannot close a running event loop"):
            loop.close()
        return await asyncio.gather(at_work, closing, return_exceptions=True)

    slept, closed = run(main, clock=clock).result
    assert slept is None
    assert str(closed) == "Cannot close a running event loop"


SWALLOWS = """\
import asyncio, time
from course_lib import Stuck, run

def work():
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass

async def main():
    asyncio.create_task(asyncio.to_thread(work))
    await asyncio.sleep(3)

try:
    run(main)
except Stuck:
    used = time.process_time()
    time.sleep(0.3)
    print("stands still" if time.process_time() - used < 0.1 else "goes on")
"""


def test_python_ends_though_a_thread_swallows_that_its_run_is_over() -> None:
    """And the thread takes no more of the processor, as it would if it were told for ever."""
    words = [sys.executable, "-c", SWALLOWS]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.returncode) == ("stands still\n", 0)


def test_a_daemon_may_go_on_when_the_run_is_over() -> None:
    """It ends with the run, as it ends with Python, and nobody misses it; nor one that waits."""

    async def main() -> None:
        threading.Thread(target=lambda: time.sleep(100), daemon=True).start()
        ThreadPoolExecutor(1).submit(print, end="")
        await asyncio.sleep(1)

    assert run(main).notes == ()


def test_an_error_in_a_thread_is_told_as_python_tells_it(capsys: Any, monkeypatch: Any) -> None:
    """By `threading.excepthook`; the run goes on."""
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args.exc_type))

    async def main() -> str:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        return "after"

    assert run(main).result == "after"
    assert told == [ZeroDivisionError]


@pytest.mark.parametrize("clock", CLOCKS)
def test_whoever_hears_of_an_error_in_a_thread_has_the_runs_clock(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`threading.excepthook` comes after the thread's own work, and still belongs to the run."""
    times: list[float] = []

    def tell(_: Any) -> None:
        times.append(time.monotonic())
        time.sleep(0.02)

    monkeypatch.setattr(threading, "excepthook", tell)

    async def main() -> None:
        thread = threading.Thread(target=lambda: [time.sleep(0.02), 1 / 0], name="cook")
        thread.start()
        thread.join()

    trace = run(main, clock=clock)
    assert times == [pytest.approx(0.02, abs=3)]
    if VirtualLoop.kind_of_threads is VirtualThreads or clock == "live":
        assert slept(trace) == {"cook": pytest.approx(0.04, abs=3)}


def slept(trace: Trace) -> dict[str, float]:
    """The seconds that each lane was in `time.sleep`."""
    seconds: dict[str, float] = defaultdict(float)
    for s in trace.spans:
        if s.reason == "time.sleep":
            seconds[s.lane] += s.duration
    return dict(seconds)


def test_the_end_of_a_run_ends_who_hears_of_an_error_quietly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What ends it is no error that anybody wants to hear of."""
    told: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda e: [told.append(e.exc_type), time.sleep(9)])

    async def main() -> None:
        threading.Thread(target=lambda: 1 / 0, daemon=True).start()
        await asyncio.sleep(1)

    run(main)
    assert told == [ZeroDivisionError]


@pytest.mark.parametrize("age", ["older", "new"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_callback_of_a_call_has_the_runs_clock(clock: Any, age: str) -> None:
    """In the thread of its pool, whether that is older than the run or not."""
    times: list[float] = []
    pool = ThreadPoolExecutor(1)
    if age == "older":
        pool.submit(int).result()

    async def main() -> None:
        with pool:
            call = pool.submit(time.sleep, 0.02)
            call.add_done_callback(lambda _: [times.append(time.monotonic()), time.sleep(0.02)])
            await asyncio.wrap_future(call)

    trace = run(main, clock=clock)
    assert times == [pytest.approx(0.02, abs=3)]
    if VirtualLoop.kind_of_threads is VirtualThreads or clock == "live":
        assert slept(trace) == {"thread 1": pytest.approx(0.04, abs=3)}


def test_a_callback_is_in_the_lane_of_its_call() -> None:
    """Whatever other lanes are free; and a call that comes meanwhile has another."""

    async def main() -> None:
        with ThreadPoolExecutor(3) as pool:
            pool.submit(time.sleep, 1)
            pool.submit(time.sleep, 2).add_done_callback(lambda _: time.sleep(4))
            await asyncio.sleep(3)
            pool.submit(time.sleep, 8)
            pool.submit(time.sleep, 16)

    assert slept(run(main)) == {"thread 1": 9, "thread 2": 6, "thread 3": 16}


def test_a_call_may_end_while_it_is_noted() -> None:
    """In its own thread, after each of the lines that note it."""
    future: futures.Future[Any] = futures.Future()
    lines: list[int] = []

    def after_a_line(frame: Any, event: str, _: Any) -> Any:
        if event == "line":
            lines.append(frame.f_lineno)
            future._invoke_callbacks()  # type: ignore[attr-defined]
        return after_a_line

    def trace(frame: Any, event: str, arg: Any) -> Any:
        return after_a_line(frame, event, arg) if frame.f_code is _noted.__code__ else None

    async def main() -> None:
        loop: Any = asyncio.get_running_loop()
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            _noted(future, loop, "a call")
        finally:
            sys.settrace(before)

    run(main)
    assert len(lines) > 3


@pytest.mark.parametrize("when", ["before", "inside"])
def test_a_pool_is_one_of_the_run(when: str) -> None:
    """`submit`, `map` and `shutdown` of a pool that is older than the run, or not."""
    old = ThreadPoolExecutor(2)
    old.submit(print, end="").result()

    async def main() -> Any:
        pool = old if when == "before" else ThreadPoolExecutor(2)
        sleep = pool.submit(time.sleep, 0.2)
        await asyncio.wait_for(asyncio.wrap_future(sleep), 100)
        found = [time.monotonic()]
        with pool:
            found += pool.map(lambda seconds: time.sleep(seconds) or time.monotonic(), (1, 2, 1))
        with pytest.raises(RuntimeError, match="after shutdown"):
            pool.submit(print)
        with pytest.raises(RuntimeError, match="after shutdown"):
            await asyncio.get_running_loop().run_in_executor(pool, print)
        return found

    assert run(main).result == [0.2, 1.2, 2.2, 2.2]


def test_a_pool_whose_call_is_just_over_may_come_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread is on its way to its queue, and acts no more: the run waits for that a moment."""
    real_sleep, begin, over = time.sleep, threading.Event(), threading.Event()

    def moment(_: float) -> None:
        over.set()
        real_sleep(0.05)

    monkeypatch.setattr(others, "_real_sleep", moment)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(begin.wait)
        call.add_done_callback(lambda _: over.wait())
        begin.set()
        call.result()

        async def main() -> None:
            await asyncio.wait_for(asyncio.wrap_future(pool.submit(time.sleep, 5)), 100)

        try:
            assert run(main).duration == 5
        finally:
            over.set()


def test_after_the_run_a_pool_is_as_before() -> None:
    """Its own threads have done nothing of it, and do what comes next."""
    pool = ThreadPoolExecutor(1)

    async def main() -> None:
        await asyncio.wrap_future(pool.submit(time.sleep, 5))
        pool.submit(time.sleep, 5)

    assert [run(main).duration, run(main).duration] == [5, 5]
    assert pool.submit(divmod, 7, 3).result() == (2, 1)
    pool.shutdown()


def test_the_programs_own_default_executor_is_taken() -> None:
    """Two threads, so four sleeps of 0.2 s take 0.4 s; each thread is initialised, once."""
    made = []

    async def main() -> None:
        pool = ThreadPoolExecutor(2, initializer=made.append, initargs=("thread",))
        asyncio.get_running_loop().set_default_executor(pool)
        await asyncio.gather(*[asyncio.to_thread(time.sleep, 0.2) for _ in range(4)])

    assert run(main).duration == 0.4
    assert made == ["thread"] * 2


def test_what_an_initializer_makes_is_there_in_its_thread() -> None:
    """A `threading.local` that it fills, as a database's connection is kept."""
    local = threading.local()

    def initialise() -> None:
        time.sleep(1)
        local.name = threading.current_thread().name

    async def main() -> set[bool]:
        pool = ThreadPoolExecutor(2, initializer=initialise)
        loop = asyncio.get_running_loop()
        same = [loop.run_in_executor(pool, mine) for _ in range(6)]
        return set(await asyncio.gather(*same))

    def mine() -> bool:
        time.sleep(1)
        return local.name == threading.current_thread().name

    trace = run(main)
    assert (trace.result, trace.duration) == ({True}, 4)


def test_an_initializer_that_fails_breaks_its_pool(caplog: pytest.LogCaptureFixture) -> None:
    """As outside of a run: every call that waits gets the error."""

    async def main() -> None:
        pool = ThreadPoolExecutor(1, initializer=divmod, initargs=(1, 0))
        await asyncio.get_running_loop().run_in_executor(pool, print)

    with pytest.raises(BrokenThreadPool):
        run(main)
    assert "Exception in initializer" in caplog.text


def test_futures_come_in_the_order_in_which_they_end() -> None:
    """And those that have ended already, or end at the same moment, in the order given."""

    async def main() -> Any:
        with ThreadPoolExecutor(8) as pool:
            calls = {pool.submit(time.sleep, s): s for s in (3, 1, 2, 1, 2)}
            first, rest = futures.wait(calls, timeout=1.5)
            order = [calls[call] for call in futures.as_completed(calls)]
            both = futures.wait(calls)
            return [[calls[c] for c in part] for part in (first, rest, *both)], order

    parts, order = run(main).result
    assert parts == [[1, 1], [3, 2, 2], [3, 1, 2, 1, 2], []]
    assert order == [1, 1, 2, 2, 3]


def test_a_thread_asks_the_loop_and_waits_for_its_answer() -> None:
    """`run_coroutine_threadsafe(…).result()` in a thread, and the deadlock of it in the loop."""

    async def answer() -> str:
        await asyncio.sleep(2)
        return "soup"

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(
            lambda: (asyncio.run_coroutine_threadsafe(answer(), loop).result(), time.monotonic())
        )

    async def wrong() -> None:
        asyncio.run_coroutine_threadsafe(answer(), asyncio.get_running_loop()).result()

    assert run(main).result == ("soup", 2)
    with pytest.raises(Stuck, match=r"wrong waits for future .* in a call that blocks the loop"):
        run(wrong)


def test_a_loop_that_blocks_does_not_hold_up_a_thread() -> None:
    """A call of 0.3 s in a thread takes 0.3 s, also where the loop is blocked meanwhile."""

    async def main() -> Any:
        call = asyncio.create_task(asyncio.to_thread(time.sleep, 0.3))
        await asyncio.sleep(0.1)
        time.sleep(0.5)
        await call
        late = asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.3)
        time.sleep(0.5)
        await late

    trace = run(main)
    assert [(s.start, s.end) for s in trace.spans if s.lane == "thread 1"] == [(0, 0.3), (0.6, 0.9)]
    assert trace.duration == 1.1


# Programs of tasks that sleep and make calls in threads, beside one task that blocks the loop.
# Each length is told apart from every sum of others by its last digits, so nothing is simultaneous.
naps = st.lists(st.integers(0, 9), max_size=4)
step = st.one_of(st.tuples(st.just("sleep"), st.integers(1, 9)), st.tuples(st.just("call"), naps))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(step, max_size=4), max_size=5), st.lists(st.integers(1, 9), max_size=4))
def test_threads_take_as_long_as_their_sleeps_whatever_the_loop_does(
    programs: list[list[Any]], blocks: list[int]
) -> None:
    """Each thread's times are those that it would have alone; a task goes on when the loop can."""
    digits = iter(range(200))

    def length(tenths: int) -> int:
        return tenths * 100_000_000 + 3 ** next(digits) % 1_000_003  # nanoseconds

    busy = [(length(2), length(tenths)) for tenths in blocks]
    plans = [
        [
            (kind, length(how) if kind == "sleep" else [length(tenths) for tenths in how])
            for kind, how in program
        ]
        for program in programs
    ]

    async def block() -> None:
        for before, during in busy:
            await asyncio.sleep(before / 1e9)
            time.sleep(during / 1e9)

    def call(lengths: list[int]) -> list[int]:
        seen = [time.monotonic_ns()]
        for nanoseconds in lengths:
            time.sleep(nanoseconds / 1e9)
            seen.append(time.monotonic_ns())
        return seen

    async def follow(plan: list[Any]) -> list[Any]:
        seen: list[Any] = []
        for kind, how in plan:
            if kind == "sleep":
                await asyncio.sleep(how / 1e9)
            else:
                seen.append(await asyncio.to_thread(call, how))
            seen.append(time.monotonic_ns())
        return seen

    async def main() -> Any:
        blocking = asyncio.create_task(block())
        found = await asyncio.gather(*map(follow, plans))
        await blocking
        return found

    def free(moment: int) -> int:
        """When the loop comes to what is due then."""
        now = 0
        for before, during in busy:
            begin, now = now + before, now + before + during
            if begin <= moment < now:
                return now
        return moment

    def expected(plan: list[Any]) -> list[Any]:
        now, seen = 0, []
        for kind, how in plan:
            if kind == "call":
                seen.append([now, *(now + sum(how[: n + 1]) for n in range(len(how)))])
            now = free(now + (how if kind == "sleep" else sum(how)))
            seen.append(now)
        return seen

    assert run(main).result == [expected(plan) for plan in plans]
