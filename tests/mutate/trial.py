"""Whether tests notice a mutant. Nothing that stays the same is loaded twice.

Quickly: the tests are collected once; in a fork, the code of the module's functions is exchanged
for the mutant's, and the tests that reach its line are run. Most mutants end here.
Thoroughly, for all others: in a fork that knows the libraries alone, the mutant is imported, and
all tests are run.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from .forks import each, limit, told
from .known import WORDS, Known, look
from .mutants import Mutant

FAILED = (1, 2, 3)  # of pytest: a test, its collection, or pytest itself


class Trial:
    """A module and its tests, which have passed with nothing changed if `known.passed`."""

    def __init__(self, module: str, path: Path, tests: Sequence[str]) -> None:
        self.module, self.path, self.tests = module, path, tests
        self.known = Known(**told(lambda: look(module, path, tests)))
        for name in self.known.libraries:
            with suppress(ImportError):
                importlib.import_module(name)
        gc.freeze()  # the garbage collector of a fork need not look at them

    def killed(self, mutants: Sequence[Mutant]) -> set[str]:
        """The names of those that a test fails for, or never ends with."""
        dead = set(told(lambda: self._quickly([m for m in mutants if m.inside])))
        left = [mutant for mutant in mutants if mutant.name not in dead]
        ends = each(self._thoroughly(mutant) for mutant in left)
        for mutant, end in zip(left, ends, strict=True):
            if end > max(FAILED):
                raise RuntimeError(f"pytest did not try {mutant.name}: it ended with {end}")
            if end:
                dead.add(mutant.name)
        return dead

    def _quickly(self, mutants: Sequence[Mutant]) -> list[str]:
        quick = Quick(self, mutants)
        pytest.main([*WORDS, *self.tests], plugins=[quick])
        return quick.dead

    def _thoroughly(self, mutant: Mutant) -> Callable[[], int]:
        def work() -> int:
            sys.meta_path.insert(0, Finder(self.module, self.path, mutant.code))
            limit(self.known.seconds)
            return int(pytest.main([*WORDS, *self.tests], plugins=[Order(mutant.line, self.known)]))

        return work


class Quick:
    """A pytest plugin that tries mutants in place of running the tests."""

    def __init__(self, trial: Trial, mutants: Sequence[Mutant]) -> None:
        self.trial, self.mutants = trial, mutants
        self.dead: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """All tests are collected by now."""
        ends = each(self.work(mutant, session) for mutant in self.mutants)
        pairs = zip(self.mutants, ends, strict=True)
        self.dead = [mutant.name for mutant, end in pairs if end == 1 or end < 0]
        return True

    def work(self, mutant: Mutant, session: pytest.Session) -> Callable[[], int]:
        known = self.trial.known
        items = [item for item in session.items if known.reaches(item.nodeid, mutant.line)]
        items.sort(key=lambda item: known.rank(item.nodeid, mutant.line))

        def work() -> int:
            exchange(str(self.trial.path), mutant.code)
            limit(sum(known.lasted[item.nodeid] for item in items))
            for item, after in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    return 1
            return 0

        return work


def exchange(file: str, code: CodeType) -> None:
    """Give each function of a file that is loaded the code that it has in the mutant."""
    new = {(c.co_qualname, c.co_firstlineno): c for c in _inside(code)}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename == file:
            old = thing.__code__
            thing.__code__ = new[old.co_qualname, old.co_firstlineno]


def _inside(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _inside(constant)


class Order:
    """A pytest plugin that begins with the tests that are most likely to notice."""

    def __init__(self, line: int, known: Known) -> None:
        self.line, self.known = line, known

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called when all are collected."""
        items.sort(key=lambda item: self.known.rank(item.nodeid, self.line))


class Changed(SourceFileLoader):
    """Imports a module from code that is not that of its file."""

    code: CodeType

    def get_code(self, fullname: str) -> CodeType:
        """The mutant's."""
        return self.code


class Finder:
    """Finds one module, and leaves all others to Python."""

    def __init__(self, module: str, path: Path, code: CodeType) -> None:
        self.module = module
        self.loader = Changed(module, str(path))
        self.loader.code = code

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        """Part of the protocol of `sys.meta_path`."""
        if name != self.module:
            return None
        return importlib.util.spec_from_file_location(name, self.loader.path, loader=self.loader)
