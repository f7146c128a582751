"""How long a submission is read: some texts take Python, or a pattern, the square of their length.

with patiently():
    cells = readable(submission.cells, names)
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .submission import UnreadableError

READING = 20
"""Seconds after which a submission is taken for one that nobody can read."""


@contextmanager
def patiently() -> Iterator[None]:
    """Raise UnreadableError when it takes longer; never for whoever gets no alarms: some systems,
    and threads, in which the workers of a cluster do their work.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return
    late = UnreadableError(f"reading it took more than {READING} s")
    rung = False

    def ring(*_: object) -> None:
        nonlocal rung
        rung = True
        raise late

    before = signal.signal(signal.SIGALRM, ring)
    # Again each second: an error inside of a __del__, or while garbage is collected, is lost.
    signal.setitimer(signal.ITIMER_REAL, READING, 1)
    try:
        yield
    except Exception:
        if rung:  # in the midst of its parser, Python 3.11 makes another error of it
            raise late from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
