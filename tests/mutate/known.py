"""What a run of the tests with nothing changed tells: how long each takes, and what it reaches."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

WORDS = ["-x", "--assert=plain", "--tb=no", "-o", "addopts=", "-p", "no:cacheprovider"]
WORDS += ["-p", "no:xdist", "-p", "no:nbval", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
OURS = ("tests", "start", "conftest", "__main__")


@dataclass
class Known:
    """By the names of the tests, as pytest has them."""

    passed: bool = False
    seconds: float = 0.0
    """Of the processor, for all of them and what they import."""
    libraries: list[str] = field(default_factory=list)
    """Modules that were loaded in the end and are not the course's."""
    reached: dict[str, list[int]] = field(default_factory=dict)
    """The lines of the module that each runs."""
    lasted: dict[str, float] = field(default_factory=dict)
    """Seconds of the processor."""

    def reaches(self, test: str, line: int) -> bool:
        """Whether a test runs a line of the module, unless a cache has kept it from doing so."""
        return line in self.reached.get(test, ())

    def rank(self, test: str, line: int) -> tuple[bool, float]:
        """By which tests are sorted: those that reach a line first, and the quick before the slow.

        All are run in the end: what a test reaches may depend on those before it.
        """
        return not self.reaches(test, line), self.lasted.get(test, 0.0)


class Watch:
    """A pytest plugin that makes the notes."""

    def __init__(self, path: Path) -> None:
        self.file = str(path)
        self.known = Known()
        self.lines: set[int] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """One test, with its fixtures."""
        self.lines, began = set(), time.process_time()
        sys.settrace(self.trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.known.reached[item.nodeid] = sorted(self.lines)
            self.known.lasted[item.nodeid] = time.process_time() - began

    def trace(self, frame: FrameType, event: str, _: Any) -> Any:
        """Called by Python for each function and, in those of the module, for each line."""
        if frame.f_code.co_filename != self.file:
            return None
        self.lines.add(frame.f_lineno)
        return self.trace


def look(module: str, path: Path, tests: Sequence[str]) -> dict[str, Any]:
    """Run the tests; the fields of a Known."""
    watch = Watch(path)
    before = time.process_time()
    watch.known.passed = pytest.main([*WORDS, *tests], plugins=[watch]) == 0
    watch.known.seconds = time.process_time() - before
    ours = {*OURS, module.partition(".")[0], *(Path(test).stem for test in tests)}
    watch.known.libraries = [m for m in sys.modules if m.partition(".")[0] not in ours]
    return vars(watch.known)
