"""A database that is handed in is one of sqlite3's, beside the piece and behind bars."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from course_lib.exercises.database import Database
from course_lib.exercises.property import NotMet
from course_lib.exercises.student import (
    Blocking,
    Crash,
    Pieces,
    Raised,
    now,
)
from course_lib.staff.conversation.counter import MOST_CURSORS, Counter
from course_lib.staff.inside.wire import Broken
from tests.test_handed_in import behind, both

TABLES = "CREATE TABLE cakes (id INTEGER PRIMARY KEY, name TEXT UNIQUE); CREATE TABLE ours (x);"
# What a piece may do with a connection, and gives a list of all that it saw.
USES = """
import sqlite3

def piece(db):
    seen = [isinstance(db, sqlite3.Connection), db.in_transaction, db.isolation_level]
    cursor = db.execute("INSERT INTO cakes (name) VALUES (?)", ("apple",))
    seen += [cursor.rowcount, cursor.lastrowid, cursor.description, db.in_transaction]
    db.commit()
    with db as same:
        same.executemany("INSERT INTO cakes (name) VALUES (:name)", ({"name": n} for n in "abc"))
    seen += [same is db, db.in_transaction, db.total_changes]
    try:
        with db:
            db.execute("INSERT INTO cakes (name) VALUES ('lost')")
            db.execute("INSERT INTO cakes (name) VALUES ('apple')")
    except sqlite3.IntegrityError as error:
        seen += [str(error), error.sqlite_errorname, error.sqlite_errorcode]
    rows = db.execute("SELECT * FROM cakes ORDER BY id")
    seen += [rows.description, rows.fetchone(), rows.fetchmany(), rows.fetchmany(2)]
    seen += [rows.fetchall(), rows.fetchone()]
    seen += [[name for (name,) in db.execute("SELECT name FROM cakes ORDER BY name")]]
    made = db.execute("INSERT INTO cakes VALUES (9, 'nine'), (10, x'00ff') RETURNING *")
    seen += [made.fetchall(), made.rowcount]
    db.rollback()
    same = db.cursor().execute("SELECT 1.5, NULL, 'é', 9007199254740993")
    seen += [same.fetchall(), same.connection is db]
    db.row_factory = sqlite3.Row
    row = db.execute("SELECT id AS number, name FROM cakes WHERE id = 1").fetchone()
    seen += [row["number"], row["NAME"], row.keys(), tuple(row)]
    db.row_factory = lambda cursor, row: [column[0] for column in cursor.description]
    seen += [next(db.execute("SELECT id, name FROM cakes"))]
    db.row_factory = None
    db.executescript("BEGIN; INSERT INTO cakes VALUES (20, 'twenty'); COMMIT;")
    db.isolation_level = None
    db.execute("BEGIN IMMEDIATE")
    seen += [db.isolation_level, db.in_transaction]
    seen += [db.execute("SELECT max(id) FROM cakes").fetchone()]
    db.execute("ROLLBACK")
    for wrong in ("SELECT nothing", "SELECT ?", "SELECT 1; SELECT 2", "COMMIT"):
        try:
            db.execute(wrong)
        except sqlite3.Error as error:
            seen += [type(error).__name__, str(error)]
    same.close()
    db.close()
    try:
        db.execute("SELECT 1")
    except sqlite3.ProgrammingError as error:
        seen += [str(error)]
    return seen
"""


@both
def test_a_connection_is_one_of_sqlite3s(student: Callable[[str], Any]) -> None:
    """Whatever is asked of it, the answers are those of an ordinary one."""
    space: dict[str, Any] = {}
    exec(USES, space)
    plain = sqlite3.connect(":memory:")
    plain.executescript(TABLES)
    with Database(TABLES) as database, student(USES) as one:
        seen = one.on_clock(lambda pieces: pieces.call("piece", database.connect()), "all of it")
        assert seen == space["piece"](plain)
        assert [name for (name,) in database.rows("SELECT name FROM cakes ORDER BY id")] == [
            *("apple", "a", "b", "c", "twenty")
        ]


@both
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ATTACH '/etc/passwd' AS other", "DatabaseError: not authorized"),
        ("VACUUM INTO '/tmp/copy'", "DatabaseError: authorization denied"),
        ("SELECT load_extension('x')", "OperationalError: not authorized to use function"),
        ("SELECT * FROM ours", "DatabaseError: access to ours.x is prohibited"),
        ("INSERT INTO ours VALUES (1)", "DatabaseError: not authorized"),
        ("CREATE UNIQUE INDEX i ON ours (x)", "DatabaseError: not authorized"),
        ("CREATE TRIGGER t AFTER INSERT ON ours BEGIN SELECT 1; END", "DatabaseError: not auth"),
        ("CREATE VIRTUAL TABLE v USING fts5(x)", "DatabaseError: not authorized"),
        ("DROP TABLE ours", "DatabaseError: not authorized"),
        ("PRAGMA writable_schema = 1", "None"),
        ("PRAGMA busy_timeout", "(0,)"),
        ("SELECT hex(zeroblob(1000000))", "too big"),
        ("SELECT 'aaaa' LIKE '%a%a%b'", "OperationalError: not authorized to use function"),
        ("SELECT PRINTF('%.*c', 2000000000, 'x')", "OperationalError: not authorized to use"),
        (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
            "OperationalError: interrupted",
        ),
    ],
)
def test_sql_reaches_this_file_alone_and_takes_little(
    student: Callable[[str], Any], sql: str, expected: str
) -> None:
    """It may be a stranger's, and runs in the grader's own process."""
    source = """
