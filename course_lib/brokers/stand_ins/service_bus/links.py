"""A link carries messages one way: from a producer to a queue, or from a queue to a consumer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from .message import Message, batch
from .namespace import Namespace
from .performatives import (
    ACCEPTED,
    MODIFIED,
    REJECTED,
    Disposition,
    Flow,
    Transfer,
    described,
    error,
)
from .queue import LockLostError, Outcome, Queue
from .sessions import Claim

Send = Callable[..., None]
"""Sends a word, with a payload, on the link's channel."""
CREDIT = 1000
"""Messages that a producer may send before it hears more."""
LARGEST = 256 * 1024
"""Bytes of a message: the limit of the Standard tier."""
FRAME = 65_536
"""Bytes of the largest frame that is sent or taken."""
BATCH = 0x80013700
"""The format of a message that carries a batch of them."""
WINDOW = 2**31 - 1
"""Frames on the way: there is no limit here."""
LOST = error(
    "com.microsoft:message-lock-lost",
    "The lock on the message is over: its time ran out, or it was settled before.",
)


def flow(handle: int, count: int, credit: int, received: int, *, drain: bool = False) -> Flow:
    """How many messages may come over a link."""
    return Flow(
        received, WINDOW, 0, WINDOW, handle, delivery_count=count, link_credit=credit,
        drain=drain or None,
    )  # fmt: skip


class FromProducer:
    """The queue's end of a link over which messages come."""

    def __init__(self, send: Send, handle: int, accept: Callable[[bytes, bool], Any]) -> None:
        self._send, self.handle, self._accept = send, handle, accept
        self._count, self._credit = 0, CREDIT
        self._first: Transfer | None = None
        self._payload = bytearray()

    def grant(self, received: int) -> None:
        """Let it send."""
        self._credit = CREDIT
        self._send(flow(self.handle, self._count, CREDIT, received))

    def take(self, transfer: Transfer, payload: bytes, received: int) -> None:
        """A frame of a message; with its last one the message is there."""
        self._first = self._first or transfer
        self._payload += payload
        if transfer.more:
            return
        first, content = self._first, bytes(self._payload)
        self._first, self._payload = None, bytearray()
        self._count, self._credit = self._count + 1, self._credit - 1
        state = self._accept(content, first.message_format == BATCH)
        if not first.settled:
            number = first.delivery_id or 0
            self._send(Disposition(True, number, number, True, state))
        if self._credit < CREDIT // 2:
            self.grant(received)

    def detach(self) -> None:
        """What was accepted stays."""


def into(namespace: Namespace, name: str) -> Callable[[bytes, bool], Any]:
    """Puts messages into the queue of this name, and says whether it took them."""

    def accept(content: bytes, is_batch: bool) -> Any:
        queue = namespace.find(name)
        messages = [Message(part) for part in (batch(content) if is_batch else [content])]
        if queue is None:
            return _rejected("amqp:not-found", f"The queue '{name}' is gone.")
        if len(content) > LARGEST:
            text = f"The message has {len(content)} bytes, and {LARGEST} are the limit."
            return _rejected("amqp:link:message-size-exceeded", text)
        if queue.rules.sessions and any(message.session is None for message in messages):
            text = f"A message without a session cannot be sent to '{name}', which requires one."
            return _rejected("amqp:not-allowed", text)
        for message in messages:
            queue.put(message)
        return described(ACCEPTED, [])

    return accept


def _rejected(condition: str, text: str) -> Any:
    return described(REJECTED, [error(condition, text)])


class ToConsumer:
    """The queue's end of a link over which messages go."""

    def __init__(
        self,
        send: Send,
        handle: int,
        number: Callable[[], int],
        queue: Queue | None = None,
        *,
        deletes: bool = True,
    ) -> None:
        self._send, self.handle, self._number = send, handle, number
        self._queue, self.deletes = queue, deletes
        self._count = self._credit = 0
        self._unsettled: dict[int, uuid.UUID] = {}
        self.session: str | None = None
        self.claim: Claim | None = None

    def wants(self) -> bool:
        """Whether it may send one."""
        return self._credit > 0

    def hand(self, message: Message) -> None:
        """Send a message of the queue."""
        token = message.lock_token
        number = self.send(message.on_the_wire(), token.bytes_le if token else b"")
        if token is not None:
            self._unsettled[number] = token

    def send(self, content: bytes, tag: bytes = b"") -> int:
        """Cut it into frames, and give the number of the delivery."""
        self._count, self._credit = self._count + 1, self._credit - 1
        number, room = self._number(), FRAME - 512
        parts = [content[at : at + room] for at in range(0, len(content), room)] or [b""]
        tag = tag or number.to_bytes(4, "big")
        for place, part in enumerate(parts):
            more = place < len(parts) - 1
            self._send(Transfer(self.handle, number, tag, 0, self.deletes, more), part)
        return number

    def flow(self, word: Flow, received: int) -> None:
        """The consumer says how many it wants; or, to drain, that it wants no more after these."""
        self._credit = max(0, (word.delivery_count or 0) + (word.link_credit or 0) - self._count)
        if self._queue is not None:
            self._queue.pump()
        if word.drain:
            self._count, self._credit = self._count + self._credit, 0
            self._send(flow(self.handle, self._count, 0, received, drain=True))

    def settle(self, word: Disposition) -> None:
        """The consumer says what became of messages that it got here."""
        last = word.first if word.last is None else word.last
        if self._queue is None:
            return
        for number in [n for n in self._unsettled if word.first <= n <= last]:
            outcome, reason, reply = _outcome(word.state)
            try:
                self._queue.settle(self._unsettled.pop(number), outcome, reason)
            except LockLostError:
                reply = described(REJECTED, [LOST])
            if not word.settled:
                self._send(Disposition(False, number, number, True, reply))

    def detach(self) -> None:
        """The consumer is gone: its messages stay locked, and its session is free."""
        if self._queue is not None:
            self._queue.leave(self)
            if self.claim is not None:
                self._queue.sessions.leave(self.claim)


def _outcome(state: Any) -> tuple[Outcome, Mapping[str, str | None], Any]:
    """What a state means here; the reason, if the message is dead; and what is answered."""
    if state is None or state.descriptor == ACCEPTED:
        return "complete", {}, state or described(ACCEPTED, [])
    if state.descriptor == REJECTED:
        told = state.value[0].value if state.value and state.value[0] else []
        info = told[2] if len(told) > 2 and told[2] else {}
        return "bury", {str(name): text for name, text in info.items()}, described(REJECTED, [])
    if state.descriptor == MODIFIED:
        undeliverable_here = len(state.value) > 1 and state.value[1]
        return ("defer" if undeliverable_here else "abandon"), {}, state
    return "release", {}, state
