"""What is asked of Kafka itself: to make a topic, to set a group, to say who reads what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

QUIET = {"log_level": 2}
"""For a client: else it says on stderr that its server is gone, which is for us to say."""
LONG = 30.0
"""Seconds for an answer that comes at once, but on a busy machine."""


def make_topic(url: str, name: str, partitions: int, **config: str) -> None:
    """Unless it is there already."""
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic

    topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
    admin = AdminClient({"bootstrap.servers": url, **QUIET})
    try:
        admin.create_topics([topic])[name].result(LONG)
    except KafkaException as why:
        if why.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


def set_group(url: str, group: str, config: dict[str, str]) -> str:
    """Settings of a group, which the server keeps, as a client cannot bring its own; its name.

    Raises LookupError on a broker that takes them and forgets them: it has no share groups.
    """
    from confluent_kafka.admin import (
        AdminClient,
        AlterConfigOpType,
        ConfigEntry,
        ConfigResource,
        ResourceType,
    )

    changes = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in config.items()
    ]
    resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=changes)
    admin = AdminClient({"bootstrap.servers": url, **QUIET})
    admin.incremental_alter_configs([resource])[resource].result(LONG)
    if not config.keys() <= admin.describe_configs([resource])[resource].result(LONG).keys():
        raise LookupError("this broker has no settings for groups, so it has no share groups")
    return group


async def shared_out(url: str, group: str, members: Sequence[Any]) -> list[int]:
    """How many partitions each member has, sorted, as soon as the group has settled.

    The members are polled meanwhile: only whoever asks for records takes part in a rebalance.
    Raises LookupError on a broker that does not tell who is in a group.
    """
    from confluent_kafka import ConsumerGroupState, KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": url, **QUIET})
    while True:
        await asyncio.gather(*(member.poll(0.2) for member in members))
        try:
            asked = admin.describe_consumer_groups([group])[group]
            told = await asyncio.wrap_future(asked)
        except KafkaException:  # its coordinator is not there yet
            continue
        if told.state != ConsumerGroupState.STABLE:
            continue
        if not told.members:
            raise LookupError("this broker does not tell who is in a group")
        if len(told.members) == len(members):
            return sorted(len(member.assignment.topic_partitions) for member in told.members)
