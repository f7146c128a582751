"""What outlives the server: its queues and their messages, in one SQLite file.

A killed process loses nothing of it. A power cut may, since nobody waits for the disk here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .message import Message
from .rules import Rules

TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS queues (name PRIMARY KEY, lock, deliveries, sessions);
CREATE TABLE IF NOT EXISTS messages (
    queue, sequence, state, deliveries, enqueued, due, content, PRIMARY KEY (queue, sequence)
);
"""


class Store:
    """Reads and writes; each call is on disk when it returns."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(TABLES)

    def queues(self) -> Iterator[tuple[str, Rules]]:
        """Name and rules of each."""
        for name, lock, deliveries, sessions in self._database.execute("SELECT * FROM queues"):
            yield name, Rules(lock, deliveries, bool(sessions))

    def add_queue(self, name: str, rules: Rules) -> None:
        """It is there from now on."""
        row = (name, rules.lock, rules.deliveries, rules.sessions)
        self._database.execute("INSERT INTO queues VALUES (?, ?, ?, ?)", row)

    def drop_queue(self, name: str, dead: str) -> None:
        """It is gone, with all that is in it and in its dead-letter queue."""
        self._database.execute("DELETE FROM queues WHERE name = ?", (name,))
        self._database.execute("DELETE FROM messages WHERE queue IN (?, ?)", (name, dead))

    def messages(self, queue: str) -> list[Message]:
        """Those of a queue, in the order of their numbers."""
        found = self._database.execute(
            "SELECT content, sequence, deliveries, enqueued, due, state FROM messages "
            "WHERE queue = ? ORDER BY sequence",
            (queue,),
        )
        messages = []
        for content, sequence, deliveries, enqueued, due, state in found:
            message = Message(content, sequence, deliveries, enqueued, state=state)
            message.due = due
            messages.append(message)
        return messages

    def save(self, queue: str, message: Message) -> None:
        """As it is now; of a lock nothing is kept."""
        row = (
            queue, message.sequence_number, message.state, message.delivery_count,
            message.enqueued, message.due, message.content,
        )  # fmt: skip
        self._database.execute("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def forget(self, queue: str, message: Message) -> None:
        """It is done."""
        words = (queue, message.sequence_number)
        self._database.execute("DELETE FROM messages WHERE queue = ? AND sequence = ?", words)
