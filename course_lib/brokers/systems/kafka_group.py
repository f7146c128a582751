"""Kafka's consumer groups: a log in partitions, each read by one member, and a bookmark for each.

Reference: https://kafka.apache.org/documentation (consumer configuration, design).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..channel import Channel, Delivery, Promised
from ..server import Server
from .kafka import SESSION, ApacheKafka, Tansu
from .kafka_admin import QUIET, make_topic

PARTITIONS = 3


class KafkaChannel(Channel):
    """A topic of three partitions, one group, and a commit after the work."""

    system = "Apache Kafka"
    promised = Promised(
        after_crash=(SESSION - 3, SESSION + 24), dead_letters=False, order="by key", unheard=True,
        restart=True, counts=False, attempts=1,
    )  # fmt: skip
    hold = SESSION
    server: ClassVar[Callable[[], Server]] = ApacheKafka

    @classmethod
    async def open(cls, url: str, name: str) -> KafkaChannel:
        from confluent_kafka.aio import AIOProducer

        channel = cls(url, name)
        await asyncio.to_thread(make_topic, url, name, PARTITIONS)
        channel.producer = AIOProducer({"bootstrap.servers": url, **QUIET}, buffer_timeout=0)
        return channel

    producer: Any
    consumer: Any = None

    async def listen(self) -> None:
        from confluent_kafka.aio import AIOConsumer

        how = {
            "bootstrap.servers": self.url,
            "group.id": f"{self.name}-workers",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": round(self.hold * 1000),
            "heartbeat.interval.ms": 1000,
            **QUIET,
        }
        self.consumer = AIOConsumer(how)
        await self.consumer.subscribe([self.name])

    async def send(self, body: str, key: str = "") -> None:
        accepted = await self.producer.produce(self.name, body.encode(), key=key.encode() or None)
        await self.producer.flush()
        await accepted

    async def send_all(self, bodies: Sequence[str]) -> None:
        accepted = [await self.producer.produce(self.name, body.encode()) for body in bodies]
        await self.producer.flush()
        await asyncio.gather(*accepted)

    async def receive(self, seconds: float) -> Delivery | None:
        from confluent_kafka import KafkaException

        message = await self.consumer.poll(seconds)
        if message is not None and message.error():
            raise KafkaException(message.error())
        return message and Delivery(message.value().decode(), None, message)

    async def ack(self, delivery: Delivery) -> None:
        """Of it and of all before it in its partition."""
        await self.consumer.commit(delivery.native, asynchronous=False)

    async def nack(self, delivery: Delivery) -> None:
        """There is no such word: the consumer reads on, or seeks back by itself."""

    async def close(self) -> None:
        if self.consumer:
            await self.consumer.close()
        await self.producer.close()


class TansuChannel(KafkaChannel):
    """The same, on the other broker."""

    system = "Apache Kafka's protocol, Tansu"
    differs: ClassVar[dict[str, str]] = {"restart": "Tansu keeps all in memory here"}

    server = Tansu
