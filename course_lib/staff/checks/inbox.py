"""Exercise 4: a consumer that may get a message twice, with an inbox in its own database."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .property import Property, expect

COPIES = 10


class Crash(Exception):  # noqa: N818
    """The process dies here."""


@contextmanager
def _database() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.sqlite"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("CREATE TABLE inbox (id TEXT PRIMARY KEY)")
            db.execute("CREATE TABLE stock (body TEXT)")
        yield path


def _effect(db: sqlite3.Connection, body: str) -> None:
    db.execute("INSERT INTO stock VALUES (?)", (body,))


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        found: int = db.execute("SELECT count(*) FROM stock").fetchone()[0]
        return found


def _deliver(piece: Any, path: Path, *messages: tuple[str, str], effect: Any = _effect) -> None:
    for name, body in messages:
        with closing(sqlite3.connect(path, timeout=10)) as db:
            piece(db, {"id": name, "body": body}, effect)


def duplicates(piece: Any) -> None:
    with _database() as path:
        _deliver(piece, path, ("1", "a lamp"))
        case = "message 1 is delivered"
        expect(
            _count(path) == 1, "The effect of a message is there.", case, f"{_count(path)} times"
        )
        _deliver(piece, path, ("1", "a lamp"))
        case = "message 1 is delivered twice, one after the other"
        rule = "A message that is delivered twice has its effect once."
        expect(_count(path) == 1, rule, case, f"{_count(path)} effects")


def other_ids(piece: Any) -> None:
    with _database() as path:
        _deliver(piece, path, ("1", "a lamp"), ("2", "a lamp"))
        rule = "Two messages with the same body and different ids are two orders."
        expect(_count(path) == 2, rule, "ids 1 and 2, both “a lamp”", f"{_count(path)} effects")


def crash(piece: Any) -> None:
    def crashing(db: sqlite3.Connection, body: str) -> None:
        _effect(db, body)
        raise Crash

    with _database() as path:
        _crashes(lambda: _deliver(piece, path, ("1", "a lamp"), effect=crashing))
        case = "message 1 crashes right after its effect, before anything is committed"
        rule = "After a crash nothing is left of the effect."
        expect(_count(path) == 0, rule, case, f"{_count(path)} effects")
        _deliver(piece, path, ("1", "a lamp"))
        rule = "The message that comes again after a crash has its effect, once."
        expect(_count(path) == 1, rule, case + ", then it comes again", f"{_count(path)} effects")
    with _database() as path:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(
                "CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        _crashes(lambda: _deliver(piece, path, ("1", "a lamp")))
        case = "the id cannot be stored, since the disk is full"
        rule = "Effect and id are stored together, or neither is."
        expect(_count(path) == 0, rule, case, f"{_count(path)} effects, and no id")


def _crashes(delivery: Any) -> None:
    """What dies may raise whatever it likes; what counts is what is left in the database."""
    try:
        delivery()
    except Exception:  # noqa: BLE001
        return


def copies(piece: Any) -> None:
    def slow(db: sqlite3.Connection, body: str) -> None:
        time.sleep(0.05)  # time for all the others to look
        _effect(db, body)

    with _database() as path:

        def deliver() -> None:
            _crashes(lambda: _deliver(piece, path, ("1", "a lamp"), effect=slow))

        threads = [threading.Thread(target=deliver) for _ in range(COPIES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        case = f"{COPIES} copies of message 1 at the same moment, each with its own connection"
        rule = "Copies at the same moment have one effect."
        expect(_count(path) == 1, rule, case, f"{_count(path)} effects")


PROPERTIES: dict[str, Property] = {
    "delivered twice": duplicates,
    "another id": other_ids,
    "crash after the effect": crash,
    "copies at the same moment": copies,
}
