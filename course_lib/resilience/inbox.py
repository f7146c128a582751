"""A message that comes twice has the effect of once: its id and its effect in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable


def create_inbox(db: sqlite3.Connection) -> None:
    """The table of the ids that have had their effect."""
    with db:
        db.execute("CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY) WITHOUT ROWID")


def handle_once(
    db: sqlite3.Connection, id: str, effect: Callable[[sqlite3.Connection], object]
) -> bool:
    """Do `effect(db)` unless a message with this id has had it; tell whether it was done now.

    The id and what `effect` writes are committed together, or, if it raises, neither: then the
    message must be delivered again. Acknowledge it after this returns, whatever it returns.

    `effect` is a plain function that writes to `db` and nothing else. An e-mail it sends is in no
    transaction and may be sent twice; give such a message's id on to whoever sends it.
    Ids may be forgotten once no broker can deliver them any more.

    References
    ----------
    C. Richardson, "Idempotent Consumer", microservices.io.
    """
    with db:
        db.execute("BEGIN IMMEDIATE")  # so that of two copies at once one waits for the other
        new = db.execute("INSERT OR IGNORE INTO inbox (id) VALUES (?)", (id,)).rowcount == 1
        if new:
            effect(db)
    return new
