"""Threads on the clock of a run: what they have in common on both clocks."""

from __future__ import annotations

import _thread
import concurrent.futures.thread
import functools
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future as CallFuture
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .recorder import BLOCKED, EVENT_LOOP, RESUMED
from .tasks import Future
from .time_keeper import TimeKeeper, clock_here, here
from .waits import is_own

if TYPE_CHECKING:
    from .scheduler import Scheduler

THREADS_START = sys.platform != "emscripten"  # Python in a browser has one thread, and no more
_MADE_UP = re.compile(r"Thread-\d+(?: \((.*)\))?")
NO_THREADS = (
    "Python in a browser has one thread, and can start no other on the live clock: leave "
    'clock="live" out, or run this on your own computer: python3 start.py'
)
NO_PROCESSES = (
    "multiprocessing waits for other processes, which do not run on the virtual clock: take "
    'threads (asyncio.to_thread, ThreadPoolExecutor), or run(…, clock="live")'
)
_stock_sleep = time.sleep
_real_start_new = _thread.start_new_thread
_never = _thread.allocate_lock()
_never.acquire()
real_start = threading.Thread.start
real_join = threading.Thread.join
real_submit = ThreadPoolExecutor.submit
real_shutdown = ThreadPoolExecutor.shutdown


def real_sleep(seconds: float) -> None:
    """`time.sleep`; in a browser, where that would hand over to the page, one that only waits."""
    if THREADS_START:
        _stock_sleep(seconds)
    elif seconds > 0:
        _never.acquire(timeout=seconds)


def is_of_a_pool(thread: threading.Thread) -> bool:
    """Whether it makes the calls of a ThreadPoolExecutor."""
    return getattr(thread, "_target", None) is concurrent.futures.thread._worker


def what_it_does(thread: threading.Thread) -> Any:
    """The function that it was begun with, or its class's own `run`."""
    call: Any = type(thread).run
    if call in (threading.Thread.run, threading.Timer.run):
        call = getattr(thread, "_target", None) or getattr(thread, "function", None)
    while isinstance(call, functools.partial):
        call = call.func
    return getattr(call, "__func__", call)


def is_the_students(thread: threading.Thread) -> bool:
    """Whether it does something of the student's, and not of a library's."""
    return is_own(what_it_does(thread))


def is_of_multiprocessing(thread: threading.Thread) -> bool:
    """Whether `multiprocessing` makes it for itself: it waits for pipes, which know no clock."""
    module = getattr(what_it_does(thread), "__module__", None) or ""
    return module.partition(".")[0] == "multiprocessing"


def feeds_a_queue(thread: threading.Thread) -> bool:
    """Whether it only brings what was put into a queue of `multiprocessing` to others."""
    return getattr(what_it_does(thread), "__qualname__", "") == "Queue._feed"


def end_processes_of(thread: threading.Thread) -> None:
    """End the processes of a pool that is refused this helper: it has begun them before."""
    for word in getattr(thread, "_args", ()):
        for process in word if isinstance(word, list) else ():
            if hasattr(process, "terminate"):
                process.terminate()
                process.join()


def tell_of_error(thread: threading.Thread) -> None:
    """In the thread, of its error: as Python does when it is over, but still on the run's clock."""
    thread._invoke_excepthook(thread)  # type: ignore[attr-defined]


@contextmanager
def on_the_clock(keeper: TimeKeeper | None) -> Iterator[None]:
    """Another time-keeper in this thread for a while; None for the real clock."""
    before, here.clock = here.clock, keeper
    try:
        yield
    finally:
        here.clock = before


class ThreadFuture(Future):
    """What a task awaits while a thread works for it."""

    who = "a call in a thread"


class ThreadOfRun:
    """Keeps the time in one thread of a run, and logs what it does as a lane of the trace."""

    def __init__(self, threads: ThreadsOfRun) -> None:
        self.threads = threads
        self.loop = threads.loop
        self.recorder = threads.loop.recorder
        self.live = threads.loop.live
        self.now = threads.loop.now
        self.actor: Any = EVENT_LOOP

    @contextmanager
    def lane(self, actor: Any) -> Iterator[None]:
        """Log under this name from here on."""
        before, self.actor = self.actor, actor
        self.recorder.note(actor, self.now(), RESUMED, self.now())
        try:
            yield
        finally:
            self.recorder.note(actor, self.now(), None)
            self.actor = before

    def block(self, seconds: float, line: int | None) -> None:
        """A synchronous sleep, logged: it holds this thread, and nobody else."""
        start = self.now()
        self._sleep(seconds)
        self.recorder.note(self.actor, start, BLOCKED, (self.now(), line, "time.sleep"))

    def _sleep(self, seconds: float) -> None:
        real_sleep(seconds)


