"""The item analysis as CSV: one row for each choice of each question, for a spreadsheet.

Every text that could start a formula gets an apostrophe in front, as OWASP advises against CSV
injection (https://owasp.org/www-community/attacks/CSV_Injection); numbers are left as numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ..forms.spreadsheet import safe
from .item_analysis import Analysis, Figures
from .submissions import Sheet

COLUMNS = (
    "question",
    "id",
    "section",
    "heading",
    "stem",
    "students",
    "right",
    "share_right",
    "share_right_low",
    "share_right_high",
    "guessing",
    "discrimination",
    "discrimination_low",
    "discrimination_high",
    "choice",
    "is_key",
    "taken_by",
    "share",
    "text",
    "misconception",
)

Cell = str | int | float | None


def table(analysis: Analysis) -> str:
    """The text of the CSV file, all that is known of each question repeated in its rows."""
    rows = [row for n, one in enumerate(analysis.figures, start=1) for row in _rows(n, one)]
    return _written(COLUMNS, rows)


def students_table(analysis: Analysis, sheets: Sequence[Sheet]) -> str:
    """One row for each student: with names, so only written when the instructor asks."""
    numbers = [f"answer_{n}" for n in range(1, len(analysis.figures) + 1)]
    keys = [one.question.key for one in analysis.figures]
    rows: list[list[Cell]] = []
    for sheet in sheets:
        answers = [one.letter or ("" if one.empty else one.fault) for one in sheet.answers]
        right = sum(answer == key for answer, key in zip(answers, keys, strict=True))
        rows.append([sheet.student, "yes" if sheet.late else "no", right, *answers])
    return _written(("student", "late", "right", *numbers), rows)


def _rows(number: int, one: Figures) -> Iterator[list[Cell]]:
    question, found = one.question, one.discrimination
    low, high = one.right.interval
    edges = found.interval if found else (None, None)
    about: list[Cell] = [number, question.id, question.section, question.heading, question.stem]
    about += [one.right.of, one.right.count, one.right.share, low, high, one.guessing]
    about += [found.value if found else None, *edges]
    for letter, choice in zip(question.letters, question.choices, strict=True):
        taken = one.taken[letter]
        key = "yes" if letter == question.key else "no"
        yield [*about, letter, key, taken.count, taken.share, choice.text, choice.misconception]
    for words, count in (("no answer", one.unanswered), ("unclear", one.unclear)):
        share = count / one.right.of if one.right.of else 0.0
        yield [*about, words, "no", count, share, "", ""]


def _written(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([head, *([_cell(value) for value in row] for row in rows)])
    return file.getvalue()


def _cell(value: Cell) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return safe(value) if isinstance(value, str) else "" if value is None else str(value)
