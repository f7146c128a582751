"""The queues, locks and the like of a program: what it calls them, and how they stand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, GetSetDescriptorType
from typing import Any

from ..loop.holders import holds, is_thing, name_of, thing_awaited
from .film import NOBODY, Thing
from .values import short

MOST_ITEMS = 9  # of a queue that are shown
MOST_INSIDE = 20  # of a list or dict of locks that are looked at
NEEDS = {  # by the end of its kind: what each tells how it stands by
    "Queue": ("_queue", "_maxsize"),
    "Lock": ("_locked",),
    "Semaphore": ("_value",),
    "Event": ("_value",),
}


class Things:
    """The things that a film shows, in the order in which they are met."""

    def __init__(self) -> None:
        self.all: list[Thing] = []
        self._things: list[Any] = []  # kept alive, so that no other gets the same id
        self._places: dict[int, int] = {}  # id of a thing → its place
        self._holders: dict[int, int] = {}  # id of a lock → who holds it
        self._seen: set[CodeType] = set()  # code whose globals were looked through

    def look_for(self, frame: FrameType) -> None:
        """Note what the student's code calls its queues and locks."""
        if frame.f_code not in self._seen:
            self._seen.add(frame.f_code)
            for name in frame.f_code.co_names:
                self._look_into(name, frame.f_globals.get(name))
        for name, value in frame.f_locals.items():
            self._look_into(name, value)

    def _look_into(self, name: str, value: Any) -> None:
        for inner, thing in _things_in(name, value):
            if id(thing) in self._places or _is_made(thing):
                self._meet(inner, thing)

    def _meet(self, name: str, thing: Any) -> int:
        if id(thing) not in self._places:
            taken = sum(one.name.partition(" (")[0] == name for one in self.all)
            shown = f"{name} ({taken + 1})" if taken else name
            self._places[id(thing)] = len(self.all)
            self.all.append(Thing(shown, _kind_of(thing)))
            self._things.append(thing)
            if isinstance(thing, asyncio.Lock) and thing.locked():
                self._holders[id(thing)] = NOBODY  # who took it, nobody has seen
        return self._places[id(thing)]

    def awaited(self, coroutine: Any, tasks: Callable[[], dict[int, Any]]) -> int:
        """The place of the queue or lock that a suspended coroutine waits for.

        One that no line has shown is looked for in the coroutines of all `tasks`.
        """
        thing = thing_awaited(coroutine)
        if thing is None or not _is_made(thing):
            return NOBODY
        if id(thing) not in self._places:
            all_tasks = tasks()
            name = name_of(thing, all_tasks.values()) or type(thing).__name__.lower()
            self._meet(name, thing)
            for place, one in all_tasks.items():
                if holds(thing, one):
                    self._holders[id(thing)] = place
        return self._places[id(thing)]

    def states(self, actor: int) -> tuple[tuple[Any, ...], ...]:
        """How each stands; a lock that was just taken is this actor's."""
        return tuple(self._state(thing, actor) for thing in self._things)

    def _state(self, thing: Any, actor: int) -> tuple[Any, ...]:
        if isinstance(thing, asyncio.Queue):
            items = list(thing._queue)  # type: ignore[attr-defined]
            shown = tuple(short(item) for item in items[:MOST_ITEMS])
            return (thing.maxsize, len(items), *shown)
        if isinstance(thing, asyncio.Lock):
            if not thing.locked():
                self._holders.pop(id(thing), None)
                return ()
            return (self._holders.setdefault(id(thing), actor),)
        if isinstance(thing, asyncio.Semaphore):
            return (thing._value,)
        return (int(thing.is_set()),) if isinstance(thing, asyncio.Event) else ()


def _things_in(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The queues and locks that a name leads to: itself, or inside an object, a list, a dict."""
    if is_thing(value):
        yield name, value
    elif name == "self":
        for inner, part in _attributes(value):
            if is_thing(part):
                yield inner, part
    elif type(value) in (list, tuple):
        for number, part in enumerate(value[:MOST_INSIDE]):
            if is_thing(part):
                yield f"{name}[{number}]", part
    elif type(value) is dict and len(value) <= MOST_INSIDE:
        for key, part in list(value.items()):
            if is_thing(part):
                yield f"{name}[{short(key)}]", part


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """Those that an object has of its own, without a question to code of the student's."""
    classes = (vars(one) for one in type(value).__mro__)
    kept = next((names["__dict__"] for names in classes if "__dict__" in names), None)
    return list(kept.__get__(value).items()) if isinstance(kept, GetSetDescriptorType) else []


def _kind_of(thing: Any) -> str:
    """The class of asyncio's that it is of, or is derived from."""
    classes = type(thing).__mro__
    return next(one.__name__ for one in classes if one.__module__.startswith("asyncio."))


def _is_made(thing: Any) -> bool:
    """Whether it can tell how it stands: not in the first lines of an `__init__` of the student's,
    nor ever, if a student's queue keeps its items in a way of its own.
    """
    kind = _kind_of(thing)
    needs = next((names for end, names in NEEDS.items() if kind.endswith(end)), ())
    return all(hasattr(thing, name) for name in needs)
