"""A database that is handed in: SQLite's own, in a file, whose connections wait in virtual time.

    with Database("CREATE TABLE inbox (id TEXT PRIMARY KEY)") as database:
        … await pieces.call("consume", database.connect(), message, effect)
        database.rows("SELECT id FROM inbox")       # what is committed

Each statement takes its time, and who finds the database locked tries again, all on the clock of
the scene: so copies of a piece take turns at every statement, the same ones on each computer.
A piece may be a stranger's: it reaches no other file and no setting, and gets neither much time
nor much space.
References: SQLite's documentation, "Compile-Time Authorization Callbacks", "Run-Time Limits",
"Defense Against The Dark Arts", and "Register A Callback To Handle SQLITE_BUSY Errors".
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Self
from weakref import WeakSet

from .property import SHOWN, short
from .student import Crash, in_this_thread, in_time

A_STATEMENT = 0.001
"""Virtual seconds that a statement takes, unless told otherwise."""
PATIENCE = 5.0
"""Virtual seconds for which a lock is waited for, as in sqlite3."""
TRY_EVERY = 0.01
MOST_LOOKS = 50_000
"""Instructions of SQLite's machine, for one statement."""
MOST_SECONDS = 1.0
"""Of processor, for all statements of a connection."""
PROCESSOR = getattr(time, "thread_time", time.process_time)
"""Its clock. A browser's Python has one thread, and no clock of that thread's own."""
IN_MEMORY = "/dev/shm"
PAGES = 1000
"""Of 4,096 bytes, in the file."""
MOST_STATEMENTS = 40
"""Of a piece: before each of them its process is let die once."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 20_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 5,
}
ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_CREATE_TABLE,
}
SLOW = {"load_extension", "like", "glob", "printf", "format"}
"""Functions of which one call may take for ever, or worse."""
TOLD = {"busy_timeout", "foreign_keys", "journal_mode", "synchronous"}
"""Settings that may be read; to change one does nothing."""

Steps = Generator[float, None, Any]


class Database:
    """A file with tables, in a folder that goes away with it.

    What is in the tables of `hidden` is seen by things that are handed in, and not by the pieces.
    """

    def __init__(self, tables: str, hidden: Iterable[str] = ()) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True, dir=_in_memory())
        self.path = Path(self.folder.name) / "shop.sqlite"
        self.hidden = frozenset(hidden)
        self.connections: list[Connection] = []
        self.script(tables)

    def connect(
        self, pace: Callable[[], float] = lambda: A_STATEMENT, *, backwards: bool = False
    ) -> Connection:
        """A new connection for a piece; `pace()` says how long its next statement takes.

        Rows for which no order is asked may come in any: `backwards` turns that which is usual.
        """
        db = Connection(self.path, self.hidden, pace, backwards)
        self.connections.append(db)
        return db

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What is committed, also where somebody has left a lock that keeps others from reading."""
        there = f"{self.path.as_uri()}?mode=ro&nolock=1"
        with closing(sqlite3.connect(there, uri=True)) as db:
            return db.execute(sql).fetchall()

    def script(self, sql: str) -> None:
        """Change it from outside, at once."""
        with closing(sqlite3.connect(self.path, timeout=0)) as db:
            db.executescript(f"PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {sql}")

    def close(self) -> None:
        """End all connections, without a commit, and take the file away."""
        for connection in self.connections:
            connection.close()
        self.folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _in_memory() -> str | None:
    """A folder on no disk, where there is one: each scene makes a file and takes it away."""
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK | os.X_OK) else None


class ByCursor(sqlite3.Connection):
    """Runs each statement by a cursor of its own, and ends a `with` by its own commit."""

    def execute(self, *words: Any) -> Any:
        """See sqlite3."""
        return self.cursor().execute(*words)

    def executemany(self, *words: Any) -> Any:
        """See sqlite3."""
        return self.cursor().executemany(*words)

    def executescript(self, *words: Any) -> Any:
        """See sqlite3."""
        return self.cursor().executescript(*words)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Literal[False]:
        """See sqlite3."""
        if kind is not None:
            self.rollback()
            return False
        try:
            self.commit()
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self.rollback()
            raise
        return False


class OneByOne(sqlite3.Cursor):
    """Runs each statement in one way, whatever its kind."""

    def execute(self, *words: Any) -> Any:
        """See sqlite3."""
        return self._run("execute", *words)

    def executemany(self, sql: str, rows: Any) -> Any:
        """See sqlite3; rows of a generator are kept, since who finds it locked tries again.

        If it raises, the rows before that have been executed, as there.
        """
        kept: list[Any] = []
        try:
            kept.extend(rows)
        finally:
            self._run("executemany", sql, kept)
        return self

    def executescript(self, *words: Any) -> Any:
        """See sqlite3."""
        return self._run("executescript", *words)

    def _run(self, method: str, *words: Any) -> Any:
        raise NotImplementedError


