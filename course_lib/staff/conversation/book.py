"""What was handed to a student's piece in one conversation, by number: the real things."""

from __future__ import annotations

import inspect
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from course_lib.exercises.database import Connection
from course_lib.exercises.student import Blocking, Filled, in_time
from course_lib.staff.inside.wire import Broken, Other, plain, value_of

from .counter import TIMED, Counter


class Book:
    """Gives each thing a number on its way out, and finds it when the student's side uses it."""

    def __init__(self) -> None:
        self.things: list[Any] = [None]  # so that numbers begin at 1
        self.kinds = [""]  # of each
        self.numbers: dict[int, int] = {}  # by id, which is a thing's own while it is held here
        self.counters: dict[Connection, Counter] = {}

    def said(self, value: Any) -> Any:
        """How a value goes over the wire."""
        return plain(value, self._handed)

    def value(self, said: Any) -> Any:
        """What a value on the wire is; a thing that was handed in is itself again."""
        return value_of(said, self._known)

    def _known(self, said: dict[str, Any]) -> Any:
        if said.get("$") == "handed":
            return self.thing(said.get("id"))
        return Other(str(said.get("of"))[:80])

    def thing(self, number: Any) -> Any:
        """The thing of this number; raises Broken."""
        if type(number) is not int or not 0 < number < len(self.things):
            raise Broken("it uses what was never handed in")
        return self.things[number]

    def _handed(self, value: Any) -> Any:
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"$": "error", "name": value.__name__}
        number = self.numbers.get(id(value)) or self._noted(value)
        return {"$": self.kinds[number], "id": number, **self._more(value)}

    def _noted(self, value: Any) -> int:
        self.kinds.append(_kind(value))
        number = self.numbers[id(value)] = len(self.things)
        self.things.append(value)
        return number

    def _more(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Filled):
            return {"of": [self.said(one) for one in value]}
        return {}

    def fill(self, lists: Any) -> None:
        """Lists that were handed in have now these values; raises Broken."""
        for pair in lists if isinstance(lists, list) else ():
            number, said = pair if isinstance(pair, list) and len(pair) == 2 else (0, None)
            thing, values = self.thing(number), self.value(said)
            if not isinstance(thing, Filled) or not isinstance(values, list):
                raise Broken("it fills what is no list")
            thing[:] = values

    def drop(self, pairs: Any) -> None:
        """Cursors of connections of which the piece has nothing any more; raises Broken."""
        for pair in pairs if isinstance(pairs, list) else ():
            number, cursor = pair if isinstance(pair, list) and len(pair) == 2 else (0, 0)
            self._counter(self.thing(number)).drop(cursor)

    def _counter(self, thing: Any) -> Counter:
        if not isinstance(thing, Connection):
            raise Broken("it has a cursor of what is no connection")
        return self.counters.setdefault(thing, Counter(thing))

    def takes_time(self, number: Any, method: str) -> bool:
        """Whether the answer of this thing comes by the post, and not on the spot."""
        if self.kinds[number] == "connection":
            return method in TIMED
        return self.kinds[number] in ("blocking", "coroutine")

    def use(self, number: Any, method: str, words: list[Any], named: dict[str, Any]) -> Any:
        """What comes of a use: a coroutine if it takes time, else the result."""
        thing, kind = self.thing(number), self.kinds[number]
        if kind in ("coroutine", "instant"):
            return thing(*words, **named)
        if kind == "blocking":
            return in_time(thing.steps(*words, **named))
        if kind == "connection":
            return self._counter(thing).use(method, words)
        if kind == "object":
            return thing.random()
        if kind == "iterator":
            return next(([one] for one in thing), None)
        raise Broken("it calls what cannot be called")


def _kind(value: Any) -> str:
    if isinstance(value, Blocking):
        return "blocking"
    if isinstance(value, Filled):
        return "list"
    if isinstance(value, random.Random):
        return "object"
    if isinstance(value, Connection):
        return "connection"
    if isinstance(value, Iterator):
        return "iterator"
    if _is_coroutine_function(value):
        return "coroutine"
    if callable(value):
        return "instant"
    raise TypeError(f"{value!r} cannot be handed in")


def _is_coroutine_function(value: Any) -> bool:
    call: Callable[..., Awaitable[Any]] = getattr(type(value), "__call__", value)  # noqa: B004
    return inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(call)
