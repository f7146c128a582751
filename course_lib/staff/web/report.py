"""How large a built site is, and what takes the room."""

from __future__ import annotations

from collections import Counter
from pathlib import Path


def sizes(out: Path) -> str:
    """A line for each large part, and one for the whole, in megabytes of disk."""
    parts: Counter[str] = Counter()
    for path in out.rglob("*"):
        if path.is_file():
            parts[_part(path.relative_to(out))] += path.stat().st_size
    lines = [f"{size / 1e6:7.1f} MB  {name}" for name, size in parts.most_common()]
    return "\n".join([*lines, f"{parts.total() / 1e6:7.1f} MB  {out}"])


def _part(path: Path) -> str:
    if path.parts[0] != "live":
        return "the book"
    if "pyodide" in path.parts and path.parts[1] == "static":
        return "Python, numpy, matplotlib and the course"
    return "the notebooks" if path.parts[1] == "files" else "Jupyter"
