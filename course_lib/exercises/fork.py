"""A function as another process has it: what it remembers beside itself is its own.

    other = forked(piece)       # what one puts into a list of the notebook, the other never sees

It gets copies of the lists, dicts, sets, deques, counters, locks and caches that it uses by name,
also inside of each other, or has as a default, in an attribute or from the function around it; and
so do the functions of its notebook that it calls. Objects of other kinds are shared: for these a
notebook is one process. Locks of asyncio, and queues, go with the loop of the process, also where a
class uses them: each process has a loop of its own.
"""

from __future__ import annotations

import ast
import asyncio
import copy
import functools
import itertools
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from types import CellType, CodeType, FunctionType
from typing import Any

LOCKS = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
CACHED = functools._lru_cache_wrapper
"""What `functools.cache` makes."""
OF_A_LOOP = (
    *(asyncio.Lock, asyncio.Event, asyncio.Semaphore, asyncio.Condition, asyncio.Queue),
    asyncio.Barrier,
)
"""What waits on the first loop for which somebody had to wait, and on no other after it."""
UNBOUND = {"_loop": None}
THREADING = ("_thread", "threading", "course_lib.loop.locks")


def forked(piece: Any) -> Any:
    """The same function in a namespace of its own; what is no function is itself."""
    if isinstance(piece, FunctionType):
        return Fork(piece.__globals__).of(piece)
    if isinstance(piece, type):
        _let_go(piece)
    return piece


def _let_go(kind: type) -> None:
    """Let its locks and queues, and those that its methods use by name, go with another loop."""
    things = list(vars(kind).values())
    for method in [one for one in things if isinstance(one, FunctionType)]:
        names = set(_names(method.__code__)) & method.__globals__.keys()
        things += [method.__globals__[name] for name in names]
    for thing in things:
        if isinstance(thing, OF_A_LOOP):
            vars(thing).update(UNBOUND)
            if type(thing) is asyncio.Lock:  # one that is held by a run that is over stays so
                vars(thing).update(vars(asyncio.Lock()))


class Fork:
    """A namespace, as a process has it that begins here."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.before = namespace
        self.namespace = dict(namespace)
        self.copies: dict[int, Any] = {}  # by the identity of what is there already

    def of(self, function: FunctionType) -> FunctionType:
        """The function here, the same one each time, and with it all that it uses by name."""
        if id(function) in self.copies:
            return self.copies[id(function)]  # type: ignore[no-any-return]
        cells = function.__closure__ or ()
        closure = tuple(self.copies.setdefault(id(cell), CellType()) for cell in cells)
        made = FunctionType(
            function.__code__, self.namespace, function.__name__, None, closure or None
        )
        self.copies[id(function)] = made
        for cell, copied in zip(cells, closure, strict=True):
            with suppress(ValueError):  # it is empty as yet
                copied.cell_contents = self._value(cell.cell_contents)
        made.__defaults__ = tuple(map(self._value, function.__defaults__ or ()))
        made.__kwdefaults__ = self._values(function.__kwdefaults__ or {})
        made.__dict__ = self._values(vars(function))
        for name in set(_names(function.__code__)) & self.before.keys():
            self.namespace[name] = self._value(self.before[name])
        return made

    def _values(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        if id(value) not in self.copies:
            copied = self._copied(value)
            self.copies[id(value)] = copied
        return self.copies[id(value)]

    def _copied(self, value: Any) -> Any:
        if isinstance(value, FunctionType) and value.__globals__ is self.before:
            return self.of(value)
        if isinstance(value, list | dict | set | deque):
            return self._container(value)
        if isinstance(value, itertools.count):  # its repr says where it is, and it has no copy
            where = ast.literal_eval(repr(value).removeprefix("count"))
            return itertools.count(*where) if isinstance(where, tuple) else itertools.count(where)
        if isinstance(value, CACHED):
            return functools.lru_cache(**value.cache_parameters())(self._value(value.__wrapped__))
        if isinstance(value, asyncio.Condition):
            return asyncio.Condition(self._value(value._lock))  # type: ignore[attr-defined]
        if isinstance(value, OF_A_LOOP):
            return self._of_a_loop(value)
        name = type(value).__name__.removeprefix("_")
        name = "Lock" if name == "lock" else name
        if name in LOCKS and type(value).__module__ in THREADING:
            return getattr(threading, name)()  # asked for now, so that it is one of the run's
        return value

    def _of_a_loop(self, value: Any) -> Any:
        made = self.copies[id(value)] = copy.copy(value)
        vars(made).update(self._values(vars(value)) | UNBOUND)
        return made

    def _container(self, value: Any) -> Any:
        made = self.copies[id(value)] = copy.copy(value)  # known first: it may hold itself
        places = {} if isinstance(value, set) else value
        for place, inner in places.items() if isinstance(places, dict) else enumerate(places):
            if (copied := self._value(inner)) is not inner:
                made[place] = copied
        return made


def _names(code: CodeType) -> Iterator[str]:
    """What it uses by name, and the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
