"""An order and the event that tells of it: both, or neither."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial

from ..checked import awaitable, function, number, text
from .transaction import rows_of, transaction, when_free


def create_outbox(db: sqlite3.Connection) -> None:
    """The tables of orders, and of events that have yet to be published."""
    with transaction(db):
        db.execute("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, cake TEXT NOT NULL)")
        db.execute(
            "CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, "
            "id TEXT UNIQUE NOT NULL, body TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0)"
        )


def place_order(db: sqlite3.Connection, id: str, cake: str) -> None:
    """Store an order and its event in one `transaction`; an order that fails leaves no event.

    Source: C. Richardson, "Transactional Outbox", microservices.io; for the rest see `transaction`.
    Limits: both tables are in one database. The event tells that the order is stored, and not
    that anybody has read of it: that takes a `relay`, and a consumer that may read it twice.
    """
    text("id", id, "such as 'order-7'")
    with transaction(db):
        db.execute("INSERT INTO outbox (id, body) VALUES (?, ?)", (f"placed-{id}", cake))
        db.execute("INSERT INTO orders (id, cake) VALUES (?, ?)", (id, cake))


async def relay(
    db: sqlite3.Connection,
    publish: Callable[[str, str], Awaitable[object]],
    *,
    patience: float = 5.0,
) -> int:
    """Publish what has not been sent, in the order in which it was stored; give how many.

    `publish(id, body)` returns when the broker has confirmed. Only then is the event marked as
    sent, so an event may be published twice, with the same id and body, and never not at all.
    The first one that fails ends the round and keeps those behind it, so that order stays.
    A transaction that somebody else has open, on this connection or another, is waited for up to
    `patience` seconds, and not touched; then TimeoutError.

    Source: C. Richardson, "Transactional Outbox", microservices.io.
    Limits: run one relay at a time, again and again: two at once publish twice, and out of order.
    Not inside a transaction of your own, since what is not committed must not be published.
    """
    number("patience", patience, "seconds")
    function("publish", publish)
    waiting = "SELECT number, id, body FROM outbox WHERE NOT sent ORDER BY number"
    rows = await when_free(db, lambda: rows_of(db, waiting), patience)
    for place, id, body in rows:
        await awaitable("publish", publish(id, body))
        await when_free(db, partial(_mark, db, place), patience)
    return len(rows)


def _mark(db: sqlite3.Connection, place: int) -> None:
    db.execute("UPDATE outbox SET sent = 1 WHERE number = ?", (place,))
