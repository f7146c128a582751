"""Inbox and outbox keep their promises beside other people's work on the same database."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import sqlite3
import sys
import time
import traceback

import pytest

from course_lib.flow import run
from course_lib.resilience import (
    create_inbox,
    create_outbox,
    handle_once,
    place_order,
    relay,
    retry,
    transaction,
)

MODES = ["", "IMMEDIATE", None]  # isolation levels: what Python begins by itself


@pytest.fixture(params=MODES)
def db(request, tmp_path):
    """A connection in each mode, to a file with all tables; who waits, waits for ever."""
    path = tmp_path / "shop.db"
    with contextlib.closing(
        sqlite3.connect(path, timeout=3600, isolation_level=request.param)
    ) as found:
        create_inbox(found)
        create_outbox(found)
        found.execute("CREATE TABLE baked (cake TEXT)")
        yield found


@pytest.fixture
def other(db):
    """A second connection, as another process has it: it sees what is committed."""
    path = db.execute("PRAGMA database_list").fetchone()[2]
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as found:
        yield found


def bake(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO baked VALUES ('apple cake')")


def count(db: sqlite3.Connection, table: str) -> int:
    return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


# ---- as part of a whole -------------------------------------------------------------------------
def test_an_effect_may_place_an_order(db, other) -> None:
    """Inbox and outbox in one transaction: the id, the order and its event, once."""
    effect = lambda db: place_order(db, "7", "apple cake")  # noqa: E731
    assert [handle_once(db, "m1", effect) for _ in range(2)] == [True, False]
    assert [count(other, table) for table in ("inbox", "orders", "outbox")] == [1, 1, 1]


def test_an_effect_that_fails_after_its_order_leaves_neither(db, other) -> None:
    """And the message that comes again has its effect."""

    def fails(db):
        place_order(db, "7", "apple cake")
        raise ConnectionError("the power went")

    with pytest.raises(ConnectionError):
        handle_once(db, "m1", fails)
    assert [count(other, table) for table in ("inbox", "orders", "outbox")] == [0, 0, 0]
    assert handle_once(db, "m1", bake)


def test_pieces_take_part_in_the_callers_transaction(db, other) -> None:
    """Nothing is there for others until the caller commits, and nothing is left if he does not."""
    for end, expected in (("ROLLBACK", 0), ("COMMIT", 1)):
        db.execute("BEGIN")
        db.execute("INSERT INTO baked VALUES ('the caller’s own')")
        handle_once(db, "m1", bake)
        place_order(db, "7", "apple cake")
        create_inbox(db)
        create_outbox(db)
        assert db.in_transaction and count(other, "inbox") == 0
        db.execute(end)
        found = [count(other, table) for table in ("inbox", "orders", "outbox")]
        assert (found, count(other, "baked")) == ([expected] * 3, 2 * expected)


def test_an_error_undoes_the_piece_and_not_what_the_caller_wrote(db, other) -> None:
    """The caller may go on, and commit the rest."""
    place_order(db, "7", "apple cake")
    with transaction(db):
        bake(db)
        with pytest.raises(sqlite3.IntegrityError):
            place_order(db, "7", "another cake")
        with pytest.raises(ZeroDivisionError):
            handle_once(db, "m1", lambda db: (bake(db), 1 / 0))
        place_order(db, "8", "apple cake")
    found = [count(other, table) for table in ("baked", "inbox", "orders", "outbox")]
    assert found == [1, 0, 2, 2]


@pytest.mark.parametrize("fails", [False, True])
def test_a_part_that_has_ended_is_no_part_of_what_is_undone_later(db, other, fails) -> None:
    """A third transaction in a second: when the second is undone, all of the second is."""
    with transaction(db):
        with pytest.raises(LookupError), transaction(db):
            bake(db)
            with contextlib.suppress(KeyError), transaction(db):
                bake(db)
                if fails:
                    raise KeyError
            raise LookupError
        assert count(db, "baked") == 0


def test_a_rollback_inside_a_part_is_refused(db) -> None:
    """Else the whole would be gone with the part; so the caller's rows are still there."""
    db.execute("BEGIN")
    bake(db)
    with pytest.raises(RuntimeError, match="the block called ROLLBACK"), transaction(db):
        db.execute("ROLLBACK")
    assert db.in_transaction and count(db, "baked") == 1


