"""A namespace: queues by name, and who may use them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs

from .queue import Queue
from .rules import Rules
from .store import Store

KEY_NAME, KEY = "RootManageSharedAccessKey", "no-secret-at-all"
DEAD = "/$deadletterqueue"
NEVER = 2**31 - 1  # deliveries: what is dead does not die again


class Namespace:
    """Names are the same in capitals and in small letters."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queues: dict[str, Queue] = {}
        for name, rules in store.queues():
            self._open(name, rules)

    def create(self, name: str, rules: Rules) -> Queue:
        """A new queue. Raises ValueError if there is one of that name."""
        if name.lower() in self._queues:
            raise ValueError(f"there is a queue {name!r} already")
        self._store.add_queue(name, rules)
        return self._open(name, rules)

    def delete(self, name: str) -> bool:
        """Whether there was one."""
        queue = self._queues.pop(name.lower(), None)
        if queue is not None:
            self._store.drop_queue(queue.name, queue.name + DEAD)
        return queue is not None

    def _open(self, name: str, rules: Rules) -> Queue:
        dead = Queue(name + DEAD, Rules(rules.lock, NEVER), self._store)
        self._queues[name.lower()] = queue = Queue(name, rules, self._store, dead)
        return queue

    def find(self, name: str) -> Queue | None:
        """A queue, or the dead-letter queue of one."""
        small = name.lower().strip("/")
        queue = self._queues.get(small.removesuffix(DEAD))
        return queue.dead if queue is not None and small.endswith(DEAD) else queue


def allowed(token: str) -> bool:
    """Whether a shared access signature was made with the key, and is still good.

    Reference: Azure Service Bus documentation, access control with shared access signatures.
    """
    kind, _, words = token.partition(" ")
    given = {name: values[0] for name, values in parse_qs(words).items()}
    if kind != "SharedAccessSignature" or given.keys() < {"sr", "sig", "se"}:
        return False
    if not given["se"].isdecimal() or int(given["se"]) < time.time():
        return False
    raw = words.partition("sr=")[2].partition("&")[0]
    signed = f"{raw}\n{given['se']}".encode()
    expected = base64.b64encode(hmac.new(KEY.encode(), signed, hashlib.sha256).digest())
    return hmac.compare_digest(expected, given["sig"].encode())
