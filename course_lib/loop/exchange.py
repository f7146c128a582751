"""While runs go on: the stand-ins in every module that is there. After the last: none anywhere."""

from __future__ import annotations

import copyreg
import sys
import threading
import time
import typing
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from types import SimpleNamespace
from typing import Any

from .beside import PROCESSES
from .clocks import StartOfLogging
from .dates import REDUCERS
from .old_locks import OldLocks
from .reach import Module, Place, Twins, modules, places
from .waits import is_library

# Of the standard library: what tells the time, and what waits for it.
_REACHED = """
time datetime timeit sched asyncio asyncio.tasks threading _thread queue concurrent.futures
concurrent.futures._base concurrent.futures.thread concurrent.futures.process signal
"""
REACHED = set(_REACHED.split())
# These look at a real clock while they wait for something real, and would never see it move.
REAL_WORLD = {"multiprocessing", "subprocess"}
_THIS_ROOM = __name__.rpartition(".")[0] + "."
_REAL_TIME = SimpleNamespace(**vars(time))


class _Known:
    """A module that was looked at, and its places; the student's own may come to hold others."""

    def __init__(self, module: Module) -> None:
        self.name = module.name
        self.namespace = module.namespace
        self.own = module.own
        self.places: list[Place] = []
        self._held: list[int] = []

    def has_changed(self) -> bool:
        """Whether it holds other things than the last time that it was asked."""
        held, self._held = self._held, [id(value) for value in self.namespace.values()]
        return held != self._held


class Exchange:
    """Exchanges what is real for what stands in for it, and back, for all runs of the process."""

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self._locks = OldLocks()
        self._twins = Twins(pairs)
        self._twins_of_own = Twins(pairs, self._locks.stand_in)
        self._back = Twins([(twin, real) for real, twin in pairs], self._locks.real)
        self._lock = threading.Lock()
        self._runs = 0
        self._namespaces: list[dict[str, Any]] = []  # of the runs that go on
        self._seen: tuple[int, Any] = (0, None)  # how many modules there were, and the newest
        self._known: dict[str, _Known] = {}
        self._own: list[_Known] = []
        self._in_libraries: list[Place] = []
        self._in_force: list[Place] = []
        self._reducers: dict[type, Any] = {}  # how dates are pickled outside of runs

    @contextmanager
    def of_a_run(self, namespace: dict[str, Any], beside: Iterable[Any] = ()) -> Iterator[None]:
        """The stand-ins in all modules, in this namespace and in what a run holds beside it.

        At the end of the last run: back.
        """
        with self._lock:
            if not self._runs:
                self._begin()
            self._runs += 1
            self._namespaces.append(namespace)
            if not is_library(str(namespace.get("__file__", ""))):
                self._put(self._find(self._twins_of_own, namespace, own=True, beside=beside))
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1
                if not self._runs:
                    self._end()

    def _begin(self) -> None:
        new = list(self._new_modules())
        if new:
            self._remember(new)
        self._reducers = {real: copyreg.dispatch_table.get(real) for real in REDUCERS}
        copyreg.dispatch_table.update(REDUCERS)
        self._put(self._in_libraries)
        for known in self._own:
            if known.has_changed():
                known.places = self._find(self._twins_of_own, known.namespace, own=True)
            self._put(known.places)

    def _remember(self, new: list[Module]) -> None:
        for module in new:
            known = self._known[module.name] = _Known(module)
            if not module.own:
                known.places = self._in_library(module)
        self._own = [known for known in self._known.values() if known.own]
        places = (known.places for known in self._known.values() if not known.own)
        self._in_libraries = list(chain.from_iterable(places))

    def _end(self) -> None:
        """Take the stand-ins back, also from modules and names that a run brought."""
        for place in reversed(self._in_force):
            place.take_back()
        self._in_force.clear()
        for forget in typing._cleanups:  # type: ignore[attr-defined]
            forget()  # Optional[datetime] was made of a stand-in, and is kept
        for real, before in self._reducers.items():
            if before is None:
                copyreg.dispatch_table.pop(real, None)
            else:
                copyreg.dispatch_table[real] = before
        brought = [(module.namespace, module.own) for module in self._new_modules(keep=True)]
        brought += [(known.namespace, True) for known in self._own if known.has_changed()]
        modules = {id(known.namespace) for known in self._own}
        brought += [(names, True) for names in self._namespaces if id(names) not in modules]
        self._namespaces.clear()
        for namespace, own in brought:
            self._put(self._find(self._back, namespace, own=own))
        self._in_force.clear()

    def _put(self, places: Iterable[Place]) -> None:
        for place in places:
            place.put()
            self._in_force.append(place)

    def _new_modules(self, *, keep: bool = False) -> Iterator[Module]:
        """The modules that have come since somebody asked; `keep` them new for who asks next."""
        number, newest = len(sys.modules), sys.modules[next(reversed(sys.modules))]
        if number == self._seen[0] and newest is self._seen[1]:
            return
        if not keep:
            self._seen = (number, newest)
        for module in modules():
            known = self._known.get(module.name)
            if known is None or known.namespace is not module.namespace:
                yield module

    def _in_library(self, module: Module) -> list[Place]:
        top = module.name.partition(".")[0]
        if top in REAL_WORLD:
            found = [Place(*place) for place in PROCESSES if place[0].__module__ == module.name]
            if module.namespace.get("time") is time:
                found.append(Place(module.namespace, "time", time, _REAL_TIME))
            return found
        if module.name == "logging":
            start: Any = module.namespace.get("_startTime")
            return [Place(module.namespace, "_startTime", start, StartOfLogging(start))]
        if top in sys.stdlib_module_names and module.name not in REACHED:
            return []
        if module.name.startswith(_THIS_ROOM):
            return []
        return self._find(self._twins, module.namespace, own=False)

    def _find(
        self, twins: Twins, namespace: dict[str, Any], *, own: bool, beside: Iterable[Any] = ()
    ) -> list[Place]:
        name = str(namespace.get("__name__"))
        names = {name, *(known.name for known in self._own)} if own else {name}
        return places(twins, namespace, names, objects=own, beside=beside)
