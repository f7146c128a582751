"""The broker: queues, topics and logs by name, and the trips to them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from ..checked import number, text
from .log import Log
from .message import Message, me
from .queue import Queue, dlq
from .reader import Reader, Start
from .topic import Rule, Topic
from .trips import Loses, Trips

Kind = TypeVar("Kind", Queue, Topic, Log)
USES = {Queue: "receive", Topic: "subscribe", Log: "reader"}


class Broker:
    """Queues, topics and logs, by name.

    `hop` is how long each trip between a program and the broker takes, `patience` how long a
    producer waits for its confirm. `loses` decides which trips get lost: called with "publish",
    "confirm", "deliver", "ack" or "nack", it answers yes or no; see `at_random`.
    """

    def __init__(
        self, *, hop: float = 0.0, patience: float = 1.0, loses: Loses | None = None
    ) -> None:
        self.patience = number("patience", patience, "seconds")
        self._trips = Trips(hop, loses)
        self.hop = self._trips.hop
        self._places: dict[str, Queue | Topic | Log] = {}
        self._ids = itertools.count(1)
        self._alone: set[tuple[str, int]] = set()
        """Queue and receipt of what was settled while nobody waited for it any more."""

    def create_queue(
        self, name: str, *, ack_timeout: float = 30.0, max_attempts: int | None = None
    ) -> None:
        """A queue: each message goes to one of those who receive from it.

        A message that isn't acknowledged `ack_timeout` seconds after its delivery is ready again.
        After `max_attempts` deliveries in vain (None: never) it goes to the dead-letter queue,
        `dlq(name)`, with the headers "reason", "attempts" and "from".
        """
        if max_attempts is None:
            self._add(Queue(name, ack_timeout))
        else:
            dead = Queue(dlq(name), ack_timeout)
            self._add(Queue(name, ack_timeout, max_attempts, dead), dead)

    def create_topic(self, name: str) -> None:
        """A topic: each queue that is subscribed gets its copy. It keeps nothing itself."""
        self._add(Topic(name))

    def subscribe(self, topic: str, queue: str, *, rule: Rule | None = None) -> None:
        """Put a copy of what is published to a topic from now on into a queue.

        With a rule, only of those messages for which it answers yes: the topic is then a router.
        """
        target = self._as(Queue, queue)
        self._as(Topic, topic).subscribe(target, rule)

    def create_log(self, name: str, *, partitions: int = 1, silence: float = 30.0) -> None:
        """A log: it keeps every message at its offset; all of one key are in one partition.

        Messages without a key go to each partition in turn, and so in no order between two.
        A reader that neither reads nor commits for `silence` seconds is taken for dead.
        """
        self._add(Log(name, partitions, silence, self._trips.here))

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

        Raises TimeoutError if no confirm comes within `patience`: the message may have been
        accepted, or may be on its way, or not.
        """
        place, hop = self._find(name), self.hop
        id = str(next(self._ids)) if id is None else id
        _check(id, key, headers)
        message = Message(id=id, body=body, key=key, headers=dict(headers or {}))
        if await self._send(place, message) and hop <= self.patience:
            confirmed = self._trips.leave("confirm", name, me(), "confirm")
            if confirmed and 2 * hop <= self.patience:
                await asyncio.sleep(hop)
                return id
        await asyncio.sleep(max(0, self.patience - hop))
        raise TimeoutError(
            f"no confirm for message {id} from {name!r} within {self.patience:g} s: it may be "
            f"there, or may not. If you publish it again, do so with id={id!r}: it may come twice"
        )

    async def receive(self, name: str) -> Message:
        """The next message of a queue; waits for one. From now on its ack timeout runs."""
        queue = self._as(Queue, name)
        while True:
            message = await queue.take()
            if await self._trips.make("deliver", name, me(), message.label):
                return message

    async def ack(self, message: Message) -> None:
        """Tell the broker that it can forget a message.

        Raises TimeoutError after the ack timeout, as others may have it by then, and RuntimeError
        if it was settled before. Once under way it arrives, also where its consumer is cancelled:
        who then settles the message again finds it settled, and no error.
        """
        queue = self._as(Queue, _delivered(message).queue)
        await self._settle("ack", message, partial(queue.ack, message))

    async def nack(self, message: Message, reason: str = "nack") -> None:
        """Give a message back: it is ready again at once, or dead if that was its last attempt.

        Raises as `ack` does, and like an ack it arrives, also where its consumer is cancelled.
        """
        queue = self._as(Queue, _delivered(message).queue)
        text("reason", reason, "like 'no stock'")
        await self._settle("nack", message, partial(queue.nack, message, reason))

    def ready(self, name: str) -> list[Message]:
        """The messages of a queue that wait for a consumer, in the order of their delivery."""
        return self._as(Queue, name).ready()

    def unacked(self, name: str) -> list[Message]:
        """The messages of a queue that are delivered and neither acknowledged nor given back."""
        return self._as(Queue, name).unacked()

    def reader(
        self, log: str, *, group: str, partition: int | None = None, start: Start = "earliest"
    ) -> Reader:
        """A consumer of a log, which begins where its group last committed.

        The readers of a group share the partitions; with `partition`, it waits for that one alone.
        A group that has committed nothing begins at the "earliest" record, or, as is Kafka's
        default, at the "latest": with the first record that comes after it took the partition.
        """
        place = self._as(Log, log)
        text("group", group, "like 'billing'")
        return Reader(place, place.group(group), partition, start)

    # ---- inside ---------------------------------------------------------------------------------
    async def _send(self, place: Queue | Topic | Log, message: Message) -> bool:
        """Whether the message arrives; if its producer is gone by then, it does so by itself."""
        loop = asyncio.get_running_loop()
        arrives = self._trips.leave("publish", me(), place.name, str(message.body))
        alone = partial(_at, loop.time() + self.hop, partial(place.put, message))
        try:
            await asyncio.sleep(min(self.hop, self.patience))
        except asyncio.CancelledError:
            if arrives:
                alone()
            raise
        if arrives:
            alone() if self.hop > self.patience else place.put(message)
        return arrives

    async def _settle(self, trip: str, message: Message, settle: Callable[[], None]) -> None:
        """What is on its way arrives, here too, and then nobody hears if it comes too late."""
        when = asyncio.get_running_loop().time() + self.hop
        receipt = message.queue, message.receipt
        arrives = self._trips.leave(trip, me(), message.queue, trip)
        try:
            await asyncio.sleep(self.hop)
        except asyncio.CancelledError:
            if arrives:
                _at(when, partial(self._settle_alone, receipt, settle))
            raise
        if arrives:
            try:
                settle()
            except RuntimeError:
                if receipt not in self._alone:
                    raise

    def _settle_alone(self, receipt: tuple[str, int], settle: Callable[[], None]) -> None:
        with suppress(TimeoutError, RuntimeError):
            settle()
            self._alone.add(receipt)

    def _add(self, *places: Queue | Topic | Log) -> None:
        """All of these, or none."""
        for place in places:
            text("name", place.name, "like 'orders'")
            if place.name in self._places:
                raise ValueError(
                    f"there is already something called {place.name!r}: take another name"
                )
        self._places.update({place.name: place for place in places})

    def _find(self, name: str) -> Queue | Topic | Log:
        if not isinstance(name, str) or name not in self._places:
            names = ", ".join(map(repr, self._places)) or "nothing yet"
            raise LookupError(f"there is no {name!r} at this broker; there is: {names}")
        return self._places[name]

    def _as(self, kind: type[Kind], name: str) -> Kind:
        place = self._find(name)
        if not isinstance(place, kind):
            is_a, has = type(place).__name__.lower(), USES[type(place)]
            raise LookupError(f"{name!r} is a {is_a}: that has {has}() here")
        return place


def _at(when: float, arrive: Callable[[], None]) -> None:
    """What is there already arrives at once, so that nothing that leaves later overtakes it."""
    loop = asyncio.get_running_loop()
    arrive() if loop.time() >= when else loop.call_at(when, arrive)


def _check(id: Hashable, key: str, headers: Mapping[str, str] | None) -> None:
    """What a producer says about a message, besides its body."""
    if not isinstance(key, str):
        raise TypeError(f"the key is {key!r}; give a text, like str({key!r})")
    if key:
        text("key", key, "like 'customer 7'")
    if not isinstance(headers, Mapping | None):
        raise TypeError(f"the headers are {headers!r}; give them by name: {{'type': 'order'}}")
    try:
        hash(id)
    except TypeError:
        raise TypeError(
            f"the id is {id!r}, by which no consumer could know a message again; give a text or "
            f"a number, like str({id!r})"
        ) from None


def _delivered(message: Message) -> Message:
    if not isinstance(message, Message) or not message.queue:
        raise TypeError(f"{message!r} is no delivery; give the message that `receive` gave")
    return message
