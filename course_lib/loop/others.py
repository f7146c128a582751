"""Threads that no run began, and which of them could still wake a run's tasks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection
from concurrent.futures import process

from .threads import is_of_a_pool, is_the_students, what_it_does
from .time_keeper import in_runs

# Their threads act on their own behalf, or are seen by their calls.
_HELPERS = ("concurrent.futures", "multiprocessing")


def others_who_could_act(before: Collection[threading.Thread]) -> list[threading.Thread]:
    """The other threads that could: not those of the kernel, which were there before the run."""
    others = [t for t in threading.enumerate() if t.ident not in {*in_runs, threading.get_ident()}]
    return [thread for thread in others if _could_act(thread, thread not in before)]


def not_on_the_clock(threads: list[threading.Thread]) -> str:
    """What to say of such threads where the clock is the virtual one."""
    names = ", ".join(thread.name for thread in threads)
    return (
        f"{names}: older than this run, perhaps what it waits for, and not on the virtual clock; "
        'begin such a thread or call inside the run, or run(…, clock="live")'
    )


def _could_act(thread: threading.Thread, is_new: bool) -> bool:
    if is_of_a_pool(thread):
        return _makes_a_call(thread)
    if isinstance(thread, process._ExecutorManagerThread):
        return bool(thread.pending_work_items)
    if getattr(what_it_does(thread), "__module__", "").startswith(_HELPERS):
        return False
    return is_new or is_the_students(thread)


def _makes_a_call(thread: threading.Thread) -> bool:
    """Whether a pool's thread is in a call, is about to be, or finds one in its queue."""
    frame = sys._current_frames().get(thread.ident or 0)
    if frame is None or frame.f_code.co_qualname != "_worker":
        return True
    return "work_item" in frame.f_locals or frame.f_locals["work_queue"].qsize() > 0