@pytest.mark.parametrize("inside", [False, True])
def test_a_block_that_commits_is_refused_and_none_of_it_is_kept(db, other, inside) -> None:
    """A helper with a `with db:` of its own kept the first half, and then an error came out."""
    whole = transaction(db) if inside else contextlib.nullcontext()
    refused = pytest.raises(RuntimeError, match=r"the block called COMMIT.*take its `with db:`")
    with refused, whole, transaction(db):
        commits_with(db)
    assert not db.in_transaction
    assert count(other, "baked") == 0
    with db:
        bake(db)
    assert count(other, "baked") == 1


# ---- what a block leaves behind -----------------------------------------------------------------
@pytest.mark.parametrize("where", ["in a loop", "outside"])
def test_a_closed_connection_leaves_no_guard_for_the_next_one(db, monkeypatch, where) -> None:
    """Which may have its id, as here: then nobody could commit there any more."""
    module = sys.modules[transaction.__module__]
    monkeypatch.setattr(module, "id", lambda connection: 7, raising=False)

    def closes() -> None:
        old = sqlite3.connect(":memory:")
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"), transaction(old):
            old.close()

    async def in_a_loop() -> None:
        closes()

    asyncio.run(in_a_loop()) if where == "in a loop" else closes()
    with transaction(db):
        bake(db)
    with db:
        bake(db)
    assert count(db, "baked") == 2


@pytest.mark.parametrize("inside", [False, True])
def test_after_a_close_the_blocks_own_error_comes_out(db, inside) -> None:
    """Closing undoes the transaction; that the connection is closed is not what went wrong."""

    async def main() -> None:
        with transaction(db) if inside else contextlib.nullcontext(), transaction(db):
            db.close()
            raise LookupError("no apples")

    with pytest.raises(LookupError, match="no apples"):
        asyncio.run(main())


@pytest.mark.parametrize("ends", [(1, 2), (2, 1), (1, 3, 2), (2, 3, 1), (3, 1, 2), (1, 1, 1)])
def test_tasks_that_share_a_connection_leave_it_as_it_was(db, ends) -> None:
    """In whatever order their blocks end; they were warned that they share the transaction."""
    free, patience = db.isolation_level is not None, "PRAGMA busy_timeout"

    async def writes(begin: int, end: int) -> None:
        await asyncio.sleep(begin / 10)
        with transaction(db):
            bake(db)
            await asyncio.sleep(end)

    async def main() -> None:
        tasks = itertools.starmap(writes, enumerate(ends))
        await asyncio.gather(*tasks, return_exceptions=True)

    run(main)
    before = count(db, "baked")
    assert not db.in_transaction and before
    with db:
        bake(db)
        assert db.in_transaction is free
    assert count(db, "baked") == before + 1
    assert db.execute(patience).fetchone() == (3_600_000,)


