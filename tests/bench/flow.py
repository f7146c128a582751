"""The cost of an event: this course's loop beside SimPy, async-solipsism and stock asyncio.

Three programs, each written once for SimPy and once for asyncio:
timers (sleep after sleep), queue (put and get), and the e-mail flow of section 7 (both).
All run on virtual time but stock asyncio, whose sleeps are of no length for that reason.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Generator
from typing import Any

import async_solipsism  # type: ignore[import-untyped]
import simpy

from course_lib.flow import drive
from course_lib.loop.clock import VirtualLoop
from course_lib.loop.stand_ins import stand_ins

from .cpu import cpu_seconds

TASKS = 50
TURNS = 100
ROUNDS = 41
TO_REACH = {"e-mail flow": 0.7, "timers": 0.4, "queue put and get": 2.5}
TRACING_AT_MOST = 1.25


async def timers(unit: float) -> None:
    """50 tasks, each of 100 sleeps."""

    async def tick(length: float) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(length)

    async with asyncio.TaskGroup() as group:
        for number in range(TASKS):
            group.create_task(tick(unit * (1 + number / 7)))


def timers_simpy() -> None:
    """The same in SimPy."""
    env = simpy.Environment()

    def tick(length: float) -> Generator[Any, Any, Any]:
        for _ in range(TURNS):
            yield env.timeout(length)

    for number in range(TASKS):
        env.process(tick(1 + number / 7))
    env.run()


async def queue(_unit: float) -> None:
    """25 pairs of a producer and a consumer, 100 messages each, with room for ten."""

    async def produce(line: asyncio.Queue[int]) -> None:
        for number in range(TURNS):
            await line.put(number)

    async def consume(line: asyncio.Queue[int]) -> None:
        for _ in range(TURNS):
            await line.get()

    async with asyncio.TaskGroup() as group:
        for _ in range(TASKS // 2):
            line: asyncio.Queue[int] = asyncio.Queue(10)
            group.create_task(produce(line))
            group.create_task(consume(line))


def queue_simpy() -> None:
    """The same in SimPy."""
    env = simpy.Environment()

    def produce(line: simpy.Store) -> Generator[Any, Any, Any]:
        for number in range(TURNS):
            yield line.put(number)

    def consume(line: simpy.Store) -> Generator[Any, Any, Any]:
        for _ in range(TURNS):
            yield line.get()

    for _ in range(TASKS // 2):
        line = simpy.Store(env, 10)
        env.process(produce(line))
        env.process(consume(line))
    env.run()


MAILS = 2_000


async def email(unit: float) -> None:
    """A user sends 2,000 e-mails, one every 1.5 s, each accepted after 60 ms; two workers."""
    line: asyncio.Queue[int] = asyncio.Queue()

    async def user() -> None:
        for number in range(MAILS):
            await asyncio.sleep(0.06 * unit)
            await line.put(number)
            await asyncio.sleep(1.44 * unit)

    async def worker() -> None:
        for _ in range(MAILS // 2):
            await line.get()
            await asyncio.sleep(3 * unit)

    await asyncio.gather(user(), worker(), worker())


def email_simpy() -> None:
    """The same in SimPy."""
    env = simpy.Environment()
    line = simpy.Store(env)

    def user() -> Generator[Any, Any, Any]:
        for number in range(MAILS):
            yield env.timeout(0.06)
            yield line.put(number)
            yield env.timeout(1.44)

    def worker() -> Generator[Any, Any, Any]:
        for _ in range(MAILS // 2):
            yield line.get()
            yield env.timeout(3)

    for process in (user(), worker(), worker()):
        env.process(process)
    env.run()


PROGRAMS: dict[str, tuple[Callable[[float], Any], Callable[[], None], int]] = {
    "e-mail flow": (email, email_simpy, MAILS * 5),
    "timers": (timers, timers_simpy, TASKS * TURNS),
    "queue put and get": (queue, queue_simpy, TASKS // 2 * TURNS * 2),
}


def _ours(main: Callable[[float], Any], *, record: bool) -> None:
    with stand_ins(globals()):
        drive(VirtualLoop(record=record), main(1.0))


def _solipsism(main: Callable[[float], Any]) -> None:
    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        runner.run(main(1.0))


def measure(name: str) -> dict[str, list[float]]:
    """Microseconds of CPU an event, a figure a round; in a round all take turns."""
    main, in_simpy, events = PROGRAMS[name]
    contenders: dict[str, Callable[[], None]] = {
        "traced": lambda: _ours(main, record=True),
        "SimPy": in_simpy,
        "untraced": lambda: _ours(main, record=False),
        "asyncio": lambda: asyncio.run(main(0.0)),
        "async-solipsism": lambda: _solipsism(main),
    }
    times: dict[str, list[float]] = {who: [] for who in contenders}
    for _ in range(ROUNDS):
        for who, call in contenders.items():
            times[who].append(cpu_seconds(call) / events * 1e6)
    return times


def ratio(above: list[float], below: list[float]) -> float:
    """The median of the rounds' ratios: what a busy computer slows, it slows for both."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def main() -> None:
    """Print the table, and beside each ratio what is to be reached."""
    print(f"Cost of an event, microseconds of CPU (median of {ROUNDS} rounds that take turns)")
    header = ("program", "traced", "untraced", "SimPy", "async-solipsism", "asyncio")
    print(("{:<18}" + "{:>16}" * 5).format(*header))
    ratios = []
    for name in PROGRAMS:
        cost = measure(name)
        medians = "".join(f"{statistics.median(cost[who]):>16.2f}" for who in header[1:])
        print(f"{name:<18}{medians}")
        speed = ratio(cost["SimPy"], cost["traced"])
        ratios.append((name, speed, ratio(cost["traced"], cost["untraced"])))
    print("\nSpeed, traced, against SimPy untraced; and what tracing costs")
    for name, speed, tracing in ratios:
        print(
            f"{name:<18} {speed:5.2f} × SimPy (to reach: ≥ {TO_REACH[name]})   "
            f"tracing {tracing:4.2f} × untraced (to reach: ≤ {TRACING_AT_MOST})"
        )
