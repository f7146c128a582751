"""A file of what the server has accepted and settled, which is read again at its next start.

It outlives the death of the process, and not that of the computer: nothing waits for the disk.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Journal:
    """One line for each thing done: its name, and its words; bytes among them as base64."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.exists():  # whoever died over its last line has not answered yet
            whole = path.read_bytes()
            os.truncate(path, whole.rfind(b"\n") + 1)
        self._file = path.open("a", encoding="ascii")

    def write(self, what: str, *words: str | int | bytes) -> None:
        """Add a line; it is with the operating system when this returns."""
        said = [{"bytes": _letters(word)} if isinstance(word, bytes) else word for word in words]
        self._file.write(json.dumps([what, *said]) + "\n")
        self._file.flush()

    def replay(self, do: Callable[..., Any]) -> None:
        """Call `do` with each line."""
        for line in self._path.read_text("ascii").splitlines():
            do(*(_word(word) for word in json.loads(line)))

    def close(self) -> None:
        """Nothing is added any more."""
        self._file.close()


def _letters(word: bytes) -> str:
    return base64.b64encode(word).decode("ascii")


def _word(word: Any) -> Any:
    return base64.b64decode(word["bytes"]) if isinstance(word, dict) else word
