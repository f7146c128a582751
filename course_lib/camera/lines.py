"""Which lines of the student's run: told by Python itself, in the way of each version.

No line is told of a library, of the course, or of another thread.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Protocol

from ..loop.waits import is_own_code, line_at

NO_LINES = (
    "another tool (a debugger, or one that measures coverage) looks at each line already, so the "
    "film shows turns without their lines"
)
TO_ITSELF = bytes((dis.opmap["JUMP_BACKWARD"], 1))  # what Python 3.11 makes of `while True: pass`


class Reader(Protocol):
    """Who is told of lines."""

    def line(self, frame: FrameType) -> None:
        """A line is about to run."""

    def went_round(self) -> None:
        """The line that runs begins anew, and Python tells of no line."""

    def resumed(self, frame: FrameType) -> None:
        """A frame goes on behind an `await` or a `yield`."""

    def raised(self, frame: FrameType, error: type[BaseException]) -> None:
        """An error is raised there, or passes through."""


@contextmanager
def lines_told(reader: Reader) -> Iterator[str]:
    """Tell of each line meanwhile; gives a sentence where that cannot be, else ""."""
    with _by_monitoring(reader) if sys.version_info >= (3, 12) else _by_trace(reader) as told:
        yield told


def _is_shown(code: CodeType) -> bool:
    """Whether it is the student's; code that a dataclass or the like made up has no lines."""
    return is_own_code(code) and not code.co_filename.startswith(("<string>", "<frozen"))


@contextmanager
def _by_trace(reader: Reader) -> Iterator[str]:
    """By sys.settrace, up to Python 3.11: each call of any function costs, and after an error that
    a reader raises Python tells of nothing more.
    """
    if sys.gettrace() is not None:
        yield NO_LINES
        return
    bytecode: dict[CodeType, bytes] = {}  # of which each look makes a copy

    def inside(frame: FrameType, event: str, details: Any) -> Any:
        if event == "line":
            reader.line(frame)
        elif event == "exception":
            reader.raised(frame, details[0])
        elif event == "opcode" and bytecode[frame.f_code][frame.f_lasti :][:2] == TO_ITSELF:
            reader.went_round()
        return inside

    def called(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not _is_shown(code):
            return None
        if code not in bytecode:
            bytecode[code] = code.co_code
        frame.f_trace_opcodes = TO_ITSELF in bytecode[code]
        if bytecode[code][frame.f_lasti + 1] & 3:  # RESUME behind a yield or an await
            reader.resumed(frame)
        return inside

    sys.settrace(called)
    try:
        yield ""
    finally:
        sys.settrace(None)


@contextmanager
def _by_monitoring(reader: Reader) -> Iterator[str]:
    """By sys.monitoring, from Python 3.12: code of a library costs once and never again."""
    watch = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    tool = next((number for number in (4, 3, 5, 2) if watch.get_tool(number) is None), None)
    if tool is None:
        yield NO_LINES
        return
    calls = _callbacks(reader, watch, tool)
    watch.use_tool_id(tool, "film")
    watch.restart_events()  # what an earlier film switched off
    for event, call in calls.items():
        watch.register_callback(tool, event, call)
    watch.set_events(tool, sum(calls) - watch.events.LINE - watch.events.JUMP)
    try:
        yield ""
    finally:
        watch.set_events(tool, 0)
        for event in calls:
            watch.register_callback(tool, event, None)
        watch.free_tool_id(tool)


def _callbacks(reader: Reader, watch: Any, tool: int) -> dict[int, Callable[..., Any]]:
    events, off, here = watch.events, watch.DISABLE, threading.get_ident()
    rounds: set[tuple[int, int]] = set()  # jumps back to the same line: id of a code, and where

    def start(code: CodeType, _: int) -> Any:
        if not _is_shown(code):
            return off
        watch.set_local_events(tool, code, events.LINE | events.JUMP)
        return None

    def line(code: CodeType, _: int) -> None:
        if threading.get_ident() == here:
            reader.line(sys._getframe(1))

    def jump(code: CodeType, origin: int, to: int) -> Any:
        if (id(code), origin) not in rounds:
            if to > origin or line_at(code, origin) != line_at(code, to):
                return off
            rounds.add((id(code), origin))
        if threading.get_ident() == here:
            reader.went_round()
        return None

    def resume(code: CodeType, _: int) -> Any:
        if not _is_shown(code):
            return off
        if threading.get_ident() == here:
            reader.resumed(sys._getframe(1))
        return None

    def throw(code: CodeType, _: int, error: BaseException) -> None:
        if _is_shown(code) and threading.get_ident() == here:
            reader.raised(sys._getframe(1), type(error))

    return {
        events.PY_START: start,
        events.LINE: line,
        events.JUMP: jump,
        events.PY_RESUME: resume,
        events.PY_THROW: throw,
        events.RAISE: throw,
    }
