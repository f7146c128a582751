"""Amazon EventBridge: a bus that compares each event with rules, and copies it to their targets.

Moto stands in for it, and for the queue behind it, unless COURSE_EVENTBRIDGE has the address of
an account's own region. Where a rule's target is a queue, that queue's promise counts from there.
Reference: Amazon EventBridge User Guide (event patterns, targets, PutEvents).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..channel import Delivery, in_parts
from .moto import Moto, client
from .sqs import BATCH, StandardChannel, name_at_amazon

SOURCE, FACT = "bookshop", "order paid"


class EventBridge(Moto):
    """`url` is what `boto3.client("events", endpoint_url=…)` takes."""

    system = "Amazon EventBridge"
    variable = "COURSE_EVENTBRIDGE"


class EventBridgeChannel(StandardChannel):
    """A bus with one rule, whose target is a queue with a dead-letter queue."""

    system = "Amazon EventBridge to SQS"

    server = EventBridge

    events: Any

    def _make(self) -> None:
        self.url = self.url.replace("//events.", "//sqs.")  # an account has an address for each
        super()._make()
        self.events = client("events", self.url.replace("//sqs.", "//events."))
        known = self.events.list_event_buses(NamePrefix=self.name)["EventBuses"]
        if self.name not in [bus["Name"] for bus in known]:
            self.events.create_event_bus(Name=self.name)
        rule = {"Rule": "to-the-queue", "EventBusName": self.name}
        pattern = json.dumps({"source": [SOURCE]})
        self.events.put_rule(Name=rule["Rule"], EventBusName=self.name, EventPattern=pattern)
        target = {"Id": "queue", "Arn": let_in(self.sqs, self.queue)}
        self.events.put_targets(**rule, Targets=[target])

    async def send(self, body: str, key: str = "") -> None:
        await self.send_all([body])

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, BATCH):
            entries = [self._entry(body) for body in part]
            answer = await asyncio.to_thread(self.events.put_events, Entries=entries)
            if answer["FailedEntryCount"]:
                raise RuntimeError(f"EventBridge did not accept {answer['Entries']}")

    def _entry(self, body: str) -> dict[str, str]:
        detail = json.dumps({"order": body})
        return {
            "EventBusName": self.name, "Source": SOURCE, "DetailType": FACT, "Detail": detail,
        }  # fmt: skip

    async def receive(self, seconds: float) -> Delivery | None:
        delivery = await super().receive(seconds)
        return delivery and replace(delivery, body=order_in(delivery.body))

    async def dead(self, seconds: float) -> list[str]:
        return [order_in(body) for body in await super().dead(seconds)]

    async def close(self) -> None:
        await super().close()
        self.events.close()


def order_in(event: str) -> str:
    """What the event, as it stands in the queue, is about."""
    return str(json.loads(event)["detail"]["order"])


def let_in(sqs: Any, queue: str) -> str:
    """Allow EventBridge to send to the queue of this URL; gives the queue's ARN, its name there."""
    arn = name_at_amazon(sqs, queue)
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    return arn


def receive(sqs: Any, queue: str, seconds: int = 10) -> list[tuple[dict[str, Any], int]]:
    """Events that are in a queue, waited for as long, each with its attempt; they are deleted."""
    found = sqs.receive_message(
        QueueUrl=queue,
        WaitTimeSeconds=seconds,
        MaxNumberOfMessages=BATCH,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    ).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [
        (json.loads(message["Body"]), int(message["Attributes"]["ApproximateReceiveCount"]))
        for message in found
    ]