class ThreadsOfRun:
    """The threads that a run begins, and the calls that it makes in a pool's threads."""

    def __init__(self, loop: Scheduler) -> None:
        self.loop = loop
        self.handed_over = False  # whether the run has woken a thread that is none of its own
        self._calling: set[int] = set()  # numbers of the lanes of calls
        self._numbering = threading.Lock()

    def lines(self) -> list[str]:
        """For each thread that can only be woken by others: its lane, for what it waits, where."""
        return []

    def going_on(self) -> list[str]:
        """For each thread that goes on by itself: its lane."""
        return []

    def start(self, thread: threading.Thread) -> None:
        """Start a thread that belongs to the run."""
        raise NotImplementedError

    def join(self, thread: threading.Thread, timeout: float | None) -> None:
        """Wait until a thread is over."""
        real_join(thread, timeout)

    def submit(self, pool: ThreadPoolExecutor, call: Callable[[], Any]) -> CallFuture[Any]:
        """Let one of a pool's threads make a call, which becomes a lane."""
        raise NotImplementedError

    def outstanding(self, call: CallFuture[Any]) -> CallFuture[Any]:
        """A call that will wake somebody when it ends."""
        return call

    def shutdown(self, pool: ThreadPoolExecutor, *, wait: bool, cancel_futures: bool) -> None:
        """Close a pool to new calls."""
        real_shutdown(pool, wait, cancel_futures=cancel_futures)

    @contextmanager
    def numbered(self, keeper: ThreadOfRun, *, again: bool = False) -> Iterator[None]:
        """A call in a lane that takes the lowest number free; `again` that of the last one here."""
        number = here.number = self.take_number(here.number if again else None)
        try:
            with keeper.lane(self.lane_of_call(number)):
                yield
        finally:
            self.free_number(number)

    def take_number(self, wanted: int | None = None) -> int:
        """This number, or the lowest that no call has at the moment."""
        with self._numbering:
            number = wanted or 0
            if not number or number in self._calling:
                number = next(n for n in range(1, len(self._calling) + 2) if n not in self._calling)
            self._calling.add(number)
        return number

    def free_number(self, number: int) -> None:
        """Its call has ended."""
        self._calling.discard(number)

    def lane_of_call(self, number: int) -> str:
        """Who a call of this number is in the log."""
        actor = f"thread {number}"
        self.loop.recorder.names.setdefault(actor, (actor, False))
        return actor

    def new_actor(self, thread: threading.Thread) -> Any:
        """Who a thread of the student's own is in the log: by its name, or what it does."""
        made_up = _MADE_UP.fullmatch(thread.name)
        name = made_up and (made_up[1] or type(thread).__name__)
        actor = ("thread", self.loop.next_number())
        self.loop.recorder.names[actor] = (name or thread.name, True)
        return actor


def _start(thread: threading.Thread) -> None:
    """`Thread.start`: a thread that a run begins belongs to it."""
    keeper = clock_here()
    if keeper is None or thread._started.is_set():  # type: ignore[attr-defined]
        real_start(thread)  # which may refuse
    else:
        keeper.threads.start(thread)


def _join(thread: threading.Thread, timeout: float | None = None) -> None:
    """`Thread.join`: wait on the run's clock."""
    keeper = clock_here()
    if keeper is None:
        real_join(thread, timeout)
    else:
        keeper.threads.join(thread, timeout)


def _start_new(function: Callable[..., Any], args: Any, kwargs: Any = None, /) -> int:
    """`_thread.start_new_thread`: a bare one belongs to the run, too."""
    of_threading = isinstance(getattr(function, "__self__", None), threading.Thread)
    if of_threading or clock_here() is None:
        return _real_start_new(function, args, kwargs or {})
    thread = threading.Thread(target=function, args=args, kwargs=kwargs, daemon=True)
    thread.start()
    return thread.ident or 0


def pairs() -> list[tuple[Any, Any]]:
    """The functions that begin threads and wait for them, and their stand-ins."""
    return [
        (_real_start_new, _start_new),
        (real_start, _start),
        (real_join, _join),
    ]
