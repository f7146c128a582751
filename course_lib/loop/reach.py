"""Where programs hold functions of the standard library, so that others can stand in for them.

`from time import sleep` puts the function itself into a module; so do a default argument, an
attribute of a class and a variable that an inner function keeps. Each of them is a Place. In the
student's own modules all of these are found, in objects of the student's own classes too, and in
short lists and dicts; in a library's, names and default arguments. Of an object of a library's
that the student's modules hold, like a cache or a progress bar, its own clock is one.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from types import (
    BuiltinMethodType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, NamedTuple

from .waits import is_library

MOST = 10_000  # things that are looked into, a module
SHORT = 200  # members of a list, a tuple, a dict or a library's object that is looked into
_ABSENT = object()
_WRAPPED = (staticmethod, classmethod)
_PLAIN = {int, float, complex, bool, str, bytes, type(None), ModuleType}  # hold nothing of ours


class Twins:
    """What stands in for what, both ways round if need be.

    `make` makes a stand-in for a single object, or gives the object itself.
    """

    def __init__(
        self, pairs: Iterable[tuple[Any, Any]], make: Callable[[Any], Any] = lambda value: value
    ) -> None:
        self._make = make
        self._by_id: dict[int, tuple[Any, Any]] = {}
        self._bound: dict[tuple[int, str], Any] = {}
        for value, twin in pairs:
            self._by_id[id(value)] = (value, twin)
            if isinstance(value, BuiltinMethodType | MethodType):
                self._bound[_bound_key(value)] = twin

    def of(self, value: Any) -> Any:
        """What stands in for a value, mostly the value itself."""
        pair = self._by_id.get(id(value))
        if pair is not None and pair[0] is value:
            return pair[1]
        kind = type(value)
        if kind is BuiltinMethodType or kind is MethodType:  # a new one each time it is asked for
            return self._bound.get(_bound_key(value), value)
        if kind in _WRAPPED and self.of(value.__func__) is not value.__func__:
            return kind(self.of(value.__func__))
        if kind is functools.partial:
            return self._partial(value)
        return self._make(value)

    def of_all(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The same for each of a tuple, which stays the same one if nothing in it changes."""
        twins = tuple(self.of(value) for value in values)
        same = all(twin is value for twin, value in zip(twins, values, strict=True))
        return values if same else twins

    def _partial(self, value: functools.partial[Any]) -> functools.partial[Any]:
        call, args = self.of(value.func), self.of_all(value.args)
        if call is value.func and args is value.args:
            return value
        return functools.partial(call, *args, **value.keywords)


def _bound_key(method: Any) -> tuple[int, str]:
    return id(method.__self__), getattr(method, "__name__", "")


class Place(NamedTuple):
    """A name in a namespace, an attribute, what a cell holds, a member of a list."""

    owner: Any
    name: Any
    real: Any
    twin: Any

    def put(self) -> None:
        """Put the stand-in where the real thing is."""
        self._exchange(self.real, self.twin)

    def take_back(self) -> None:
        """Put the real thing where the stand-in is; not where the program put something else."""
        self._exchange(self.twin, self.real)

    def _exchange(self, old: Any, new: Any) -> None:
        owner, name = self.owner, self.name
        if isinstance(owner, dict):
            if owner.get(name, _ABSENT) is old:
                owner[name] = new
        elif isinstance(owner, list):  # whose members may have moved
            owner[:] = [new if member is old else member for member in owner]
        elif isinstance(owner, type):
            if vars(owner).get(name, _ABSENT) is old:
                setattr(owner, name, new)
        elif getattr(owner, name, _ABSENT) is old:
            object.__setattr__(owner, name, new)  # also where a dataclass is frozen


