"""The gRPC methods of Pub/Sub's Publisher and Subscriber, on the client's own classes.

Reference: https://docs.cloud.google.com/pubsub/docs/reference/rpc/google.pubsub.v1
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.pubsub_v1 import types

from .journal import Journal
from .subscription import Held, Subscription
from .topics import Refused, Topics

LONGEST_PULL = 60.0
"""Seconds for which a pull waits, if the client has not said that it gives up sooner."""
LOOK = 1.0
"""Seconds after which a stream looks whether its subscription is still there."""
IN_ONE_ANSWER = 500
"""Messages that a stream delivers together, at most."""

NAMES = (
    "PubsubMessage", "Topic", "GetTopicRequest", "ListTopicsRequest", "ListTopicsResponse",
    "DeleteTopicRequest", "PublishRequest", "PublishResponse", "ListTopicSubscriptionsRequest",
    "ListTopicSubscriptionsResponse", "Subscription", "GetSubscriptionRequest",
    "ListSubscriptionsRequest", "ListSubscriptionsResponse", "DeleteSubscriptionRequest",
    "AcknowledgeRequest", "ModifyAckDeadlineRequest", "PullRequest", "PullResponse",
    "ReceivedMessage", "StreamingPullRequest", "StreamingPullResponse",
)  # fmt: skip
kinds = SimpleNamespace(**{name: getattr(types, name).pb() for name in NAMES})


class Publisher:
    """What a producer asks for."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    async def create_topic(self, topic: Any, _: Any) -> Any:
        return self._topics.create_topic(topic)

    async def get_topic(self, asked: Any, _: Any) -> Any:
        return self._topics.topic(asked.topic)

    async def list_topics(self, asked: Any, _: Any) -> Any:
        found = [t for name, t in self._topics.topics.items() if _belongs(name, asked.project)]
        return kinds.ListTopicsResponse(topics=found)

    async def list_topic_subscriptions(self, asked: Any, _: Any) -> Any:
        self._topics.topic(asked.topic)
        names = [s.settings.name for s in self._topics.of(asked.topic)]
        return kinds.ListTopicSubscriptionsResponse(subscriptions=names)

    async def delete_topic(self, asked: Any, _: Any) -> Any:
        self._topics.delete_topic(asked.topic)
        return empty_pb2.Empty()

    async def publish(self, asked: Any, _: Any) -> Any:
        ids = self._topics.publish(asked.topic, asked.messages)
        return kinds.PublishResponse(message_ids=ids)


