"""What the standard library offers for telling time or waiting for it, name by name.

A name that a Python has and this list has not fails the test: then somebody decides what it gives
inside a run, and says so here. What a name gives is claimed by the tests of the file named with it.
"""

from __future__ import annotations

import _thread
import concurrent.futures
import datetime
import queue
import sched
import threading
import time
import timeit
from types import ModuleType

import pytest

from course_lib import run

ELAPSED = "seconds since the run began (test_every_clock)"
CALENDAR = "the calendar of the run (test_every_clock)"
REAL = "real, and says nothing of the run's time"
SLEEP = "lets the run's time go by (test_flow)"
WAITS = "waits on the run's clock (test_locks)"
CALLS = "makes or awaits calls on the run's clock (test_threads)"
THREAD = "a thread on the run's clock (test_threads)"
REFUSES = "raises a sentence on the virtual clock"
NO_TIME = "has nothing to do with time"

OFFERED: dict[ModuleType, dict[str, str]] = {
    time: {
        "monotonic monotonic_ns perf_counter perf_counter_ns": ELAPSED,
        "time time_ns localtime gmtime ctime asctime strftime": CALENDAR,
        "clock_gettime clock_gettime_ns": f"{ELAPSED}, or {CALENDAR}",
        "process_time process_time_ns thread_time thread_time_ns": REAL,
        "clock_settime clock_settime_ns clock_getres get_clock_info pthread_getcpuclockid": REAL,
        "sleep": SLEEP,
        "mktime strptime struct_time tzset tzname timezone altzone daylight": NO_TIME,
        "CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW CLOCK_MONOTONIC_RAW_APPROX": ELAPSED,
        "CLOCK_HIGHRES CLOCK_UPTIME CLOCK_UPTIME_RAW CLOCK_UPTIME_RAW_APPROX": ELAPSED,
        "CLOCK_REALTIME CLOCK_TAI": CALENDAR,
        "CLOCK_PROCESS_CPUTIME_ID CLOCK_THREAD_CPUTIME_ID CLOCK_PROF": REAL,
    },
    datetime: {
        "datetime date": CALENDAR,
        "time timedelta timezone tzinfo UTC MINYEAR MAXYEAR datetime_CAPI sys": NO_TIME,
    },
    timeit: {
        "default_timer": ELAPSED,
        "timeit repeat Timer": "0, since code takes no time; autorange " + REFUSES,
        "main": "is a command",
        "default_number default_repeat dummy_src_name template reindent": NO_TIME,
        "gc itertools sys time": NO_TIME,
    },
    threading: {
        "Thread Timer": THREAD,
        "Lock RLock Condition Event Semaphore BoundedSemaphore Barrier": WAITS,
        "BrokenBarrierError ThreadError ExceptHookArgs excepthook TIMEOUT_MAX WeakSet": NO_TIME,
        "active_count activeCount current_thread currentThread enumerate main_thread": NO_TIME,
        "get_ident get_native_id local stack_size functools warnings": NO_TIME,
        "settrace gettrace setprofile getprofile": NO_TIME,
        "settrace_all_threads setprofile_all_threads": NO_TIME,
    },
    queue: {
        "Queue LifoQueue PriorityQueue SimpleQueue": WAITS,
        "Empty Full ShutDown": NO_TIME,
        "time": ELAPSED,  # the function that its queues ask
        "deque heappop heappush threading types": NO_TIME,
    },
    concurrent.futures: {
        "ThreadPoolExecutor Future wait as_completed": CALLS,
        "ProcessPoolExecutor InterpreterPoolExecutor": REFUSES,
        "Executor ALL_COMPLETED FIRST_COMPLETED FIRST_EXCEPTION": NO_TIME,
        "BrokenExecutor CancelledError InvalidStateError TimeoutError": NO_TIME,
    },
    sched: {
        "scheduler": "sleeps on the run's clock (test_every_clock)",
        "Event count heapq namedtuple threading time": NO_TIME,
    },
}


@pytest.mark.parametrize("module", OFFERED, ids=lambda module: module.__name__)
def test_every_name_is_known(module: ModuleType) -> None:
    """What this Python offers there is on the list."""
    known = {name for names in OFFERED[module] for name in names.split()}
    offered = {name for name in dir(module) if not name.startswith("_")}
    assert sorted(offered - known) == []


def test_what_is_said_to_stand_in_does() -> None:
    """What tells the run's time, or waits for it, is not the real one during a run."""
    stand_ins = {
        time: "monotonic time clock_gettime_ns localtime gmtime ctime asctime strftime sleep",
        datetime: "datetime date",
        timeit: "default_timer",
        threading: "Lock RLock",
        _thread: "start_new_thread",
        queue: "SimpleQueue time",
        concurrent.futures: "wait as_completed",
    }
    names = [(module, name) for module, names in stand_ins.items() for name in names.split()]
    real = tuple(getattr(module, name) for module, name in names)  # a tuple's stay real

    def same() -> list[str]:
        pairs = zip(names, real, strict=True)
        return [name for (module, name), before in pairs if getattr(module, name) is before]

    async def main() -> list[str]:
        return same()

    assert run(main).result == []
    assert same() == [name for _, name in names]
