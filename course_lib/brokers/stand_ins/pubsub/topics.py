"""Topics and subscriptions by name: what is made, published and settled, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from .journal import Journal
from .subscription import Subscription

DELETED = "_deleted-topic_"
DEADLINE, DEADLINES = 10, range(10, 601)
"""Seconds: an ack deadline if none is given, and those that may be given."""
ATTEMPTS, MOST_ATTEMPTS = 5, range(5, 101)
"""Attempts before a dead letter if none are given, and those that may be given."""
MOST_BYTES = 10_000_000
"""Of the data in one publish request."""
UNKNOWN = (
    "enable_exactly_once_delivery", "filter", "retry_policy", "bigquery_config",
    "cloud_storage_config", "message_transforms", "retain_acked_messages",
)  # fmt: skip
"""Settings of a subscription that this server does not have."""


class Refused(Exception):  # noqa: N818  the client turns it into an error of its own
    """A request cannot be granted: a gRPC status by its name, and a sentence."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Topics:
    """All that one server has. `kinds` are the client's own types, by name."""

    def __init__(self, kinds: Any, journal: Journal) -> None:
        self._kinds = kinds
        self.topics: dict[str, Any] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self._last_id = 0
        self._journal: Journal | None = None  # what is read again is not written again
        journal.replay(self._again)
        self._journal = journal

    def _write(self, what: str, *words: str | int | bytes) -> None:
        if self._journal is not None:
            self._journal.write(what, *words)

    def _again(self, what: str, name: str, word: Any = None) -> None:
        """Do what a line of the journal says."""
        if what == "topic":
            self.create_topic(self._kinds.Topic.FromString(word))
        elif what == "subscription":
            self._add(self._kinds.Subscription.FromString(word))
        elif what == "message":
            self._copy(name, self._kinds.PubsubMessage.FromString(word))
        elif what == "settled":
            self.subscriptions[name].drop(word)
        elif what == "no topic":
            self.delete_topic(name)
        else:
            self.delete_subscription(name)

    # ---- topics ---------------------------------------------------------------------------------
    def create_topic(self, topic: Any) -> Any:
        """Raises Refused if it is there."""
        if topic.name in self.topics:
            raise Refused("ALREADY_EXISTS", f"the topic {topic.name} is already there")
        self.topics[topic.name] = topic
        self._write("topic", topic.name, topic.SerializeToString())
        return topic

    def topic(self, name: str) -> Any:
        """Raises Refused if there is none."""
        if name not in self.topics:
            raise Refused("NOT_FOUND", f"there is no topic {name}")
        return self.topics[name]

    def delete_topic(self, name: str) -> None:
        """Its subscriptions stay, with what they have. Raises Refused if there is none."""
        self.topic(name)
        for subscription in self.of(name):
            subscription.settings.topic = DELETED
        del self.topics[name]
        self._write("no topic", name)

    def of(self, topic: str) -> list[Subscription]:
        """Those who get a copy of what is published there."""
        return [s for s in self.subscriptions.values() if s.settings.topic == topic]

    def publish(self, name: str, messages: Iterable[Any]) -> list[str]:
        """A copy for each subscription; the messages' ids. Raises Refused, and takes none."""
        self.topic(name)
        messages = list(messages)
        if any(not message.data and not message.attributes for message in messages):
            raise Refused("INVALID_ARGUMENT", "a message needs data or an attribute")
        if len({message.ordering_key for message in messages}) > 1:
            raise Refused("INVALID_ARGUMENT", "one request has one ordering key")
        if sum(message.ByteSize() for message in messages) > MOST_BYTES:
            raise Refused("INVALID_ARGUMENT", f"a request has {MOST_BYTES:,} bytes at most")
        return [self._accept(name, message) for message in messages]

    def _accept(self, name: str, message: Any) -> str:
        message.message_id = str(self._last_id + 1)
        message.publish_time.FromNanoseconds(time.time_ns())
        self._write("message", name, message.SerializeToString())
        self._copy(name, message)
        return str(message.message_id)

    def _copy(self, name: str, message: Any) -> None:
        self._last_id = int(message.message_id)
        for subscription in self.of(name):
            subscription.put(message)

    # ---- subscriptions --------------------------------------------------------------------------
    def create_subscription(self, settings: Any) -> Any:
        """From now on, a copy of all that comes. Raises Refused for what it cannot do."""
        if settings.name in self.subscriptions:
            raise Refused("ALREADY_EXISTS", f"the subscription {settings.name} is already there")
        self.topic(settings.topic)
        wanted = [field.name for field, _ in settings.ListFields() if field.name in UNKNOWN]
        if settings.push_config.push_endpoint:
            wanted.append("push_endpoint")
        if wanted:
            raise Refused("UNIMPLEMENTED", f"this stand-in knows no {wanted[0]}")
        _check("ack_deadline_seconds", settings, DEADLINE, DEADLINES)
        if settings.HasField("dead_letter_policy"):
            self.topic(settings.dead_letter_policy.dead_letter_topic)
            _check("max_delivery_attempts", settings.dead_letter_policy, ATTEMPTS, MOST_ATTEMPTS)
        self._add(settings)
        return settings

    def _add(self, settings: Any) -> None:
        name = settings.name
        self._write("subscription", name, settings.SerializeToString())
        self.subscriptions[name] = Subscription(
            settings, partial(self._write, "settled", name), partial(self._dead, settings)
        )

    def subscription(self, name: str) -> Subscription:
        """Raises Refused if there is none."""
        if name not in self.subscriptions:
            raise Refused("NOT_FOUND", f"there is no subscription {name}")
        return self.subscriptions[name]

    def delete_subscription(self, name: str) -> None:
        """With what it has. Raises Refused if there is none."""
        self.subscription(name).close()
        del self.subscriptions[name]
        self._write("no subscription", name)

    def _dead(self, settings: Any, message: Any, attempts: int) -> None:
        """To the dead-letter topic, with what Google writes on it; lost if that topic is gone."""
        topic = settings.dead_letter_policy.dead_letter_topic
        if topic not in self.topics:
            return
        _, project, _, name = settings.name.split("/")
        letter = self._kinds.PubsubMessage.FromString(message.SerializeToString())
        letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] = str(attempts)
        letter.attributes["CloudPubSubDeadLetterSourceSubscription"] = name
        letter.attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] = project
        letter.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] = (
            message.publish_time.ToJsonString()
        )
        self._accept(topic, letter)


def _check(name: str, settings: Any, usual: int, allowed: range) -> None:
    """0 means the usual one. Raises Refused outside of what is allowed."""
    value = getattr(settings, name) or usual
    if value not in allowed:
        sentence = f"{name} must be from {allowed[0]} to {allowed[-1]}, and is {value}"
        raise Refused("INVALID_ARGUMENT", sentence)
    setattr(settings, name, value)