def test_a_block_that_begins_beside_a_stale_part_is_guarded_and_commits(db, other) -> None:
    """The whole of that part has ended, so this is a new one, and none of the part's business."""

    async def writes(begin: float, end: float) -> None:
        await asyncio.sleep(begin)
        with transaction(db):
            bake(db)
            await asyncio.sleep(end - begin)
            if begin == 2:
                db.commit()

    async def main() -> list[object]:
        tasks = [writes(0, 1), writes(0.5, 3), writes(2, 4), writes(5, 6)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, stale, refused, last = run(main).result
    assert (first, type(stale), last) == (None, sqlite3.OperationalError, None)
    assert isinstance(refused, RuntimeError) and "the block called COMMIT" in str(refused)
    assert count(other, "baked") == 3


# ---- a block that fails -------------------------------------------------------------------------
def rolls_back_with(db):
    with db:
        bake(db)
        raise LookupError("no apples")


def rolls_back_and_raises(db):
    try:
        bake(db)
        raise LookupError("no apples")
    except LookupError:
        db.rollback()
        raise


def rolls_back_in_sql(db):
    done = False
    try:
        bake(db)
        raise LookupError("no apples")
    finally:
        if not done:
            db.execute("ROLLBACK")


FAILS = [rolls_back_with, rolls_back_and_raises, rolls_back_in_sql]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("fails", FAILS)
def test_an_error_comes_out_whoever_rolls_back_for_it(db, other, fails, inside) -> None:
    """It undoes everything anyway; and afterwards a ROLLBACK in the same words is one again."""
    with transaction(db) if inside else contextlib.nullcontext():
        with pytest.raises(LookupError, match="no apples"), transaction(db):
            fails(db)
        with pytest.raises(LookupError, match="no apples"):
            handle_once(db, "m1", fails)
        assert db.in_transaction is inside
        assert count(db, "baked") == count(db, "inbox") == 0
    for end in (db.rollback, lambda: db.execute("ROLLBACK")):
        db.execute("BEGIN")
        bake(db)
        end()
        assert not db.in_transaction and count(db, "baked") == 0


@pytest.mark.skipif(sys.version_info < (3, 12), reason="autocommit is of Python 3.12")
@pytest.mark.parametrize("fails", [rolls_back_with, rolls_back_and_raises])
def test_an_error_comes_out_also_where_a_rollback_begins_anew(fails) -> None:
    """As with autocommit=False, where a transaction is always open."""
    with contextlib.closing(sqlite3.connect(":memory:", autocommit=False)) as db:
        db.execute("CREATE TABLE baked (cake TEXT)")
        bake(db)
        with pytest.raises(LookupError, match="no apples"), transaction(db):
            fails(db)
        assert db.in_transaction and count(db, "baked") == 1
        refused = pytest.raises(RuntimeError, match="called ROLLBACK")
        with refused, transaction(db), contextlib.suppress(LookupError):
            fails(db)
        db.rollback()
        assert db.in_transaction and db.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_an_error_of_the_database_comes_out_too(db) -> None:
    """And is not taken for the refusal."""
    db.execute("CREATE UNIQUE INDEX once ON baked (cake)")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"), transaction(db):
        bake(db)
        try:
            bake(db)
        except sqlite3.IntegrityError:
            db.rollback()
            raise
    assert count(db, "baked") == 0


def test_who_rolls_back_and_goes_on_is_refused_and_nothing_is_kept(db, other) -> None:
    """Its caller would take the rest for done alone."""
    with pytest.raises(RuntimeError, match="the block called ROLLBACK"), transaction(db):
        with contextlib.suppress(LookupError):
            rolls_back_and_raises(db)
        bake(db)
    assert not db.in_transaction and count(other, "baked") == 0


def test_an_error_from_before_the_block_is_none_of_its_own(db) -> None:
    """A rollback there is refused at once."""
    try:
        raise LookupError("no apples")
    except LookupError:
        with pytest.raises(RuntimeError, match="called ROLLBACK") as refused, transaction(db):
            db.rollback()
            pytest.fail("it went on")
    assert isinstance(refused.value.__cause__, sqlite3.DatabaseError)


def test_a_refusal_says_where_it_was(db) -> None:
    """The line that commits is in the traceback, and no loop that nobody asked for."""
    with pytest.raises(RuntimeError, match="called COMMIT") as refused, transaction(db):
        commits_with(db)
    told = "".join(traceback.format_exception(refused.value))
    assert "in commits_with" in told and "event loop" not in told


# ---- what an effect must not do -----------------------------------------------------------------
def commits(db):
    bake(db)
    db.commit()
    raise ConnectionError("the power went")


def commits_with(db):
    with db:
        bake(db)


def commits_by_a_script(db):
    db.executescript("INSERT INTO baked VALUES ('apple cake')")


def rolls_back(db):
    bake(db)
    db.rollback()


def commits_and_hides_it(db):
    bake(db)
    with contextlib.suppress(sqlite3.Error):
        db.execute("COMMIT")


def test_the_first_that_was_refused_is_named(db) -> None:
    """Who hides it and tries something else hears of the first."""

    def effect(db):
        commits_and_hides_it(db)
        db.execute("ROLLBACK")

    with pytest.raises(RuntimeError, match="called COMMIT"):
        handle_once(db, "m1", effect)


def test_the_guard_outlives_an_inner_one(db, other) -> None:
    """An effect that handles another message inside, and commits then, is refused, too."""

    def effect(db: sqlite3.Connection) -> None:
        handle_once(db, "inner", bake)
        db.commit()

    with pytest.raises(RuntimeError, match="the effect called COMMIT"):
        handle_once(db, "outer", effect)
    assert other.execute("SELECT * FROM inbox").fetchall() == []
    assert handle_once(db, "outer", bake)
    assert not db.in_transaction


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_inside_a_transaction_that_cannot_write_the_way_out_is_said(db, other, mode: str) -> None:
    """One that has only read so far, while another connection writes, or after it did."""
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute("BEGIN")
    db.execute("SELECT * FROM inbox").fetchall()
    other.execute("BEGIN IMMEDIATE")
    if mode == "wal":
        other.execute("INSERT INTO inbox VALUES ('another')")
        other.execute("COMMIT")

    async def main() -> None:
        handle_once(db, "a", bake)

    with pytest.raises(TimeoutError, match="roll yours back, and try all of it again"):
        run(main)
    assert db.in_transaction
    db.execute("ROLLBACK")


@pytest.mark.parametrize("kind", ["generator", "asynchronous generator"])
def test_an_effect_with_a_yield_is_refused(db, other, kind: str) -> None:
    """It would not run at all, and its message would be lost."""

    def effect(db: sqlite3.Connection):
        yield bake(db)

    async def asynchronous(db: sqlite3.Connection):
        yield bake(db)

    with pytest.raises(TypeError, match="the effect has a `yield`, so it has not run"):
        handle_once(db, "a", effect if kind == "generator" else asynchronous)
    assert other.execute("SELECT * FROM inbox").fetchall() == []


def test_an_effects_own_error_is_no_commit(db) -> None:
    """A table that is not there is told as it is, and nothing is kept."""
    with pytest.raises(sqlite3.OperationalError, match="no such table: cakes"):
        handle_once(db, "m1", lambda db: db.execute("INSERT INTO cakes VALUES (1)"))
    assert handle_once(db, "m1", bake)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    "effect", [commits, commits_with, commits_by_a_script, rolls_back, commits_and_hides_it]
)
def test_an_effect_that_ends_the_transaction_is_refused(db, other, effect, inside) -> None:
    """It is told in a sentence, nothing of it is left, and the message can come again."""
    with transaction(db) if inside else contextlib.nullcontext():
        with pytest.raises(RuntimeError, match=r"the effect called (COMMIT|ROLLBACK).*take its"):
            handle_once(db, "m1", effect)
        assert count(db, "baked") == count(db, "inbox") == 0
        assert handle_once(db, "m1", bake)
    assert count(other, "baked") == 1
    db.commit()  # and afterwards everybody may commit again


