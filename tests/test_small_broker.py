"""The small broker of lesson 05 is a verified fake: it passes the contract of the real systems.

The same experiments as in tests/labs run here on the virtual clock, system by system, with the
small broker set as that system is. Only the power cut is left out: it has no disk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from course_lib import run
from course_lib.broker import Broker, Message, Reader, dlq
from course_lib.brokers import contract
from course_lib.brokers.channel import HOLD, Channel, Delivery, within
from course_lib.brokers.contract import Open
from course_lib.brokers.kinds import KINDS
from course_lib.checked import plural
from tests.conftest import in_ci

T = TypeVar("T")
SESSION = 6.0
"""Seconds for which a member of Kafka's group may be silent in these experiments."""


class Small(Channel):
    """A channel to the small broker; one a system, with what that system promises."""

    broker: Broker

    @classmethod
    async def open(cls, url: str, name: str) -> Small:
        channel = cls(url, name)
        channel.connect()
        return channel

    def connect(self) -> None:
        """Make what is not there yet."""

    async def send(self, body: str, key: str = "") -> None:
        await self.broker.publish(self.name, body, key=key)

    async def receive(self, seconds: float) -> Delivery | None:
        message = await within(seconds, self.next())
        if message is None:
            return None
        attempt = message.attempt if self.promised.counts else None
        return Delivery(message.body, attempt, message)

    async def next(self) -> Message:
        raise NotImplementedError

    async def die_holding(self, body: str) -> None:
        """One like this listens, receives, and says nothing any more."""
        other = type(self)(self.url, self.name)
        other.connect()
        await other.listen()
        await self.send(body)
        assert await other.receive(contract.SOON)
        await other.vanish()

    async def vanish(self) -> None:
        """What the broker notices of a consumer that is dead: nothing."""

    async def close(self) -> None:
        """There is no connection."""


class SmallQueue(Small):
    """A queue with an ack timeout."""

    def connect(self) -> None:
        if self.name not in self.broker._places:
            most = self.promised.attempts if self.promised.dead_letters else None
            self.broker.create_queue(self.name, ack_timeout=self.hold, max_attempts=most)

    hold = HOLD
    gives_up = True
    """Whether it delivers no more after so many attempts, also where nothing is set aside."""

    async def next(self) -> Message:
        while True:
            message = await self.broker.receive(self.name)
            most = self.promised.attempts or message.attempt
            if message.attempt <= most or not self.gives_up:
                return message
            await self.broker.ack(message)

    async def ack(self, delivery: Delivery) -> None:
        await self.broker.ack(delivery.native)

    async def nack(self, delivery: Delivery) -> None:
        await self.broker.nack(delivery.native)

    async def dead(self, seconds: float) -> list[str]:
        if not self.promised.dead_letters:
            return []
        return [message.body for message in self.broker.ready(dlq(self.name))]


class PatientQueue(SmallQueue):
    """A queue with the shortest ack timeout that Google allows."""

    hold = 10.0


class ConnectedQueue(SmallQueue):
    """A queue whose broker sees that a connection is closed."""

    hold = 3600.0

    async def vanish(self) -> None:
        for message in self.broker.unacked(self.name):
            await self.broker.nack(message, "connection closed")


class SmallTopic(Small):
    """Who listens has a queue of his own, and it is gone with him."""

    def connect(self) -> None:
        if self.name not in self.broker._places:
            self.broker.create_topic(self.name)

    async def listen(self) -> None:
        self.own = f"{self.name}, {plural(len(self.broker._places), 'place')} later"
        self.broker.create_queue(self.own, ack_timeout=3600)
        self.broker.subscribe(self.name, self.own)

    async def next(self) -> Message:
        return await self.broker.receive(self.own)

    async def ack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def nack(self, delivery: Delivery) -> None:
        """There is no such word."""


class SmallHook(SmallTopic):
    """Who listens is told once, and what failed is in a list."""

    async def listen(self) -> None:
        self.own = f"{self.name}, {plural(len(self.broker._places), 'place')} later"
        self.broker.create_queue(self.own, ack_timeout=10, max_attempts=1)
        self.broker.subscribe(self.name, self.own)

    async def ack(self, delivery: Delivery) -> None:
        await self.broker.ack(delivery.native)

    async def nack(self, delivery: Delivery) -> None:
        await self.broker.nack(delivery.native)

    async def dead(self, seconds: float) -> list[str]:
        return [message.body for message in self.broker.ready(dlq(self.own))]


