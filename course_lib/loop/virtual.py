"""The event loop on a virtual clock, which jumps to the next timer. Prior art: async-solipsism,
looptime, trio's MockClock.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from ..trace import unit_for
from . import stuck
from .ahead_threads import AheadThreads
from .executors import LoopWithExecutors
from .lengths import FOREVER
from .others import (
    bare_threads,
    handlers_of_signals,
    let_pools_rest,
    not_on_the_clock,
    others_who_could_act,
)
from .recorder import BLOCKED
from .stuck import Stuck
from .threads import THREADS_START
from .virtual_thread import Turn, VirtualThread
from .virtual_threads import VirtualThreads
from .waits import on_line
from .watch import Watch

WORTH_A_NOTE = 1.0  # real seconds that a line waited
MOST_JUMPS = 100_000  # of the clock, while what a run leaves behind is asked to end


class VirtualLoop(LoopWithExecutors):
    """An event loop whose clock stands still while code runs, and jumps while all wait.

    It cannot wait for the real world: opening a connection, a pipe or a process raises
    RuntimeError, and waiting for ever raises Stuck.
    """

    threads: VirtualThreads
    kind_of_threads: type[VirtualThreads] = VirtualThreads if THREADS_START else AheadThreads

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.threads = self.kind_of_threads(self)
        self._marks = (0, 0)  # lengths of the log and of the turns
        self.has_locked = False
        self.watch = Watch(self.threads.who_goes_on, self._turn_that_goes_on)
        self._blocked_by: tuple[str, int | None] = ("", None)
        let_pools_rest()
        self._threads_before = set(threading.enumerate())
        self.has_others = bool(others_who_could_act(self._threads_before) or bare_threads())
        self._is_alone = not self.has_others
        self._jumps_left = FOREVER

    def _turn_that_goes_on(self) -> tuple[int, ...]:
        """Another value after each turn: it logs, sets a timer, or lets time go by."""
        return self._now, self._sequence, len(self.recorder.log)

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector, so nobody must be woken."""

    def _before_jump(self) -> bool:
        """Raise RuntimeError where a thread that does not keep to the clock would act first, and
        Stuck where a run that is over goes on and on.
        """
        self._jumps_left -= 1
        if self._jumps_left < 0:
            raise Stuck(stuck.never_ends(self))
        if self._is_alone:
            return False
        tasks = [task for task in self.tasks_in_order() if task._fut_waiter is not None]
        waiting = any(stuck.what_for(task)[0] == "future" for task in tasks)
        if (waiting or self.threads.handed_over) and (others := self._others()):
            raise RuntimeError(not_on_the_clock(others))
        return False

    def _could_be_woken(self) -> bool:
        """Raise Stuck where perhaps a thread could that does not keep to the clock; else no."""
        if others := self._others() + handlers_of_signals():
            told = stuck.nobody_moves(self, "nothing in this run")
            raise Stuck(f"{told}\n{not_on_the_clock(others)}")
        return False

    def _others(self) -> list[str]:
        """Names of all that could act and is not on this clock."""
        threads = others_who_could_act(self._threads_before)
        others = [thread.name for thread in threads if thread not in self.threads.alive]
        return others + bare_threads()

    def queue_turn(self, turn: Turn) -> None:
        """Queue the turn of a thread, as that of a callback, for when it is due."""
        if turn.due_ns <= self._now:
            self._turns.append((turn, None, None, self._now, None))
        else:
            self._sequence += 1
            heapq.heappush(self._timers, (turn.due_ns, self._sequence, turn))

    def let_go_on(self, thread: VirtualThread) -> None:
        """The turn of a thread: it goes on till it sleeps, waits or ends."""
        thread.go_on()

    def pass_until(self, time_ns: int) -> None:
        """Let time go by, if it is not that late already."""
        self._now = max(self._now, time_ns)

    @contextmanager
    def ahead_of_time(self) -> Iterator[None]:
        """Whoever goes on now may put the clock forward; afterwards it is as it was."""
        clock = (self._now, self._reached, self._woken, self._looked_at, self._looks)
        self._marks = (len(self.recorder.log), len(self._turns))
        try:
            yield
        finally:
            self.take_away()
            self._now, self._reached, self._woken, self._looked_at, self._looks = clock

    def take_away(self) -> tuple[list[Any], list[Any]]:
        """What was logged and queued since it went ahead: nobody may see it yet."""
        logged, queued = self._marks
        log = self.recorder.log[logged:]
        del self.recorder.log[logged:]
        turns = [self._turns.pop() for _ in range(len(self._turns) - queued)]
        return log, turns[::-1]

    def bring_back(self, log: list[Any], turns: list[Any]) -> None:
        """Log and queue what was taken away: its time has come."""
        self.recorder.log.extend(log)
        self._turns.extend(turns)

    def _sleep_blocking(self, duration_ns: int) -> None:
        """Time goes by for the threads, one after the other."""
        until = self._now + duration_ns
        while self.threads.step(until):
            pass
        self.pass_until(until)

    def stand_by(self, until_ns: int | None) -> None:
        """While the loop blocks: the next thread goes on, or all the time is over."""
        if self.threads.step(until_ns):
            return
        if until_ns is None:
            raise Stuck("\n".join(self._why_blocked()))
        self.pass_until(until_ns)

    def _why_blocked(self) -> Iterator[str]:
        reason, line = self._blocked_by
        at = unit_for(self._now).text(self._now)
        others = self._others() + handlers_of_signals()
        nothing = "nothing in this run" if others else "nothing"
        yield f"the loop is blocked at {at}, and {nothing} will ever let it go on:"
        lane = self.recorder.lanes().get(self.actor, "event loop")
        yield f"  {lane} waits for {reason}{on_line(line)}, in a call that blocks the loop"
        yield from (f"  {line}" for line in self.threads.lines())
        if others:
            yield not_on_the_clock(others)

    def wake_up(self) -> None:
        """Nothing to do: after each thread's turn the loop looks whether it still has to wait."""

    @contextmanager
    def waiting(self, reason: str, frame: FrameType | None) -> Iterator[None]:
        """Log that it blocks, and with it all tasks."""
        start, line = self._now, frame and frame.f_lineno
        self._blocked_by = (reason, line)
        try:
            yield
        finally:
            self._woken = self._now
            self.recorder.note(self.actor, start, BLOCKED, (self._now, line, reason))

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the calls in its threads, as asyncio does."""
        self._executor_shutdown_called = True
        if self._default_executor is not None:
            calls = self.threads.calls_of(self._default_executor)
            await asyncio.gather(*map(asyncio.wrap_future, calls), return_exceptions=True)

    def abandon_threads(self) -> None:
        """End threads at their next sleep: somebody interrupted the run."""
        self.threads.abandon()

    def cut_short(self) -> None:
        """From now on the clock jumps no more than so many times."""
        super().cut_short()
        self._jumps_left, self.has_others = MOST_JUMPS, True

    def tell_real_time(self) -> None:
        """Note which lines waited for something real, and for how long in all."""
        seconds: Counter[int] = Counter()
        for wait in self.watch.take():
            seconds[wait.line] += wait.end - wait.begin  # type: ignore[assignment]
        for line, took in seconds.items():
            if took >= WORTH_A_NOTE:
                self.notes.append(
                    f"line {line} took {took:.1f} s of real time, which the virtual clock does "
                    'not count: use clock="live"'
                )

    def close(self) -> None:
        """End the loop, and threads that still sleep."""
        if not self.is_running():  # else asyncio refuses
            self.threads.abandon()
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