class Connection(ByCursor):
    """To a piece a connection like any other.

    The process that holds it dies before its statement number `crash_at`, if that is not 0; a
    commit and a rollback are statements, too.
    """

    def __init__(
        self, path: Path, hidden: frozenset[str], pace: Callable[[], float], backwards: bool
    ) -> None:
        super().__init__(path, timeout=0, check_same_thread=False, cached_statements=0)
        self.pace = pace
        self.is_closed = self.is_dead = False
        self.crash_at = 0
        self.uses: list[str] = []
        """The begins of its statements so far."""
        self.cursors: WeakSet[Cursor] = WeakSet()
        self._hidden, self._is_ours = hidden, False
        self._has_lock = False
        self._looks, self._left = 0, MOST_SECONDS
        self._begin: float | None = None  # of what is limited; None where nothing is
        for setting in (
            f"max_page_count = {PAGES}",
            "journal_mode = MEMORY",
            "synchronous = OFF",
            "temp_store = MEMORY",
            "cache_spill = OFF",  # what is not committed is never in the file
            f"reverse_unordered_selects = {backwards:d}",
        ):
            sqlite3.Cursor(self).execute(f"PRAGMA {setting}").fetchall()
        for limit, most in LIMITS.items():
            self.setlimit(limit, most)
        self.set_authorizer(self._may)
        self.set_progress_handler(self._is_too_long, 1)

    # How a statement is run -------------------------------------------------------------------

    def steps(self, method: str, *words: Any, cursor: Any = None, ours: bool = False) -> Steps:
        """One statement, as a generator that yields seconds to wait, like Blocking.

        `ours` is one of what is handed in, which sees the hidden tables.
        """
        self._note("the effect" if ours else str(words[0]) if words else method.upper())
        yield self.pace()
        waits, waited = method == "commit" or not self._has_lock, 0.0
        while True:
            self._check()
            try:
                return self._now(method, words, cursor, ours)
            except sqlite3.OperationalError as problem:
                busy = getattr(problem, "sqlite_errorname", "").startswith("SQLITE_BUSY")
                if not (busy and waits) or waited >= PATIENCE:
                    raise
            waited += TRY_EVERY
            yield TRY_EVERY

    def _now(self, method: str, words: Any, cursor: Any, ours: bool) -> Any:
        if method in ("commit", "rollback"):
            run = partial(getattr(sqlite3.Connection, method), self)
        else:
            cursor = Cursor(self) if cursor is None else cursor
            run = partial(getattr(sqlite3.Cursor, method), cursor, *words)
        with self._limited(ours):
            result = run()
        self._has_lock = self.in_transaction and (self._has_lock or _takes_lock(words))
        return result

    def rows(self, cursor: Cursor, most: int) -> list[Any]:
        """The next rows of one of its cursors."""
        with self._limited():
            return cursor.fetchmany(most)

    @contextmanager
    def _limited(self, ours: bool = False) -> Iterator[None]:
        """What runs inside takes little, and sees the hidden tables if it is `ours`.

        SQLite itself looks at the time only once a statement is read.
        """
        if self._left < 0:
            raise sqlite3.OperationalError("interrupted")
        self._looks, self._begin, self._is_ours = 0, PROCESSOR(), ours
        try:
            yield
        finally:
            self._left -= PROCESSOR() - (self._begin or 0.0)
            self._begin, self._is_ours = None, False

    def _note(self, statement: str) -> None:
        self._check()
        self.uses.append(statement[:SHOWN])
        if len(self.uses) == self.crash_at:
            self.crash()

    def _check(self) -> None:
        if self.is_dead:
            raise Crash

    async def settle(self) -> None:
        """Commit, as whoever handed it in may do once a piece has returned."""
        if not self.is_closed:
            await in_time(self.steps("commit", ours=True))

    def where(self) -> str:
        """Between which two of its statements it is: where its process died."""
        before, after = (short(one, 60) for one in ["", "", *self.uses][-2:])
        return f"after “{before}” and before “{after}”" if before else f"before “{after}”"

    def crash(self) -> NoReturn:
        """The process that holds this dies here: nothing that it has not committed is left."""
        self.is_dead = True
        self.close()
        raise Crash

    def _may(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_PRAGMA:
            is_told = second is None and first in TOLD
            return sqlite3.SQLITE_OK if is_told else sqlite3.SQLITE_IGNORE
        if self._is_ours:
            return sqlite3.SQLITE_OK
        if action not in ALLOWED or first in self._hidden or (second or "").lower() in SLOW:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def _is_too_long(self) -> bool:
        if self._begin is None:
            return False
        self._looks += 1
        return self._looks > MOST_LOOKS or PROCESSOR() - self._begin > self._left

    # What a piece in this process calls -------------------------------------------------------

    def cursor(self, factory: Any = None) -> Any:
        """See sqlite3."""
        return super().cursor(factory or Cursor)  # type: ignore[arg-type]

    def commit(self) -> None:
        """See sqlite3."""
        in_this_thread(self.steps("commit"))

    def rollback(self) -> None:
        """See sqlite3."""
        in_this_thread(self.steps("rollback"))

    def close(self) -> None:
        """See sqlite3."""
        self.is_closed = True
        for cursor in self.cursors:  # one that is still read would keep its lock
            with suppress(sqlite3.Error):
                cursor.close()
        super().close()


class Cursor(OneByOne):
    """A cursor like any other."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        connection.cursors.add(self)

    def _run(self, method: str, *words: Any) -> Any:
        connection: Any = self.connection
        in_this_thread(connection.steps(method, *words, cursor=self))
        return self


def _takes_lock(words: tuple[Any, ...]) -> bool:
    """Whether what has been done inside a transaction has taken a lock, as all but BEGIN does.

    Who has one and meets another's would wait for ever, and the other for him: so SQLite does not
    wait then.
    """
    return bool(words) and not str(words[0]).lstrip().upper().startswith(("BEGIN", "SAVEPOINT"))
