"""Exercise 4: a consumer that may get a message twice, with an inbox in its own database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from .database import A_STATEMENT, MOST_STATEMENTS, Connection, Database, Steps
from .here import must_not_raise
from .property import Exercise, NotMet, expect
from .student import Blocking, Crash, Pieces, Raised, Student, in_time

TABLES = """
CREATE TABLE inbox (id TEXT PRIMARY KEY);
CREATE TABLE stock (note TEXT PRIMARY KEY, place TEXT UNIQUE, body TEXT);
"""
LOCKED = 300.0  # seconds, sixty times as long as a connection waits
SLOW = 0.05  # seconds that an effect takes where copies meet

Message = dict[str, str]
Counts = tuple[int, int]
Failure = Callable[[Connection, str], Steps]


class Shop(Database):
    """An inbox, and a stock in which effects make their notes: nobody else can make one."""

    def __init__(self, chance: Random, slow: float = 0.0) -> None:
        super().__init__(TABLES, hidden=["stock"])
        self.chance, self.slow = chance, slow
        self.effect = Blocking(self._effect)
        self.ids_before = 0
        """In the inbox, and committed, when a failing effect began."""

    def failing(self, fail: Failure) -> Blocking:
        """An effect that fails after it has written something."""

        def steps(db: Connection, body: str) -> Steps:
            self.ids_before = self.counts()[1]
            yield from self._effect(db, body)
            yield from fail(db, body)

        return Blocking(steps)

    def _effect(self, db: Connection, body: str) -> Steps:
        if not isinstance(db, Connection):
            raise TypeError("effect(db, body) gets the connection that was handed in, and a body")
        yield self.slow
        yield from _note(db, f"{self.chance.random()}", f"{self.chance.random()}", body)

    def message(self, name: str) -> Message:
        """A new one, whose id no other property uses."""
        number = self.chance.randrange(1000, 10000)
        return {"id": f"{name}-{number}", "body": f"lamp {self.chance.randrange(1000, 10000)}"}

    def bodies(self) -> list[str]:
        """Of the effects that are there."""
        return [body for (body,) in self.rows("SELECT body FROM stock ORDER BY rowid")]

    def counts(self) -> Counts:
        """How many effects are there, and how many ids in the inbox."""
        return len(self.bodies()), len(self.rows("SELECT id FROM inbox"))

    def expect(self, number: int, rule: str, case: str) -> None:
        """So many effects are there, and as many ids."""
        _expect(self.counts(), number, rule, case)

    async def deliver(self, messages: Sequence[Message], pieces: Pieces) -> None:
        """One after the other, with one connection."""
        db = self.connect()
        for message in messages:
            db = self.connect() if db.is_closed else db
            await pieces.call("consume", db, dict(message), self.effect)
            await db.settle()  # so that a commit that is forgotten is not missed everywhere


def _note(db: Connection, note: str, place: str, body: str) -> Steps:
    sql = "INSERT INTO stock VALUES (?, ?, ?)"
    yield from db.steps("execute", sql, (note, place, str(body)), ours=True)


def _told(counts: Counts) -> str:
    return "effects: {}, ids in the inbox: {}".format(*counts)


def _expect(counts: Counts, number: int, rule: str, case: str) -> None:
    wanted = (number, number)
    expect(counts == wanted, rule, case, seen=_told(counts), wanted=_told(wanted))


def committed(student: Student, chance: Random) -> None:
    """Another connection sees what was done."""
    with Shop(chance) as shop:
        message = shop.message("kept")

        async def scene(pieces: Pieces) -> None:
            await pieces.call("consume", shop.connect(), dict(message), shop.effect)

        case = f"message {message['id']} is delivered; then another connection looks"
        student.on_clock(scene, case)
        rule = "When consume returns, the effect and the id in the inbox are there, and committed."
        shop.expect(1, rule, case)
        rule, wanted = "effect gets the body of the message.", [message["body"]]
        expect(shop.bodies() == wanted, rule, case, seen=shop.bodies(), wanted=wanted)
        case = f"message {message['id']} comes again; then another connection writes"
        rule = "When consume returns, it leaves no transaction open: all others would have to wait."
        free = student.on_clock(partial(_leaves_free, shop, message), case)
        expect(free, rule, case, seen="the database is locked")


async def _leaves_free(shop: Shop, message: Message, pieces: Pieces) -> bool:
    with suppress(Raised):  # that it raises is told elsewhere
        await pieces.call("consume", shop.connect(), dict(message), shop.effect)
    return _is_free(shop)


def _is_free(shop: Shop) -> bool:
    """Whether another connection can write."""
    with suppress(sqlite3.OperationalError):
        shop.script("UPDATE inbox SET id = id")
        return True
    return False


def delivered_twice(student: Student, chance: Random) -> None:
    """One effect, whichever process and connection gets the second."""
    with Shop(chance) as shop:
        message = shop.message("twice")
        case, rule = f"message {message['id']} is delivered", "A message has its effect once."
        student.on_clock(partial(shop.deliver, [message]), case)
        shop.expect(1, rule, case)
        for more in (", and again to another process", ", and again twice on one connection"):
            case += more
            student.on_clock(partial(shop.deliver, [message] * (1 + ("twice" in more))), case)
            shop.expect(1, "A message that is delivered twice has its effect once.", case)
    with Shop(chance) as shop:
        message = shop.message("new")
        case = f"message {message['id']} is delivered twice on one connection, for the first time"
        student.on_clock(partial(shop.deliver, [message] * 2), case)
        shop.expect(1, "A message that is delivered twice has its effect once.", case)
    with Shop(chance) as shop:
        message = shop.message("known")
        for known in message.values():
            shop.script(f"INSERT INTO inbox VALUES ('{known}')")
        case = f"message {message['id']}, whose id stands in the inbox, since another handled it"
        student.on_clock(partial(shop.deliver, [message]), case)
        rule = "A message whose id stands in the inbox has no effect, whoever has put it there."
        expect(not shop.bodies(), rule, case, seen=f"effects: {len(shop.bodies())}", wanted="none")
        other, later = shop.message("other"), shop.message("later")
        case = (
            f"message {other['id']} is delivered; then another process handles {later['id']}, "
            "which comes again to the first one"
        )

        async def scene(pieces: Pieces) -> None:
            await shop.deliver([other], pieces)
            for known in later.values():
                shop.script(f"INSERT INTO inbox VALUES ('{known}')")
            await shop.deliver([later], pieces)

        student.on_clock(scene, case)
        number = len(shop.bodies())
        expect(number == 1, rule, case, seen=f"effects: {number}", wanted="one")


def another_id(student: Student, chance: Random) -> None:
    """It is another order."""
    with Shop(chance) as shop:
        # An id may be any text: it belongs in no statement.
        first, other = shop.message("first"), shop.message('the "other\'s"')
        second = {**other, "body": first["body"]}
        case = f"ids {first['id']} and {second['id']}, both with the body “{first['body']}”"
        student.on_clock(partial(shop.deliver, [first, second]), case)
        shop.expect(2, "Two messages with one body and different ids are two orders.", case)


def crash(student: Student, chance: Random) -> None:
    """Wherever a process dies, the message that comes again has its effect once."""
    for number in range(1, MOST_STATEMENTS):
        with Shop(chance) as shop:
            message, db = shop.message(f"crash-{number}"), shop.connect()
            db.crash_at = number

            async def scene(pieces: Pieces, shop: Shop = shop, dies: Any = (db, message)) -> None:
                with suppress(Crash):
                    await pieces.call("consume", dies[0], dict(dies[1]), shop.effect)

            student.on_clock(scene, f"message {message['id']} is delivered")
            case = f"the process dies {db.where()}; then the message comes again"
            if not db.is_dead:
                rule, case = "consume writes with the connection that it gets.", "one message"
                expect(number > 2, rule, case, seen=f"statements: {len(db.uses)}")
                return
            student.on_clock(partial(shop.deliver, [message]), case)
            rule = "A message whose process died comes again, and then has its effect, once."
            shop.expect(1, rule, case)


def _same_note(db: Connection, body: str) -> Steps:
    yield from _note(db, "one", "a", body)
    yield from _note(db, "one", "b", body)


def _same_place(db: Connection, body: str) -> Steps:
    yield from _note(db, "a", "here", body)
    yield from _note(db, "b", "here", body)


def _no_line(db: Connection, body: str) -> Steps:
    yield 0.0
    raise ConnectionError("the line is dead")


def _no_table(db: Connection, body: str) -> Steps:
    yield from db.steps("execute", "INSERT INTO warehouse VALUES (1)", ours=True)


FAILURES: tuple[tuple[Failure, str], ...] = (
    (_no_line, "ConnectionError: the line is dead"),
    (_same_place, "IntegrityError: UNIQUE constraint failed: stock.place"),
    (_same_note, "IntegrityError: UNIQUE constraint failed: stock.note"),
    (_no_table, "OperationalError: no such table: warehouse"),
)


def errors_come_out(student: Student, chance: Random) -> None:
    """Those of the effect, of which the next commit keeps nothing, and of a locked database."""
    for number, (fail, wanted) in enumerate(FAILURES):
        with Shop(chance) as shop:
            first, second = shop.message(f"fails-{number}"), shop.message(f"next-{number}")
            case = f"the effect raises {wanted}"
            later = f"{case}; then message {second['id']} is delivered on the same connection"
            again = [(second, later), (first, f"{later}; then {first['id']} comes again")]
            fails = partial(_fails, shop, fail, first, again)
            seen, is_free, counts = student.on_clock(fails, case)
            rule = "An error of the effect comes out of consume: it is not done, and must be told."
            expect(seen == wanted, rule, case, seen=seen, wanted=wanted)
            rule = "What was begun before the error is taken back, and no later commit keeps it."
            effects, ids = counts[0]
            # An id that was there before may stay, or be taken away by hand.
            ids -= shop.ids_before if ids > 1 else 0
            _expect((effects, ids), 1, rule, later)
            if not shop.ids_before:  # else a crash loses it, too, and it is told there
                rule = "A message whose effect failed comes again, and then has its effect."
                _expect(counts[1], 2, rule, again[1][1])
            rule = "What was begun before the error is taken back to its end: no transaction stays."
            case += "; then another connection writes"
            expect(is_free, rule, case, seen="the database is locked")
    with Shop(chance) as shop:
        case = f"another connection writes for {LOCKED:.0f} s, and the message comes meanwhile"
        if not student.on_clock(partial(_while_locked, shop, shop.message("locked")), case):
            rule, wanted = "What is not done must raise, so that it comes again.", "an error"
            seen = f"nothing is raised; {_told(shop.counts())}"
            expect(shop.counts() == (1, 1), rule, case, seen=seen, wanted=wanted)


async def _fails(
    shop: Shop, fail: Failure, first: Message, again: list[tuple[Message, str]], pieces: Pieces
) -> tuple[str, bool, list[Counts]]:
    """What the first raises, and whether others can write then; and when others are delivered,
    each in a case of its own, what there is.
    """
    db, seen, counts = shop.connect(), "nothing is raised", list[Counts]()
    db.crash_at = 10 * MOST_STATEMENTS
    try:
        await pieces.call("consume", db, dict(first), shop.failing(fail))
    except Raised as problem:
        seen = str(problem.alone())
    except Crash:
        return "it is tried again and again", True, counts
    db.crash_at, is_free = 0, _is_free(shop)
    for message, case in again:
        db = shop.connect() if db.is_closed else db
        try:
            await pieces.call("consume", db, dict(message), shop.effect)
        except Raised as problem:
            raise NotMet(must_not_raise(case, problem)) from None
        await db.settle()
        counts.append(shop.counts())
    return seen, is_free, counts


async def _while_locked(shop: Shop, message: Message, pieces: Pieces) -> list[Raised]:
    async def other() -> None:
        db = shop.connect()
        await in_time(db.steps("execute", "BEGIN IMMEDIATE"))
        await asyncio.sleep(LOCKED)
        db.close()

    holds = asyncio.create_task(other())
    await asyncio.sleep(1.0)
    problems = await _at_once(shop, message, [lambda: A_STATEMENT], pieces)
    await holds
    return problems


def copies(student: Student, chance: Random) -> None:
    """One effect, in whatever order their statements come."""
    in_step, anyhow = (lambda: A_STATEMENT), (lambda: chance.uniform(0.001, 0.02))
    for count, pace in ((2, in_step), (2, anyhow), (5, anyhow)):
        with Shop(chance, slow=SLOW) as shop:
            message = shop.message(f"copies-{count}")
            case = f"{count} copies of message {message['id']} at once, each in its own process"
            problems = student.on_clock(partial(_at_once, shop, message, [pace] * count), case)
            for problem in problems:  # so it comes again
                again = student.on_clock(partial(_at_once, shop, message, [in_step]), case)
                if not again and "locked" not in problem.text:
                    raise NotMet(must_not_raise(case, problem))
            rule = (
                "Copies at once have one effect, though all may look before the first one writes."
            )
            shop.expect(1, rule, case)


async def _at_once(
    shop: Shop, message: Message, paces: Sequence[Callable[[], float]], pieces: Pieces
) -> list[Raised]:
    """What they raised."""

    async def one(process: Pieces, pace: Callable[[], float]) -> Raised | None:
        db = shop.connect(pace)
        try:
            await process.call("consume", db, dict(message), shop.effect)
            await db.settle()  # which may find it locked, too
        except Raised as problem:
            return problem
        finally:
            db.close()
        return None

    found = await asyncio.gather(*(one(pieces.process(), pace) for pace in paces))
    return [problem for problem in found if problem is not None]


EXERCISE = Exercise(
    ("consume",),
    {
        "committed": committed,
        "delivered twice": delivered_twice,
        "another id": another_id,
        "crash after the effect": crash,
        "errors come out": errors_come_out,
        "copies at the same moment": copies,
    },
    needs_threads=frozenset({"copies at the same moment"}),
    machines=2,
)