def test_a_coroutine_function_is_refused_and_the_message_not_lost(db) -> None:
    """Its effect would never happen; the redelivery has it."""

    async def effect(db):
        bake(db)

    for wrong in (effect, lambda db: effect(db)):
        with pytest.raises(TypeError, match="the effect is a coroutine function; give a plain"):
            handle_once(db, "m1", wrong)
    assert handle_once(db, "m1", bake)


@pytest.mark.parametrize("id", [None, "", 7, float("nan")])
def test_an_id_that_tells_nothing_is_refused(db, id) -> None:
    """It would be a duplicate of every other, or of none."""
    with pytest.raises(ValueError, match=r"the id is .*; give a text"):
        handle_once(db, id, bake)


# ---- a database that somebody else uses ---------------------------------------------------------
@pytest.mark.parametrize(
    "piece",
    [
        lambda db: handle_once(db, "m1", bake),
        lambda db: place_order(db, "7", "apple cake"),
        create_inbox,
        create_outbox,
    ],
)
def test_inside_a_loop_nobody_waits_for_another_process(db, other, piece) -> None:
    """A sentence at once, where the connection would wait for an hour; later it works."""
    other.execute("BEGIN IMMEDIATE")

    async def main():
        with pytest.raises(TimeoutError, match=r"another connection is writing.*try again later"):
            piece(db)
        assert not db.in_transaction
        other.execute("ROLLBACK")
        piece(db)
        return db.execute("PRAGMA busy_timeout").fetchone()[0]

    assert asyncio.run(main()) == 3_600_000


def test_with_retry_it_waits_and_the_loop_goes_on(db, other) -> None:
    """A busy database is one of those errors that may be over in a moment."""

    async def writer():
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(1)
        other.execute("COMMIT")

    async def once():
        return handle_once(db, "m1", bake)

    async def main():
        how = {"max_attempts": 50, "base": 0.1, "cap": 0.1, "rng": random.Random(1)}
        return (await asyncio.gather(writer(), retry(once, **how)))[1]

    trace = run(main)
    assert trace.result is True
    assert 1 <= trace.duration < 1.2


def test_a_reader_elsewhere_does_not_stop_the_loop_either(db, other) -> None:
    """Who reads holds up the commit: again a sentence, and nothing is half written."""
    other.execute("BEGIN")
    count(other, "baked")

    async def main():
        with pytest.raises(TimeoutError, match="another connection"):
            handle_once(db, "m1", bake)
        assert not db.in_transaction
        other.execute("ROLLBACK")
        return handle_once(db, "m1", bake)

    assert asyncio.run(main()) is True


