"""Threads where none can be started, as in a browser: the traces of real ones, or it is told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import Stuck, mark, run, send, span
from course_lib.flow import run_on
from course_lib.loop.ahead_threads import AheadThreads
from course_lib.loop.virtual import VirtualLoop
from course_lib.trace import Trace
from tests.conftest import in_ci

WHY = "a call in a thread is made from its beginning to its end before anybody else goes on"


class Browser(VirtualLoop):
    """The virtual loop as it is in a browser."""

    kind_of_threads = AheadThreads


def both(main: Callable[[], Any], capsys: pytest.CaptureFixture[str]) -> tuple[Any, Any]:
    """What is seen of a run with real threads, and with threads made ahead."""
    capsys.readouterr()
    return seen(run(main), capsys), seen(run_on(Browser, main), capsys)


def seen(trace: Trace, capsys: pytest.CaptureFixture[str]) -> Any:
    """All of a trace, and what was printed."""
    parts = (trace.duration_ns, trace.spans, trace.marks, trace.messages, trace.notes)
    return *parts, trace.result, capsys.readouterr().out


# Generated programs: tasks, each with steps, of which some are calls in threads with own steps.
nap = st.sampled_from([0, 0.1, 0.1, 0.2, 0.3])  # equal times on purpose
inner = st.tuples(st.sampled_from(["sleep", "span", "mark", "send", "read", "wake", "print"]), nap)
call = st.tuples(st.lists(inner, max_size=5), st.booleans(), st.sampled_from([None, "kitchen"]))
outer = st.tuples(st.sampled_from(["sleep", "block", "thread", "pool", "limit", "own"]), nap, call)
programs = st.lists(st.lists(outer, min_size=1, max_size=4), min_size=1, max_size=5)


def work_of(plan: Any, wake: Callable[[str], None], name: str) -> Callable[[], list[Any]]:
    """A function for a thread."""
    steps, fails, lane = plan

    def work() -> list[Any]:
        found: list[Any] = []
        for what, seconds in steps:
            if what == "sleep":
                time.sleep(seconds)
            elif what == "span":
                with span(f"work {name}", lane=lane):
                    time.sleep(seconds)
            elif what == "mark":
                mark(f"mark {name}")
            elif what == "send":
                send("a", "b", name, takes=seconds)
            elif what == "read":
                found.append((time.monotonic_ns(), time.time_ns()))
            elif what == "print":
                print(name, time.monotonic_ns())  # noqa: T201 - it is what is compared
            else:
                wake(name)
        if fails and len(steps) > 3:
            raise ValueError(name)
        return found

    return work


async def step(what: str, seconds: float, work: Callable[[], Any], pool: Any) -> Any:
    """One step of a task, and what came of it."""
    if what == "sleep":
        return await asyncio.sleep(seconds)
    if what == "block":
        return time.sleep(seconds)
    if what == "pool":
        return await asyncio.get_running_loop().run_in_executor(pool, work)
    if what == "limit":
        return await asyncio.wait_for(asyncio.to_thread(work), seconds or 0.05)
    if what == "own":
        thread = threading.Thread(target=work, name=f"own {seconds}")
        thread.start()
        return await asyncio.sleep(seconds), thread.is_alive(), thread.join()
    return await asyncio.to_thread(work)


def program(tasks: Any, workers: int) -> Callable[[], Any]:
    """A coroutine function."""

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        woken: list[Any] = []

        def wake(name: str) -> None:
            loop.call_soon_threadsafe(lambda: woken.append((name, time.monotonic_ns())))

        async def follow(number: int, steps: Any, pool: Any) -> list[Any]:
            found: list[Any] = []
            for place, (what, seconds, plan) in enumerate(steps):
                work = work_of(plan, wake, f"{number}.{place}")
                try:
                    found.append(await step(what, seconds, work, pool))
                except (ValueError, TimeoutError) as error:
                    found.append(repr(error))
            return found

        with ThreadPoolExecutor(workers) as pool:
            follows = [follow(number, steps, pool) for number, steps in enumerate(tasks)]
            return await asyncio.gather(*follows), woken

    return main


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told of errors in threads of a program's own: they are meant."""
    monkeypatch.setattr(threading, "excepthook", lambda args: None)


