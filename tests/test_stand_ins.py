"""During a run the standard library keeps to its clock; outside a run nothing is changed."""

from __future__ import annotations

import asyncio
import contextlib
import copyreg
import datetime
import threading
import time
from asyncio import sleep as async_sleep
from time import monotonic as clock_of_mine
from time import sleep as nap
from typing import Any

import pytest

from course_lib import Stuck, run

TIMES = ("monotonic", "perf_counter")
NAMES = [(time, "sleep"), (asyncio, "sleep"), (asyncio, "as_completed"), (asyncio, "wait_for")]
NAMES += [(asyncio.tasks, name) for name in ("sleep", "as_completed", "wait_for")]
NAMES += [(time, name + suffix) for name in TIMES for suffix in ("", "_ns")]
REAL = [getattr(module, name) for module, name in NAMES]
MINE = (nap, async_sleep, clock_of_mine)


async def fine() -> None:
    await asyncio.sleep(1)


async def failing() -> None:
    raise LookupError


async def interrupted() -> None:
    raise KeyboardInterrupt


async def stuck() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("main", [fine, failing, interrupted, stuck])
def test_after_a_run_every_function_is_the_real_one(main: Any) -> None:
    """However a run ends, `time`, `asyncio` and the student's module are as before."""
    with contextlib.suppress(LookupError, KeyboardInterrupt, Stuck):
        run(main)
    assert all(
        getattr(module, name) is real for (module, name), real in zip(NAMES, REAL, strict=True)
    )
    assert all(
        now is before for now, before in zip((nap, async_sleep, clock_of_mine), MINE, strict=True)
    )
    assert asyncio._get_running_loop() is None


def test_a_way_to_pickle_dates_that_was_there_before_is_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """freezegun has one for as long as it holds the time, and misses it where it is gone."""

    def reduce(date: datetime.datetime) -> Any:
        return datetime.datetime.fromisoformat, (date.isoformat(),)

    monkeypatch.setitem(copyreg.dispatch_table, datetime.datetime, reduce)
    run(fine)
    assert copyreg.dispatch_table[datetime.datetime] is reduce


def test_names_that_the_module_imported_keep_to_the_clock() -> None:
    """`from time import sleep` and `from asyncio import sleep` work as their long forms do."""

    async def main() -> float:
        nap(60)
        await async_sleep(3600)
        return clock_of_mine()

    trace = run(main)
    assert trace.result == 3660
    assert [s.kind for s in trace.spans] == ["blocked", "waiting"]


def test_all_clocks_agree() -> None:
    """What counts seconds shows the loop's time, in seconds or nanoseconds."""

    async def main() -> list[Any]:
        await asyncio.sleep(1.5)
        time.sleep(0.25)
        readings = [getattr(time, name)() for name in TIMES]
        return [
            asyncio.get_running_loop().time(),
            *readings,
            *[getattr(time, n + "_ns")() for n in TIMES],
        ]

    assert run(main).result == [1.75] * 3 + [1_750_000_000] * 2


def test_the_live_clock_keeps_the_calendar() -> None:
    """On the live clock monotonic time starts at 0, and `time.time` is still today's."""

    async def main() -> tuple[float, float, float]:
        await asyncio.sleep(0.01)
        return time.monotonic(), asyncio.get_running_loop().time(), time.time()

    today = time.time()
    mine, loops, calendar = run(main, clock="live").result
    assert 0.01 <= mine <= loops < 1
    assert today <= calendar < today + 60


def test_another_thread_sees_real_time() -> None:
    """A thread that does not belong to the run keeps its own time while the run goes on."""
    seen = []
    begin = threading.Semaphore(0)

    def outside() -> None:
        begin.acquire()
        start = time.perf_counter()
        time.sleep(0.01)
        asyncio.run(asyncio.sleep(0.01))
        seen.append(time.perf_counter() - start)

    thread = threading.Thread(target=outside)

    async def main() -> None:
        await asyncio.sleep(1000)
        begin.release()
        thread.join()
        await asyncio.sleep(1000)

    thread.start()

    assert run(main).duration == 2000
    assert 0.02 <= seen[0] < 1


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("create_connection", lambda: asyncio.open_connection("127.0.0.1", 9)),
        ("create_server", lambda: asyncio.start_server(print, "127.0.0.1", 0)),
        ("subprocess_exec", lambda: asyncio.create_subprocess_exec("true")),
        ("subprocess_shell", lambda: asyncio.create_subprocess_shell("true")),
        ("getaddrinfo", lambda: asyncio.get_running_loop().getaddrinfo("localhost", 80)),
        ("add_reader", lambda: asyncio.get_running_loop().add_reader(0, print)),
        ("connect_read_pipe", lambda: asyncio.get_running_loop().connect_read_pipe(print, None)),
        (
            "create_datagram_endpoint",
            lambda: asyncio.get_running_loop().create_datagram_endpoint(print),
        ),
    ],
)
def test_the_real_world_needs_the_live_clock(name: str, call: Any) -> None:
    """Network, processes and pipes on the virtual clock: the message names the live one."""

    async def main() -> None:
        await call()

    with pytest.raises(RuntimeError, match=f'{name} needs the real world.*clock="live"'):
        run(main)
