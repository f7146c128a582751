"""What a program prints, heard while it goes where it would have gone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any


class Printed:
    """Text that was printed since it was last taken."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def take(self) -> str:
        """All that was printed since the last time."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen to what is printed meanwhile."""
        with redirect_stdout(_Heard(sys.stdout, self._parts)):
            yield


class _Heard:
    """A stream whose every text is noted."""

    def __init__(self, stream: Any, parts: list[str]) -> None:
        self._stream = stream
        self._parts = parts

    def write(self, text: str) -> int:
        self._parts.append(text)
        return int(self._stream.write(text) or 0)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
