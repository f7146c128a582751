"""A broker small enough to read: queues, topics and logs, on any asyncio clock.

    broker = Broker()
    broker.create_queue("orders", ack_timeout=30, max_attempts=5)
    await broker.publish("orders", "a cake")        # returns when the broker has accepted it
    message = await broker.receive("orders")        # waits until there is one
    await broker.ack(message)                       # … or nack; or crash, and it comes again

It keeps everything in memory and delivers at least once. Real brokers do the same with disks,
copies and networks; the verbs here are theirs. All times are in seconds. Inside a run each queue,
topic and log is a lane, and each trip between it and a task is an arrow.
Make a new broker inside each run: it lives on one event loop.

One rule holds for whoever is late: an acknowledgement after the ack timeout, and a commit of a
reader that was silent for too long, are refused, since the work may be in other hands by then.
"""

from .broker import Broker
from .message import Message
from .queue import dlq
from .reader import Reader
from .trips import at_random

__all__ = ["Broker", "Message", "Reader", "at_random", "dlq"]
