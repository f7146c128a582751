"""An order and the event that tells of it: both, or neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable


def create_outbox(db: sqlite3.Connection) -> None:
    """The tables of orders, and of events that have yet to be published."""
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, cake TEXT NOT NULL)")
        db.execute(
            "CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, "
            "id TEXT UNIQUE NOT NULL, body TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0)"
        )


def place_order(db: sqlite3.Connection, id: str, cake: str) -> None:
    """Store an order and its event in one transaction; an order that fails leaves no event."""
    with db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO outbox (id, body) VALUES (?, ?)", (f"placed-{id}", cake))
        db.execute("INSERT INTO orders (id, cake) VALUES (?, ?)", (id, cake))


async def relay(db: sqlite3.Connection, publish: Callable[[str, str], Awaitable[object]]) -> int:
    """Publish what has not been sent, in the order in which it was stored; give how many.

    `publish(id, body)` returns when the broker has confirmed. Only then is the event marked as
    sent, so an event may be published twice, with the same id and body, and never not at all.
    The first one that fails ends the round and keeps those behind it, so that order stays.
    Run one relay at a time, again and again.

    References
    ----------
    C. Richardson, "Transactional Outbox", microservices.io.
    """
    waiting = "SELECT number, id, body FROM outbox WHERE NOT sent ORDER BY number"
    rows = db.execute(waiting).fetchall()
    for number, id, body in rows:
        await publish(id, body)
        with db:
            db.execute("UPDATE outbox SET sent = 1 WHERE number = ?", (number,))
    return len(rows)
