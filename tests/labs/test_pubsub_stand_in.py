"""Google's own client, in its usual style, gets its whole story from the stand-in for Pub/Sub."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.publisher.exceptions import MessageTooLargeError

from course_lib.brokers import Server, pubsub

from .conftest import started

PROJECT = "course"
PATIENCE = 60.0
NAMES = (f"orders{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started(pubsub()) as made:
        yield made


class Shop:
    """A topic, and the client's two halves."""

    def __init__(self) -> None:
        options = pubsub_v1.types.PublisherOptions(enable_message_ordering=True)
        self.publisher = pubsub_v1.PublisherClient(publisher_options=options)
        self.subscriber = pubsub_v1.SubscriberClient()
        self.name = next(NAMES)
        self.topic = self.publisher.topic_path(PROJECT, self.name)
        self.publisher.create_topic(name=self.topic)

    def subscribe(self, name: str = "workers", **settings: Any) -> str:
        path = self.subscriber.subscription_path(PROJECT, f"{self.name}-{name}")
        request = {"name": path, "topic": self.topic, **settings}
        self.subscriber.create_subscription(request=request)
        return path

    def publish(self, *bodies: str, **how: Any) -> list[str]:
        """Their ids."""
        futures = [self.publisher.publish(self.topic, body.encode(), **how) for body in bodies]
        return [future.result(PATIENCE) for future in futures]

    @contextmanager
    def listening(self, subscription: str) -> Iterator[queue.Queue[Any]]:
        """A streaming pull: what it hands to its callback."""
        found: queue.Queue[Any] = queue.Queue()
        stream = self.subscriber.subscribe(subscription, found.put)
        try:
            yield found
        finally:
            stream.cancel()
            stream.result(PATIENCE)

    def pull(self, subscription: str, most: int = 10, timeout: float = PATIENCE) -> list[Any]:
        request = {"subscription": subscription, "max_messages": most}
        return list(self.subscriber.pull(request=request, timeout=timeout).received_messages)

    def close(self) -> None:
        self.publisher.stop()
        self.publisher.transport.close()
        self.subscriber.close()


@pytest.fixture
def shop(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.url)
    made = Shop()
    yield made
    made.close()


def test_a_stream_brings_what_is_published_and_takes_its_acks(shop: Shop) -> None:
    """With data, attributes, id and time; what is acknowledged is gone."""
    workers = shop.subscribe()
    with shop.listening(workers) as found:
        ids = shop.publish("a cake", table="7")
        message = found.get(timeout=PATIENCE)
        told = (message.data, dict(message.attributes), message.message_id)
        assert told == (b"a cake", {"table": "7"}, ids[0])
        assert message.publish_time.year > 2025
        message.ack()
    with pytest.raises(exceptions.DeadlineExceeded):
        shop.pull(workers, timeout=1)


def test_each_subscription_has_its_own_copy(shop: Shop) -> None:
    """And inside of one, consumers compete."""
    mail, books = shop.subscribe("mail"), shop.subscribe("books")
    shop.publish("1", "2")
    assert len(shop.pull(mail, 1)) == len(shop.pull(mail, 1)) == 1
    assert len(shop.pull(books)) == 2


def test_a_nack_brings_it_again_at_once(shop: Shop) -> None:
    """In the stream that has it; well before its deadline."""
    with shop.listening(shop.subscribe(ack_deadline_seconds=600)) as found:
        shop.publish("a cake")
        found.get(timeout=PATIENCE).nack()
        again = found.get(timeout=PATIENCE)
        assert again.data == b"a cake"
        again.ack()


def test_a_consumer_can_ask_for_more_time_and_for_none(shop: Shop) -> None:
    """Not more than ten minutes."""
    workers = shop.subscribe()
    shop.publish("a cake")
    [message] = shop.pull(workers)
    asked = {"subscription": workers, "ack_ids": [message.ack_id]}
    for seconds in (600, 0):
        shop.subscriber.modify_ack_deadline(request={**asked, "ack_deadline_seconds": seconds})
    assert len(shop.pull(workers)) == 1
    with pytest.raises(exceptions.InvalidArgument, match="0 to 600"):
        shop.subscriber.modify_ack_deadline(request={**asked, "ack_deadline_seconds": 601})


def test_a_stream_keeps_the_order_of_each_key(shop: Shop) -> None:
    """Though other keys come in between."""
    seen: dict[str, list[int]] = {"tea": [], "soup": []}
    with shop.listening(shop.subscribe(enable_message_ordering=True)) as found:
        for n in range(20):
            key = "tea" if n % 3 else "soup"
            shop.publisher.publish(shop.topic, str(n).encode(), ordering_key=key)
        for _ in range(20):
            message = found.get(timeout=PATIENCE)
            seen[message.ordering_key].append(int(message.data))
            message.ack()
    assert seen == {key: sorted(numbers) for key, numbers in seen.items()}


