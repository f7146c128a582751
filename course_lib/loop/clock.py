"""The event loop on a virtual clock, and the same loop on the real one.

They differ only in how they wait for the next timer: the virtual clock jumps to it, the live one
waits. Prior art: async-solipsism, looptime, trio's MockClock.
"""

from __future__ import annotations

import asyncio
import functools
import heapq
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, NoReturn

from ..trace import SECOND
from .scheduler import Scheduler, Task
from .threads import (
    MOST_THREADS,
    LiveWorker,
    ThreadFuture,
    VirtualThreads,
    free_number,
)

LIVE_NOISE = 2_000_000  # ns: on the live clock, shorter stretches are the computer's own doing
_real_now = time.perf_counter_ns
_real_sleep = time.sleep


class VirtualLoop(Scheduler):
    """An event loop whose clock stands still while code runs, and jumps while all wait.

    It cannot wait for the real world: opening a connection, a pipe or a process raises
    RuntimeError, and waiting for ever raises Stuck.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._threads = VirtualThreads(self)

    def _sleep_blocking(self, duration_ns: int) -> None:
        self._now += duration_ns

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector, so nobody must be woken."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call a function in a thread that keeps to this clock."""
        self._check_closed()
        return self._threads.submit(executor, functools.partial(func, *args))

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for all threads, as asyncio does."""
        await self._threads.all_ended()

    def abandon_threads(self) -> None:
        """End threads at their next sleep: somebody interrupted the run."""
        self._threads.abandon()

    def close(self) -> None:
        """End the loop, and threads that still sleep."""
        self._threads.abandon()
        super().close()


def _refuse(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(
            f"{name} needs the real world, which does not keep to the virtual clock: "
            'run(main, clock="live")'
        )

    return refuse


_REAL_WORLD = """
create_connection create_datagram_endpoint create_server create_unix_connection create_unix_server
connect_accepted_socket connect_read_pipe connect_write_pipe subprocess_exec subprocess_shell
getaddrinfo getnameinfo sock_accept sock_connect sock_recv sock_recv_into sock_recvfrom
sock_recvfrom_into sock_sendall sock_sendto sock_sendfile sendfile start_tls
add_reader add_writer remove_reader remove_writer add_signal_handler
"""
for _name in _REAL_WORLD.split():
    setattr(VirtualLoop, _name, _refuse(_name))


class LiveLoop(Scheduler, asyncio.SelectorEventLoop):
    """The same event loop on the real clock, which can wait for the network too."""

    live = True
    noise_ns = LIVE_NOISE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._begin = _real_now()
        self._threads_before = threading.active_count()
        self._workers: dict[int, LiveWorker] = {}
        self._numbering = threading.Lock()

    def now(self) -> int:
        """Nanoseconds since the loop was made."""
        return _real_now() - self._begin

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Any = None
    ) -> Any:
        """Queue a callback; what a task does late in a long turn is ready only then."""
        if self.actor:
            self._woken = self.now()
        return super().call_soon(callback, *args, context=context)

    def _wait(self) -> None:
        seconds: float | None = 0
        if not self._turns:
            due = self._next_due()
            if due is None and self._is_deserted():
                self.stuck()
            seconds = None if due is None else max(0, due - self.now()) / SECOND
        self._process_events(self._selector.select(seconds))
        self._now = self.now()

    def _next_due(self) -> int | None:
        """When the next timer is due that somebody still waits for; None if there is none."""
        while self._timers:
            due, sequence, waiter = self._timers[0]
            if waiter.nap == sequence if type(waiter) is Task else not waiter._cancelled:
                return due
            heapq.heappop(self._timers)
        return None

    def _is_deserted(self) -> bool:
        """Whether no socket, no call in a thread and no thread begun since could wake the loop."""
        sockets = len(self._selector.get_map()) - 1  # one is the loop's own, to be woken by
        return not (sockets or self._workers or threading.active_count() > self._threads_before)

    def _sleep_blocking(self, duration_ns: int) -> None:
        _real_sleep(duration_ns / SECOND)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call a function in a thread, which becomes a lane of the trace."""
        self._check_closed()
        if isinstance(executor, ProcessPoolExecutor):
            return super().run_in_executor(executor, func, *args)
        if executor is None:
            if self._default_executor is None:
                self.set_default_executor(ThreadPoolExecutor(MOST_THREADS, "asyncio"))
            executor = self._default_executor
        call = functools.partial(self._in_thread, functools.partial(func, *args))
        future = ThreadFuture(loop=self)
        asyncio.futures._chain_future(executor.submit(call), future)
        return future

    def _in_thread(self, call: Callable[[], Any]) -> Any:
        with self._numbering:
            number = free_number(self._workers)
            worker = self._workers[number] = LiveWorker(self, number, call)
        try:
            return worker.work()
        finally:
            del self._workers[number]


LOOPS: dict[str, type[Scheduler]] = {"virtual": VirtualLoop, "live": LiveLoop}
