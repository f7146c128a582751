"""Every channel that there is, in the order in which the page of lesson 01 names their systems."""

from __future__ import annotations

from .channel import Channel
from .systems.eventbridge import EventBridgeChannel
from .systems.github import GitHubChannel
from .systems.kafka_group import KafkaChannel, TansuChannel
from .systems.kafka_share import ShareGroupChannel
from .systems.nats import CoreChannel, JetStreamChannel
from .systems.pubsub import PubSubChannel
from .systems.rabbitmq import RabbitMQChannel
from .systems.redis import RedisChannel, StreamsChannel
from .systems.service_bus import ServiceBusChannel, SessionChannel
from .systems.sqs import FifoChannel, StandardChannel
from .systems.stripe import StripeChannel

KINDS: tuple[type[Channel], ...] = (
    RabbitMQChannel,
    StandardChannel,
    FifoChannel,
    ServiceBusChannel,
    SessionChannel,
    KafkaChannel,
    ShareGroupChannel,
    TansuChannel,
    PubSubChannel,
    RedisChannel,
    StreamsChannel,
    EventBridgeChannel,
    CoreChannel,
    JetStreamChannel,
    StripeChannel,
    GitHubChannel,
)
