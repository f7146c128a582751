"""What is written together is kept together: both, or neither, alone or as part of a whole."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
Guard = Callable[..., int]
PAUSE = 0.01  # seconds between two looks whether the database is free
BUSY = (
    "another connection is writing to this database: try again later, as `retry` does, "
    "or call this in a thread, which may wait"
)
BUSY_INSIDE = (
    "another connection is writing to this database, or has since your transaction began: roll "
    "yours back, and try all of it again; one that begins with BEGIN IMMEDIATE hears of it at once"
)
_guards: dict[int, list[Guard]] = {}  # by ids of connections where nobody may commit; inner last


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What is written to `db` inside is committed at the end; after an error none of it is.

    If a transaction is open on this connection already, it becomes a part of that (a savepoint):
    after an error this part alone is undone, and whoever began the whole commits it.
    Who commits or rolls back inside is refused: RuntimeError, and nothing of it is kept. Who rolls
    back for an error and raises it is not: it comes out as it is, since it undoes all of this.
    If another connection is writing, raises TimeoutError with the way out: inside an event loop at
    once, since nothing else would run while we wait; elsewhere after the connection's `timeout`.

    Source: SQLite's documentation, "Savepoints" and "Result and Error Codes", SQLITE_BUSY.
    Limits: one database. No `await` inside, and a connection for each task: who shares one
    shares its transactions. An authorizer of yours (`set_authorizer`) is gone after it: Python
    cannot ask a connection for it, so set it again.
    """
    inner = connection(db).in_transaction
    with _busy_is_a_sentence(inner), _without_waiting(db):
        db.execute("SAVEPOINT part" if inner else "BEGIN IMMEDIATE")
        try:
            with no_commit(db, "the block"):
                yield
            db.execute("RELEASE part" if inner else "COMMIT")
        except BaseException:
            if _is_open(db) and db.in_transaction:
                for undo in ("ROLLBACK TO part", "RELEASE part") if inner else ("ROLLBACK",):
                    db.execute(undo)
            raise


def connection(db: Any) -> sqlite3.Connection:
    """A connection to SQLite, which this works with alone."""
    if not isinstance(db, sqlite3.Connection):
        raise TypeError(f"the db is {db!r}; give an open connection: sqlite3.connect('shop.db')")
    return db


def rows_of(db: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """The rows as tuples, whatever the connection makes of rows for its owner (`row_factory`)."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(query).fetchall()


async def when_free(db: sqlite3.Connection, act: Callable[[], Result], patience: float) -> Result:
    """What `act()` gives in a transaction of its own, once no other is open, whoever's it is.

    The loop goes on meanwhile. Raises TimeoutError after `patience` seconds.
    """
    connection(db)
    loop = asyncio.get_running_loop()
    end, why = loop.time() + patience, ""
    while True:
        if db.in_transaction:
            why = (
                "a transaction is open on this connection, as always with autocommit=False; commit "
                "it, or use another connection"
            )
        else:
            try:
                with transaction(db):
                    return act()
            except TimeoutError:
                why = "another connection is writing to it; try again later"
        if loop.time() >= end:
            raise TimeoutError(f"the database was not free for {patience:g} s: {why}")
        await asyncio.sleep(PAUSE)


@contextmanager
def no_commit(db: sqlite3.Connection, who: str) -> Iterator[None]:
    """Whoever writes inside must leave the transaction open, and is told in a sentence."""
    tried: list[str | None] = []
    outside = sys.exc_info()[1]

    def allow(action: int, verb: str | None, *_more: str | None) -> int:
        if action != sqlite3.SQLITE_TRANSACTION:
            return sqlite3.SQLITE_OK
        tried.append(verb)
        # With autocommit=False, Python follows each ROLLBACK by a BEGIN.
        failing = verb != "COMMIT" and sys.exc_info()[1] is not outside
        return sqlite3.SQLITE_IGNORE if failing else sqlite3.SQLITE_DENY

    refused: sqlite3.DatabaseError | None = None
    guards = _guards.setdefault(id(db), [])
    guards.append(allow)
    db.set_authorizer(allow)
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not tried or _code(error) != sqlite3.SQLITE_AUTH:
            raise
        refused = error
    finally:
        if allow in guards:  # else what was around it has ended first, and it with that
            del guards[guards.index(allow) :]
            if not guards:
                del _guards[id(db)]
            if _is_open(db):
                # An authorizer makes SQLite read its statements anew, also a ROLLBACK that the
                # last one made nothing of; to take it away does not.
                db.set_authorizer(guards[-1] if guards else _anything)
                if not guards:
                    db.set_authorizer(None)
    if tried:
        raise RuntimeError(
            f"{who} called {tried[0]}, but a transaction around it keeps together what it writes: "
            "take its `with db:`, commit() or executescript() out"
        ) from refused


def _anything(*_what: object) -> int:
    return sqlite3.SQLITE_OK


def _code(error: sqlite3.Error) -> int:
    """SQLite's own number of an error; that of none if it is one of Python's."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)


def _is_open(db: sqlite3.Connection) -> bool:
    """Whether a connection can be put back as it was: a closed one would only hide why it is."""
    try:
        return db.in_transaction in (True, False)
    except sqlite3.ProgrammingError:
        return False


@contextmanager
def _without_waiting(db: sqlite3.Connection) -> Iterator[None]:
    """Inside an event loop, no statement waits until another connection is done."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        milliseconds = 0
    else:
        [(milliseconds,)] = rows_of(db, "PRAGMA busy_timeout")
    if not milliseconds:  # as around a part: who begins the whole puts it back
        yield
        return
    db.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        if _is_open(db):
            db.execute(f"PRAGMA busy_timeout = {milliseconds}")


@contextmanager
def _busy_is_a_sentence(inner: bool) -> Iterator[None]:
    """What SQLite calls busy or locked says who is, and what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _code(error) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise TimeoutError(BUSY_INSIDE if inner else BUSY) from error