def piece(db, sql):
    try:
        return str(db.execute(sql).fetchone())
    except Exception as error:
        return f"{type(error).__name__}: {error}"
"""
    with Database(TABLES, hidden=["ours"]) as database, student(source) as one:
        scene = lambda pieces: pieces.call("piece", database.connect(), sql)  # noqa: E731
        assert expected in one.on_clock(scene, "a case")


@both
def test_the_file_stays_small(student: Callable[[str], Any]) -> None:
    """However much is written."""
    source = """
def piece(db):
    with db:
        for _ in range(900):
            db.execute("INSERT INTO cakes (name) VALUES (hex(randomblob(4900)))")
"""
    with Database(TABLES) as database, student(source) as one:
        with pytest.raises(NotMet, match="OperationalError: database or disk is full"):
            one.on_clock(lambda pieces: pieces.call("piece", database.connect()), "a case")
        assert database.path.stat().st_size < 5_000_000


@both
def test_who_finds_it_locked_waits_on_the_clock_of_the_scene(student: Callable[[str], Any]) -> None:
    """For five seconds, as in sqlite3; processes take turns at their statements meanwhile."""
    source = """
def piece(db, slow, name):
    with db:
        db.execute("INSERT INTO cakes (name) VALUES (?)", (name,))
        slow()
"""
    for seconds, expected in ((3.0, ["", ""]), (7.0, ["", "database is locked"])):

        def slow(seconds: float = seconds) -> Any:
            yield seconds

        async def one(pieces: Pieces, name: str, slow: Any = slow) -> str:
            db = database.connect()
            try:
                await pieces.process().call("piece", db, Blocking(slow), name)
            except Raised as problem:
                return problem.text
            finally:
                db.close()
            return ""

        async def scene(pieces: Pieces, one: Any = one) -> tuple[list[str], float]:
            return await asyncio.gather(one(pieces, "a"), one(pieces, "b")), now()

        with Database(TABLES) as database, student(source) as them:
            told, end = them.on_clock(scene, "a case")
            assert (told, round(end)) == (expected, round(2 * seconds if seconds < 5 else seconds))


@both
def test_who_has_a_lock_and_needs_another_is_refused_at_once(student: Callable[[str], Any]) -> None:
    """Two that have read would wait for each other for ever."""
    source = """
def piece(db, slow, name):
    with db:
        db.execute("BEGIN")
        db.execute("SELECT * FROM cakes").fetchall()
        slow()
        db.execute("INSERT INTO cakes (name) VALUES (?)", (name,))
"""

    def slow() -> Any:
        yield 1.0

    async def one(pieces: Pieces, name: str) -> str:
        try:
            await pieces.process().call("piece", database.connect(), Blocking(slow), name)
        except Raised as problem:
            return problem.text
        return ""

    async def scene(pieces: Pieces) -> tuple[set[str], float]:
        return {*await asyncio.gather(one(pieces, "a"), one(pieces, "b"))}, now()

    with Database(TABLES) as database, student(source) as them:
        told, end = them.on_clock(scene, "a case")
        assert (told, round(end)) == ({"", "database is locked"}, 1)


@both
def test_a_with_whose_commit_is_refused_takes_all_back(student: Callable[[str], Any]) -> None:
    """As sqlite3 does: who looks after its end finds no transaction open."""
    source = """
import sqlite3

def piece(db):
    try:
        with db:
            db.execute("INSERT INTO cakes (name) VALUES ('apple')")
    except sqlite3.OperationalError as error:
        return [str(error), db.in_transaction]
"""
    with Database(TABLES) as database, student(source) as one:
        reader = database.connect()
        reader.executescript("BEGIN; SELECT * FROM cakes")
        scene = lambda pieces: pieces.call("piece", database.connect())  # noqa: E731
        assert one.on_clock(scene, "a case") == ["database is locked", False]


@both
def test_what_nobody_reads_any_more_locks_nothing(student: Callable[[str], Any]) -> None:
    """A cursor that is dropped half read lets others write, as in one process."""
    source = """
def piece(db, look):
    db.execute("SELECT 1 UNION SELECT 2").fetchone()
    first = db.execute("SELECT * FROM cakes").fetchone()
    look()
    return first
