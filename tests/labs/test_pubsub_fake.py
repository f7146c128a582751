"""Google's own fake of Pub/Sub passes the contract of our stand-in; where they differ, it is said.

The table is in the docstring of course_lib/brokers/stand_ins/pubsub.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError

from course_lib.brokers import Server
from course_lib.brokers.channel import Channel
from course_lib.brokers.systems.pubsub import PROJECT, PubSub, clients

from .conftest import started
from .google_fake import GoogleFake, GoogleFakeChannel
from .test_contract import (  # noqa: F401  each is run once more, with the fixtures from here
    open_channel,
    open_patient,
    test_a_message_that_nobody_hears,
    test_a_server_is_killed_and_started_again,
    test_none_of_many_is_lost,
    test_order_is_kept_where_it_is_promised,
    test_what_always_fails_is_set_aside,
    test_what_becomes_of_a_message_whose_consumer_dies,
    test_what_is_acknowledged_is_gone,
    test_what_is_sent_is_delivered,
)

NAMES = (f"orders{n}" for n in itertools.count())


@pytest.fixture(scope="module", params=[GoogleFakeChannel], ids=["Google's fake"])
def kind(request: pytest.FixtureRequest) -> type[Channel]:
    return request.param


class Shop:
    """Google's clients, a topic, and what one does with it to see a difference."""

    def __init__(self, url: str) -> None:
        self.publisher, self.subscriber = clients(url)
        name = next(NAMES)
        self.topic, self.dead = (f"projects/{PROJECT}/topics/{name}{end}" for end in ("", "-dead"))
        self.subscriptions = [f"projects/{PROJECT}/subscriptions/{name}-{n}" for n in range(3)]

    async def subscribe(self, n: int = 0, **settings: Any) -> str:
        """ "accepted", or the name of the error."""
        for topic in (self.topic, self.dead):
            with suppress(GoogleAPICallError):
                await self.publisher.create_topic(name=topic)
        asked = {"name": self.subscriptions[n], "topic": self.topic, **settings}
        return await verdict(self.subscriber.create_subscription(request=asked))

    async def publish(self, *messages: dict[str, Any]) -> str:
        """ "accepted", or the name of the error."""
        return await verdict(
            self.publisher.publish(
                request={"topic": self.topic, "messages": list(messages)}, retry=None, timeout=30
            )
        )

    async def pull(self, n: int = 0, most: int = 10) -> list[Any]:
        """Messages of the subscription, and none as an empty list."""
        answer = await self.subscriber.pull(
            request={"subscription": self.subscriptions[n], "max_messages": most}
        )
        return list(answer.received_messages)

    async def nack(self, message: Any, n: int = 0) -> None:
        asked = {"subscription": self.subscriptions[n], "ack_ids": [message.ack_id]}
        await self.subscriber.modify_ack_deadline(request={**asked, "ack_deadline_seconds": 0})

    async def fail(self, times: int) -> None:
        """The first subscription, with a dead-letter topic, gives a message back so often."""
        policy = {"dead_letter_topic": self.dead, "max_delivery_attempts": 5}
        await self.subscribe(0, dead_letter_policy=policy)
        await self.subscribe(1, dead_letter_policy=policy)
        await self.publish({"data": b"poison"})
        for _ in range(times):
            [message] = await self.pull()
            await self.nack(message)


async def verdict(call: Awaitable[Any]) -> str:
    try:
        await call
    except GoogleAPICallError as error:
        return type(error).__name__
    return "accepted"


async def a_deadline_of_9_seconds(shop: Shop) -> str:
    return await shop.subscribe(ack_deadline_seconds=9)


async def three_attempts(shop: Shop) -> str:
    await shop.subscribe()
    policy = {"dead_letter_topic": shop.dead, "max_delivery_attempts": 3}
    return await shop.subscribe(1, dead_letter_policy=policy)


async def a_message_of_nothing(shop: Shop) -> str:
    await shop.subscribe()
    return await shop.publish({"ordering_key": "a"})


async def two_keys_in_one_request(shop: Shop) -> str:
    await shop.subscribe()
    return await shop.publish(*({"data": b"x", "ordering_key": key} for key in "ab"))


async def five_million_bytes(shop: Shop) -> str:
    await shop.subscribe()
    return await shop.publish({"data": b"x" * 5_000_000})


async def the_other_subscriptions_attempt(shop: Shop) -> int:
    await shop.fail(2)
    [message] = await shop.pull(1)
    return int(message.delivery_attempt)


async def what_a_dead_letter_says(shop: Shop) -> str:
    await shop.fail(0)
    await shop.subscriber.create_subscription(name=shop.subscriptions[2], topic=shop.dead)
    for _ in range(5):
        [message] = await shop.pull()
        await shop.nack(message)
    with suppress(TimeoutError):  # the fake sees it only when somebody pulls once more
        await asyncio.wait_for(shop.pull(), timeout=1)
    [letter] = await shop.pull(2)
    count = letter.message.attributes.get("CloudPubSubDeadLetterSourceDeliveryCount", "")
    return f"{letter.message.data.decode()} {count}".strip()


async def of_one_key_at_once(shop: Shop) -> int:
    await shop.subscribe(enable_message_ordering=True)
    for body in (b"1", b"2", b"3"):
        await shop.publish({"data": body, "ordering_key": "a"})
    return len(await shop.pull())


DIFFERENCES: list[tuple[Callable[[Shop], Awaitable[Any]], Any, Any]] = [
    (a_deadline_of_9_seconds, "InvalidArgument", "accepted"),
    (three_attempts, "InvalidArgument", "accepted"),
    (a_message_of_nothing, "InvalidArgument", "accepted"),
    (two_keys_in_one_request, "InvalidArgument", "accepted"),
    (five_million_bytes, "accepted", "ResourceExhausted"),
    (the_other_subscriptions_attempt, 1, 3),
    (what_a_dead_letter_says, "poison 5", "poison"),
    (of_one_key_at_once, 3, 1),
]
"""What is tried → what happens here, and at Google's fake."""


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Server, Server]]:
    with started(PubSub()) as ours, started(GoogleFake()) as fake:
        yield ours, fake


@pytest.mark.parametrize(
    ("tried", "here", "there"), DIFFERENCES, ids=lambda word: getattr(word, "__name__", " ")
)
def test_the_two_differ_as_the_table_says(
    both: tuple[Server, Server],
    tried: Callable[[Shop], Awaitable[Any]],
    here: Any,
    there: Any,
) -> None:
    """If one of them changes, its row has to."""

    async def on(server: Server) -> Any:
        shop = Shop(server.url)
        try:
            return await tried(shop)
        finally:
            await shop.publisher.transport.close()
            await shop.subscriber.transport.close()

    ours, fake = both
    assert asyncio.run(on(ours)) == here
    assert asyncio.run(on(fake)) == there
