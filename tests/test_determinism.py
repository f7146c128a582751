"""The same program gives the same trace in every process, whatever its hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 12
AT_ONCE = 4

PROGRAM = """
import asyncio, time
from course_lib import mark, run
from course_lib.loop import scheduler

garbage = [bytearray(n * 37 % 4096) for n in range(SEED * 50)]  # no two processes lie alike
if BROKEN:
    scheduler.Task.__hash__ = scheduler.asyncio.Task.__hash__
    scheduler.Future.__hash__ = scheduler.asyncio.Future.__hash__


async def tidy(name, seconds=1.0):
    try:
        await asyncio.sleep(seconds)
    finally:
        mark(f"{name} ends")


async def cancelled():
    tasks = {asyncio.create_task(tidy(n), name=f"task {n}") for n in range(40)}
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def failing_group():
    async def fail():
        await asyncio.sleep(0.5)
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            for n in range(40):
                group.create_task(tidy(n))
            group.create_task(fail())
    except* ValueError:
        mark("failed")


async def waited_for():
    pending = {asyncio.create_task(tidy(n, 1 + n % 3), name=f"task {n}") for n in range(40)}
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            mark(task.get_name())


async def completed():
    for found in asyncio.as_completed([asyncio.sleep(1 + n % 3, n) for n in range(40)]):
        mark(str(await found))


async def futures():
    loop = asyncio.get_running_loop()
    names = {loop.create_future(): n for n in range(40)}
    for future in set(names):
        loop.call_later(1, future.set_result, None)
    done, _ = await asyncio.wait(set(names))
    for future in done:
        mark(str(names[future]))
    shielded = {asyncio.shield(asyncio.sleep(1, n)) for n in range(20)}
    for future in shielded:
        mark(str(await future))


async def threads():
    loop = asyncio.get_running_loop()
    calls = {loop.run_in_executor(None, time.sleep, 1 + n % 3): n for n in range(40)}
    done, _ = await asyncio.wait(set(calls))
    for future in done:
        mark(str(calls[future]))


async def left_behind():
    return [asyncio.create_task(tidy(n)) for n in range(40)] and await asyncio.sleep(0.5)


for main in (cancelled, failing_group, waited_for, completed, futures, threads, left_behind):
    trace = run(main)
    print(main.__name__, len(trace.spans))
    print(trace.table(lanes=trace.lanes, limit=10_000))
    print([(m.lane, m.label, m.time_ns) for m in trace.marks])
    print(trace.spans)
"""


def traces(*, broken: bool) -> set[str]:
    """What the program prints in so many processes, each with a hash seed and memory of its own."""
    found = set()
    for first in range(0, PROCESSES, AT_ONCE):
        batch = []
        for seed in range(first, first + AT_ONCE):
            program = f"SEED, BROKEN = {seed}, {broken}\n{PROGRAM}"
            batch.append(
                subprocess.Popen(
                    [sys.executable, "-c", program],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONHASHSEED": str(seed), "MPLBACKEND": "agg"},
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                )
            )
        for process in batch:
            found.add(process.communicate()[0])
            assert process.returncode == 0
    return found


@pytest.mark.slow
def test_twelve_processes_give_one_trace() -> None:
    """Cancellation, a failing group, sets of tasks and of futures, threads: one text, one value."""
    (found,) = traces(broken=False)
    assert "thread 32" in found


@pytest.mark.slow
def test_the_test_would_see_a_difference() -> None:
    """With Python's own hash of tasks and futures the same processes disagree."""
    assert len(traces(broken=True)) > 1
