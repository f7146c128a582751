"""What a suspended coroutine waits for, and on which line of whose code.

A suspended coroutine points to what it awaits (`cr_await`), that to what it awaits, and so on
down to a future. The innermost frame that is not the library's is the line that waits; the first
frame of asyncio below it says for what.
"""

from __future__ import annotations

import asyncio
import gc
import sysconfig
from pathlib import Path
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any

_REASONS = {
    "sleep": "sleep",
    "wait": "tasks",
    "wait_for": "time limit",
    "_AsCompletedIterator.__anext__": "tasks",
    "_AsCompletedIterator._wait_for_one": "tasks",
    "as_completed.<locals>._wait_for_one": "tasks",
    "to_thread": "thread",
    "shield": "task",
    "TaskGroup.__aexit__": "task group",
    "Queue.get": "queue get",
    "Queue.put": "queue put",
    "Queue.join": "queue join",
    "Lock.acquire": "lock",
    "Semaphore.acquire": "semaphore",
    "Event.wait": "event",
    "Condition.wait": "condition",
    "Condition.wait_for": "condition",
    "Barrier.wait": "barrier",
    "StreamReader._wait_for_data": "network",
    "BaseEventLoop.create_connection": "network",
    "StreamWriter.drain": "network",
}
_ASYNCIO = str(Path(asyncio.__file__).parent)
_LIBRARIES = (
    _ASYNCIO,
    str(Path(__file__).parent),
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)
_OWN = None  # code of the student, whose lines we show
_known: dict[CodeType, str | None] = {}  # code → reason, "" (a library's, without a name) or _OWN


def _classify(code: CodeType) -> str | None:
    file = code.co_filename
    if file.startswith(_ASYNCIO):
        return _REASONS.get(code.co_qualname, "")
    return "" if file.startswith(_LIBRARIES) else _OWN


def _name(code: CodeType) -> str | None:
    try:
        return _known[code]
    except KeyError:
        name = _known[code] = _classify(code)
        return name


def own_line(frame: FrameType | None) -> int | None:
    """Line of the innermost frame that is the student's; None if there is none."""
    while frame is not None:
        if _name(frame.f_code) is _OWN:
            return frame.f_lineno
        frame = frame.f_back
    return None


def _step_inside(awaitable: Any) -> tuple[CodeType | None, Any, Any]:
    """(code, frame, what it awaits) of any object an await chain can hold but a coroutine."""
    if isinstance(awaitable, CoroutineType):
        return awaitable.cr_code, awaitable.cr_frame, awaitable.cr_await
    if isinstance(awaitable, GeneratorType):
        return awaitable.gi_code, awaitable.gi_frame, awaitable.gi_yieldfrom
    if isinstance(awaitable, AsyncGeneratorType):
        return awaitable.ag_code, awaitable.ag_frame, awaitable.ag_await
    # `async for` and `__await__` put nameless objects in between, which only the garbage
    # collector can look into.
    if type(awaitable).__name__ in _WRAPPERS:
        for inner in gc.get_referents(awaitable):
            if isinstance(inner, CoroutineType | AsyncGeneratorType):
                return None, None, inner
    return None, None, None


_WRAPPERS = {
    "async_generator_asend",
    "async_generator_athrow",
    "coroutine_wrapper",
    "anext_awaitable",
}


def look(coroutine: Any) -> tuple[str, int | None]:
    """What a suspended coroutine waits for, and on which line of the student's code.

    The reason is "" where no frame of asyncio tells, the line None where no frame is the student's.
    """
    reason: str
    line: int | None
    reason, line = "", None
    inner = coroutine
    while inner is not None:
        if type(inner) is CoroutineType:  # the common case, spelled out: it runs at every step
            code, frame, deeper = inner.cr_code, None, inner.cr_await
        else:
            code, frame, deeper = _step_inside(inner)
        if code is not None:
            name = _known[code] if code in _known else _name(code)
            if name is _OWN:
                frame = frame or inner.cr_frame
                reason, line = "", frame.f_lineno if frame else None
            elif not reason:
                reason = name
        inner = deeper
    return reason, line


def reason_of(future: Any) -> str:
    """What awaiting a bare future means, for chains that end without a frame of asyncio."""
    if isinstance(future, asyncio.Task):
        return "task"
    name = type(future).__name__
    return {"_GatheringFuture": "gather", "ThreadFuture": "thread"}.get(name, "future")
