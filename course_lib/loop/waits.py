"""What a suspended coroutine waits for, and on which line of whose code.

A suspended coroutine points to what it awaits (`cr_await`), that to what it awaits, and so on
down to a future. The innermost frame that is not the library's is the line that waits; the first
frame of asyncio below it says for what.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import sysconfig
from pathlib import Path
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType
from typing import Any, Final

_REASONS = {
    "sleep": "sleep",
    "wait": "tasks",
    "_AsCompletedIterator.__anext__": "tasks",
    "_AsCompletedIterator._wait_for_one": "tasks",
    "as_completed.<locals>._wait_for_one": "tasks",
    "to_thread": "thread",
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
    "Server.serve_forever": "network",
    "BaseEventLoop.create_connection": "network",
    "BaseEventLoop.create_server": "network",
}
BROKER: Final = "broker"  # a trip to our broker, or back: it sleeps, and the student does not
_TRIPS = {"Broker.publish", "Broker._send", "Broker._settle", "Trips.make"}
_REASONS_OF_FILES = {
    "streams.py": "network",
    "selector_events.py": "network",
    "subprocess.py": "process",
}
_HELPERS = {"shutdown_asyncgens", "shutdown_default_executor", "run_one_coro"}
_ASYNCIO = str(Path(asyncio.__file__).parent) + os.sep
_THIS_ROOM = str(Path(__file__).parent) + os.sep
_ROOM_OF_THE_BROKER = str(Path(__file__).parents[1] / "broker") + os.sep
_LIBRARIES = (
    _ASYNCIO,
    str(Path(__file__).parents[1]) + os.sep,
    str(Path(os.__file__).parent) + os.sep,
    str(Path(asyncio.__file__).parents[1]) + os.sep,  # which in the browser is a ZIP file
    *(sysconfig.get_path(name) + os.sep for name in ("stdlib", "purelib", "platlib")),
)
_INSTALLED = ("site-packages", "dist-packages", "<frozen ")  # also a user's own, or Debian's
_GENERATED = ("<timeit-src>", "<attrs generated ")  # code that a library writes while it runs
OWN: Final = None  # code of the student, whose lines we show
EDGE: Final = "the event loop"  # code that calls the student's, but not for the student
# id of a code → reason, "" (a library's, without a name) or OWN; to hash a code would take longer
# than all the rest, and a code that is kept alive keeps its id.
known: dict[int, str | None] = {}
_alive: list[CodeType] = []


def is_library(file: str) -> bool:
    """Whether a file is Python's, an installed library's or the course's: not the student's."""
    return file.startswith((*_LIBRARIES, *_GENERATED)) or any(place in file for place in _INSTALLED)


def is_own(function: Any) -> bool:
    """Whether a function is the student's; what has no code in Python is not."""
    code = getattr(function, "__code__", None)
    return isinstance(code, CodeType) and not is_library(code.co_filename)


def is_own_code(code: CodeType) -> bool:
    """Whether a code is the student's; asked at every call of a function that a film looks at."""
    return (known[id(code)] if id(code) in known else _name(code)) is OWN


def _classify(code: CodeType) -> str | None:
    file = code.co_filename
    if file.startswith(_ASYNCIO):
        return _REASONS.get(code.co_qualname) or _REASONS_OF_FILES.get(Path(file).name, "")
    if file.startswith(_ROOM_OF_THE_BROKER) and code.co_qualname in _TRIPS:
        return BROKER
    if file.startswith(_THIS_ROOM) and code.co_qualname == "sleep":
        return "sleep"  # the original's name; who has just been woken is at it, too
    return "" if is_library(file) else OWN


def _name(code: CodeType) -> str | None:
    if id(code) not in known:
        _alive.append(code)
        known[id(code)] = _classify(code)
    return known[id(code)]


def own_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost frame, from here outwards, of the student's code; None if there is none."""
    while frame is not None:
        code = frame.f_code
        name = known[id(code)] if id(code) in known else _name(code)
        if name is OWN or name is EDGE:
            return None if name is EDGE else frame
        frame = frame.f_back
    return None


