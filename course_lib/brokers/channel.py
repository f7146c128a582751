"""One queue, topic or endpoint of a system, by the verbs that all of them have.

The labs use each system's own client in its usual style. A channel is what lies below the
differences: it lets one experiment run on all of them (see contract.py), and on the small broker
of lesson 05.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from .another_process import another_process
from .server import Server

T = TypeVar("T")
Order = Literal["none", "all", "by key"]
HOLD = 2.0
"""Seconds for which a channel lets a consumer keep a message without a word, where it can be
chosen: its visibility timeout, lock, ack deadline or ack wait."""
MOST_ATTEMPTS = 3
"""Deliveries in vain after which a message is dead, where there are dead letters."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in the hands of a consumer."""

    body: str
    attempt: int | None
    """1, 2, … as the system tells it; None if it does not."""
    native: Any = field(default=None, repr=False, compare=False)
    """The client's own message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What one system promises about a message, for the experiments to be compared with."""

    after_crash: tuple[float, float] | None
    """Seconds after a consumer's death between which the message comes again; None: it is lost."""
    dead_letters: bool
    """Whether what failed `attempts` times is set aside for a person to look at."""
    order: Order
    """Of what one consumer gets: "by key" if only messages of one key keep their order."""
    unheard: bool
    """Whether a message that is sent while nobody listens is there for who comes later."""
    restart: bool
    """Whether an accepted message outlives the server's own death."""
    counts: bool = True
    """Whether a delivery tells that it is not the first."""
    attempts: int | None = MOST_ATTEMPTS
    """Deliveries after which a message that fails is not delivered any more; None: for ever."""
    many: int = 10_000
    """Small messages that the test of none lost sends; a number that the server can bear."""


async def within(seconds: float, awaited: Awaitable[T]) -> T | None:
    """Its result; None if there is none after so many seconds."""
    try:
        return await asyncio.wait_for(awaited, seconds)
    except TimeoutError:
        return None


def in_parts(bodies: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """The bodies in their order, at most so many at once."""
    for begin in range(0, len(bodies), most):
        yield bodies[begin : begin + most]


class Channel:
    """Made by `await Kind.open(url, name)`; a subclass fills in the verbs with its client."""

    system: ClassVar[str]
    """The system, and the way it is used, such as "NATS JetStream"."""
    promised: ClassVar[Promised]
    server: ClassVar[Callable[[], Server]]
    """Makes a server for it, which is not yet started."""
    hold: ClassVar[float] = HOLD
    """Seconds, as HOLD says them, of this kind; whoever wants other ones makes a kind of it."""
    differs: ClassVar[Mapping[str, str]] = {}
    """Why what runs here shows something else than is promised: {"restart": "moto stores nothing"}.

    Of: crash, order, dead, unheard, restart.
    """

    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name

    @classmethod
    async def open(cls, url: str, name: str) -> Channel:
        """Connect, and make queue, topic or stream of this name unless it is there already."""
        raise NotImplementedError

    async def listen(self) -> None:
        """Be a consumer from now on; who only sends does not call it."""

    async def send(self, body: str, key: str = "") -> None:
        """Hand in a message; returns when the server has accepted it, where it says so."""
        raise NotImplementedError

    async def send_all(self, bodies: Sequence[str]) -> None:
        """The same for many, the way in which the client does that fast."""
        for body in bodies:
            await self.send(body)

    async def receive(self, seconds: float) -> Delivery | None:
        """The next message, unacknowledged; None if none comes within so many seconds."""
        raise NotImplementedError

    async def ack(self, delivery: Delivery) -> None:
        """It is done: the server can forget it. Nothing, where there is no such word."""
        raise NotImplementedError

    async def nack(self, delivery: Delivery) -> None:
        """It failed: it may come again at once. Nothing, where there is no such word."""
        raise NotImplementedError

    async def dead(self, seconds: float) -> list[str]:
        """What has been set aside after too many attempts, as soon as there is some."""
        return []

    async def die_holding(self, body: str) -> None:
        """Send it to a consumer in another process, which listens, receives it, and dies with it.

        Raises RuntimeError if it is not that one's body.
        """
        words = (type(self).__module__, type(self).__name__, self.url, self.name)
        consumer = another_process(receive_and_die, *words)
        await asyncio.to_thread(consumer.line)
        await self.send(body)
        ended = await asyncio.to_thread(consumer.end)
        if ended.said != body:
            raise RuntimeError(f"the consumer that should receive {body!r}: {ended}")

    async def close(self) -> None:
        """End the connection; what is unacknowledged goes back at once, where that is the rule."""
        raise NotImplementedError


async def receive_and_die(module: str, kind: str, url: str, name: str) -> None:
    """In its own process: take one message, say so, and be gone without another word."""
    import importlib
    import os

    channel = await getattr(importlib.import_module(module), kind).open(url, name)
    await channel.listen()
    print("listening", flush=True)  # noqa: T201
    delivery = await channel.receive(30.0)
    print(delivery.body if delivery else "", flush=True)  # noqa: T201
    os._exit(9)
