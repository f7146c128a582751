"""Rows of whole numbers for the browser, whose fields have names; `named` in rows.js reads them."""

from __future__ import annotations

from collections.abc import Iterable

Row = Iterable[int | None]


def rows(fields: str, table: Iterable[Row]) -> dict[str, str]:
    """The rows and, in one text, the names of their fields; the last may be a list, `...others`."""
    return {"fields": fields, "rows": digits(table)}


def digits(table: Iterable[Row]) -> str:
    """The rows as text, two thirds as long as JSON's; "-" for what never came."""
    return ",".join(" ".join(map(_digits, row)) for row in table)


def _digits(number: int | None) -> str:
    return "-" if number is None else str(int(number))
