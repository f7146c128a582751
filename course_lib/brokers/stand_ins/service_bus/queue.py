"""A queue with peek-lock: a message that was handed out is locked, until its consumer settles it
or its lock runs out; then it is ready again, at its old place.

The lock stays when its consumer's connection is gone. In a queue with sessions it is the session
that is locked, and that lock ends with its link.
Reference: Azure Service Bus documentation, message transfers, locks and settlement.
"""

from __future__ import annotations

import asyncio
import heapq
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

from .message import Message
from .rules import Rules
from .sessions import Sessions
from .store import Store

Outcome = Literal["complete", "abandon", "defer", "bury", "release"]
Reason = Mapping[str, str | None]
"""Why a message is dead: properties that it gets for whoever reads the dead-letter queue."""
TOO_OFTEN = "MaxDeliveryCountExceeded"


class Taker(Protocol):
    """A consumer's end of a link."""

    session: str | None

    def wants(self) -> bool:
        """Whether it has room for a message."""

    def hand(self, message: Message) -> None:
        """Send it."""

    @property
    def deletes(self) -> bool:
        """Whether what it gets is done with (ReceiveAndDelete)."""


class LockLostError(Exception):
    """The lock is over, or never was."""


class Queue:
    """All in memory, and each change in the store."""

    def __init__(self, name: str, rules: Rules, store: Store, dead: Queue | None = None) -> None:
        self.name, self.rules, self.dead, self._store = name, rules, dead, store
        self.sessions = Sessions(rules.lock, self._with_messages, self._session_ended)
        self._ready: dict[str | None, list[tuple[int, Message]]] = defaultdict(list)
        self._locked: dict[uuid.UUID, tuple[Message, asyncio.TimerHandle | None]] = {}
        self._aside: dict[int, Message] = {}
        """Deferred or scheduled: by its number only."""
        self._takers: list[Taker] = []
        self._last = 0
        for message in store.messages(name):
            self._last = message.sequence_number
            self._sort_in(message)

    # ---- producers ------------------------------------------------------------------------------
    def put(self, message: Message) -> int:
        """Accept a message, and give its number; one that is due later waits for that."""
        self._last += 1
        message.sequence_number, message.enqueued = self._last, time.time()
        if message.due > message.enqueued:
            message.state = "scheduled"
        self._store.save(self.name, message)
        self._sort_in(message)
        self.pump()
        return self._last

    def cancel(self, number: int) -> None:
        """A scheduled message does not come. Raises LookupError."""
        self._store.forget(self.name, self._take_aside(number, "scheduled"))

    def _sort_in(self, message: Message) -> None:
        if message.state == "ready":
            key = message.session if self.rules.sessions else None
            heapq.heappush(self._ready[key], (message.sequence_number, message))
            return
        self._aside[message.sequence_number] = message
        if message.state == "scheduled":
            later = asyncio.get_running_loop().call_later
            later(message.due - time.time(), self._due, message.sequence_number)

    def _due(self, number: int) -> None:
        message = self._aside.pop(number, None)
        if message is not None:
            message.enqueued = time.time()
            self._back(message)
            self.pump()

    # ---- consumers ------------------------------------------------------------------------------
    def join(self, taker: Taker) -> None:
        self._takers.append(taker)
        self.pump()

    def leave(self, taker: Taker) -> None:
        """What it has stays locked."""
        if taker in self._takers:
            self._takers.remove(taker)

    def pump(self) -> None:
        """Hand out what is ready to those who want it, in turns."""
        self.sessions.offer()
        while taker := next(filter(self._can_take, self._takers), None):
            _, message = heapq.heappop(self._ready[taker.session])
            self._takers.remove(taker)
            self._takers.append(taker)
            if taker.deletes:
                self._store.forget(self.name, message)
            else:
                self._lock(message)
            taker.hand(message)

    def _can_take(self, taker: Taker) -> bool:
        return taker.wants() and bool(self._ready[taker.session])

    def _lock(self, message: Message) -> None:
        token = message.lock_token = uuid.uuid4()
        until = self.sessions.until(message.session or "") if self.rules.sessions else None
        message.locked_until = until or time.time() + self.rules.lock
        self._locked[token] = message, None if until else self._timer(token)

    def _timer(self, token: uuid.UUID) -> asyncio.TimerHandle:
        later = asyncio.get_running_loop().call_later
        return later(self.rules.lock, self.settle, token, "abandon")

    def renew(self, token: uuid.UUID) -> float:
        """The lock begins anew; gives the time until which it holds. Raises LockLostError."""
        if token not in self._locked:
            raise LockLostError
        message, timer = self._locked[token]
        if timer is not None:
            timer.cancel()
            self._locked[token] = message, self._timer(token)
            message.locked_until = time.time() + self.rules.lock
        return message.locked_until

    def settle(self, token: uuid.UUID, outcome: Outcome, reason: Reason | None = None) -> None:
        """What becomes of a locked message. Raises LockLostError if it is not, or no longer."""
        if token not in self._locked:
            raise LockLostError
        self._unlock(token, outcome, reason or {})
        self.pump()

    def _unlock(self, token: uuid.UUID, outcome: Outcome, reason: Reason) -> None:
        message, timer = self._locked.pop(token)
        if timer is not None:
            timer.cancel()
        message.lock_token = None
        message.delivery_count += outcome in ("abandon", "defer")
        message.state = "deferred" if outcome == "defer" else "ready"
        if outcome == "complete":
            self._store.forget(self.name, message)
        elif outcome == "bury":
            self._bury(message, reason)
        elif outcome == "abandon" and message.delivery_count >= self.rules.deliveries:
            told = f"It was delivered {message.delivery_count} times and not completed."
            words = {"DeadLetterReason": TOO_OFTEN, "DeadLetterErrorDescription": told}
            self._bury(message, words)
        else:
            self._back(message)

    def _back(self, message: Message) -> None:
        if message.state == "scheduled":
            message.state = "ready"
        self._store.save(self.name, message)
        self._sort_in(message)

    def _bury(self, message: Message, reason: Reason) -> None:
        if self.dead is not None:
            self.dead.put(message.buried(self.name, reason))
            self._store.forget(self.name, message)
        else:
            self._back(message)

    # ---- by number ------------------------------------------------------------------------------
    def deferred(self, numbers: Iterable[int]) -> list[Message]:
        """Lock these deferred messages and give them. Raises LookupError."""
        messages = [self._take_aside(number, "deferred") for number in numbers]
        for message in messages:
            self._lock(message)
        return messages

    def _take_aside(self, number: int, state: str) -> Message:
        message = self._aside.get(number)
        if message is None or message.state != state:
            raise LookupError(f"no message with the number {number} is {state} here")
        return self._aside.pop(number)

    def peek(self, first: int, most: int, session: str | None) -> list[Message]:
        """So many messages from a number on, whatever their state; nothing is locked by that."""
        ready = [message for heap in self._ready.values() for _, message in heap]
        locked = [message for message, _ in self._locked.values()]
        found = [m for m in (*ready, *locked, *self._aside.values()) if m.sequence_number >= first]
        own = [m for m in found if session is None or m.session == session]
        return sorted(own, key=lambda message: message.sequence_number)[:most]

    # ---- sessions -------------------------------------------------------------------------------
    def _with_messages(self) -> list[str]:
        heads = [(heap[0][0], key) for key, heap in self._ready.items() if heap and key is not None]
        return [key for _, key in sorted(heads)]

    def _session_ended(self, session: str, in_vain: bool) -> None:
        """Its messages are ready again; it counts as a delivery only if the lock ran out."""
        for token, (message, _) in list(self._locked.items()):
            if message.session == session:
                self._unlock(token, "abandon" if in_vain else "release", {})
