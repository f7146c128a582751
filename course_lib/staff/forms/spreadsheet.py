"""CSV that a spreadsheet opens, and that starts no formula in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

STARTS_FORMULA = "=+-@\t\r\n＝＋－＠"
"""First characters that a spreadsheet may take for a formula, and their full-width forms."""

UNSEEN = re.compile(r"^(?:[^\S\t\r\n]|[\0\u00ad\u200b-\u200f\u2060\ufeff])+")
"""Spaces and signs without a width, before a text."""


def written(head: Sequence[str], rows: Sequence[Sequence[str | int | float | None]]) -> str:
    """The text of a CSV file; every text that could start a formula gets an apostrophe in front,
    as OWASP advises (https://owasp.org/www-community/attacks/CSV_Injection). Numbers stay numbers.
    """
    file = io.StringIO()
    writer = csv.writer(file)  # with other ends of rows, Pythons before 3.13 do not quote a \r
    writer.writerow(head)
    writer.writerows([safe(one) if isinstance(one, str) else one for one in row] for row in rows)
    return file.getvalue()


def safe(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could see a formula.

    Spaces do not help a formula to hide: some spreadsheets leave them out, of whatever width.
    """
    first = UNSEEN.sub("", text)[:1]
    return f"'{text}" if first and first in STARTS_FORMULA else text
