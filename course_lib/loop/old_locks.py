"""Locks that are older than a run, and what stands in for each of them while it goes on."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any
from weakref import WeakValueDictionary

from .locks import Lock, RealLock

_RealRLock = type(threading.RLock())


class OldRLock(Lock):
    """A reentrant lock that was made before the run."""

    def _can_have(self) -> bool:
        return not self._line or self._is_owned()

    def _is_owned(self) -> bool:
        return bool(self.real._is_owned())

    def _release_save(self) -> Any:
        state = self.real._release_save()
        with suppress(IndexError):
            self._line[0].wake_up()
        return state

    def _acquire_restore(self, state: Any) -> None:
        self.acquire()
        self.real.release()
        self.real._acquire_restore(state)


class OldLocks:
    """The locks that are older than the runs which go on, and what stands in for each of them."""

    def __init__(self) -> None:
        self._stand_ins: WeakValueDictionary[int, Lock] = WeakValueDictionary()

    def stand_in(self, value: Any) -> Any:
        """The one that waits on the clock, for a lock; all else is its own stand-in."""
        kind = type(value)
        if kind is not RealLock and kind is not _RealRLock:
            return value
        found = self._stand_ins.get(id(value))
        if found is None:
            found = self._stand_ins[id(value)] = (Lock if kind is RealLock else OldRLock)(value)
        return found

    def real(self, value: Any) -> Any:
        """The way back, also for locks that a run made."""
        return value.real if type(value) in (Lock, OldRLock) else value
