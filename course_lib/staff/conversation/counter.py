"""The counter at which a student's process is served what it asks of a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Coroutine
from contextlib import closing, suppress
from functools import cache
from typing import Any

from course_lib.exercises.database import Connection, Cursor
from course_lib.exercises.student import in_time
from course_lib.staff.inside.wire import MOST_BYTES, Broken

MOST_CURSORS = 500
"""Open at once."""
MOST_ROWS = 1000
"""In one answer."""
MOST_MEMORY = 64 << 20
"""Bytes that SQLite may take in this process: a WITH whose tables double each other takes all that
there is, and its time, before the first instruction is counted.
"""
RUN = ("execute", "executemany", "executescript")
TIMED = (*RUN, "commit", "rollback")
OF_A_CURSOR = ("description", "rowcount", "lastrowid")
MAY_BE_SET = ("isolation_level", "autocommit")
OF_A_CONNECTION = ("in_transaction", "total_changes", *MAY_BE_SET)


@cache
def _limit_memory() -> None:
    """Once, for all connections of this process."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"PRAGMA hard_heap_limit = {MOST_MEMORY}")


class Counter:
    """One connection, and its cursors by the numbers that the student's side gives them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.cursors: dict[int, Cursor] = {}
        _limit_memory()

    def use(self, method: str, words: list[Any]) -> Any:
        """What comes of it: a coroutine if it takes time, else the result. Raises Broken."""
        if method in ("commit", "rollback"):
            return in_time(self.connection.steps(method))
        if method in RUN and words:
            return self._run(method, self._cursor(words[0]), words[1:])
        if method in OF_A_CONNECTION:
            return getattr(self.connection, method)
        if method in OF_A_CURSOR and words:
            return getattr(self._cursor(words[0]), method)
        if method == "fetch" and len(words) == 2:
            return self._rows(self._cursor(words[0]), words[1])
        if method == "set" and len(words) == 2 and words[0] in MAY_BE_SET:
            return setattr(self.connection, words[0], words[1])
        if method == "close":
            return self.connection.close()
        raise Broken(f"it asks a connection for {method[:80]!r}, which was not handed in")

    def _run(self, method: str, cursor: Cursor, words: list[Any]) -> Coroutine[Any, Any, None]:
        async def run() -> None:
            await in_time(self.connection.steps(method, *words, cursor=cursor))

        return run()

    def _rows(self, cursor: Cursor, most: Any) -> list[Any]:
        """The next rows, so many of them; all that there are for None, 0 and less.

        One by one, for a thousand of them may take a gigabyte.
        """
        wanted, size = int(most or 0), 0
        found: list[Any] = []
        while (wanted <= 0 or len(found) < wanted) and (row := self.connection.rows(cursor, 1)):
            found += row
            size += sum(len(value) for value in row[0] if isinstance(value, str | bytes))
            if len(found) > MOST_ROWS:
                raise Broken(f"it fetches more than {MOST_ROWS:,} rows")
            if size > MOST_BYTES:
                raise Broken(f"it fetches more than {MOST_BYTES:,} bytes at once")
        return found

    def _cursor(self, number: Any) -> Cursor:
        if type(number) is not int or len(self.cursors) > MOST_CURSORS:
            raise Broken(f"it has more than {MOST_CURSORS} cursors, or one without a number")
        if number not in self.cursors:
            self.cursors[number] = Cursor(self.connection)
        return self.cursors[number]

    def drop(self, number: Any) -> None:
        """Nobody has this cursor any more: what it reads is let go."""
        with suppress(sqlite3.Error):
            if (cursor := self.cursors.pop(number, None)) is not None:
                cursor.close()
