"""Exercise 8: an order and its event, both or neither, and a relay that never loses one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from .database import MOST_STATEMENTS, Connection, Database, Steps
from .here import must_not_raise
from .property import Exercise, NotMet, expect
from .student import Blocking, Crash, Pieces, Raised, Student

TABLES = """
CREATE TABLE orders (
    id TEXT PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER NOT NULL CHECK (quantity > 0)
);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, body TEXT, sent INTEGER NOT NULL DEFAULT 0
);
"""
A_PUBLISH = 0.01  # seconds

Order = dict[str, Any]
Event = tuple[str, str]


# ---- place_order --------------------------------------------------------------------------------
class Shop(Database):
    """Orders and an outbox."""

    def __init__(self, chance: Random) -> None:
        super().__init__(TABLES)
        self.chance = chance
        self.refuses: list[str] = []

    def order(self) -> Order:
        """A new one."""
        name, item = self.chance.sample(range(1000, 10000), 2)
        quantity = self.chance.randrange(2, 100)
        return {"id": f"order-{name}", "item": f"lamp {item}", "quantity": quantity}

    def connect(self, *words: Any, **named: Any) -> Connection:
        """See Database."""
        db = super().connect(*words, **named)
        db.create_function("refused", 1, self._refused)
        return db

    def refuse(self, table: str) -> None:
        """Let no row be stored in this table, until `refuses` is emptied: an OperationalError."""
        self.refuses.append(table)
        refused = f"BEGIN SELECT refused('{table}'); END"
        self.script(f"CREATE TRIGGER full BEFORE INSERT ON {table} {refused}")

    def _refused(self, table: str) -> None:
        if table in self.refuses:
            raise OSError("the disk is full")

    def counts(self) -> tuple[int, int]:
        """Orders and events that are there."""
        return len(self.rows("SELECT id FROM orders")), len(self.rows("SELECT seq FROM outbox"))

    def expect(self, counts: tuple[int, int], rule: str, case: str) -> None:
        """So many orders and events are there."""
        found = self.counts()
        expect(found == counts, rule, case, seen=_told(found), wanted=_told(counts))


def _told(counts: tuple[int, int]) -> str:
    return "orders: {}, events: {}".format(*counts)


async def _place(db: Connection, order: Order, pieces: Pieces) -> Raised | None:
    """What it raises; the transaction of the connection stays as it is."""
    try:
        await pieces.call("place_order", db, dict(order))
    except Raised as problem:
        return problem
    return None


async def _dies_placing(db: Connection, order: Order, pieces: Pieces) -> None:
    try:
        await pieces.call("place_order", db, dict(order))
    except Crash:
        return


def both_or_neither(student: Student, chance: Random) -> None:
    """Committed together, whatever is refused and wherever the process dies."""
    with Shop(chance) as shop:
        order, case = shop.order(), "one good order; then another connection looks"
        student.on_clock(partial(_dies_placing, shop.connect(), order), case)
        rule = "When place_order returns, the order and its event are there, and committed."
        shop.expect((1, 1), rule, case)
        seen, wanted = shop.rows("SELECT id, item, quantity FROM orders"), [tuple(order.values())]
        rule = "The order is stored with its id, its item and its quantity."
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
    rule = "The order and its event are stored together, or neither is."
    for table, what in (("outbox", "event"), ("orders", "order")):
        with Shop(chance) as shop:
            shop.refuse(table)
            case = f"the {what} cannot be stored"
            student.on_clock(partial(_place, shop.connect(), shop.order()), case)
            shop.expect((0, 0), rule, case)
    for number in range(1, MOST_STATEMENTS):
        with Shop(chance) as shop:
            db = shop.connect()
            db.crash_at = number
            student.on_clock(partial(_dies_placing, db, shop.order()), "one good order")
            if not db.is_dead:
                return
            both = max(shop.counts())
            shop.expect((both, both), rule, f"the process dies {db.where()}")


def failed_order(student: Student, chance: Random) -> None:
    """It leaves nothing, now or with the next commit, and its error comes out."""
    known = "an order whose id is there already, with another item"
    for case in ("an order of quantity 0, which the table refuses", known):
        with Shop(chance) as shop:
            bad, there = shop.order(), int(case == known)
            if there:
                other = {**shop.order(), "id": bad["id"]}
                shop.script(f"INSERT INTO orders VALUES {tuple(other.values())}")
            else:
                bad["quantity"] = 0
            left = _fails(student, shop, bad, case)
            rule = "An order that fails leaves neither an order nor an event."
            expect(left == (there, 0), rule, case, seen=_told(left), wanted=_told((there, 0)))
    with Shop(chance) as shop:
        shop.refuse("outbox")
        case = "an order whose event cannot be stored (OperationalError)"
        _fails(student, shop, shop.order(), case)


def _fails(student: Student, shop: Shop, bad: Order, case: str) -> tuple[int, int]:
    """What is committed after it has failed; then a good one is placed on the same connection."""
    left, first, second = student.on_clock(partial(_bad_and_good, shop, bad), case)
    rule = "An order that fails raises its error."
    expect(first is not None, rule, case, seen="nothing is raised")
    case += "; then a good one on the same connection"
    if second is not None:
        raise NotMet(must_not_raise(case, second))
    rule = "What was begun before the error is taken back, and no later commit keeps it."
    more = shop.counts()[0] - left[0], shop.counts()[1] - left[1]
    expect(more == (1, 1), rule, case, seen=f"new {_told(more)}", wanted=f"new {_told((1, 1))}")
    return left


async def _bad_and_good(
    shop: Shop, bad: Order, pieces: Pieces
) -> tuple[tuple[int, int], Raised | None, Raised | None]:
    db = shop.connect()
    first = await _place(db, bad, pieces)
    left = shop.counts()
    shop.refuses.clear()
    db = shop.connect() if db.is_closed else db
    second = await _place(db, shop.order(), pieces)
    await db.settle()  # so that a commit that is forgotten is not missed everywhere
    return left, first, second


def the_event(student: Student, chance: Random) -> None:
    """It can be told from all others, and says which order it is of."""
    with Shop(chance) as shop:
        alike = shop.order()
        orders = [{**alike, "id": shop.order()["id"]} for _ in range(3)]

        first = f"{orders[0]['id']} and {orders[1]['id']} are placed"
        later = f"{first}, their events sent, then {orders[2]['id']} is placed by another process"
        events: list[tuple[Any, ...]] = []
        for some, case in ((orders[:2], first), (orders[2:], later)):
            student.on_clock(partial(_placed, shop, some), case)
            last = events[-1][3] if events else 0  # what is sent may be tidied away
            new = shop.rows(
                f"SELECT id, body, sent, seq FROM outbox WHERE seq > {last} ORDER BY seq"
            )
            rule, sent = "Each order has one event, which is not sent yet.", [one[2] for one in new]
            good = sent == [0] * len(some)
            expect(good, rule, case, seen=f"events: {len(new)}; sent: {sent}")
            events += new
            shop.script("UPDATE outbox SET sent = 1")
        ids = [id for id, *_ in events]
        rule = "Each event has an id of its own, by which whoever gets it twice knows it again."
        good = len(set(ids)) == len(ids) and not {None, ""} & set(ids)
        expect(good, rule, case, seen=f"their ids are {ids}")
        rule = "The body of an event contains the id of its order."
        good = all(order["id"] in str(one[1]) for order, one in zip(orders, events, strict=True))
        expect(good, rule, case, seen=f"their bodies are {[one[1] for one in events]}")


async def _placed(shop: Shop, orders: Sequence[Order], pieces: Pieces) -> None:
    db = shop.connect()
    for order in orders:
        db = shop.connect() if db.is_closed else db
        await pieces.call("place_order", db, dict(order))
        await db.settle()


# ---- relay --------------------------------------------------------------------------------------
class Post(Database):
    """An outbox with events, and the broker to which they are published."""

    def __init__(
        self,
        chance: Random,
        name: str,
        events: int,
        *,
        backwards: bool = False,
        alike: bool = False,
        gaps: bool = False,
    ) -> None:
        """`alike` are events of one body, and ids of their own; `gaps` are numbers without one."""
        super().__init__(TABLES)
        self.backwards = backwards
        self.publish = Blocking(self._publish)
        self.got: list[Event] = []
        self.raised: list[str] = []
        self.ends: list[int] = []
        """How many were published when each relay ended."""
        self.fails_at = self.dies_at = self.crash_at = 0
        self.db = self.connect()
        numbers = sorted(chance.sample(range(1000, 10000), events), reverse=backwards)
        self.events = [(f"{name}-{one}", f"placed {chance.randrange(10**6)}") for one in numbers]
        if alike:
            self.events = [(id, self.events[0][1]) for id, _ in self.events]
        seqs = list(range(1, events + 1))
        if gaps:
            seqs = sorted(chance.sample(range(2, 1000), events))
        rows = [(seq, *event) for seq, event in zip(seqs, self.events, strict=True)]
        stored = ", ".join(map(str, chance.sample(rows, events)))
        self.script(f"INSERT INTO outbox (seq, id, body) VALUES {stored}")
        self.late: list[Event] = []
        """Events that another process stores while the first is published."""

    def which(self) -> list[int]:
        """The number of each event that was published, by its id or its body; -1 for no event."""
        return [self._which({str(id), str(body)}) for id, body in self.got]

    def _which(self, said: set[str]) -> int:
        return next((n for n, event in enumerate(self.events) if said & {*event}), -1)

    def _publish(self, id: Any, body: Any) -> Steps:
        """It arrives; then it may raise, or the process may die, at calls that were chosen."""
        self.got.append((id, body))
        yield A_PUBLISH
        while self.late:
            event = self.late.pop()
            with suppress(sqlite3.OperationalError):  # the relay lets nobody write meanwhile
                self.script(f"INSERT INTO outbox (id, body) VALUES {event}")
                self.events.append(event)
        if len(self.got) == self.dies_at:
            self.db.crash()
        if len(self.got) == self.fails_at:
            raise ConnectionError("the broker is gone")

    async def relay(self, times: int, pieces: Pieces) -> None:
        """Let one process relay so many times, with one connection."""
        self.db = self.connect(backwards=self.backwards)
        self.db.crash_at, self.crash_at = self.crash_at, 0
        for _ in range(times):
            self.db = self.connect() if self.db.is_closed else self.db
            try:
                await pieces.call("relay", self.db, self.publish)
                self.raised.append("")
            except Crash:
                return
            except Raised as problem:
                self.raised.append(str(problem.alone()))
            self.ends.append(len(self.got))


def published_and_crashed(student: Student, chance: Random) -> None:
    """Whatever ends a relay, those after it publish what is not noted, as it was.

    That one of them publishes all that is there is another property, so there are enough of them.
    """
    _publish_raises(student, chance)
    with Post(chance, "crash", events=3, alike=True) as post:
        post.fails_at = 2
        case = "3 events of one body, and publish raises at the second; then more relays"
        student.on_clock(partial(post.relay, 4), case)
        _again(post, post.ends[0], case, [one for one in post.events if one not in post.got[:1]])
    with Post(chance, "crash", events=1) as post:
        post.late = [("late-1", "placed late")]
        case = "1 event, and another is stored while it is published; then another relay"
        student.on_clock(partial(post.relay, 2), case)
        rule = "Only what was published is noted as sent: an event that comes meanwhile is not."
        expect(set(post.events) <= set(post.got), rule, case, seen=_got(post.got))
    with Post(chance, "crash", events=2) as post:
        post.dies_at = 1
        case = "2 events; the process dies when the first is published; then more relays"
        student.on_clock(partial(post.relay, 1), case)
        student.on_clock(partial(post.relay, 2), case)
        _again(post, 1, case, post.events)
    for number in range(1, MOST_STATEMENTS):
        with Post(chance, "crash", events=2) as post:
            post.crash_at = number
            student.on_clock(partial(post.relay, 1), "2 events")
            if not post.db.is_dead:
                return
            case = f"2 events; the process dies {post.db.where()}; then more relays"
            student.on_clock(partial(post.relay, 2), case)
            rule = "Wherever the process dies, each event is published at least once."
            expect(set(post.events) <= set(post.got), rule, case, seen=_got(post.got))


def _publish_raises(student: Student, chance: Random) -> None:
    with Post(chance, "crash", events=2) as post:
        post.fails_at, case = 1, "2 events, and publish raises ConnectionError at the first"
        student.on_clock(partial(post.relay, 3), case)
        rule, first = "An event is published with its id and its body.", post.got[:1]
        wanted = _got(post.events[:1])  # any will do: the order is another property
        expect(first and first[0] in post.events, rule, case, seen=_got(first), wanted=wanted)
        rule, wanted = "If publish raises, that comes out.", "ConnectionError: the broker is gone"
        seen = post.raised[0] or "nothing is raised"
        expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
        rule = "An event that could not be published holds up those behind it."
        expect(post.ends[0] == 1, rule, case, seen=_got(post.got[: post.ends[0]]))
        case += "; then relay is called again"
        _again(post, 1, case, post.events)


def _again(post: Post, begin: int, case: str, wanted: Sequence[Event]) -> None:
    """From that call on, these are published; one that is noted too late is told elsewhere."""
    if post.raised[-1]:
        raise NotMet(must_not_raise(case, Raised(post.raised[-1])))
    rule = "What is not noted as sent is published again, with the same id and body, and the rest."
    seen = _once([one for one in post.got[begin:] if one in wanted or one not in post.events])
    good = sorted(map(repr, seen)) == sorted(map(repr, wanted))  # their order: another property
    expect(good, rule, case, seen=f"then {_got(seen)}", wanted=f"then {_got(wanted)}")


def _once(published: list[Any]) -> list[Any]:
    """Each in the place of its first time: that it is published once is another property."""
    return [one for number, one in enumerate(published) if one not in published[:number]]


def _got(events: Sequence[Event]) -> str:
    told = ", ".join(f"{id} “{body}”" for id, body in events)
    return told or "nothing is published"


def confirmed_once(student: Student, chance: Random) -> None:
    """What was published is noted and committed, whatever happens to the next.

    The numbers have gaps: old events were taken away, and a transaction that fails may use one up.
    """
    with Post(chance, "once", events=4, gaps=True) as post:
        wanted = post.events[1::2]
        for sent, _ in post.events[::2]:
            post.script(f"UPDATE outbox SET sent = 1 WHERE id = '{sent}'")
        case = "4 events, the first and the third of which are sent already"
        for more in ("", "; then another relay", ", and another"):
            case += more
            student.on_clock(partial(post.relay, 1), case)
            if post.raised[-1]:
                raise NotMet(must_not_raise(case, Raised(post.raised[-1])))
            rule = "Each event that is not sent is published, once; what is sent, is not."
            good = sorted(post.which()) == [1, 3]
            expect(good, rule, case, seen=_got(post.got), wanted=_got(wanted))
            left = len(post.rows("SELECT seq FROM outbox WHERE NOT sent"))
            rule = "What is published is noted in the outbox, and that is committed."
            expect(left == 0, rule, case, seen=f"another connection finds {left} not sent")
    with Post(chance, "once", events=3) as post:
        post.fails_at = 2
        case = "3 events, and publish raises at the second; then another relay"
        student.on_clock(partial(post.relay, 1), case)
        student.on_clock(partial(post.relay, 1), case)
        rule = "What the broker has got is noted, and that committed, also if a later event fails."
        got = post.which()
        count = got.count(got[0]) if got else 0  # whichever it is: the order is another property
        expect(count == 1, rule, case, seen=f"the first is published {count} times", wanted="once")
    with Post(chance, "once", events=101, gaps=True) as post:
        student.on_clock(partial(post.relay, 1), case := "101 events")
        rule, seen = "One relay publishes all that is not sent.", f"it publishes {len(post.got)}"
        expect(sorted(post.which()) == [*range(101)], rule, case, seen=seen, wanted="all of them")


def in_order(student: Student, chance: Random) -> None:
    """As their numbers say, whatever order the rows have; as a text, 10 comes before 2."""
    for count in (2, 10):
        with Post(chance, "order", events=count, backwards=True) as post:
            case = f"{count} events, in a table that has no order of its own"
            student.on_clock(partial(post.relay, count), case)
            rule, good = "Events are published in the order of seq.", [*range(count)]
            seen, wanted = _got(_once(post.got)), _got(post.events)
            expect(_once(post.which()) == good, rule, case, seen=seen, wanted=wanted)


EXERCISE = Exercise(
    ("place_order", "relay"),
    {
        "both or neither": both_or_neither,
        "a failed order": failed_order,
        "the event": the_event,
        "published and crashed": published_and_crashed,
        "confirmed once": confirmed_once,
        "in order": in_order,
    },
    in_turn=frozenset({"the event"}),
    machines=2,
)
