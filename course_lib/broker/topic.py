"""A topic: it keeps nothing, and gives a copy to each subscribed queue whose rule fits."""

from __future__ import annotations

from collections.abc import Callable

from ..checked import function, plain
from ..flow import send
from .message import Message
from .queue import Queue

Rule = Callable[[Message], bool]


class Topic:
    """The queues that get a copy, and of which messages."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._subscriptions: list[tuple[Queue, Rule]] = []

    def subscribe(self, queue: Queue, rule: Rule | None) -> None:
        """From now on, a copy of each message for which the rule answers yes."""
        self._subscriptions.append((queue, function("rule", rule or (lambda message: True))))

    def put(self, message: Message) -> None:
        """A copy for everybody whom it concerns, however many of a queue's rules say yes.

        All rules are asked before: where one fails, nobody has a copy, and it can be sent again.
        """
        concerned = (q for q, rule in self._subscriptions if plain("rule", rule(message)))
        for queue in dict.fromkeys(concerned):
            send(self.name, queue.name, str(message.body))
            queue.put(message)