"""

    def look() -> None:
        database.script("INSERT INTO cakes (name) VALUES ('third')")

    with Database(TABLES) as database, student(source) as one:
        database.script("INSERT INTO cakes (name) VALUES ('first'), ('second')")
        scene = lambda pieces: pieces.call("piece", database.connect(), look)  # noqa: E731
        assert one.on_clock(scene, "a case") == (1, "first")


CARELESS = """
def piece(db, sell):
    try:
        db.execute("INSERT INTO cakes (name) VALUES ('apple')")
        rows = db.execute("SELECT * FROM cakes")
        rows.fetchone()
        sell()
    except BaseException:
        pass
    finally:
        db.commit()
"""


@both
@pytest.mark.parametrize("crash_at", [0, 3])
def test_of_a_process_that_dies_nothing_more_is_heard(
    student: Callable[[str], Any], crash_at: int
) -> None:
    """Whatever it would have done after that; and it keeps no lock."""

    def sell() -> None:
        db.crash()

    async def scene(pieces: Pieces) -> str:
        try:
            await pieces.call("piece", db, sell if not crash_at else (lambda: None))
        except Crash:
            return "dead"
        return "alive"

    with Database(TABLES) as database, student(CARELESS) as one:
        db = database.connect()
        db.crash_at = crash_at
        assert one.on_clock(scene, "a case") == "dead"
        database.script("INSERT INTO cakes (name) VALUES ('pear')")
        assert database.rows("SELECT name FROM cakes") == [("pear",)]


@pytest.mark.slow
def test_processes_share_no_memory() -> None:
    """What one remembers, another does not know."""
    source = """
SEEN = []

def piece(name):
    SEEN.append(name)
    return SEEN
"""

    async def scene(pieces: Pieces) -> list[Any]:
        other = pieces.process()
        return [
            await who.call("piece", name) for who, name in ((pieces, 1), (other, 2), (pieces, 3))
        ]

    with behind(source) as one:
        assert one.on_clock(scene, "a case") == [[1], [2], [1, 3]]


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("create_function", []),
        ("execute", []),
        ("execute", [True, "SELECT 1"]),
        ("execute", ["1", "SELECT 1"]),
        ("rowcount", []),
        ("fetch", [1]),
        ("set", ["row_factory", 1]),
        ("__class__", []),
    ],
)
def test_only_what_is_served_is_asked_for(method: str, words: list[Any]) -> None:
    """All else breaks the line."""
    with Database(TABLES) as database, pytest.raises(Broken):
        Counter(database.connect()).use(method, words)


def test_all_statements_of_a_connection_together_take_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that many of them, each just within its limits, hold up nobody."""
    monkeypatch.setattr("course_lib.exercises.database.MOST_SECONDS", 0.05)
    numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000)"
    with Database(TABLES) as database:
        counter = Counter(database.connect())
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            for _ in range(1000):
                asyncio.run(counter.use("execute", [0, f"{numbers} SELECT x FROM n ORDER BY -x"]))
                counter.use("fetch", [0, 1])


DOUBLED = ", ".join(f"t{n} AS (SELECT 1 FROM t{n - 1}, t{n - 1} x)" for n in range(1, 22))
DOUBLING = f"WITH t0 AS (SELECT 1), {DOUBLED} SELECT 1 FROM t21"
"""SQLite copies each table of it twice into the next, before it runs anything."""


def test_a_statement_that_doubles_itself_takes_little() -> None:
    """Less than a gigabyte, which this one would take."""
    with Database(TABLES) as database:
        counter = Counter(database.connect())
        with pytest.raises(MemoryError):
            asyncio.run(counter.use("execute", [0, DOUBLING]))
        asyncio.run(counter.use("execute", [0, "SELECT 1"]))
        assert counter.use("fetch", [0, 1]) == [(1,)]


def test_what_is_read_and_never_run_takes_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite looks at the time only once a statement runs."""
    monkeypatch.setattr("course_lib.exercises.database.MOST_SECONDS", 0.01)
    with Database(TABLES) as database:
        counter = Counter(database.connect())
        with pytest.raises(MemoryError):
            asyncio.run(counter.use("execute", [0, DOUBLING]))
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            asyncio.run(counter.use("execute", [0, DOUBLING]))


def test_cursors_and_rows_are_counted() -> None:
    """Each costs memory at the grader's."""
    with Database(TABLES) as database:
        counter = Counter(database.connect())
        with pytest.raises(Broken, match="500 cursors"):
            for number in range(MOST_CURSORS + 2):
                counter.use("rowcount", [number])
        counter.drop(0)
        numbers = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1001)"
        asyncio.run(counter.use("execute", [1, f"{numbers} SELECT x FROM n"]))
        with pytest.raises(Broken, match="1,000 rows"):
            counter.use("fetch", [1, None])
        asyncio.run(counter.use("execute", [2, f"{numbers} SELECT x FROM n"]))
        with pytest.raises(Broken, match="1,000 rows"):
            counter.use("fetch", [2, -1])
        asyncio.run(counter.use("execute", [3, f"{numbers} SELECT hex(zeroblob(4000)) FROM n"]))
        with pytest.raises(Broken, match="200,000 bytes"):
            counter.use("fetch", [3, 900])
