"""The little Markdown that a question may use, as HTML."""

from __future__ import annotations

import re
from html import escape

MARKED = re.compile(r"(`[^`]+`|\*[^*\s](?:[^*]*[^*\s])?\*)")  # code, or emphasis


def inline(text: str) -> str:
    """Code spans and emphasis as elements, all else escaped, for the content of an element."""
    parts = MARKED.split(text)
    parts[0::2] = [escape(part, quote=False) for part in parts[0::2]]
    parts[1::2] = [_element(part) for part in parts[1::2]]
    return "".join(parts)


def _element(marked: str) -> str:
    name = "em" if marked.startswith("*") else "code"
    return f"<{name}>{escape(marked[1:-1], quote=False)}</{name}>"
