"""Google Cloud Pub/Sub: every subscription of a topic has its own copy of each message.

The real client against a stand-in server, stand_ins/pubsub. COURSE_PUBSUB may name the address of
Google's own emulator instead, such as localhost:8085.
Reference: https://docs.cloud.google.com/pubsub/docs
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..channel import Channel, Delivery, Promised, in_parts
from ..server import MissingServer
from .stand_in import StandIn

DEADLINE = 10
"""Seconds; Google allows no shorter ack deadline."""
ATTEMPTS = 5
"""Deliveries before a dead letter; Google allows no fewer."""
PROJECT = "course"
AT_ONCE = 100
"""Messages that a pull brings, at most."""


class PubSub(StandIn):
    """`url` is what the client wants in the variable PUBSUB_EMULATOR_HOST."""

    system = "Google Pub/Sub"
    variable = "COURSE_PUBSUB"
    program = "pubsub"

    @property
    def kind(self) -> str:
        return "a stand-in, for Google's own client"

    def command(self, folder: Path, port: int) -> list[str]:
        if importlib.util.find_spec("grpc") is None:
            raise MissingServer(
                "Google Pub/Sub is left out, as its client is not here, nor so the stand-in for "
                "its server: python3 start.py labs brings them, on Debian, macOS and Windows"
            )
        return super().command(folder, port)

    def address(self, port: int) -> str:
        return f"127.0.0.1:{port}"


class PubSubChannel(Channel):
    """A topic with one subscription, whose messages of one key keep their order."""

    system = "Google Pub/Sub"
    promised = Promised(
        after_crash=(DEADLINE - 1.0, DEADLINE + 10.0), dead_letters=True, order="by key",
        unheard=True, restart=True, attempts=ATTEMPTS,
    )  # fmt: skip
    server = PubSub
    hold = float(DEADLINE)
    publisher: Any
    subscriber: Any

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self.topic = f"projects/{PROJECT}/topics/{name}"
        self.subscription = f"projects/{PROJECT}/subscriptions/{name}"
        self._pulled: list[Any] = []

    @classmethod
    async def open(cls, url: str, name: str) -> PubSubChannel:
        channel = cls(url, name)
        channel.publisher, channel.subscriber = clients(url)
        dead = f"{channel.topic}-dead"
        await channel._create_topic(dead)
        await channel._create_subscription(f"{channel.subscription}-dead", dead)
        await channel._create_topic(channel.topic)
        await channel._create_subscription(
            channel.subscription,
            channel.topic,
            ack_deadline_seconds=int(cls.hold),
            enable_message_ordering=True,
            dead_letter_policy={"dead_letter_topic": dead, "max_delivery_attempts": ATTEMPTS},
        )
        return channel

    async def _create_topic(self, name: str) -> None:
        from google.api_core.exceptions import AlreadyExists

        with contextlib.suppress(AlreadyExists):
            await self.publisher.create_topic(name=name)

    async def _create_subscription(self, name: str, topic: str, **settings: Any) -> None:
        from google.api_core.exceptions import AlreadyExists

        with contextlib.suppress(AlreadyExists):
            asked = {"name": name, "topic": topic, **settings}
            await self.subscriber.create_subscription(request=asked)

    async def send(self, body: str, key: str = "") -> None:
        await self._publish([{"data": body.encode(), "ordering_key": key}])

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, AT_ONCE):
            await self._publish([{"data": body.encode()} for body in part])

    async def _publish(self, messages: list[dict[str, Any]]) -> None:
        await self.publisher.publish(request={"topic": self.topic, "messages": messages})

    async def receive(self, seconds: float) -> Delivery | None:
        if not self._pulled:
            self._pulled = await self._pull(self.subscription, seconds)
        if not self._pulled:
            return None
        message = self._pulled.pop(0)
        return Delivery(message.message.data.decode(), message.delivery_attempt, message)

    async def _pull(self, subscription: str, seconds: float) -> list[Any]:
        from google.api_core.exceptions import Cancelled, DeadlineExceeded

        asked = {"subscription": subscription, "max_messages": AT_ONCE}
        until = asyncio.get_running_loop().time() + seconds
        # A server may also answer that it has none, or hang up first when the time is over.
        with contextlib.suppress(DeadlineExceeded, Cancelled):
            while (left := until - asyncio.get_running_loop().time()) > 0:
                answer = await self.subscriber.pull(request=asked, timeout=left)
                if answer.received_messages:
                    return list(answer.received_messages)
        return []

    async def ack(self, delivery: Delivery) -> None:
        await self._ack(self.subscription, [delivery.native])

    async def _ack(self, subscription: str, messages: list[Any]) -> None:
        ack_ids = [message.ack_id for message in messages]
        await self.subscriber.acknowledge(subscription=subscription, ack_ids=ack_ids)

    async def nack(self, delivery: Delivery) -> None:
        await self._give_back([delivery.native])

    async def _give_back(self, messages: list[Any]) -> None:
        ack_ids = [message.ack_id for message in messages]
        asked = {"subscription": self.subscription, "ack_ids": ack_ids, "ack_deadline_seconds": 0}
        await self.subscriber.modify_ack_deadline(request=asked)

    async def dead(self, seconds: float) -> list[str]:
        letters = f"{self.subscription}-dead"
        messages = await self._pull(letters, seconds)
        if messages:
            await self._ack(letters, messages)
        return [message.message.data.decode() for message in messages]

    async def close(self) -> None:
        if self._pulled:
            await self._give_back(self._pulled)
        await self.publisher.transport.close()
        await self.subscriber.transport.close()


def clients(url: str) -> tuple[Any, Any]:
    """Google's asynchronous clients, for a producer and for a consumer, without a login."""
    import grpc
    from google.pubsub_v1.services.publisher import PublisherAsyncClient
    from google.pubsub_v1.services.subscriber import SubscriberAsyncClient

    found = []
    for kind in (PublisherAsyncClient, SubscriberAsyncClient):
        transport = kind.get_transport_class("grpc_asyncio")
        found.append(kind(transport=transport(channel=grpc.aio.insecure_channel(url))))
    return found[0], found[1]