def test_outside_a_loop_it_waits_as_long_as_its_connection_says(tmp_path) -> None:
    """Here for no time; then the same sentence."""
    path = tmp_path / "shop.db"
    with (
        contextlib.closing(sqlite3.connect(path, timeout=0)) as db,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        create_inbox(db)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError, match="another connection"):
            handle_once(db, "m1", bake)


def test_another_error_of_the_database_comes_out_as_it_is(db) -> None:
    """A table that is not there is no busy database."""
    db.execute("DROP TABLE inbox")
    with pytest.raises(sqlite3.OperationalError, match="no such table: inbox"):
        handle_once(db, "m1", bake)


# ---- the relay ----------------------------------------------------------------------------------
def publisher(seconds: float = 1.0):
    """A broker that confirms after so long, and what it got."""
    got: list[str] = []

    async def publish(id, body):
        await asyncio.sleep(seconds)
        got.append(id)

    return publish, got


def sent(db: sqlite3.Connection) -> list[int]:
    return [row[0] for row in db.execute("SELECT sent FROM outbox ORDER BY number")]


def test_a_relay_commits_nobody_elses_transaction(db, other) -> None:
    """Another task opens one on the same connection while the event is published, and undoes it."""
    publish, got = publisher()

    async def careful():
        await asyncio.sleep(0.5)
        db.execute("BEGIN")
        bake(db)
        await asyncio.sleep(2)
        seen = count(other, "baked"), sent(other)
        db.execute("ROLLBACK")
        return seen

    async def main():
        place_order(db, "7", "apple cake")
        return await asyncio.gather(careful(), relay(db, publish))

    assert run(main).result == [(0, [0]), 1]
    assert (count(db, "baked"), sent(db), got) == (0, [1], ["placed-7"])


def test_a_relay_publishes_nothing_that_is_not_committed(db) -> None:
    """An order in somebody's open transaction waits until it is stored; here it never is."""
    publish, got = publisher()

    async def undecided():
        with contextlib.suppress(LookupError), transaction(db):
            place_order(db, "7", "apple cake")
            await asyncio.sleep(2)
            raise LookupError("no apples")

    async def main():
        return await asyncio.gather(undecided(), relay(db, publish))

    assert run(main).result == [None, 0]
    assert got == []


def test_inside_your_own_transaction_a_relay_gives_up_with_a_sentence(db) -> None:
    """It cannot know that it waits for you; nothing was published or committed."""
    publish, got = publisher()

    async def main():
        with transaction(db):
            place_order(db, "7", "apple cake")
            await relay(db, publish)

    with pytest.raises(TimeoutError, match="not free for 5 s: a transaction is open on this") as no:
        run(main)
    assert no.value.trace.duration == pytest.approx(5, abs=0.02)
    assert (got, count(db, "orders")) == ([], 0)


def test_while_another_process_writes_the_relay_waits_and_the_loop_goes_on(db, other) -> None:
    """A neighbour ticks all the time; the event is published once and marked."""
    publish, got = publisher()
    ticks = []

    async def neighbour():
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.1)

    async def writer():
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(2)
        other.execute("COMMIT")

    async def main():
        place_order(db, "7", "apple cake")
        beside = asyncio.create_task(neighbour())
        await asyncio.gather(writer(), relay(db, publish))
        beside.cancel()

    run(main)
    assert (got, sent(db)) == (["placed-7"], [1])
    assert max(b - a for a, b in itertools.pairwise(ticks)) == pytest.approx(0.1)


def test_a_relay_waits_for_another_process_as_long_as_it_says_and_no_longer(db, other) -> None:
    """It names whom it waited for."""
    publish, _ = publisher(seconds=0)
    place_order(db, "7", "apple cake")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TimeoutError, match="for 5 s: another connection is writing") as no:
        run(relay(db, publish))
    assert no.value.trace.duration_ns == 5_000_000_000


def test_a_relay_that_is_cancelled_marks_nothing_that_was_not_confirmed(db) -> None:
    """The event is published again, with the same id: at least once."""
    publish, got = publisher()

    async def main():
        for number in (1, 2):
            place_order(db, str(number), "apple cake")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(relay(db, publish), 1.5)
        return sent(db), await relay(db, publish)

    assert run(main).result == ([1, 0], 1)
    assert got == ["placed-1", "placed-2"]


def test_a_plain_publisher_is_refused(db) -> None:
    """It could not have waited for the confirm; the event is not marked."""
    place_order(db, "7", "apple cake")
    with pytest.raises(TypeError, match="the publish gave None and nothing to await"):
        run(relay(db, lambda id, body: None))
    assert sent(db) == [0]
