"""The files and cells of a program, as far as its code ran."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import CodeType

from .film import Source


class Sources:
    """Files whose code ran, in the order in which they are met."""

    def __init__(self) -> None:
        self._places: dict[CodeType, int] = {}
        self._files: dict[str, int] = {}
        self._lines: list[tuple[int, int]] = []  # first and last line of a file's code that ran

    def place(self, code: CodeType) -> int:
        """The place of the file that a code is from; its lines are noted at the first time."""
        if code in self._places:
            return self._places[code]
        first = code.co_firstlineno
        last = max((line for _, _, line in code.co_lines() if line), default=first)
        place = self._places[code] = self._files.setdefault(code.co_filename, len(self._files))
        if place == len(self._lines):
            self._lines.append((first, last))
        low, high = self._lines[place]
        self._lines[place] = (min(low, first), max(high, last))
        return place

    def all(self) -> list[Source]:
        """Each with its lines, from the first to the last that belongs to code that ran."""
        found = []
        for file, (first, last) in zip(self._files, self._lines, strict=True):
            lines = tuple(line.rstrip() for line in linecache.getlines(file)[first - 1 : last])
            found.append(Source(name_of_file(file), first, lines))
        return found


def name_of_file(file: str) -> str:
    """A file by its last name, and a cell of a notebook by the `In [n]` beside it."""
    python = sys.modules.get("IPython")
    shell = python.get_ipython() if python is not None else None
    if shell is not None and (label := shell.compile.format_code_name(file)) is not None:
        kind, name = label
        return str(name).replace("In[", "In [") if kind == "Cell" else str(name)
    return Path(file).name
