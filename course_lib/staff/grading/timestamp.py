"""What a timestamp.txt says, in UTC and naive, as nbgrader keeps times.

Apart from what reads submissions: nbgrader takes seconds to import, and only the writer needs it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nbgrader.utils import parse_utc  # type: ignore[import-untyped]


def time_of(text: str) -> datetime | None:
    """The moment that the text names; None if it names none."""
    try:
        when: Any = parse_utc(text.strip()) if text.strip() else None
    except Exception:  # noqa: BLE001  names of zones are looked for among files, and any may fail
        return None
    return when if isinstance(when, datetime) else None
