"""What goes on beside a run, and no sleep on the virtual clock waits for.

A signal's timer may be a guard of the program against itself, and a process may only be looked at.
So nothing of it is refused: a note says that it does not keep to the clock. One look at a process
is no wait, as before it is ended; whether it is over a second later, the computer decides.
"""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

from .time_keeper import VirtualKeeper, virtual_here
from .waits import is_own_code

BESIDE = 'which does not keep to the virtual clock: use clock="live"'


def _noted(real: Any, what: str, when: Callable[..., Any]) -> Callable[..., Any]:
    """It, with a note where the student's own line calls it.

    `when` that is worth one, it tells from the time-keeper, the answer and the words of the call.
    """

    @functools.wraps(real)
    def call(*words: Any, **options: Any) -> Any:
        answer, keeper, frame = real(*words, **options), virtual_here(), sys._getframe(1)
        if keeper is not None and is_own_code(frame.f_code) and when(keeper, answer, *words):
            note = f"line {frame.f_lineno} {what}, {BESIDE}"
            if note not in keeper.loop.notes:
                keeper.loop.notes.append(note)
        return answer

    return call


def pairs() -> list[tuple[Any, Any]]:
    """The functions that set a signal's timer; some systems have none."""
    found: list[tuple[Any, Any]] = []
    rings = "lets a signal come"
    if hasattr(signal, "setitimer"):
        is_set = lambda _, __, which, seconds, *___: (  # noqa: E731
            which == signal.ITIMER_REAL and seconds > 0
        )
        found.append((signal.setitimer, _noted(signal.setitimer, rings, is_set)))
        found.append(
            (signal.alarm, _noted(signal.alarm, rings, lambda _, __, seconds: seconds > 0))
        )
    return found


def _is_awaited(keeper: VirtualKeeper, answer: Any, process: Any) -> bool:
    """Whether a process is not over, and was not when it was asked for at an earlier time."""
    now = keeper.now()
    return answer is None and keeper.loop.asked_for.setdefault(process, now) < now


def _asked(kind: type, name: str, what: str, when: Callable[..., Any]) -> tuple[Any, ...]:
    real = getattr(kind, name)
    return kind, name, real, _noted(real, what, when)


PROCESSES = [
    _asked(subprocess.Popen, "poll", "asks for a process", _is_awaited),
    _asked(BaseProcess, "start", "begins a process", lambda *_: True),
]
"""By class and method: who deals with processes, and the same with a note."""
