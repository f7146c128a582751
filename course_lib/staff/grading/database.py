"""The database of a gradebook: known by its URL, and told in a sentence where it does not answer.

with answering(url):
    engine_of(url, patience=60)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

CAUSES = (
    ("locked|LockNotAvailable", "another program holds it; close that one, and try again"),
    ("readonly|read-only", "it may not be written; look at its rights, and those of its folder"),
    ("unable to open", "look whether its folder is there, and may be read and written"),
    (
        "no such (table|column)|Undefined(Table|Column)",
        "another nbgrader made it; in the course's folder `nbgrader db upgrade` keeps a copy of "
        "it and makes it new",
    ),
    ("not a database|malformed", "put a copy of it in its place"),
    ("is full|No space|disk I/O", "make room on the disk, and try again: what was graded is kept"),
    ("Could not parse|Can't load plugin", "write it as sqlite:///FILE or postgresql://…"),
)
"""What a database says, and the way out; the first that fits."""
NO_ANSWER = "look whether its server is there, and whether its address is right"


class GradebookError(Exception):
    """A gradebook that cannot be used; says why, and the way out."""


@contextmanager
def answering(url: str) -> Iterator[None]:
    """Turn what a database says when it does not answer into a GradebookError."""
    try:
        yield
    except ModuleNotFoundError as problem:
        raise GradebookError(
            f"The gradebook {named(url)} needs a package that is not here, {problem.name}: "
            "install what brings it; for PostgreSQL that is psycopg[binary]."
        ) from None
    except SQLAlchemyError as problem:
        said = " ".join(str(getattr(problem, "orig", None) or problem).split()).rstrip(".")
        fits = (way for words, way in CAUSES if re.search(words, f"{type(problem)} {said}"))
        raise GradebookError(
            f"The gradebook {named(url)} cannot be used ({said}): {next(fits, NO_ANSWER)}."
        ) from None


def named(url: str) -> str:
    """The URL of a database as it may be shown: without its password, and a file as it is."""
    if url.startswith("sqlite:"):
        return url
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(url)


def same_database(one: str, other: str) -> bool:
    """Whether two URLs are of one database, whoever asks it, and by which driver."""
    try:
        urls = make_url(one), make_url(other)
    except ArgumentError:
        return one == other
    first, second = (
        (url.get_backend_name(), url.host, url.port, _place(url), *sorted(url.query.items()))
        for url in urls
    )
    return first == second


def _place(url: URL) -> str | None:
    """The name of a database; of SQLite's, the file."""
    if url.get_backend_name() == "sqlite" and url.database:
        return str(Path(url.database).resolve())
    return url.database


def is_there(url: str) -> bool:
    """Whether there is anything in it: a file of SQLite is made by whoever asks, and empty."""
    if not url.startswith("sqlite:///"):
        return True
    file = Path(url.removeprefix("sqlite:///").partition("?")[0])
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def engine_of(url: str, patience: int) -> Engine:
    """Connections to the database, each of which waits `patience` seconds while others write."""
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, connect_args={"timeout": patience})

    # Python's sqlite3 begins a transaction at its first change; then somebody else may have
    # changed what was read before it.
    @event.listens_for(engine, "connect")
    def _by_hand(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
