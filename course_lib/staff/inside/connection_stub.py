"""What a student's piece gets for a connection: its SQL runs at the grader's."""

from __future__ import annotations

import itertools
import sqlite3
from typing import TYPE_CHECKING, Any

from course_lib.exercises.database import ByCursor, OneByOne

if TYPE_CHECKING:
    from .stubs import Stubs


class ConnectionStub(ByCursor):
    """Looks like a connection of sqlite3; the one that it is itself is to an empty database."""

    def __init__(self, stubs: Stubs, number: int) -> None:
        super().__init__(":memory:", check_same_thread=False)
        self._stubs, self._handed = stubs, number
        self._numbers = itertools.count(1)

    def _now(self, method: str, *words: Any) -> Any:
        return self._stubs.instant(self._handed, method)(*words)

    def _in_time(self, method: str, *words: Any) -> Any:
        return self._stubs.blocking(self._handed, method)(*words)

    def cursor(self, factory: Any = None) -> Any:
        made = (factory or CursorStub)(self)
        made.row_factory = self.row_factory
        return made

    def commit(self) -> None:
        self._in_time("commit")

    def rollback(self) -> None:
        self._in_time("rollback")

    def close(self) -> None:
        self._now("close")


class CursorStub(OneByOne):
    """Looks like a cursor of sqlite3."""

    def __init__(self, connection: ConnectionStub) -> None:
        super().__init__(connection)
        self._of, self._number = connection, next(connection._numbers)

    def __del__(self) -> None:
        self._of._stubs.line.dropped.append([self._of._handed, self._number])

    def _run(self, method: str, *words: Any) -> Any:
        many = method == "executemany"
        bound = ([_bound(row) for row in one] if many else _bound(one) for one in words[1:])
        self._of._in_time(method, self._number, *words[:1], *bound)
        return self

    def _rows(self, most: int | None) -> list[Any]:
        found: list[Any] = self._of._now("fetch", self._number, most)
        if self.row_factory is None or not found:
            return found
        real = _cursor_with([column[0] for column in self.description])
        return [self.row_factory(real, row) for row in found]

    def fetchone(self) -> Any:
        return next(iter(self._rows(1)), None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return self._rows(self.arraysize if size is None else size)

    def fetchall(self) -> list[Any]:
        return self._rows(None)

    def __next__(self) -> Any:
        for row in self._rows(1):
            return row
        raise StopIteration

    def close(self) -> None:
        self._of._stubs.line.dropped.append([self._of._handed, self._number])


def _bound(values: Any) -> Any:
    """Values as sqlite3 binds them, by the adapters that the student has registered."""
    if isinstance(values, dict):
        return {name: _adapted(value) for name, value in values.items()}
    return [*map(_adapted, values)] if isinstance(values, list | tuple) else values


def _adapted(value: Any) -> Any:
    return sqlite3.adapt(value, sqlite3.PrepareProtocol, value)


def _cursor_with(names: list[str]) -> sqlite3.Cursor:
    """A real cursor whose columns have these names, for a row factory that looks at them."""
    columns = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in names)
    return sqlite3.connect(":memory:").execute(f"SELECT {columns}")


def _asked(name: str) -> property:
    """A value that the grader's connection or cursor has."""

    def value(self: Any) -> Any:
        if isinstance(self, CursorStub):
            return self._of._now(name, self._number)
        return self._now(name)

    def change(self: Any, value: Any) -> None:
        self._now("set", name, value)

    return property(value, change)


for _name in ("in_transaction", "total_changes", "isolation_level", "autocommit"):
    if hasattr(sqlite3.Connection, _name):
        setattr(ConnectionStub, _name, _asked(_name))
for _name in ("description", "rowcount", "lastrowid"):
    setattr(CursorStub, _name, _asked(_name))