def asleep_for(code: CodeType) -> str:
    """What a sleep in this code is for: a trip of the broker's, or nothing but to sleep."""
    return BROKER if _name(code) == BROKER else "sleep"


def is_helper(code: CodeType) -> bool:
    """Whether asyncio makes a task of this for itself, or we do: it is nobody's lane."""
    name = code.co_name
    return code.co_filename.startswith((_ASYNCIO, _THIS_ROOM)) and (
        name.startswith("_") or name in _HELPERS
    )


def line_of_callback(callback: Any) -> int | None:
    """Where the student's function begins that is called back; None for a library's."""
    code = getattr(inspect.unwrap(getattr(callback, "func", callback)), "__code__", None)
    return code.co_firstlineno if code is not None and _name(code) is OWN else None


def line_of_error(error: BaseException) -> int | None:
    """The innermost of the student's lines that an error came through."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if _name(traceback.tb_frame.f_code) is OWN:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def place_of_error(error: BaseException) -> str:
    """The function of asyncio's, or of this room in its stead, that raised it; "" if none did."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback and traceback.tb_frame.f_code
    return code.co_name if code and code.co_filename.startswith((_ASYNCIO, _THIS_ROOM)) else ""


def line_at(code: CodeType | None, offset: int) -> int | None:
    """Line of an instruction; to keep (code, offset) costs a tenth of asking for the line."""
    if code is not None:
        for start, end, line in code.co_lines():
            if start <= offset < end:
                return line
    return None


def on_line(line: int | None) -> str:
    """The end of a sentence about something that stands there: " on line 3", "" for None."""
    return f" on line {line}" if line else ""


def _step_inside(awaitable: Any) -> tuple[CodeType | None, Any, Any]:
    """(code, frame, what it awaits) of any object an await chain can hold but a coroutine."""
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


class _NoLoop:
    """All that a future asks of a loop when it is made."""

    def get_debug(self) -> bool:
        return False


FUTURES_END = type(asyncio.Future(loop=_NoLoop()).__await__())  # type: ignore[arg-type, var-annotated]
"""What `await` makes of a future, the usual end of a chain (in C; asyncio gives it no name)."""
_WRAPPERS = {
    "async_generator_asend",
    "async_generator_athrow",
    "coroutine_wrapper",
    "anext_awaitable",
}


def look(coroutine: Any) -> tuple[str, CodeType | None, int]:
    """What a suspended coroutine waits for, and at which instruction of the student's code.

    The reason is "" where no frame of asyncio tells, the code None where none is the student's.
    """
    reason: str | None = ""
    own: Any = None  # what has the frame of the innermost code that is the student's
    own_code = code = None
    while coroutine is not None:
        kind = type(coroutine)
        if kind is CoroutineType:  # the common case, spelled out: it runs at every turn
            code, holder, deeper = coroutine.cr_code, coroutine, coroutine.cr_await
        elif kind is FUTURES_END:
            break
        else:
            code, holder, deeper = _step_inside(coroutine)
        if code is not None:
            try:
                name = known[id(code)]
            except KeyError:
                name = _name(code)
            if name is OWN:
                reason, own, own_code = "", holder, code
            elif not reason:
                reason = name
        coroutine = deeper
    if type(own) is CoroutineType:
        own = own.cr_frame
    return reason or "", own_code, own.f_lasti if own is not None else 0


def reason_of(future: Any) -> str:
    """What awaiting a bare future means, for chains that end without a frame of asyncio."""
    if isinstance(future, asyncio.Task):
        return "task"
    callbacks = getattr(future, "_callbacks", None) or ()
    if any(getattr(call, "__qualname__", "").startswith("shield.") for call, _ in callbacks):
        return "task"  # a shielded one
    name = type(future).__name__
    return {"_GatheringFuture": "gather", "ThreadFuture": "thread"}.get(name, "future")