class _Search:
    """Finds the places in a module: those of functions, classes and objects from `modules`."""

    def __init__(self, twins: Twins, modules: Container[str], *, objects: bool) -> None:
        self.twins = twins
        self.modules = modules
        self.objects = objects
        self.found: list[Place] = []
        self._todo: list[Any] = []
        self._seen = {id(vars(builtins))}  # in every module, and nobody's own
        self._slots: dict[type, list[MemberDescriptorType]] = {}

    def names(self, owner: Any, names: Mapping[Any, Any]) -> None:
        """All that a module, a class, an object, a list or a dict holds by a name."""
        for name, value in list(names.items()):
            if type(value) not in _PLAIN:
                self._place(owner, name, value)

    def look_at(self, values: Iterable[Any]) -> None:
        """Look into these as well, before what was found."""
        self._todo += values

    def go_on(self) -> None:
        """Look into what was found, and into what is found there."""
        while self._todo and len(self._seen) < MOST:
            value = self._todo.pop()
            if id(value) not in self._seen:
                self._seen.add(id(value))
                self._look_into(value)

    def _place(self, owner: Any, name: str, value: Any) -> None:
        twin = self.twins.of(value)
        if twin is not value:
            if type(owner) is not tuple:
                self.found.append(Place(owner, name, value, twin))
        else:
            self._todo.append(value)

    def _look_into(self, value: Any) -> None:
        kind = type(value)
        if kind is FunctionType:
            self._function(value)
        elif kind in _WRAPPED:
            self._todo.append(value.__func__)
        elif kind is MethodType:
            self._todo += [value.__func__, value.__self__]
        elif kind is property:
            self._todo += [value.fget, value.fset]
        elif isinstance(value, type):
            if value.__module__ in self.modules:
                self.names(value, dict(vars(value)))
        elif kind in (list, tuple, dict):
            if self.objects and len(value) <= SHORT:
                self.names(value, value if kind is dict else dict(enumerate(value)))
        elif self.objects and kind.__module__ in self.modules:
            self._object(value)
        elif self.objects and _package(kind) not in sys.stdlib_module_names:
            self._of_a_library(value)

    def _of_a_library(self, value: Any) -> None:
        """The clocks that it keeps; a function that it made of one of the student's keeps more."""
        names = _attributes(value)
        if "__wrapped__" in names:
            self.names(names, names)
        else:
            self._clocks(value, type(value).__module__)

    def _clocks(self, value: Any, module: str) -> None:
        """Those of an object, and of the objects of the same module inside it."""
        names = _attributes(value)
        found = [(names, name, held) for name, held in names.items()]
        for owner, name, held in [*found, *self._in_slots(value)]:
            if type(held) in _PLAIN or id(held) in self._seen:
                continue
            twin = self.twins.of(held)
            if twin is not held and callable(held):  # its locks are its own affair
                self.found.append(Place(owner, name, held, twin))
            elif type(held).__module__ == module:
                self._seen.add(id(held))
                self._clocks(held, "")

    def _object(self, value: Any) -> None:
        """Its attributes, without asking it: that might run code of its own."""
        with suppress(AttributeError):  # it has slots alone
            names = object.__getattribute__(value, "__dict__")
            self.names(names, names)
        for place in self._in_slots(value):
            self._place(*place)

    def _in_slots(self, value: Any) -> Iterator[tuple[Any, str, Any]]:
        kind = type(value)
        if kind not in self._slots:
            bases = (vars(base) for base in kind.__mro__ if "__slots__" in vars(base))
            members = chain.from_iterable(base.values() for base in bases)
            self._slots[kind] = [m for m in members if type(m) is MemberDescriptorType]
        for slot in self._slots[kind]:
            with suppress(AttributeError):  # nothing in it yet
                yield value, slot.__name__, slot.__get__(value)

    def _function(self, function: FunctionType) -> None:
        if function.__module__ not in self.modules:
            return
        defaults = function.__defaults__ or ()
        twins = self.twins.of_all(defaults)
        if twins is not defaults:
            self.found.append(Place(function, "__defaults__", defaults, twins))
        names = function.__kwdefaults__ or {}
        self.names(names, names)
        for cell in function.__closure__ or ():
            with suppress(ValueError):  # a variable that has no value yet
                self._place(cell, "cell_contents", cell.cell_contents)


def _package(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


def _attributes(value: Any) -> dict[str, Any]:
    """What an object holds, unless its class answers for it: a proxy would call what it stands for.

    As it is, to be changed; empty where it has none, or too many to be looked into.
    """
    answers = (vars(base).get("__dict__") for base in type(value).__mro__)
    answer = next((one for one in answers if one is not None), None)
    names = answer.__get__(value) if type(answer) is GetSetDescriptorType else {}
    return names if len(names) <= SHORT else {}


def places(
    twins: Twins,
    namespace: dict[str, Any],
    modules: Container[str],
    *,
    objects: bool,
    beside: Iterable[Any] = (),
) -> list[Place]:
    """The places of a module, given its namespace, and of what is told beside."""
    search = _Search(twins, modules, objects=objects)
    search.names(namespace, namespace)
    search.look_at(beside)
    search.go_on()
    return search.found


class Module(NamedTuple):
    """A module that is there, and whether the student wrote it."""

    name: str
    namespace: dict[str, Any]
    own: bool


def modules() -> Iterator[Module]:
    """Each module that is there."""
    for name, module in list(sys.modules.items()):
        if issubclass(type(module), ModuleType):
            # Asking the module itself would load one that waits to be needed.
            namespace = ModuleType.__getattribute__(module, "__dict__")
            file = namespace.get("__file__")
            own = name == "__main__" or (isinstance(file, str) and not is_library(file))
            yield Module(name, namespace, own)
