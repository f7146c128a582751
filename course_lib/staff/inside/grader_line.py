"""The line to the grader, as the student's process holds it."""

from __future__ import annotations

import os
import socket
from typing import Any

from . import wire

AT_ONCE = 1 << 15
"""Bytes that may wait to be sent together."""


class GraderLine:
    """Says messages to the grader, and hears what it answers.

    What is said goes off when an answer is waited for: until then the grader could do nothing.
    """

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.mail = wire.Mail()
        self.unsent = bytearray()
        self.dropped: list[Any] = []
        """Cursors that nobody has any more, since the last message."""
        self.is_over = False

    def say(self, **message: Any) -> None:
        """Say one message; the process ends if the conversation is over, and nobody listens."""
        if self.is_over:
            os._exit(0)
        if self.dropped:
            message["dropped"], self.dropped = self.dropped, []
        self.unsent += wire.line(message)
        if len(self.unsent) > AT_ONCE:
            self.send()

    def send(self) -> None:
        """Send what was said."""
        self.end.sendall(self.unsent)
        self.unsent.clear()

    def hear(self) -> dict[str, Any]:
        """The next message; the process ends with the line."""
        if self.unsent:
            self.send()
        while (message := self.mail.next()) is None:
            more = self.end.recv(1 << 16)
            if not more:
                os._exit(0)  # at once: there is nobody for whom to clean up
            self.mail.add(more)
        return message

    def ask(self, **message: Any) -> dict[str, Any]:
        """Say one message, and hear the answer to it."""
        self.say(**message)
        return self.hear()
