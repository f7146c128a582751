"""Exercise 8: an order and its event, both or neither."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from ..grading.marks import NoPoint
from .property import Property, expect

TABLES = """
CREATE TABLE orders (
    id TEXT PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER CHECK (quantity > 0)
);
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, body TEXT,
                     sent INTEGER NOT NULL DEFAULT 0);
"""
FULL = "CREATE TRIGGER full BEFORE INSERT ON {} BEGIN SELECT RAISE(ABORT, 'full'); END"


class Crash(Exception):  # noqa: N818
    """The process dies here."""


def _database(full: str = "") -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    if full:
        db.execute(FULL.format(full))
    return db


def _order(number: int, quantity: int = 1) -> dict[str, Any]:
    return {"id": f"order-{number}", "item": "lamp", "quantity": quantity}


def _try(action: Any) -> str:
    """What it raised, or nothing."""
    try:
        action()
    except NoPoint:
        raise
    except Exception as problem:  # noqa: BLE001  whatever comes out is looked at
        return type(problem).__name__
    return "nothing"


def _left(db: sqlite3.Connection) -> tuple[int, int]:
    """Orders and events that are there after the process has ended."""
    db.rollback()
    orders = db.execute("SELECT count(*) FROM orders").fetchone()[0]
    return orders, db.execute("SELECT count(*) FROM outbox").fetchone()[0]


class _Broker:
    """Notes what was published, and crashes when told to."""

    def __init__(self, crash_at: int = 0) -> None:
        self.crash_at, self.calls = crash_at, 0
        self.got: list[tuple[Any, Any]] = []

    def __call__(self, id: Any, body: Any) -> None:
        self.calls += 1
        self.got.append((id, body))
        if self.calls == self.crash_at:
            raise Crash("published, and then the process died")


def both_or_neither(place_order: Any, relay: Any) -> None:
    with closing(_database()) as db:
        place_order(db, _order(1))
        rule, case = "A good order leaves one order and one event, committed.", "one good order"
        expect(_left(db) == (1, 1), rule, case, "orders and events: {}, {}".format(*_left(db)))
    for full, case in (("outbox", "the event cannot be stored"),
                       ("orders", "the order cannot be stored")):  # fmt: skip
        with closing(_database(full)) as db:
            _try(lambda: place_order(db, _order(1)))
            rule = "Order and event are stored together, or neither is."
            seen = "orders and events: {}, {}".format(*_left(db))
            expect(_left(db) == (0, 0), rule, case, seen)


def failed_order(place_order: Any, relay: Any) -> None:
    with closing(_database()) as db:
        place_order(db, _order(2))  # a good one can be placed
    with closing(_database()) as db:
        raised = _try(lambda: place_order(db, _order(1, quantity=0)))
        case = "an order of quantity 0, which the table refuses"
        rule = "An order that fails leaves no event, and its error comes out."
        seen = f"it raised {raised}; orders and events: {_left(db)[0]}, {_left(db)[1]}"
        expect(_left(db) == (0, 0) and raised != "nothing", rule, case, seen)


def resent(place_order: Any, relay: Any) -> None:
    with closing(_database()) as db:
        place_order(db, _order(1))
        broker = _Broker(crash_at=1)
        raised = _try(lambda: relay(db, broker))
        db.rollback()
        relay(db, broker)
        case = "the process dies after publishing order-1, before it can note that; then a relay"
        rule = "It is published again, with the same id and body, and the crash is not swallowed."
        seen = f"published {broker.got}; it raised {raised}"
        good = len(broker.got) == 2 and broker.got[0] == broker.got[1] and raised == "Crash"
        expect(good, rule, case, seen)


def confirmed(place_order: Any, relay: Any) -> None:
    with closing(_database()) as db:
        place_order(db, _order(1))
        broker = _Broker()
        for _ in range(3):
            relay(db, broker)
            db.rollback()
        case = "one order, and the relay runs three times"
        rule = "What was published without a crash is not published again."
        expect(len(broker.got) == 1, rule, case, f"published {len(broker.got)} times")
        place_order(db, _order(2))
        crashing = _Broker(crash_at=2)
        place_order(db, _order(3))
        _try(lambda: relay(db, crashing))
        db.rollback()
        after = _Broker()
        relay(db, after)
        case = "two orders, the process dies after publishing the second; then a relay"
        rule = "Only the one that was not confirmed is published again."
        expect(after.got == crashing.got[1:], rule, case, f"published again {len(after.got)}")


def order_kept(place_order: Any, relay: Any) -> None:
    with closing(_database()) as db:
        for number in (3, 1, 2):
            place_order(db, _order(number))
        broker = _Broker()
        relay(db, broker)
        case = "orders 3, 1 and 2 are placed one after the other"
        rule = "Events are published in the order in which they were stored."
        named = [n for _, body in broker.got for n in (3, 1, 2) if f"order-{n}" in str(body)]
        expect(named == [3, 1, 2], rule, case, f"published {[body for _, body in broker.got]}")


PROPERTIES: dict[str, Property] = {
    "both or neither": both_or_neither,
    "a failed order": failed_order,
    "published and crashed": resent,
    "confirmed once": confirmed,
    "in order": order_kept,
}
