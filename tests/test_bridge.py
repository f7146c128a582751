"""The bridge between the two simulators: one request a task, and a million in arrays."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.flow import run
from course_lib.load import simulate
from course_lib.trace import SECOND

nanoseconds = st.one_of(st.integers(0, 4), st.integers(0, 10**12), st.sampled_from([10**6, 10**9]))
days = st.lists(st.tuples(nanoseconds, nanoseconds), min_size=1, max_size=40)


def departures(arrivals: np.ndarray, services: np.ndarray, servers: int) -> list[int]:
    """Nanoseconds at which each request departs: a task for each, a semaphore for the servers."""
    found = [0] * len(arrivals)

    async def main() -> None:
        free = asyncio.Semaphore(servers)

        async def request(number: int) -> None:
            await asyncio.sleep(arrivals[number])
            async with free:
                await asyncio.sleep(services[number])
            found[number] = time.monotonic_ns()

        async with asyncio.TaskGroup() as group:
            for number in range(len(arrivals)):
                group.create_task(request(number))

    run(main)
    return found


@pytest.mark.slow
@given(day=days, servers=st.integers(1, 5))
@example(day=[(0, 0)] * 3, servers=2)
@example(day=[(0, 5), (5, 5), (0, 0), (0, 5)], servers=1)
@example(day=[(0, 3)] * 9, servers=4)
@settings(deadline=None)
def test_tasks_and_arrays_agree_to_the_nanosecond(day: list[tuple[int, int]], servers: int) -> None:
    """Ordinary asyncio code on the virtual clock, and numpy, see the same departures."""
    gaps, services = np.array(day).T
    arrivals, services = np.cumsum(gaps) / SECOND, services / SECOND
    load = simulate(arrivals=arrivals, services=services, servers=servers)
    assert load.departure_ns.tolist() == departures(arrivals, services, servers)


@pytest.mark.parametrize("servers", [1, 2, 8])
def test_a_thousand_random_requests_agree(servers: int) -> None:
    """The same with a busy line, long enough for the servers to be at work all the time."""
    load = simulate(rate=95 * servers, mean_service=0.010, servers=servers, requests=1_000, seed=4)
    found = departures(load.arrival, load.service, servers)
    assert found == load.departure_ns.tolist()
