"""How a link begins: who wants what from which queue, and whether that can be.

A refusal is an attach without source and target, followed by a detach that says why.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from .links import LARGEST, FromProducer, ToConsumer, into
from .performatives import SOURCE, TARGET, Attach, Detach, described, error
from .queue import Queue
from .requests import MANAGEMENT, TOKENS
from .sessions import Claim
from .values import Described, Symbol

if TYPE_CHECKING:
    from .connection import Connection

SOURCE_FIELDS, TARGET_FIELDS, FILTER = 11, 7, 7
"""How long these lists are, as the client counts; the place of the filter in a source."""
SESSION_FILTER = Symbol("com.microsoft:session-filter")
LOCKED_UNTIL = Symbol("com.microsoft:locked-until-utc")
TIMEOUT = Symbol("com.microsoft:timeout")
PATIENCE_MS = 65_000
"""Milliseconds for which a consumer waits for the next session, unless it says otherwise."""
SECOND_1970, TICKS = 62_135_596_800, 10_000_000
"""The second of .NET's time at which 1970 began, and the ticks of a second."""
SETTLED = 1
"""The mode of a sender, here the queue, that does not wait for a settlement."""


class Attachment:
    """A client's wish for a link."""

    def __init__(self, connection: Connection, channel: int, word: Attach) -> None:
        self.connection, self.channel, self.word = connection, channel, word
        self.source = _fields(word.source, SOURCE_FIELDS)
        self.target = _fields(word.target, TARGET_FIELDS)
        self.path = _path(str(self.source[0] if word.role else self.target[0]))
        self.is_request = self.path == TOKENS or self.path.endswith(MANAGEMENT)
        self.queue = connection.namespace.find(self.path)
        self.send = partial(connection.send, channel)

    def decide(self) -> None:
        """Open the link, refuse it, or wait for a session."""
        if self.queue is None and not self.is_request:
            self.refuse("amqp:not-found", f"The messaging entity '{self.path}' was not found.")
        elif self.word.role:
            self._to_consumer()
        else:
            self._from_producer()

    def _from_producer(self) -> None:
        ask = partial(self.connection.ask, self.channel, self.path)
        accept = ask if self.is_request else into(self.connection.namespace, self.path)
        link = FromProducer(self.send, self.word.handle, accept)
        self._open(link)
        link.grant(self.connection.received[self.channel])

    def _to_consumer(self) -> None:
        number = self.connection.numbers[self.channel].__next__
        deletes = self.is_request or self.word.snd_settle_mode == SETTLED
        link = ToConsumer(self.send, self.word.handle, number, self.queue, deletes=deletes)
        if self.queue is None:
            self.connection.answers[self.channel, self.path] = link
            self._open(link)
        elif self.queue.rules.sessions is not (SESSION_FILTER in (self.source[FILTER] or {})):
            needs = "requires" if self.queue.rules.sessions else "does not have"
            self.refuse("amqp:not-allowed", f"The queue '{self.path}' {needs} sessions.")
        elif self.queue.rules.sessions:
            self._wait_for_session(link, self.queue)
        else:
            self._open(link)
            self.queue.join(link)

    def _wait_for_session(self, link: ToConsumer, queue: Queue) -> None:
        filtered = self.source[FILTER][SESSION_FILTER]
        wanted = filtered.value if isinstance(filtered, Described) else filtered

        def granted(session: str, until: float) -> None:
            link.session = session
            self.source[FILTER] = {SESSION_FILTER: session}
            self._open(link, {LOCKED_UNTIL: round((until + SECOND_1970) * TICKS)})
            queue.join(link)

        def lost() -> None:
            queue.leave(link)
            text = f"The lock on the session '{link.session}' has run out."
            self._detach("com.microsoft:session-lock-lost", text)

        link.claim = Claim(wanted, granted, self.refuse, lost)
        self.connection.links[self.channel, self.word.handle] = link  # so that it can give up
        patience = (self.word.properties or {}).get(TIMEOUT, PATIENCE_MS)
        queue.sessions.ask(link.claim, patience / 1000)

    def _open(self, link: FromProducer | ToConsumer, properties: Any = None) -> None:
        self.connection.links[self.channel, self.word.handle] = link
        source, target = described(SOURCE, self.source), described(TARGET, self.target)
        self._answer(source, target, properties)

    def refuse(self, condition: str, text: str) -> None:
        """Say why it cannot be."""
        self._answer(None, None)
        self._detach(condition, text)

    def _answer(self, source: Any, target: Any, properties: Any = None) -> None:
        word = self.word
        modes = word.snd_settle_mode, word.rcv_settle_mode
        answer = Attach(word.name, word.handle, not word.role, *modes, source, target)
        answer = answer._replace(max_message_size=LARGEST, properties=properties)
        self.send(answer._replace(initial_delivery_count=0 if word.role else None))

    def _detach(self, condition: str, text: str) -> None:
        self.connection.links.pop((self.channel, self.word.handle), None)
        self.send(Detach(self.word.handle, True, error(condition, text)))


def _fields(described_list: Any, number: int) -> list[Any]:
    found = list(described_list.value) if isinstance(described_list, Described) else []
    return (found + [None] * number)[:number]


def _path(address: str) -> str:
    """The name in an address, which may be a whole URL."""
    return (urlparse(address).path if "://" in address else address).strip("/")
