"""The little Markdown that a bank may use, as HTML."""

from __future__ import annotations

import re
from html import escape


def inline(text: str) -> str:
    """A bank's Markdown, code spans and emphasis alone, as HTML; all else is escaped."""
    parts = re.split(r"`([^`]+)`", text)
    parts[1::2] = [f"<code>{escape(code)}</code>" for code in parts[1::2]]
    parts[0::2] = [
        re.sub(r"\*([^*\s](?:[^*]*[^*\s])?)\*", r"<em>\1</em>", escape(words))
        for words in parts[0::2]
    ]
    return "".join(parts)