@in_ci
@pytest.mark.slow
@pytest.mark.usefixtures("quiet")
def test_the_trace_is_that_of_real_threads(capsys: pytest.CaptureFixture[str]) -> None:
    """Spans, marks, messages, results, what is printed: in generated programs, all the same."""

    @settings(max_examples=300, deadline=None)
    @given(programs, st.integers(1, 3))
    def same(tasks: Any, workers: int) -> None:
        real, ahead = both(program(tasks, workers), capsys)
        assert ahead == real

    same()


def test_a_thread_that_starts_another_does_so_in_its_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second begins when the first has slept, not when the first is made."""

    def first() -> None:
        time.sleep(1)
        threading.Thread(target=time.sleep, args=(2,), name="second").start()
        time.sleep(0.5)

    async def main() -> None:
        threading.Thread(target=first).start()
        await asyncio.sleep(5)

    real, ahead = both(main, capsys)
    assert ahead == real
    assert run_on(Browser, main).total("second", "blocked") == 2


def test_who_waits_for_others_is_told_that_he_cannot() -> None:
    """For a queue, a lock, an answer of the loop's: the run ends with the line and the way out."""

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def ask() -> None:
            time.sleep(1)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(1), loop).result()

        await asyncio.to_thread(ask)

    with pytest.raises(RuntimeError) as told:
        run_on(Browser, main)
    line = main.__code__.co_firstlineno + 5
    assert f"thread 1 waits for future on line {line}. " in str(told.value)
    assert WHY in str(told.value)
    assert "on your own computer this program runs: python3 start.py" in str(told.value)


def test_a_call_that_waits_for_a_flag_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sleeps until others set it, which they cannot: after many sleeps that is told."""
    ready = False

    def wait() -> None:
        while not ready:
            time.sleep(0.001)

    with pytest.raises(RuntimeError, match=r"thread 1 has slept 10,000 times and still goes on"):
        run_on(Browser, asyncio.to_thread(wait))


def test_a_heartbeat_beats_until_the_run_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """A thread without an end is no mistake where nobody waits for it."""

    def beat() -> None:
        while True:
            time.sleep(1)
            mark("beat")

    async def main() -> None:
        threading.Thread(target=beat, daemon=True).start()
        await asyncio.sleep(3.5)

    real, ahead = both(main, capsys)
    assert ahead == real
    assert [moment.label for moment in run_on(Browser, main).marks] == ["beat"] * 3


def test_a_lock_is_noted() -> None:
    """Two threads that hold one lock, each for a second: here both at once, and a note says so."""

    async def main() -> None:
        lock = threading.Lock()

        def hold() -> None:
            with lock:
                time.sleep(1)

        await asyncio.gather(asyncio.to_thread(hold), asyncio.to_thread(hold))

    trace = run_on(Browser, main)
    assert (run(main).duration, trace.duration) == (2, 1)
    assert [note.partition(" uses a lock or a queue, which may be early or late here. ")[0]
            for note in trace.notes] == ["thread 1", "thread 2"]  # fmt: skip
    assert all(WHY in note for note in trace.notes)


def test_a_timer_of_a_century_never_rings(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for it, and the clock does not jump there."""

    async def main() -> None:
        timer = threading.Timer(5e9, print, ("ring",))
        timer.daemon = True
        timer.start()
        await asyncio.sleep(1)

    real, ahead = both(main, capsys)
    assert real == ahead
    assert real[0] == 10**9


def test_who_waits_for_a_timer_of_a_century_waits_for_ever() -> None:
    """Also where the timer is no thread."""

    async def main() -> None:
        timer = threading.Timer(5e9, print, ("ring",))
        timer.start()
        timer.join()

    for loop in (VirtualLoop, Browser):
        with pytest.raises(Stuck, match="main waits for thread"):
            run_on(loop, main)
