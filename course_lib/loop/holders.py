"""Which queue or lock a waiting task waits for, what the program calls it, and who holds it.

asyncio's locks do not know who holds them. A task that is inside `async with lock:` has the lock's
`__aexit__` among the values of its suspended code, to call it in the end, where the garbage
collector finds it. So has one that still waits to come in.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Iterator
from itertools import pairwise
from types import CoroutineType, MethodType
from typing import Any

from .waits import is_own_code

KINDS: tuple[type, ...] = (
    *(asyncio.Queue, asyncio.Lock, asyncio.Semaphore, asyncio.Event, asyncio.Condition),
    asyncio.Barrier,
)
"""Things for which tasks wait."""


def is_thing(value: Any) -> bool:
    """Whether it is one, asked of its type: an object of the student's may have any `__class__`."""
    return issubclass(type(value), KINDS)


def chain(coroutine: Any) -> Iterator[Any]:
    """A suspended coroutine, what it awaits, and so on down."""
    while isinstance(coroutine, CoroutineType):
        yield coroutine
        coroutine = coroutine.cr_await


def thing_awaited(coroutine: Any) -> Any:
    """The queue or lock that the student's suspended code waits for; None if it is none.

    The outermost: a condition that waits for its lock again is one that waits for a condition.
    What a library waits for inside is its own affair.
    """
    for part in chain(coroutine):
        if part.cr_frame is not None and not is_own_code(part.cr_code):
            owner = part.cr_frame.f_locals.get("self")
            return owner if is_thing(owner) else None
    return None


def name_of(thing: Any, coroutines: Iterable[Any]) -> str:
    """What the first of these suspended coroutines that has a name for it calls it; "" if none."""
    for coroutine in coroutines:
        for part in chain(coroutine):
            if part.cr_frame is not None and is_own_code(part.cr_code):
                for names in (part.cr_frame.f_locals, part.cr_frame.f_globals):
                    for name, value in list(names.items()):
                        if value is thing:
                            return str(name)
    return ""


def holds(lock: Any, coroutine: Any) -> bool:
    """Whether a suspended coroutine is inside of `async with lock:`."""
    return thing_awaited(coroutine) is not lock and any(
        _is_exit(value, following, lock)
        for part in chain(coroutine)
        for value, following in pairwise([*gc.get_referents(part), None])
    )


def _is_exit(value: Any, following: Any, lock: Any) -> bool:
    """Whether it is the lock's `__aexit__`: bound to it, or from Python 3.14 on, in front of it."""
    if isinstance(value, MethodType):
        return value.__self__ is lock and value.__func__.__name__ == "__aexit__"
    return following is lock and getattr(value, "__name__", "") == "__aexit__"