class Subscriber:
    """What a consumer asks for."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics

    async def create_subscription(self, settings: Any, _: Any) -> Any:
        return self._topics.create_subscription(settings)

    async def get_subscription(self, asked: Any, _: Any) -> Any:
        return self._topics.subscription(asked.subscription).settings

    async def list_subscriptions(self, asked: Any, _: Any) -> Any:
        all_of_them = self._topics.subscriptions.items()
        found = [s.settings for name, s in all_of_them if _belongs(name, asked.project)]
        return kinds.ListSubscriptionsResponse(subscriptions=found)

    async def delete_subscription(self, asked: Any, _: Any) -> Any:
        self._topics.delete_subscription(asked.subscription)
        return empty_pb2.Empty()

    async def acknowledge(self, asked: Any, _: Any) -> Any:
        subscription = self._topics.subscription(asked.subscription)
        for ack_id in asked.ack_ids:
            subscription.ack(ack_id)
        return empty_pb2.Empty()

    async def modify_ack_deadline(self, asked: Any, _: Any) -> Any:
        subscription = self._topics.subscription(asked.subscription)
        _extend(subscription, asked.ack_ids, [asked.ack_deadline_seconds] * len(asked.ack_ids))
        return empty_pb2.Empty()

    async def pull(self, asked: Any, context: Any) -> Any:
        subscription = self._topics.subscription(asked.subscription)
        if asked.max_messages < 1:
            raise Refused("INVALID_ARGUMENT", "max_messages must be 1 or more")
        patience = min(context.time_remaining() or LONGEST_PULL, LONGEST_PULL)
        until = time.monotonic() + (0 if asked.return_immediately else patience)
        while not (taken := subscription.take(asked.max_messages)):
            left = until - time.monotonic()
            if left <= 0:
                break
            await subscription.news(left)
        return kinds.PullResponse(received_messages=_told(subscription, taken))

    async def streaming_pull(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        """Messages for as long as both sides want; acks come in on the same stream."""
        first = await anext(aiter(requests))
        name = first.subscription
        subscription = self._topics.subscription(name)
        stream = Stream(subscription, first)
        reader = asyncio.ensure_future(stream.read(requests))
        try:
            while not reader.done() and self._topics.subscriptions.get(name) is subscription:
                if answer := stream.answer():
                    yield answer
                else:
                    await subscription.news(LOOK)
            if reader.done():
                reader.result()
            self._topics.subscription(name)  # who deleted it, ended the stream
        finally:
            reader.cancel()


class Stream:
    """One streaming pull: how much the client can bear, and what it has of it."""

    def __init__(self, subscription: Subscription, first: Any) -> None:
        self._subscription = subscription
        self._room = first.max_outstanding_messages or IN_ONE_ANSWER
        self._seconds = first.stream_ack_deadline_seconds
        self._out: set[str] = set()

    async def read(self, requests: Any) -> None:
        """Do what the client says until it has no more to say."""
        try:
            async for request in requests:
                for ack_id in request.ack_ids:
                    self._subscription.ack(ack_id)
                seconds = request.modify_deadline_seconds
                _extend(self._subscription, request.modify_deadline_ack_ids, seconds)
                self._seconds = request.stream_ack_deadline_seconds or self._seconds
        finally:
            self._subscription.wake()

    def answer(self) -> Any:
        """Messages for which there is room; None if there are none."""
        self._out = {ack_id for ack_id in self._out if self._subscription.holds(ack_id)}
        room = min(self._room - len(self._out), IN_ONE_ANSWER)
        taken = self._subscription.take(room, self._seconds)
        self._out.update(held.ack_id for held in taken)
        if not taken:
            return None
        answer = kinds.StreamingPullResponse(received_messages=_told(self._subscription, taken))
        ordered = self._subscription.settings.enable_message_ordering
        answer.subscription_properties.message_ordering_enabled = ordered
        return answer


def _told(subscription: Subscription, taken: list[Held]) -> list[Any]:
    return [
        kinds.ReceivedMessage(
            ack_id=held.ack_id,
            message=held.message,
            delivery_attempt=subscription.attempt(held),
        )
        for held in taken
    ]


def _extend(subscription: Subscription, ack_ids: Any, seconds: Any) -> None:
    if any(not 0 <= one <= 600 for one in seconds):
        raise Refused("INVALID_ARGUMENT", "an ack deadline must be from 0 to 600 s")
    for ack_id, one in zip(ack_ids, seconds, strict=True):
        subscription.extend(ack_id, one)


def _belongs(name: str, project: str) -> bool:
    return name.startswith(f"{project}/")


def _one_answer(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(asked: Any, context: Any) -> Any:
        try:
            return await method(asked, context)
        except Refused as refused:
            await context.abort(grpc.StatusCode[refused.status], refused.sentence)

    return call


def _many_answers(method: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
    async def call(requests: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async with contextlib.aclosing(method(requests, context)) as answers:  # type: ignore[type-var]
                async for answer in answers:
                    yield answer
        except Refused as refused:
            await context.abort(grpc.StatusCode[refused.status], refused.sentence)

    return call


def _handlers(service: Any) -> Any:
    """gRPC's name of each method → what it runs, and which type it reads."""
    found = {}
    for name in (name for name in vars(type(service)) if not name.startswith("_")):
        title = name.title().replace("_", "")
        plain = {"CreateTopic": "Topic", "CreateSubscription": "Subscription"}
        asked = getattr(kinds, plain.get(title, f"{title}Request"))
        coders = (asked.FromString, lambda message: message.SerializeToString())
        if title == "StreamingPull":
            stream = _many_answers(getattr(service, name))
            found[title] = grpc.stream_stream_rpc_method_handler(stream, *coders)
        else:
            call = _one_answer(getattr(service, name))
            found[title] = grpc.unary_unary_rpc_method_handler(call, *coders)
    full_name = f"google.pubsub.v1.{type(service).__name__}"
    return grpc.method_handlers_generic_handler(full_name, found)


async def serve(folder: Any, port: int) -> None:
    """On the loopback interface until it is ended; what it accepted is in the folder."""
    topics = Topics(kinds, Journal(folder / "journal"))
    # Google refuses a request above 10 MB by an error of its own, so it has to get here.
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 20_000_000)])
    server.add_generic_rpc_handlers((_handlers(Publisher(topics)), _handlers(Subscriber(topics))))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()
