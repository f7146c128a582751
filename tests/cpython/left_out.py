"""The list of CPython's tests that the virtual loop need not pass, each with its reason."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

LIST = Path(__file__).with_suffix(".toml")
KINDS = ("private parts", "the test loop's own clock", "real input or output", "changed on purpose")
MOST_CHANGED = 5  # tests of behaviour that the course changes


@dataclass(frozen=True)
class Entry:
    """Some tests and why they are left out."""

    kind: str
    why: str
    tests: tuple[str, ...]
    """`module.Class.test`, each part with the wildcards of fnmatch."""

    def holds(self, name: str) -> bool:
        """Whether a test is one of these."""
        return any(fnmatchcase(name, pattern) for pattern in self.tests)


def entries() -> list[Entry]:
    """What is left out on this Python, from `left_out.toml`."""
    python = "{}.{}".format(*sys.version_info)
    found = []
    for table in tomllib.loads(LIST.read_text(encoding="utf-8"))["left_out"]:
        if table["kind"] not in KINDS:
            raise ValueError(f"{LIST.name}: no kind {table['kind']!r}; there are {KINDS}")
        if python in table.get("pythons", [python]):
            found.append(Entry(table["kind"], table["why"], tuple(table["tests"])))
    return found
