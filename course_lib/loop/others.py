"""What no run began, and could still wake a run's tasks: threads, and handlers of signals."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Collection, Iterable
from concurrent.futures import process

from .threads import is_of_a_pool, is_the_students, what_it_does
from .time_keeper import in_runs
from .waits import is_own, own_frame
from .watch import frames_now

# Their threads act on their own behalf, or are seen by their calls.
_HELPERS = ("concurrent.futures", "multiprocessing")
MOMENTS = 20  # of a millisecond each
_real_sleep = time.sleep


def others_who_could_act(before: Collection[threading.Thread]) -> list[threading.Thread]:
    """The other threads that could: not those of the kernel, which were there before the run."""
    others = [t for t in threading.enumerate() if t.ident not in {*in_runs, threading.get_ident()}]
    return [
        thread
        for thread in others
        if not _is_gone(thread) and _could_act(thread, thread not in before)
    ]


def let_pools_rest() -> None:
    """Before a run: a pool's thread whose call is over may still be on its way to its queue."""
    for _ in range(MOMENTS):
        if not any(is_of_a_pool(one) and _makes_a_call(one) for one in threading.enumerate()):
            return
        _real_sleep(0.001)


def bare_threads() -> list[str]:
    """Names of threads at the student's code that `threading` does not know: `_thread`'s own."""
    known = {*in_runs, threading.get_ident(), *(t.ident for t in threading.enumerate())}
    return [
        f"thread {ident}"
        # By no name of ours: they hold this very frame, too, and so would never go by themselves.
        for ident, frame in frames_now().items()
        if ident not in known and own_frame(frame)
    ]


def handlers_of_signals() -> list[str]:
    """Names of the signals at which Python calls a function of the student's."""
    handled = (number for number in signal.Signals if is_own(signal.getsignal(number)))
    return [f"the handler of {number.name}" for number in handled]


def not_on_the_clock(names: Iterable[str]) -> str:
    """What to say of such where the clock is the virtual one."""
    return (
        f"{', '.join(names)}: older than this run, perhaps what it waits for, and not on the "
        "virtual clock; begin such a thread or call inside the run, or "
        'run(…, clock="live")'
    )


def _could_act(thread: threading.Thread, is_new: bool) -> bool:
    if is_of_a_pool(thread):
        return _makes_a_call(thread)
    if isinstance(thread, process._ExecutorManagerThread):
        return bool(thread.pending_work_items)
    loop = getattr(getattr(thread, "_target", None), "__self__", None)
    if isinstance(loop, asyncio.BaseEventLoop):
        queued = loop._ready or loop._scheduled  # type: ignore[attr-defined]
        return is_new or bool(asyncio.all_tasks(loop) or queued)
    call = what_it_does(thread)
    module, name = getattr(call, "__module__", None) or "", getattr(call, "__name__", "")
    if module.startswith(_HELPERS) and (name.startswith("_") or name == "worker"):
        return name == "_handle_results" and _is_asked(thread)
    # What is public there somebody began, like a timer for a future's set_result; so he did a
    # method written in C, which has no module, like a lock's release.
    somebodys = not module or module.startswith((*_HELPERS, "asyncio."))
    return is_new or is_the_students(thread) or somebodys


def _is_gone(thread: threading.Thread) -> bool:
    """Whether it is a bare one that Python came to know, and does not know the end of."""
    return isinstance(thread, threading._DummyThread) and thread.ident not in frames_now()


def _is_asked(thread: threading.Thread) -> bool:
    """Whether a `multiprocessing.Pool` has calls whose results this thread of its awaits."""
    *_, calls = getattr(thread, "_args", ({},))
    return bool(calls)


def _makes_a_call(thread: threading.Thread) -> bool:
    """Whether a pool's thread is in a call, is about to be, or finds one in its queue."""
    frame = frames_now().get(thread.ident or 0)
    if frame is None or frame.f_code.co_qualname != "_worker":
        return True
    names = frame.f_locals
    if "work_item" in names or names["work_queue"].qsize() > 0:
        return True
    pool = names["executor_reference"]()  # one that has just taken a call is not idle either
    return pool is not None and pool._idle_semaphore._value < len(pool._threads)