class SmallLog(Small):
    """A log, read by a group, which notices a dead member by its silence."""

    reader: Reader

    def connect(self) -> None:
        if self.name not in self.broker._places:
            self.broker.create_log(self.name, partitions=3, silence=SESSION)

    async def listen(self) -> None:
        self.reader = self.broker.reader(self.name, group="workers")

    async def next(self) -> Message:
        return await self.reader.read()

    async def ack(self, delivery: Delivery) -> None:
        self.reader.commit()

    async def nack(self, delivery: Delivery) -> None:
        """It is not committed; this reader has gone on all the same."""


LIKE: dict[str, type[Small]] = {
    "RabbitMQ": ConnectedQueue,
    "Amazon SQS": SmallQueue,
    "Amazon SQS FIFO": SmallQueue,
    "Azure Service Bus": SmallQueue,
    "Azure Service Bus sessions": ConnectedQueue,
    "Apache Kafka": SmallLog,
    "Apache Kafka, share group": ConnectedQueue,
    "Apache Kafka's protocol, Tansu": SmallLog,
    "Google Pub/Sub": PatientQueue,
    "Redis Pub/Sub": SmallTopic,
    "Redis Streams": SmallQueue,
    "Amazon EventBridge to SQS": SmallQueue,
    "NATS core": SmallTopic,
    "NATS JetStream": SmallQueue,
    "Stripe webhooks": SmallQueue,
    "GitHub webhooks": SmallHook,
}
"""System → what of the small broker is like it."""


@pytest.fixture(params=KINDS, ids=lambda kind: kind.system)
def kind(request: pytest.FixtureRequest) -> type[Channel]:
    return request.param


def seen(kind: type[Channel], experiment: Callable[..., Awaitable[T]], *words: Any) -> T:
    """What an experiment on the small broker gives, set as that system is."""
    like = LIKE[kind.system]

    async def main() -> T:
        settings = {"promised": kind.promised, "system": kind.system, "broker": Broker()}
        small: Any = type(like.__name__, (like,), settings)
        open_channel: Open = partial(small.open, "", "orders")
        return await experiment(open_channel, *words)

    return run(main).result


def test_what_is_sent_is_delivered(kind: type[Channel]) -> None:
    """To a consumer that listens."""
    assert seen(kind, contract.delivered) == "a cake"


def test_what_is_acknowledged_is_gone(kind: type[Channel]) -> None:
    """It does not come again."""
    assert seen(kind, contract.after_ack) is None


def test_what_becomes_of_a_message_whose_consumer_dies(kind: type[Channel]) -> None:
    """As with the real one: lost, or there again within the same time."""
    found = seen(kind, contract.after_crash)
    if kind.promised.after_crash is None:
        assert found.seconds is None
    else:
        least, most = kind.promised.after_crash
        assert least <= found.seconds <= most
        assert found.attempt == (2 if kind.promised.counts else None)


def test_what_always_fails_is_set_aside(kind: type[Channel]) -> None:
    """After as many attempts, or never."""
    attempts, dead = seen(kind, contract.after_failures)
    assert dead == (["poison"] if kind.promised.dead_letters else [])
    assert attempts == kind.promised.attempts


def test_order_is_kept_where_it_is_promised(kind: type[Channel]) -> None:
    """Within a key, at least."""
    found = seen(kind, contract.order)
    assert sum(map(len, found.values())) == 30
    assert all(numbers == sorted(numbers) for numbers in found.values())


def test_a_message_that_nobody_hears(kind: type[Channel]) -> None:
    """Is kept, or gone."""
    assert seen(kind, contract.unheard) is kind.promised.unheard


@in_ci
@pytest.mark.slow
def test_none_of_many_is_lost(kind: type[Channel]) -> None:
    """As many as the real one is given."""
    assert seen(kind, contract.many, kind.promised.many) == (set(), 0)


def test_each_system_has_its_like() -> None:
    """And no other has one."""
    assert sorted(LIKE) == sorted(kind.system for kind in KINDS)
