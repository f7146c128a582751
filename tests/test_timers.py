"""Nothing fires before its time, though a float of seconds is no whole number of nanoseconds."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib import run
from course_lib.loop.lengths import nanoseconds

CLOCKS = ("virtual", "live")


@pytest.mark.parametrize("end", [1 / 3, 0.1 + 0.2, 1e-10, 0.1 * 3])
def test_what_is_left_of_a_rest_ends(end: float) -> None:
    """A loop that sleeps for what is left gets there: each rest lasts a nanosecond at least."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        for turns in itertools.count():
            if loop.time() >= end:
                return turns
            await asyncio.sleep(end - loop.time())
        raise AssertionError

    assert run(main).result <= 2


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_moment_has_come_when_its_callback_is_called(clock: Any) -> None:
    """By `loop.time()` no callback is early, for any fraction of a second after any other."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        early = []

        def look(when: float) -> None:
            if loop.time() < when:
                early.append(when)

        for k in range(1, 200):
            for when in (loop.time() + 1 / k / 1e3, loop.time() + k * 1e-5):
                loop.call_at(when, look, when)
            loop.call_later(1 / k / 1e3, look, loop.time() + 1 / k / 1e3)
            if k % 50 == 0:
                await asyncio.sleep(0.007 / 3)
        await asyncio.sleep(0.01)
        return early

    assert run(main, clock=clock).result == []


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_rest_is_over_for_who_has_rested(clock: Any) -> None:
    """By `loop.time()` a task that slept is not early, for any fraction of a second."""

    async def rest(seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        begin = loop.time()
        await asyncio.sleep(seconds)
        return loop.time() >= begin + seconds

    async def main() -> list[bool]:
        return await asyncio.gather(*[rest(1e-3 / k) for k in range(1, 500)])

    assert all(run(main, clock=clock).result)


def test_what_was_not_waited_for_to_the_end_has_not_come() -> None:
    """A rest that was cut short shows nobody its end."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(0.5):
                await asyncio.sleep(10 / 3)
        except TimeoutError:
            pass
        return loop.time()

    assert run(main).result == 0.5


def test_a_time_limit_and_a_sleep_of_equal_length_end_at_one_moment() -> None:
    """What a float adds to 0.1 + 0.2 moves no timer to the next nanosecond."""

    async def main() -> list[int]:
        found: list[int] = []
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0.1)
        loop.call_at(loop.time() + 0.2, lambda: found.append(loop.now()))  # type: ignore[attr-defined]
        loop.call_later(0.2, lambda: found.append(loop.now()))  # type: ignore[attr-defined]
        await asyncio.sleep(0.2)
        return [*found, loop.now()]  # type: ignore[attr-defined]

    assert run(main).result == [300_000_000] * 3


def test_time_never_goes_back() -> None:
    """Also right after a callback whose moment lies between two nanoseconds."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        for k in range(2, 50):
            loop.call_at(loop.time() + 1e-9 / k, lambda: times.append(loop.time()))
            await asyncio.sleep(0)
            await asyncio.sleep(1e-9)
            times.append(loop.time())
        return times

    times = run(main).result
    assert times == sorted(times)


def test_a_callback_of_a_moment_later_is_no_callback_of_now() -> None:
    """Time moves on by a nanosecond even for a callback that is due in less."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(1e-12, future.set_result, None)
        await future
        return loop.time()

    assert run(main).result == 1e-9


@given(st.floats(0, 1e6))
@example(0.07)
@example(0.1 * 3)
@example(1e-12)
@settings(deadline=None, derandomize=True, database=None)
def test_a_length_is_the_nearest_whole_nanosecond(seconds: float) -> None:
    """But never none for a rest that has a length."""
    length = nanoseconds(seconds)
    assert length == (round(seconds * 1e9) or (seconds > 0))


@given(st.integers(0, 10**15))
@settings(deadline=None, derandomize=True, database=None)
def test_a_whole_number_of_nanoseconds_is_kept(time_ns: int) -> None:
    """To seconds and back, up to eleven days."""
    assert nanoseconds(time_ns / 10**9) == time_ns


@pytest.mark.parametrize("set_timer", ["call_at", "call_later", "call_soon"])
def test_what_is_no_time_is_refused(set_timer: str) -> None:
    """As in asyncio: None is no time, and a closed loop takes no callback."""
    loops: list[Any] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        with pytest.raises(TypeError):
            loops[0].call_at(None, print)
        with pytest.raises(TypeError):
            loops[0].call_later(None, print)

    run(main)
    call: Callable[..., Any] = getattr(loops[0], set_timer)
    with pytest.raises(RuntimeError, match="Event loop is closed"):
        call(*([print] if set_timer == "call_soon" else [1, print]))


def test_a_closed_loop_takes_no_results() -> None:
    """A future of a run that is over, with somebody who waits for it, cannot be set any more."""

    async def main() -> Any:
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(print)
        return future

    future = run(main).result
    with pytest.raises(RuntimeError, match="Event loop is closed"):
        future.set_result(1)


def test_a_month_is_waited_for_on_the_live_clock() -> None:
    """A time limit of thirty days is no overflow: the loop looks again after a day."""

    async def main() -> str:
        return await asyncio.wait_for(asyncio.sleep(0.001, "done"), 30 * 86_400)

    assert run(main, clock="live").result == "done"


@pytest.mark.parametrize("clock", ["virtual", "live"])
def test_sleeps_that_were_cancelled_do_not_pile_up(clock: Any) -> None:
    """As in asyncio, their timers are swept away when they are most of all."""

    async def main() -> int:
        for _ in range(1000):
            task = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.sleep(0)
            task.cancel()
        loop: Any = asyncio.get_running_loop()
        return len(loop._timers)

    assert run(main, clock=clock).result < 300
