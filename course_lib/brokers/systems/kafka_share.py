"""Kafka's share groups: many consumers on one log, each record acknowledged for itself.

Only the real Kafka has them, from 4.2 on; dead-letter queues from 4.4 on. The client calls its
side of it a preview.
References: KIP-932 (queues for Kafka), KIP-1191 (dead-letter queues for share groups).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from ..channel import MOST_ATTEMPTS, Channel, Delivery, Promised
from .kafka import ApacheKafka
from .kafka_admin import LONG, QUIET, make_topic, set_group

FEW = 100
"""Records in one batch: a group hands out whole batches, and their time runs at once."""


class ShareGroupChannel(Channel):
    """A topic of one partition, read by a share group with a dead-letter queue.

    With more partitions, a dead member would keep its own until its session is over.
    """

    system = "Apache Kafka, share group"
    promised = Promised(
        after_crash=(0.0, 20.0), dead_letters=True, order="none", unheard=True, restart=True,
    )  # fmt: skip
    server = ApacheKafka

    @classmethod
    async def open(cls, url: str, name: str) -> ShareGroupChannel:
        from confluent_kafka import Producer

        channel = cls(url, name)
        await asyncio.to_thread(channel._make)
        channel.producer = Producer({"bootstrap.servers": url, "batch.num.messages": FEW, **QUIET})
        channel.polled = deque()
        return channel

    producer: Any
    consumer: Any = None
    polled: deque[Any]
    """What is in hand, and has not been looked at."""

    @property
    def group(self) -> str:
        return f"{self.name}-workers"

    @property
    def graveyard(self) -> str:
        """A name that Kafka wants to begin like this."""
        return f"dlq.{self.name}"

    def _make(self) -> None:
        make_topic(self.url, self.name, 1)
        make_topic(self.url, self.graveyard, 1, **{"errors.deadletterqueue.group.enable": "true"})
        set_group(
            self.url,
            self.group,
            {
                "share.auto.offset.reset": "earliest",
                "share.record.lock.duration.ms": f"{self.hold * 1000:.0f}",
                "share.delivery.count.limit": f"{MOST_ATTEMPTS}",
                "errors.deadletterqueue.topic.name": self.graveyard,
                "errors.deadletterqueue.copy.record.enable": "true",
            },
        )

    async def listen(self) -> None:
        from confluent_kafka import ShareConsumer

        how = {
            "bootstrap.servers": self.url,
            "group.id": self.group,
            "share.acknowledgement.mode": "explicit",
            "max.poll.records": FEW,
            **QUIET,  # else each says on stderr that it is a preview
        }
        self.consumer = ShareConsumer(how)
        self.consumer.subscribe([self.name])

    async def send(self, body: str, key: str = "") -> None:
        await asyncio.to_thread(self._send, [body], key)

    async def send_all(self, bodies: Sequence[str]) -> None:
        await asyncio.to_thread(self._send, bodies, "")

    def _send(self, bodies: Sequence[str], key: str) -> None:
        failed = []
        for body in bodies:
            self.producer.produce(
                self.name,
                body.encode(),
                key=key.encode() or None,
                on_delivery=lambda why, _: failed.append(why) if why else None,
            )
        if self.producer.flush(LONG) or failed:
            raise RuntimeError(f"Kafka did not accept all: {failed[:1]}")

    async def receive(self, seconds: float) -> Delivery | None:
        if not self.polled:
            self.polled.extend(await asyncio.to_thread(self._poll, seconds))
        if not self.polled:
            return None
        message = self.polled.popleft()
        return Delivery(message.value().decode(), message.delivery_count(), message)

    def _poll(self, seconds: float) -> list[Any]:
        from confluent_kafka import KafkaException

        until = time.monotonic() + seconds
        while not (messages := list(self.consumer.poll(max(0.0, until - time.monotonic())))):
            if time.monotonic() >= until:
                return []
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
        return messages

    async def ack(self, delivery: Delivery) -> None:
        """It goes to the server with the next poll, or with the last of what is in hand."""
        from confluent_kafka import AcknowledgeType

        self.consumer.acknowledge(delivery.native, AcknowledgeType.ACCEPT)
        if not self.polled:
            await asyncio.to_thread(self.consumer.commit_sync)

    async def nack(self, delivery: Delivery) -> None:
        """Released: it may be delivered again at once."""
        from confluent_kafka import AcknowledgeType

        self.consumer.acknowledge(delivery.native, AcknowledgeType.RELEASE)
        await asyncio.to_thread(self.consumer.commit_sync)

    async def dead(self, seconds: float) -> list[str]:
        return await asyncio.to_thread(self._dead, seconds)

    def _dead(self, seconds: float) -> list[str]:
        from confluent_kafka import Consumer

        how = {"bootstrap.servers": self.url, "group.id": "undertaker", **QUIET}
        consumer = Consumer({**how, "auto.offset.reset": "earliest"})
        try:
            consumer.subscribe([self.graveyard])
            return [message.value().decode() for message in consumer.consume(1, seconds)]
        finally:
            consumer.close()

    async def close(self) -> None:
        if self.consumer:
            await asyncio.to_thread(self.consumer.close)
