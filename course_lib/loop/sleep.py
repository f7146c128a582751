"""`asyncio.sleep` for the tasks of a run."""

from __future__ import annotations

import asyncio
from sys import _getframe
from typing import Any

from ..trace import SECOND
from .lengths import CENTURY, FOREVER
from .recorder import EVENT_LOOP
from .scheduler import Scheduler
from .time_keeper import here
from .waits import OWN, asleep_for, known, own_frame

_stock_sleep = asyncio.sleep
_SECOND = float(SECOND)  # to multiply a float by an integer takes three times as long


class _Pause(tuple[Any, ...]):
    """Awaited, it yields its one None, which asyncio takes for "queue my next turn".

    All of it is in C: a generator that yields once takes twice the time.
    """

    __slots__ = ()
    __await__: Any = tuple.__iter__


_PAUSE = _Pause((None,))


async def sleep(delay: float, result: Any = None) -> Any:
    """`asyncio.sleep` for tasks of a Scheduler: the task itself is the timer.

    The original makes a future, a handle and a turn more for each sleep, at twice the cost.
    """
    loop = here.clock  # get_running_loop would ask the system for a process id
    # Another thread, while a run goes on in this one; or a task of another kind.
    if not isinstance(loop, Scheduler) or loop.actor <= EVENT_LOOP:
        return await _stock_sleep(delay, result)
    if delay > 0:
        now = loop._now
        if loop.live:
            loop.tell_real_time()
            now = loop.now()
        length = round(delay * _SECOND) if delay < CENTURY else FOREVER
        if length / _SECOND < delay:
            length = loop.rounded_down(delay, length)
        loop.nap_until = until = now + length
        if loop.recording:
            frame: Any = _getframe(1)
            code = frame.f_code
            if code is loop.task.slept_in:  # as nearly always; to look it up would cost more
                loop.log((loop.actor, now, "sleep", code, frame.f_lasti))
            elif known.get(id(code), "") is OWN:
                loop.task.slept_in = code
                loop.log((loop.actor, now, "sleep", code, frame.f_lasti))
            elif (frame := own_frame(frame)) is not None:
                loop.log((loop.actor, now, asleep_for(code), frame.f_code, frame.f_lasti))
            else:
                loop.log((loop.actor, now, asleep_for(code), None, 0))
    else:
        loop.nap_until = until = 0  # also of a sleep before, which somebody drove by hand and left
        if delay < 0:  # as in asyncio, a sleep until a moment that is over ends at once
            _remark(loop, delay, own_frame(_getframe(1)))
        elif delay != 0:
            raise ValueError(f"asyncio.sleep({delay!r}): give a number of seconds")
    await _PAUSE
    if loop._now < until:
        if loop.task.is_taken_back:
            loop.task.is_taken_back = False
            raise loop.task._make_cancelled_error()
        # Driven by hand: its first step was in another turn than its second.
        return await _stock_sleep((until - loop._now) / SECOND, result)
    return result


def _remark(loop: Scheduler, delay: float, frame: Any) -> None:
    """A note where the number stands in the program: nobody who is late has computed it."""
    if frame is not None and delay in frame.f_code.co_consts:
        note = f"asyncio.sleep({delay!r}) on line {frame.f_lineno} ends at once"
        if note not in loop.notes:
            loop.notes.append(note)
