"""A bookshop with a queue whose consumer crashes: what is lost, and what is done twice.

The consumers are coroutines `consume(broker, crash)` that take one message; they call `crash`
with the name of each point at which they may crash. Lanes: `shop`, `orders` (the queue) and
`consumer`. All times are in seconds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from inspect import iscoroutine
from typing import Any

from ..broker import Broker
from ..checked import fraction, function, number, text, whole
from ..flow import mark

HOP = 0.2  # seconds for a trip between a program and the broker; assumption, long to be seen
ACK_TIMEOUT = 6.0  # seconds; assumption
RESTART = 1.0  # seconds until a crashed consumer runs again; assumption
LATER = 0.25  # seconds from the start of one program to the start of the next; assumption
LONG_ENOUGH = 5.0  # seconds for each order, a crash and its redelivery included

Crashes = Callable[[str], None]
Consume = Callable[[Broker, Crashes], Coroutine[Any, Any, None]]


class Crash(Exception):  # noqa: N818 - it is what happened to the process
    """The process of the consumer is gone."""


def once(point: str) -> Crashes:
    """Crash at this point, the first time it is reached, and never again."""
    left = [text("point", point, "as the consumer gives it to `crash`")]

    def crash(here: str) -> None:
        if here in left:
            left.remove(here)
            _crash()

    return crash


def by_chance(probability: float, *, seed: int, point: str = "between") -> Crashes:
    """Crash at this point with this probability, each time; the same ones for the same seed."""
    share, chance = (
        fraction("probability", probability),
        random.Random(whole("seed", seed, least=0)),
    )

    def crash(here: str) -> None:
        if here == point and chance.random() < share:
            _crash()

    return crash


def _crash() -> None:
    mark("crash")
    raise Crash


async def together(seconds: float, **programs: Coroutine[Any, Any, Any]) -> None:
    """Programs side by side, each a lane of its own, that all end after so many seconds.

    Each starts a moment (`LATER`) after the one before. An error in one of them comes out here.
    """
    if not programs:
        raise ValueError("there is no program; give each by its name: together(6, shop=shop())")
    wrong = [name for name, program in programs.items() if not iscoroutine(program)]
    if wrong:
        for other in filter(iscoroutine, programs.values()):
            other.close()  # else Python would warn of it as well
        raise TypeError(
            f"the program {wrong[0]} is {programs[wrong[0]]!r}; give a call of a coroutine function"
        )
    number("time of all programs", seconds, "seconds")
    tasks: list[asyncio.Task[Any]] = []
    for name, program in programs.items():
        if tasks:
            await asyncio.wait(tasks, timeout=LATER)
        tasks.append(asyncio.create_task(program, name=name.replace("_", " ")))
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        if task.done():
            task.result()


async def restarted(consume: Consume, broker: Broker, crash: Crashes) -> None:
    """A consumer that is started again after each crash, and remembers nothing."""
    while True:
        try:
            await consume(broker, crash)
            await asyncio.sleep(0)  # one that waits for nothing would hold the loop for ever
        except Crash:
            await asyncio.sleep(RESTART)


async def day(consume: Consume, crash: Crashes, orders: Iterable[Any] = "AB") -> Broker:
    """The shop publishes its orders, and one consumer works on them, until long after the last."""
    function("consumer", consume)
    function("crash", crash)
    if not isinstance(orders, Iterable):
        raise TypeError(f"the orders are {orders!r}; give a list of them, or a text like 'AB'")
    orders = list(orders)
    broker = Broker(hop=HOP)
    broker.create_queue("orders", ack_timeout=ACK_TIMEOUT)

    async def shop() -> None:
        for order in orders:
            await broker.publish("orders", order)

    consumer = restarted(consume, broker, crash)
    await together(LONG_ENOUGH * len(orders), shop=shop(), consumer=consumer)
    return broker
