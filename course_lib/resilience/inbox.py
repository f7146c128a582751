"""A message that comes twice has the effect of once: its id and its effect in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from ..checked import function, plain, text
from .transaction import no_commit, transaction


def create_inbox(db: sqlite3.Connection) -> None:
    """The table of the ids that have had their effect."""
    with transaction(db):
        db.execute("CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY) WITHOUT ROWID")


def handle_once(
    db: sqlite3.Connection, id: str, effect: Callable[[sqlite3.Connection], object]
) -> bool:
    """Do `effect(db)` unless a message with this id has had it; tell whether it was done now.

    The id and what `effect` writes are kept together, or, if it raises, neither: then the message
    must be delivered again. Acknowledge it after this returns, whatever it returns; inside a
    `transaction` of yours, after that is committed. `place_order` may be the effect.

    Source: C. Richardson, "Idempotent Consumer", microservices.io; for the rest see `transaction`.
    Limits: `effect` is a plain function that writes to `db` and nothing else, and commits nothing.
    An e-mail it sends is in no transaction and may be sent twice; give the id on to who sends it.
    Ids may be forgotten once no broker can deliver them any more.
    """
    function("effect", effect)
    text("id", id, "the same one on each delivery")
    with transaction(db):
        noted = db.execute("INSERT INTO inbox (id) VALUES (?) ON CONFLICT DO NOTHING", (id,))
        new = noted.rowcount == 1
        if new:
            with no_commit(db, "the effect"):
                plain("effect", effect(db))
    return new
