"""Threads that no run began, and which of them could still wake a run's tasks."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Collection
from concurrent.futures import process
from types import CodeType
from typing import Any

from .threads import is_of_a_pool
from .waits import is_library

# Their threads act on their own behalf, or are seen by their calls.
_HELPERS = ("concurrent.futures", "multiprocessing")


def others_who_could_act(before: Collection[threading.Thread]) -> list[threading.Thread]:
    """The other threads that could: not those of the kernel, which were there before the run."""
    me = threading.current_thread()
    return [t for t in threading.enumerate() if t is not me and _could_act(t, t not in before)]


def _could_act(thread: threading.Thread, is_new: bool) -> bool:
    if is_of_a_pool(thread):
        return _makes_a_call(thread)
    if isinstance(thread, process._ExecutorManagerThread):
        return bool(thread.pending_work_items)
    call = _what_it_does(thread)
    if getattr(call, "__module__", "").startswith(_HELPERS):
        return False
    code = getattr(call, "__code__", None)
    return is_new or (isinstance(code, CodeType) and not is_library(code.co_filename))


def _makes_a_call(thread: threading.Thread) -> bool:
    """While a pool's thread waits for its next call, it is in no deeper function of Python's."""
    frame = sys._current_frames().get(thread.ident or 0)
    return frame is None or frame.f_code.co_qualname != "_worker"


def _what_it_does(thread: threading.Thread) -> Any:
    """The function that it was begun with, or its class's own `run`."""
    call: Any = type(thread).run
    if call is threading.Thread.run:
        call = getattr(thread, "_target", None)
    while isinstance(call, functools.partial):
        call = call.func
    return getattr(call, "__func__", call)
