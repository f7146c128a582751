"""Calls in a pool's threads, from within a run: `concurrent.futures` on the run's clock."""

from __future__ import annotations

import asyncio
import functools
import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..trace import SECOND
from .lengths import nanoseconds
from .tasks import name_of
from .threads import ThreadOfRun, on_the_clock, real_shutdown, real_submit
from .time_keeper import TimeKeeper, VirtualKeeper, clock_here, here, virtual_here
from .waits import line_of_error

_real_submit_to_process = ProcessPoolExecutor.submit


class _Call(Future[Any]):
    """A future of a run's, which knows whether somebody has asked for its error.

    Python itself never tells of one for which nobody asks, whether the future is held or not.
    """

    who: str
    keeper: TimeKeeper
    _key: object
    is_asked = False

    def result(self, timeout: float | None = None) -> Any:
        """As ever."""
        try:
            return super().result(timeout)
        finally:
            self._asked()

    def exception(self, timeout: float | None = None) -> Any:
        """As ever."""
        try:
            return super().exception(timeout)
        finally:
            self._asked()

    def _asked(self) -> None:
        if self.done():
            self.is_asked = True
            self._tell()

    def _tell(self, _: Any = None) -> None:
        """Let the loop know of an error, as long as nobody has asked for it."""
        error, failed = self._exception, self.keeper.loop.failed_elsewhere
        if error is not None and not self.is_asked:
            failed[self._key] = (self.who, type(error).__name__, line_of_error(error))
        if self.is_asked:  # perhaps meanwhile, in another thread
            failed.pop(self._key, None)

    def _invoke_callbacks(self) -> None:
        """In the pool's thread, after the call: they have the clock of its run, and its lane."""
        live = clock_here() is None and self.keeper.live and not self.keeper.loop.is_closed()
        keeper = ThreadOfRun(self.keeper.threads) if live else here.clock
        lane: AbstractContextManager[None] = nullcontext()
        if isinstance(keeper, ThreadOfRun) and not keeper.actor:
            lane = keeper.threads.numbered(keeper, again=True)
        with on_the_clock(keeper), lane:
            super()._invoke_callbacks()  # type: ignore[misc]


def _noted(future: Future[Any], keeper: TimeKeeper, who: str) -> Future[Any]:
    """Let it be known of an error for which nobody asks; `who` it is in a sentence."""
    if type(future) is Future:
        call: Any = future
        call.who, call.keeper, call._key = who, keeper, object()
        call.__class__ = _Call  # after what it needs: it may end at any moment
        call.add_done_callback(_Call._tell)
    return future


def _submit(
    pool: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **options: Any
) -> Future[Any]:
    """`ThreadPoolExecutor.submit`: a call from within a run belongs to it."""
    keeper = clock_here()
    if keeper is None:
        return real_submit(pool, fn, *args, **options)

    def call_in_thread() -> Any:
        return fn(*args, **options)

    return _noted(keeper.threads.submit(pool, call_in_thread), keeper, "a call in a thread")


def _shutdown(pool: ThreadPoolExecutor, wait: bool = True, *, cancel_futures: bool = False) -> None:
    """`ThreadPoolExecutor.shutdown`: wait on the run's clock."""
    keeper = clock_here()
    if keeper is None:
        real_shutdown(pool, wait, cancel_futures=cancel_futures)
    else:
        keeper.threads.shutdown(pool, wait=wait, cancel_futures=cancel_futures)


def _submit_to_process(
    pool: ProcessPoolExecutor, fn: Callable[..., Any], /, *args: Any, **options: Any
) -> Future[Any]:
    """`ProcessPoolExecutor.submit`: processes know nothing of a run's clock."""
    keeper = clock_here()
    if keeper is not None and not keeper.live:
        raise RuntimeError(
            "processes do not run on the virtual clock: take threads "
            '(asyncio.to_thread), or run(…, clock="live")'
        )
    future = _real_submit_to_process(pool, fn, *args, **options)
    if keeper is None:
        return future
    return _noted(keeper.threads.outstanding(future), keeper, "a call in a process")


def _run_coroutine_threadsafe(real: Callable[..., Any]) -> Callable[..., Any]:
    """`asyncio.run_coroutine_threadsafe`: what it gives keeps an error of the coroutine's."""

    @functools.wraps(real)
    def run_coroutine_threadsafe(coro: Any, loop: Any) -> Future[Any]:
        future, keeper = real(coro, loop), clock_here()
        return future if keeper is None else _noted(future, keeper, name_of(coro) or "a task")

    return run_coroutine_threadsafe


class InOrder(set[Any]):
    """A set that is walked through in the order in which it was filled: the same in every run."""

    def __init__(self, members: Iterable[Any]) -> None:
        self._members = list(members)
        super().__init__(self._members)

    def __iter__(self) -> Iterator[Any]:
        first = [member for member in self._members if member in self]
        return iter([*first, *(set(super().__iter__()) - set(first))])


def _wait(real: Callable[..., Any]) -> Callable[..., Any]:
    """`concurrent.futures.wait`, whose sets have an order."""

    @functools.wraps(real)
    def wait(
        fs: Iterable[Future[Any]],
        timeout: float | None = None,
        return_when: str = futures.ALL_COMPLETED,
    ) -> Any:
        if virtual_here() is None:
            return real(fs, timeout, return_when)
        calls = list(dict.fromkeys(fs))
        done, not_done = real(calls, timeout, return_when)
        parts = (InOrder(call for call in calls if call in part) for part in (done, not_done))
        return futures._base.DoneAndNotDoneFutures(*parts)

    return wait


def _as_completed(real: Callable[..., Any]) -> Callable[..., Any]:
    """`concurrent.futures.as_completed`.

    The original takes what has ended already in any order. And when the time is exactly over, it
    asks again and again, until a clock that moves by itself has gone on.
    """

    @functools.wraps(real)
    def as_completed(fs: Iterable[Future[Any]], timeout: float | None = None) -> Any:
        keeper = virtual_here()
        if keeper is None:
            return real(fs, timeout)
        return _each_that_ends(keeper, list(dict.fromkeys(fs)), timeout)

    return as_completed


def _each_that_ends(
    keeper: VirtualKeeper, calls: list[Future[Any]], timeout: float | None
) -> Iterator[Future[Any]]:
    until = None if timeout is None else keeper.now() + nanoseconds(timeout)
    ended: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
    for call in calls:
        call.add_done_callback(ended.put)
    for number in range(len(calls)):
        try:
            left = None if until is None else max(0, until - keeper.now()) / SECOND
            yield ended.get(timeout=left)
        except queue.Empty:
            unfinished = f"{len(calls) - number} (of {len(calls)}) futures unfinished"
            raise TimeoutError(unfinished) from None


def pairs() -> list[tuple[Any, Any]]:
    """What `concurrent.futures` offers to make calls and wait for them, and the stand-ins."""
    return [
        (real_submit, _submit),
        (_real_submit_to_process, _submit_to_process),
        (real_shutdown, _shutdown),
        (futures.wait, _wait(futures.wait)),
        (futures.as_completed, _as_completed(futures.as_completed)),
        (
            asyncio.run_coroutine_threadsafe,
            _run_coroutine_threadsafe(asyncio.run_coroutine_threadsafe),
        ),
    ]
