"""For which other tasks a task waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from ..loop.holders import chain
from ..loop.tasks import Task


def others_awaited(who: Any) -> list[Task]:
    """The tasks whose end it waits for, in the order in which they were made."""
    tasks = (one for one in _awaited(who) if type(one) is Task and not one.done())
    return sorted(tasks, key=hash)


def _awaited(who: Any) -> Iterable[Any]:
    for part in chain(who.coroutine):
        names = part.cr_frame.f_locals if part.cr_frame is not None else {}
        if issubclass(type(names.get("self")), asyncio.TaskGroup):
            return names["self"]._tasks  # type: ignore[no-any-return]
        if part.cr_code is asyncio.tasks._wait.__code__:  # type: ignore[attr-defined]
            return names["fs"]  # type: ignore[no-any-return]
    future = who._fut_waiter
    return getattr(future, "_children", None) or [future]  # those of a gather
