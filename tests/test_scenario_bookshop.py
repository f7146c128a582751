"""A consumer that crashes at a chosen point: ack first loses, ack last doubles, nothing else."""

from __future__ import annotations

import asyncio
import math

import pytest

from course_lib.flow import Stuck, run
from course_lib.scenarios.bookshop import by_chance, day, once, together


class Shop:
    """Consumers that note each effect."""

    def __init__(self) -> None:
        self.charged, self.done = [], set()

    async def charge(self, order) -> None:
        await asyncio.sleep(2)
        self.charged.append(order.body)

    async def ack_last(self, broker, crash) -> None:
        order = await broker.receive("orders")
        crash("before")
        await self.charge(order)
        crash("between")
        await broker.ack(order)
        crash("after")

    async def ack_first(self, broker, crash) -> None:
        order = await broker.receive("orders")
        crash("before")
        await broker.ack(order)
        crash("between")
        await self.charge(order)
        crash("after")

    async def idempotent(self, broker, crash) -> None:
        order = await broker.receive("orders")
        crash("before")
        if order.id not in self.done:
            await self.charge(order)
            crash("not yet noted")
            self.done.add(order.id)
        crash("between")
        await broker.ack(order)
        crash("after")


@pytest.mark.parametrize(
    ("way", "point", "charges"),
    [
        ("ack_last", "before", "AB"),
        ("ack_last", "between", "AAB"),
        ("ack_last", "after", "AB"),
        ("ack_first", "before", "AB"),
        ("ack_first", "between", "B"),
        ("ack_first", "after", "AB"),
        ("idempotent", "before", "AB"),
        ("idempotent", "between", "AB"),
        ("idempotent", "after", "AB"),
        ("idempotent", "not yet noted", "AAB"),
    ],
)
def test_what_is_lost_and_what_is_doubled(way, point, charges) -> None:
    """Only the point between work and ack matters, and the order of the two decides how."""
    shop = Shop()
    broker = run(day(getattr(shop, way), once(point))).result
    assert "".join(sorted(shop.charged)) == charges
    assert (broker.ready("orders"), broker.unacked("orders")) == ([], [])


def test_the_same_every_time() -> None:
    """Two runs of one day give one and the same trace."""

    def trace():
        return run(day(Shop().ack_last, by_chance(0.5, seed=3), "ABCDE"))

    assert trace() == trace()


@pytest.mark.parametrize("p", [0.1, 0.2])
def test_experiment_5_1(p) -> None:
    """Ack first loses p; ack last loses nothing and needs 1/(1 − p) deliveries."""
    count = 500
    shop = Shop()
    run(day(shop.ack_first, by_chance(p, seed=1), range(count)))
    lost = 1 - len(shop.charged) / count
    assert len(shop.charged) == len(set(shop.charged))
    assert lost == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / count))
    shop = Shop()
    run(day(shop.ack_last, by_chance(p, seed=1), range(count)))
    assert set(shop.charged) == set(range(count))
    error = math.sqrt(p / (1 - p) ** 2 / count)
    assert len(shop.charged) / count == pytest.approx(1 / (1 - p), abs=4 * error)
    shop = Shop()
    run(day(shop.idempotent, by_chance(p, seed=1), range(count)))
    assert sorted(shop.charged) == list(range(count))


def test_an_error_in_a_program_comes_out() -> None:
    """A mistake in one of several programs is not swallowed with the end of the others."""

    async def wrong():
        raise LookupError("no such queue")

    with pytest.raises(LookupError, match="no such queue"):
        run(together(5, shop=asyncio.sleep(1), consumer=wrong()))


def test_programs_end_when_the_time_is_over() -> None:
    """One that would go on for ever takes no more time than it was given."""

    async def forever():
        while True:
            await asyncio.sleep(1)

    assert run(together(5, first=forever(), second=forever())).duration == 5.25


def test_a_chance_that_is_none_is_told() -> None:
    """10 is 10 %, perhaps, and the sentence asks."""
    with pytest.raises(
        ValueError, match="the probability is 10; give a share from 0 to 1; 10 % is"
    ):
        by_chance(10, seed=1)


def test_a_consumer_that_waits_for_nothing_is_told() -> None:
    """As the first lines of one that is yet to be written: it would hold the notebook for ever."""

    async def consume(broker, crash) -> None: ...

    with pytest.raises(Stuck, match=r"time stands still .* while consumer goes round"):
        run(day(consume, once("between")))
