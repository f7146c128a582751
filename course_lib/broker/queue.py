"""A queue: each message goes to one consumer after the other, until one acknowledges it."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace

from ..checked import number, text, whole
from ..flow import mark, send
from .message import Message


def dlq(queue: str) -> str:
    """The name of a queue's dead-letter queue."""
    text("queue", queue, "the name of a queue")
    return f"{queue} DLQ"


@dataclass(frozen=True, slots=True)
class _Delivery:
    place: int
    message: Message
    timer: asyncio.TimerHandle


class Queue:
    """Messages that wait, and deliveries that are neither acknowledged nor over.

    What is not acknowledged `ack_timeout` seconds after its delivery takes its old place again.
    After `max_attempts` deliveries in vain it goes to the queue `dead`, if there is one.
    """

    def __init__(
        self,
        name: str,
        ack_timeout: float,
        max_attempts: int = 1,
        dead: Queue | None = None,
    ) -> None:
        self.name, self._dead = name, dead
        self.ack_timeout = number("ack timeout", ack_timeout, "seconds", above=True)
        self.max_attempts = whole("number of attempts", max_attempts)
        self._ready: asyncio.PriorityQueue[tuple[int, Message]] = asyncio.PriorityQueue()
        self._places, self._receipts = itertools.count(), itertools.count(1)
        self._open: dict[int, _Delivery] = {}
        self._closed: dict[int, str] = {}
        """Receipt → why it cannot be settled any more."""

    def put(self, message: Message) -> None:
        """A new message, behind all others."""
        self._ready.put_nowait((next(self._places), message))

    def ready(self) -> list[Message]:
        """What waits for a consumer, in the order of delivery."""
        return [message for _, message in sorted(self._ready._queue)]  # type: ignore[attr-defined]

    def unacked(self) -> list[Message]:
        """What is delivered, and neither acknowledged nor given back."""
        return [delivery.message for delivery in self._open.values()]

    async def take(self) -> Message:
        """The next message; waits for one. From now on its ack timeout runs."""
        place, message = await self._ready.get()
        message = replace(message, queue=self.name, receipt=next(self._receipts))
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self.ack_timeout, self._expire, message.receipt)
        self._open[message.receipt] = _Delivery(place, message, timer)
        return message

    def ack(self, message: Message) -> None:
        """Forget it. Raises TimeoutError after the ack timeout, RuntimeError if it is settled."""
        self._settle(message, "acknowledged")

    def nack(self, message: Message, reason: str) -> None:
        """Ready again at once, or dead if that was its last attempt. Raises as `ack` does."""
        self._back(self._settle(message, "given back"), reason)

    def _settle(self, message: Message, how: str) -> _Delivery:
        receipt = message.receipt
        delivery = self._open.get(receipt)
        if delivery is not None and delivery.message.id == message.id:
            del self._open[receipt]
            delivery.timer.cancel()
            self._closed[receipt] = f"it was already {how}"
            return delivery
        why = self._closed.get(receipt, "this broker never delivered it")
        error = TimeoutError if "ack timeout" in why else RuntimeError
        raise error(f"message {message.id}, attempt {message.attempt}, cannot be {how}: {why}")

    def _expire(self, receipt: int) -> None:
        delivery = self._open.pop(receipt)
        limit = f"its ack timeout of {self.ack_timeout:g} s is over"
        self._closed[receipt] = f"{limit}, and it may be done again"
        mark("ack timeout", lane=self.name)
        self._back(delivery, "ack timeout")

    def _back(self, delivery: _Delivery, reason: str) -> None:
        message = delivery.message
        if self._dead is None or message.attempt < self.max_attempts:
            again = replace(message, attempt=message.attempt + 1)
            self._ready.put_nowait((delivery.place, again))
            return
        why = {"reason": reason, "attempts": str(message.attempt), "from": self.name}
        send(self.name, self._dead.name, f"{message.body}: {reason}")
        self._dead.put(replace(message, attempt=1, headers={**message.headers, **why}))