def test_after_five_attempts_it_is_a_dead_letter(shop: Shop) -> None:
    """Which says so; each attempt was told its number."""
    dead = shop.publisher.topic_path(PROJECT, f"{shop.name}-dead")
    shop.publisher.create_topic(name=dead)
    letters = shop.subscriber.subscription_path(PROJECT, f"{shop.name}-letters")
    shop.subscriber.create_subscription(name=letters, topic=dead)
    workers = shop.subscribe(dead_letter_policy={"dead_letter_topic": dead})
    shop.publish("poison", table="7")
    attempts = []
    with shop.listening(workers) as found:
        for _ in range(5):
            message = found.get(timeout=PATIENCE)
            attempts.append(message.delivery_attempt)
            message.nack()
        [letter] = shop.pull(letters)
    assert attempts == [1, 2, 3, 4, 5]
    said = dict(letter.message.attributes)
    assert said.pop("CloudPubSubDeadLetterSourceTopicPublishTime").endswith("Z")
    assert said == {
        "table": "7",
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": workers.rpartition("/")[2],
        "CloudPubSubDeadLetterSourceSubscriptionProject": PROJECT,
    }


def test_what_was_made_is_listed_and_goes_away(shop: Shop) -> None:
    """A subscription stays without its topic."""
    workers = shop.subscribe()
    project = f"projects/{PROJECT}"
    assert shop.topic in [t.name for t in shop.publisher.list_topics(project=project)]
    assert list(shop.publisher.list_topic_subscriptions(topic=shop.topic)) == [workers]
    assert shop.publisher.get_topic(topic=shop.topic).name == shop.topic
    shop.publish("a cake")
    shop.publisher.delete_topic(topic=shop.topic)
    kept = shop.subscriber.get_subscription(subscription=workers)
    assert (kept.topic, kept.ack_deadline_seconds) == ("_deleted-topic_", 10)
    assert len(shop.pull(workers)) == 1
    names = [s.name for s in shop.subscriber.list_subscriptions(project=project)]
    assert workers in names
    shop.subscriber.delete_subscription(subscription=workers)
    with pytest.raises(exceptions.NotFound):
        shop.subscriber.get_subscription(subscription=workers)


def test_a_stream_ends_with_its_subscription(shop: Shop) -> None:
    """By the error that the client knows."""
    workers = shop.subscribe()
    stream = shop.subscriber.subscribe(workers, lambda message: message.ack())
    with pytest.raises(FutureTimeout):
        stream.result(0.2)
    shop.subscriber.delete_subscription(subscription=workers)
    with pytest.raises(exceptions.NotFound):
        stream.result(PATIENCE)


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(GoogleAPICallError) as error:
        call(request=request)
    return f"{type(error.value).__name__}: {error.value.message}"


def test_what_is_missing_is_not_found(shop: Shop) -> None:
    """A topic, a subscription, a topic for dead letters."""
    nowhere = f"projects/{PROJECT}/topics/nowhere"
    with pytest.raises(exceptions.NotFound, match="there is no topic"):
        shop.publisher.publish(nowhere, b"a cake").result(PATIENCE)
    with pytest.raises(exceptions.NotFound, match="there is no subscription"):
        shop.pull(f"projects/{PROJECT}/subscriptions/nowhere")
    name = f"projects/{PROJECT}/subscriptions/new"
    create = shop.subscriber.create_subscription
    assert "NotFound" in refused(create, name=name, topic=nowhere)
    policy = {"dead_letter_topic": nowhere}
    asked = {"name": name, "topic": shop.topic, "dead_letter_policy": policy}
    assert "NotFound" in refused(create, **asked)


def test_what_is_too_large_is_refused(shop: Shop) -> None:
    """By the client, before it is sent; and by the server, if somebody sends it all the same."""
    with pytest.raises(MessageTooLargeError):
        shop.publisher.publish(shop.topic, b"x" * 10_000_001)
    asked = {"topic": shop.topic, "messages": [{"data": b"x" * 10_000_001}]}
    assert "10,000,000 bytes" in refused(shop.publisher._gapic_publish, **asked)


def test_what_is_there_already_is_said(shop: Shop) -> None:
    """A topic and a subscription."""
    name = shop.subscribe()
    assert "AlreadyExists" in refused(shop.publisher.create_topic, name=shop.topic)
    create = shop.subscriber.create_subscription
    assert "AlreadyExists" in refused(create, name=name, topic=shop.topic)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ack_deadline_seconds": 9}, "ack_deadline_seconds must be from 10 to 600, and is 9"),
        ({"filter": 'attributes.table = "7"'}, "this stand-in knows no filter"),
        ({"enable_exactly_once_delivery": True}, "knows no enable_exactly_once_delivery"),
        ({"push_config": {"push_endpoint": "https://a.example"}}, "knows no push_endpoint"),
    ],
)
def test_what_it_cannot_do_it_refuses(shop: Shop, settings: dict[str, Any], sentence: str) -> None:
    """In a sentence, and without a subscription that does less than was asked for."""
    name = f"projects/{PROJECT}/subscriptions/{shop.name}-new"
    asked = {"name": name, "topic": shop.topic, **settings}
    assert sentence in refused(shop.subscriber.create_subscription, **asked)
    assert "NotFound" in refused(shop.subscriber.get_subscription, subscription=name)
