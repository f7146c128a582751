"""Ten messaging systems on this computer, each with its own client, by one verb.

    with brokers.nats() as server:
        connection = await nats.connect(server.url)

A server is private: on a free port of the loopback interface, with a folder of its own, both gone
afterwards. `print(server)` says what it really is: the real one, or what stands in for it.
The environment of the labs has the clients: python3 start.py labs
"""

from __future__ import annotations

from .another_process import another_process
from .server import MissingServer, Server, ServerError


def eventbridge() -> Server:
    """Amazon EventBridge, and SQS behind it."""
    from .systems.eventbridge import EventBridge

    return EventBridge()


def kafka() -> Server:
    """Apache Kafka, where Java and Maven are; else Tansu, which speaks its protocol."""
    from .systems.kafka import ApacheKafka, Tansu

    return ApacheKafka() if ApacheKafka.is_here() else Tansu()


def nats() -> Server:
    """NATS, with JetStream."""
    from .systems.nats import Nats

    return Nats()


def rabbitmq() -> Server:
    """RabbitMQ."""
    from .systems.rabbitmq import RabbitMQ

    return RabbitMQ()


def sqs() -> Server:
    """Amazon SQS."""
    from .systems.sqs import Sqs

    return Sqs()


def service_bus() -> Server:
    """Azure Service Bus: a stand-in for it."""
    from .systems.service_bus import ServiceBus

    return ServiceBus()


def stripe() -> Server:
    """Stripe's webhooks: a stand-in for their sender."""
    from .systems.stripe import Stripe

    return Stripe()


def github() -> Server:
    """GitHub's webhooks: a stand-in for their sender."""
    from .systems.github import GitHub

    return GitHub()


def pubsub() -> Server:
    """Google Cloud Pub/Sub: a stand-in."""
    from .systems.pubsub import PubSub

    return PubSub()


def redis(*, append_only: bool = False) -> Server:
    """Redis, which writes each command to its disk only if it is told to."""
    from .systems.redis import Redis

    return Redis(append_only=append_only)


__all__ = [
    "MissingServer",
    "Server",
    "ServerError",
    "another_process",
    "eventbridge",
    "github",
    "kafka",
    "nats",
    "pubsub",
    "rabbitmq",
    "redis",
    "service_bus",
    "sqs",
    "stripe",
]
