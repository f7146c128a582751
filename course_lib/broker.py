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
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from zlib import crc32

from .flow import mark, send

Loses = Callable[[str], bool]
Rule = Callable[["Message"], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a producer published, as it is delivered."""

    id: Hashable
    """The same on each attempt and in each subscription: what an idempotent consumer looks at."""
    body: Any
    key: str = ""
    """What it is about, like a customer: a log keeps the order of each key."""
    attempt: int = 1
    """Which delivery this is, from 1."""
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    queue: str = ""
    """From where it was delivered."""
    receipt: int = 0
    """The number of this very delivery, which `ack` and `nack` speak of."""
    partition: int = 0
    offset: int = 0
    """Its place in a partition of a log, from 0."""


@dataclass(slots=True)
class _Queue:
    ack_timeout: float
    max_attempts: int | None
    ready: asyncio.PriorityQueue[tuple[int, Message]] = field(default_factory=asyncio.PriorityQueue)
    places: itertools.count[int] = field(default_factory=itertools.count)


@dataclass(slots=True)
class _Log:
    partitions: list[list[Message]]
    committed: dict[tuple[str, int], int] = field(default_factory=dict)
    """(group, partition) → the offset at which a new reader of the group begins."""
    grown: asyncio.Event = field(default_factory=asyncio.Event)


class _Topic(list[tuple[str, Rule]]):
    """Queues that get a copy, and of which messages."""


Kind = TypeVar("Kind", _Queue, _Topic, _Log)


@dataclass(frozen=True, slots=True)
class _Delivery:
    place: int
    message: Message
    timer: asyncio.TimerHandle


class Broker:
    """Queues, topics and logs, by name.

    `hop` is how long each trip between a program and the broker takes, `patience` how long a
    producer waits for its confirm. `loses` decides which trips get lost: called with "publish",
    "confirm", "deliver", "ack" or "nack", it answers yes or no; see `at_random`.
    """

    def __init__(
        self, *, hop: float = 0.0, patience: float = 1.0, loses: Loses | None = None
    ) -> None:
        self.hop, self.patience = hop, patience
        self._loses = loses or (lambda trip: False)
        self._places: dict[str, _Queue | _Topic | _Log] = {}
        self._ids, self._receipts = itertools.count(1), itertools.count(1)
        self._open: dict[int, _Delivery] = {}
        self._closed: dict[int, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def create_queue(
        self, name: str, *, ack_timeout: float = 30.0, max_attempts: int | None = None
    ) -> None:
        """A queue: each message goes to one of those who receive from it.

        A message that isn't acknowledged `ack_timeout` seconds after its delivery is ready again.
        After `max_attempts` deliveries in vain (None: never) it goes to the dead-letter queue,
        `dlq(name)`, with the headers "reason", "attempts" and "from".
        """
        if not ack_timeout > 0:
            raise ValueError(f"an ack timeout of {ack_timeout!r} s is no time to work: take more")
        if max_attempts is not None and max_attempts < 1:
            raise ValueError(f"{max_attempts} attempts deliver nothing: give at least 1, or None")
        self._add(name, _Queue(ack_timeout, max_attempts))
        if max_attempts is not None:
            self._add(dlq(name), _Queue(ack_timeout, None))

    def create_topic(self, name: str) -> None:
        """A topic: each queue that is subscribed gets its copy. It keeps nothing itself."""
        self._add(name, _Topic())

    def subscribe(self, topic: str, queue: str, *, rule: Rule | None = None) -> None:
        """Put a copy of what is published to a topic from now on into a queue.

        With a rule, only of those messages for which it answers yes: the topic is then a router.
        """
        self._as(_Queue, queue)
        self._as(_Topic, topic).append((queue, rule or (lambda message: True)))

    def create_log(self, name: str, *, partitions: int = 1) -> None:
        """A log: it keeps every message at its offset; all of one key are in one partition."""
        if partitions < 1:
            raise ValueError(f"a log with {partitions} partitions holds nothing: give at least 1")
        self._add(name, _Log([[] for _ in range(partitions)]))

    async def publish(
        self,
        name: str,
        body: Any,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        id: Hashable = None,
    ) -> Hashable:
        """Hand a message to a queue, topic or log, wait for the confirm, and give its id.

        Raises TimeoutError if no confirm comes: the message may have been accepted, or not.
        """
        self._find(name)
        id = str(next(self._ids)) if id is None else id
        message = Message(id=id, body=body, key=key, headers=dict(headers or {}))
        arrived = await self._trip("publish", _me(), name, str(body))
        if arrived:
            self._accept(name, message)
        if arrived and await self._trip("confirm", name, _me(), "confirm"):
            return id
        await asyncio.sleep(max(0, self.patience - (1 + arrived) * self.hop))
        raise TimeoutError(
            f"no confirm for message {id} from {name!r} within {self.patience:g} s: it may be "
            f"there, or may not. If you publish it again, do so with id={id!r}: it may come twice"
        )

    async def receive(self, name: str) -> Message:
        """The next message of a queue; waits for one. From now on its ack timeout runs."""
        queue = self._as(_Queue, name)
        while True:
            place, message = await queue.ready.get()
            message = replace(message, queue=name, receipt=next(self._receipts))
            after = asyncio.get_running_loop().call_later
            timer = after(queue.ack_timeout, self._expire, message.receipt)
            self._open[message.receipt] = _Delivery(place, message, timer)
            if await self._trip("deliver", name, _me(), _label(message)):
                return message

    async def ack(self, message: Message) -> None:
        """Tell the broker that it can forget a message.

        Raises TimeoutError after the ack timeout, RuntimeError if it was settled before.
        """
        if await self._trip("ack", _me(), message.queue, "ack"):
            self._settle(message, "acknowledged")

    async def nack(self, message: Message, reason: str = "nack") -> None:
        """Give a message back: it is ready again at once, or dead if that was its last attempt.

        Raises as `ack` does.
        """
        if await self._trip("nack", _me(), message.queue, "nack"):
            self._back(self._settle(message, "given back"), reason)

    def ready(self, name: str) -> list[Message]:
        """The messages of a queue that wait for a consumer, in the order of their delivery."""
        return [message for _, message in sorted(self._as(_Queue, name).ready._queue)]  # type: ignore[attr-defined]

    def unacked(self, name: str) -> list[Message]:
        """The messages of a queue that are delivered and neither acknowledged nor given back."""
        self._as(_Queue, name)
        return [d.message for d in self._open.values() if d.message.queue == name]

    def reader(self, log: str, *, group: str, partition: int = 0) -> Reader:
        """A consumer of one partition, which begins where its group last committed, or at 0."""
        place = self._as(_Log, log)
        if not 0 <= partition < len(place.partitions):
            last = len(place.partitions) - 1
            raise LookupError(f"{log!r} has no partition {partition}: they go from 0 to {last}")
        return Reader(log, place, group, partition)

    # ---- inside ---------------------------------------------------------------------------------
    def _add(self, name: str, place: _Queue | _Topic | _Log) -> None:
        if name in self._places:
            raise ValueError(f"there is already something called {name!r}: take another name")
        self._places[name] = place

    def _find(self, name: str) -> _Queue | _Topic | _Log:
        if name not in self._places:
            names = ", ".join(map(repr, self._places)) or "nothing yet"
            raise LookupError(f"there is no {name!r} at this broker; there is: {names}")
        return self._places[name]

    def _as(self, kind: type[Kind], name: str) -> Kind:
        place = self._find(name)
        if not isinstance(place, kind):
            uses = {_Queue: "receive", _Topic: "subscribe", _Log: "reader"}
            raise LookupError(f"{name!r} is a {_noun(place)}: that has {uses[type(place)]}() here")
        return place

    async def _trip(self, trip: str, source: str, target: str, label: str) -> bool:
        """One way between a program and the broker; whether it arrived."""
        loop = asyncio.get_running_loop()
        self._loop = self._loop or loop
        if self._loop is not loop:
            raise RuntimeError("this broker was used in another run: make a new one in each run")
        lost = self._loses(trip)
        send(source, target, f"{label} (lost)" if lost else label, takes=self.hop)
        await asyncio.sleep(self.hop)
        return not lost

    def _accept(self, name: str, message: Message) -> None:
        place = self._find(name)
        if isinstance(place, _Queue):
            place.ready.put_nowait((next(place.places), message))
        elif isinstance(place, _Topic):
            for queue, rule in place:
                if rule(message):
                    send(name, queue, str(message.body))
                    self._accept(queue, message)
        else:
            number = crc32(message.key.encode()) % len(place.partitions)
            records = place.partitions[number]
            at = len(records)
            records.append(replace(message, queue=name, partition=number, offset=at))
            place.grown.set()
            place.grown.clear()

    def _settle(self, message: Message, how: str) -> _Delivery:
        receipt = message.receipt
        if receipt in self._open:
            delivery = self._open.pop(receipt)
            delivery.timer.cancel()
            self._closed[receipt] = f"it was already {how}"
            return delivery
        why = self._closed.get(receipt, "this broker never delivered it")
        error = TimeoutError if "ack timeout" in why else RuntimeError
        raise error(f"message {message.id}, attempt {message.attempt}, cannot be {how}: {why}")

    def _expire(self, receipt: int) -> None:
        delivery = self._open.pop(receipt)
        queue = delivery.message.queue
        limit = self._as(_Queue, queue).ack_timeout
        self._closed[receipt] = f"its ack timeout of {limit:g} s is over, and it may be done again"
        mark("ack timeout", lane=queue)
        self._back(delivery, "ack timeout")

    def _back(self, delivery: _Delivery, reason: str) -> None:
        message = delivery.message
        queue = self._as(_Queue, message.queue)
        if message.attempt != queue.max_attempts:
            again = replace(message, attempt=message.attempt + 1)
            queue.ready.put_nowait((delivery.place, again))
            return
        why = {"reason": reason, "attempts": str(message.attempt), "from": message.queue}
        headers = {**message.headers, **why}
        send(message.queue, dlq(message.queue), f"{message.body}: {reason}")
        self._accept(dlq(message.queue), replace(message, attempt=1, headers=headers))


class Reader:
    """A consumer of one partition of a log. It keeps its own position; the broker keeps commits.

    A reader that crashes loses its position. The next one of its group begins at the last commit.
    """

    def __init__(self, name: str, log: _Log, group: str, partition: int) -> None:
        self._name, self._log, self._at = name, log, (group, partition)
        self.position = log.committed.get(self._at, 0)

    async def read(self) -> Message:
        """The record at the position, which moves on by one; waits for one at the end."""
        records = self._log.partitions[self._at[1]]
        while self.position >= len(records):
            await self._log.grown.wait()
        record = records[self.position]
        self.position += 1
        send(self._name, _me(), f"{record.body}, offset {record.offset}")
        return record

    def commit(self) -> None:
        """Let the group go on from this position, whoever reads next."""
        send(_me(), self._name, f"commit {self.position}")
        self._log.committed[self._at] = self.position

    def seek(self, offset: int) -> None:
        """Go back (replay) or forward to an offset; the group's commit stays where it is."""
        if offset < 0:
            raise ValueError(f"there is no offset {offset}: they begin at 0")
        self.position = offset


def dlq(queue: str) -> str:
    """The name of a queue's dead-letter queue."""
    return f"{queue} DLQ"


def at_random(probability: float, *, seed: int) -> Loses:
    """Lose each trip with this probability; the same ones for the same seed."""
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability of {probability!r} does not exist: give 0 to 1")
    chance = random.Random(seed)
    return lambda trip: chance.random() < probability


def _me() -> str:
    """The lane of the task that calls."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a broker is used from inside a task: await it in a coroutine")
    name = task.get_name()
    coroutine = getattr(task.get_coro(), "__name__", name)
    return str(coroutine) if name.startswith("Task-") else name


def _noun(place: _Queue | _Topic | _Log) -> str:
    return type(place).__name__.strip("_").lower()


def _label(message: Message) -> str:
    return (
        f"{message.body}, attempt {message.attempt}" if message.attempt > 1 else f"{message.body}"
    )
