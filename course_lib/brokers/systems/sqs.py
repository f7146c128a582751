"""Amazon SQS: queues that hide what they have delivered, for a while.

Moto stands in for it, unless COURSE_SQS has the address of an account's own region.
References: Amazon SQS Developer Guide (visibility timeout, FIFO queues, dead-letter queues).
"""

from __future__ import annotations

import asyncio
import json
import math
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..channel import HOLD, MOST_ATTEMPTS, Channel, Delivery, Promised, in_parts
from ..server import Server
from .moto import Moto, client

BATCH = 10  # messages that one call can send
LONGEST_POLL = 20  # seconds


class Sqs(Moto):
    """`url` is what `boto3.client("sqs", endpoint_url=…)` takes."""

    system = "Amazon SQS"
    variable = "COURSE_SQS"


class StandardChannel(Channel):
    """A queue with a visibility timeout of `hold` seconds, and a dead-letter queue."""

    system = "Amazon SQS"
    promised = Promised(
        after_crash=(HOLD - 1, HOLD + 5), dead_letters=True, order="none", unheard=True,
        restart=True, many=200,
    )  # fmt: skip
    server: ClassVar[Callable[[], Server]] = Sqs
    differs: ClassVar[dict[str, str]] = {"restart": "moto keeps everything in memory"}
    suffix: ClassVar[str] = ""
    kind: ClassVar[dict[str, str]] = {}
    """Attributes of a queue."""

    @classmethod
    async def open(cls, url: str, name: str) -> StandardChannel:
        channel = cls(url, name)
        await asyncio.to_thread(channel._make)
        return channel

    sqs: Any
    queue: str
    graveyard: str

    def _make(self) -> None:
        self.sqs = client("sqs", self.url)
        dead = f"{self.name}-dead{self.suffix}"
        made = self.sqs.create_queue(QueueName=dead, Attributes=self.kind)
        self.graveyard = made["QueueUrl"]
        arn = name_at_amazon(self.sqs, self.graveyard)
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": str(MOST_ATTEMPTS)}
        attributes = {
            "VisibilityTimeout": f"{self.hold:.0f}",
            "RedrivePolicy": json.dumps(policy),
            **self.kind,
        }
        name = f"{self.name}{self.suffix}"
        made = self.sqs.create_queue(QueueName=name, Attributes=attributes)
        self.queue = made["QueueUrl"]

    def how(self, key: str) -> dict[str, str]:
        """What a message of this key is sent with."""
        return {}

    async def send(self, body: str, key: str = "") -> None:
        message = {"MessageBody": body, **self.how(key)}
        await asyncio.to_thread(self.sqs.send_message, QueueUrl=self.queue, **message)

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, BATCH):
            entries = [
                {"Id": str(n), "MessageBody": body, **self.how("")} for n, body in enumerate(part)
            ]
            send = self.sqs.send_message_batch
            answer = await asyncio.to_thread(send, QueueUrl=self.queue, Entries=entries)
            if failed := answer.get("Failed"):
                raise RuntimeError(f"SQS did not accept {failed}")

    async def receive(self, seconds: float) -> Delivery | None:
        found = await asyncio.to_thread(self._receive, self.queue, seconds)
        if not found:
            return None
        attempt = int(found[0]["Attributes"]["ApproximateReceiveCount"])
        return Delivery(found[0]["Body"], attempt, found[0])

    def _receive(self, queue: str, seconds: float) -> list[dict[str, Any]]:
        until = time.monotonic() + seconds
        while True:
            left = min(math.ceil(until - time.monotonic()), LONGEST_POLL)
            answer = self.sqs.receive_message(
                QueueUrl=queue,
                WaitTimeSeconds=max(left, 0),
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
            if answer.get("Messages") or time.monotonic() >= until:
                return list(answer.get("Messages", []))

    async def ack(self, delivery: Delivery) -> None:
        handle = delivery.native["ReceiptHandle"]
        await asyncio.to_thread(self.sqs.delete_message, QueueUrl=self.queue, ReceiptHandle=handle)

    async def nack(self, delivery: Delivery) -> None:
        """Its visibility timeout is over now."""
        handle = delivery.native["ReceiptHandle"]
        change = self.sqs.change_message_visibility
        await asyncio.to_thread(
            change, QueueUrl=self.queue, ReceiptHandle=handle, VisibilityTimeout=0
        )

    async def dead(self, seconds: float) -> list[str]:
        found = await asyncio.to_thread(self._receive, self.graveyard, seconds)
        return [message["Body"] for message in found]

    async def close(self) -> None:
        self.sqs.close()


def name_at_amazon(sqs: Any, queue: str) -> str:
    """The ARN of the queue of this URL, which is its name for other services."""
    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


class FifoChannel(StandardChannel):
    """The same with groups of messages: the next of a group comes when the one before is done."""

    system = "Amazon SQS FIFO"
    promised = Promised(
        after_crash=(HOLD - 1, HOLD + 5), dead_letters=True, order="by key", unheard=True,
        restart=True, many=200,
    )  # fmt: skip
    suffix = ".fifo"
    kind: ClassVar[dict[str, str]] = {"FifoQueue": "true"}

    def how(self, key: str) -> dict[str, str]:
        """Each message is a new one, though its body may be an old one's."""
        return {"MessageGroupId": key or "any", "MessageDeduplicationId": str(uuid.uuid4())}
