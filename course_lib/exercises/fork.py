"""A function as another process has it: what it remembers beside itself is its own.

    other = forked(piece)       # what one puts into a list of the notebook, the other never sees

It gets copies of the lists, dicts, sets, counters and locks that it uses by name or has as a
default, and so do the functions of its notebook that it calls. Objects of other kinds are shared:
for these a notebook is one process.
"""

from __future__ import annotations

import ast
import copy
import itertools
import threading
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

LOCKS = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
THREADING = ("_thread", "threading", "course_lib.loop.locks")


def forked(piece: Any) -> Any:
    """The same function in a namespace of its own; what is no function is itself."""
    if not isinstance(piece, FunctionType):
        return piece
    return Fork(piece.__globals__).of(piece)


class Fork:
    """A namespace, as a process has it that begins here."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.before = namespace
        self.namespace = dict(namespace)
        self.made: dict[FunctionType, FunctionType] = {}

    def of(self, function: FunctionType) -> FunctionType:
        """The function here, and with it all that it uses by name."""
        if function not in self.made:
            made = FunctionType(
                function.__code__,
                self.namespace,
                function.__name__,
                None,
                function.__closure__,
            )
            self.made[function] = made
            made.__defaults__ = tuple(map(self._value, function.__defaults__ or ()))
            named = (function.__kwdefaults__ or {}).items()
            made.__kwdefaults__ = {name: self._value(value) for name, value in named}
            for name in set(_names(function.__code__)) & self.before.keys():
                self.namespace[name] = self._value(self.before[name])
        return self.made[function]

    def _value(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and value.__globals__ is self.before:
            return self.of(value)
        if isinstance(value, list | dict | set):
            return copy.copy(value)
        if isinstance(value, itertools.count):  # its repr says where it is, and it has no copy
            where = ast.literal_eval(repr(value).removeprefix("count"))
            return itertools.count(*where) if isinstance(where, tuple) else itertools.count(where)
        name = type(value).__name__.removeprefix("_")
        name = "Lock" if name == "lock" else name
        if name in LOCKS and type(value).__module__ in THREADING:
            return getattr(threading, name)()  # asked for now, so that it is one of the run's
        return value


def _names(code: CodeType) -> Iterator[str]:
    """What it uses by name, and the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
