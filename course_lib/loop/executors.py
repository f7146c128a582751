"""How a loop calls functions in threads: as asyncio does, by an executor wide enough."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from .scheduler import Scheduler
from .threads import ThreadFuture

MOST_THREADS = 32  # of the default executor; stock asyncio takes the machine's cores + 4


class LoopWithExecutors(Scheduler):
    """What the loops of both clocks have in common beside the scheduler."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call a function in a thread, which becomes a lane of the trace."""
        self._check_closed()
        if self._debug:
            self._check_callback(func, "run_in_executor")
        if executor is None:
            self._check_default_executor()
            if self._default_executor is None:
                self.set_default_executor(ThreadPoolExecutor(MOST_THREADS, "asyncio"))
            executor = self._default_executor
        future = ThreadFuture(loop=self)
        asyncio.futures._chain_future(executor.submit(func, *args), future)
        return future
