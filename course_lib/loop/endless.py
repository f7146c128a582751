"""Coroutines that would not end: what swallows every error swallows that it is asked to end, too.

    while True:
        try:
            await asyncio.sleep(1)
        except BaseException:
            pass

Python asks such a coroutine once more, when nobody holds it any longer. Where no loop runs by then,
each `await` fails at once, and it would go round for ever.
"""

from __future__ import annotations

import asyncio
import ctypes
import inspect
from contextlib import suppress
from typing import Any


def close_for_ever(task: Any) -> None:
    """Close a task's coroutine as if it ran; one that goes on even so is never freed."""
    loop, coroutine = task.get_loop(), task.get_coro()
    asyncio._set_running_loop(loop)
    asyncio.tasks._enter_task(loop, task)
    with suppress(BaseException):  # of its own: there is nobody left to tell
        coroutine.close()
    asyncio.tasks._leave_task(loop, task)
    asyncio._set_running_loop(None)
    if inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) != "CORO_CLOSED":
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(coroutine))
