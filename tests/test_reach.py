"""The stand-ins reach what the student's modules hold, and everything is put back."""

from __future__ import annotations

import asyncio
import functools
import importlib
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from course_lib import run
from course_lib.loop.clocks import EPOCH
from course_lib.loop.reach import Place, Twins, places

HELPERS = """
import dataclasses
import functools
import time
from datetime import datetime
from time import perf_counter, sleep


def work(seconds):
    begin = perf_counter()
    sleep(seconds)
    return perf_counter() - begin


def with_default(seconds, sleep=time.sleep, *, now=time.monotonic):
    sleep(seconds)
    return now()


def maker(sleep):
    def work(seconds):
        sleep(seconds)
        return time.monotonic()
    return work


kept = maker(time.sleep)


def decorator(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner


@decorator
def decorated(seconds, sleep=sleep):
    return with_default(seconds, sleep)


class Clock:
    now = staticmethod(time.monotonic)
    nap = time.sleep

    def __init__(self, sleep=time.sleep):
        self.sleep = sleep
        self.inner = None

    def work(self, seconds, now=time.monotonic):
        self.sleep(seconds)
        return now()

    @classmethod
    def made(cls, now=time.monotonic):
        return now()

    @property
    def reading(self):
        return type(self).now()


clock = Clock()
clock.inner = Clock()
bound = clock.work
several = [Clock(), {"nap": time.sleep}, time.monotonic]
minute = functools.partial(sleep, 60)


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    nap: object = time.sleep
    empty: object = dataclasses.field(init=False)


frozen = Frozen()


@dataclasses.dataclass
class Letter:
    written: float = dataclasses.field(default_factory=time.time)
    seen: datetime = dataclasses.field(default_factory=datetime.now)
"""


@pytest.fixture
def helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of the student's, imported before the run."""
    (tmp_path / "helpers_of_mine.py").write_text(HELPERS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("helpers_of_mine")
    sys.modules.pop("helpers_of_mine", None)


def held(names: dict[str, Any]) -> set[int]:
    """Ids of all that a module holds, and of what its functions and classes hold."""
    found = {id(value) for value in names.values()}
    for value in list(names.values()):
        found |= {id(default) for default in getattr(value, "__defaults__", None) or ()}
        if isinstance(value, type):
            found |= {id(inner) for inner in vars(value).values()}
    return found


USES: dict[str, Callable[[Any], float]] = {
    "a name": lambda m: m.work(60),
    "default arguments": lambda m: m.with_default(60),
    "a kept variable": lambda m: m.kept(60),
    "a decorated function": lambda m: m.decorated(60),
    "an attribute of a class": lambda m: m.Clock.nap(60) or m.Clock.now(),
    "an attribute of an object": lambda m: m.clock.work(60),
    "an object in an object": lambda m: m.clock.inner.work(60),
    "a bound method": lambda m: m.bound(60),
    "a class method": lambda m: m.minute() or m.Clock.made(),
    "an object with slots": lambda m: m.frozen.nap(60) or m.Clock.now(),
    "an object in a list": lambda m: m.several[0].work(60),
    "a dict in a list": lambda m: m.several[1]["nap"](60) or m.several[2](),
    "a property": lambda m: m.minute() or m.clock.reading,
    "a partial": lambda m: m.minute() or m.Clock.now(),
    "a dataclass": lambda m: m.minute() or m.Letter().written - EPOCH,
    "a dataclass's date": lambda m: m.minute() or m.Letter().seen.timestamp() - EPOCH,
}


@pytest.mark.parametrize("use", USES)
def test_a_helper_of_the_students_keeps_to_the_clock(helpers: ModuleType, use: str) -> None:
    """Whatever way a module of theirs holds a function of `time`, it is the run's."""

    async def main() -> float:
        return USES[use](helpers)

    before = held(vars(helpers))
    trace = run(main)
    assert (trace.result, trace.duration) == (60, 60)
    assert held(vars(helpers)) == before


class Alarm:
    """An object that holds a function of `time`."""

    def __init__(self) -> None:
        self.nap = time.sleep

    async def main(self) -> None:
        self.nap(60)


def inner_mains() -> dict[str, Any]:
    """Programs that are not in a module, and what they hold."""
    nap, alarm, several = time.sleep, Alarm(), [time.sleep]

    def work() -> None:
        nap(60)

    async def of_a_variable() -> None:
        nap(60)

    async def of_a_function() -> None:
        work()

    async def of_a_list() -> None:
        several[0](60)

    async def of_an_object(alarm: Alarm) -> None:
        alarm.nap(60)

    return {
        "a variable outside": of_a_variable,
        "a function outside": of_a_function,
        "a list outside": of_a_list,
        "its object": alarm.main,
        "its argument": functools.partial(of_an_object, alarm),
    }


@pytest.mark.parametrize("how", ["function", "coroutine"])
@pytest.mark.parametrize("holds", inner_mains())
def test_a_program_inside_a_function_keeps_to_the_clock(holds: str, how: str) -> None:
    """What it holds beside its module, though nothing but the program itself knows of it."""
    main = inner_mains()[holds]
    assert run(main if how == "function" else main()).duration == 60


def test_a_helper_that_is_imported_during_the_run_keeps_to_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it has taken from `time` is the real thing after the run."""
    (tmp_path / "late_helper.py").write_text(HELPERS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    async def main() -> float:
        late = importlib.import_module("late_helper")
        return late.work(60) + late.with_default(60) + late.clock.work(60)

    try:
        assert [run(main).result, run(main).result] == [360, 360]
        late = sys.modules["late_helper"]
        assert late.sleep is time.sleep
        assert late.with_default.__defaults__ == (time.sleep,)
        assert late.with_default.__kwdefaults__ == {"now": time.monotonic}
        assert late.Clock.nap is time.sleep
        assert late.clock.sleep is time.sleep
        assert late.datetime is datetime
        assert late.minute.func is time.sleep
    finally:
        sys.modules.pop("late_helper", None)


def test_a_name_given_during_the_run_is_put_back_too() -> None:
    """A cell that says `global tick` and takes a clock for it."""
    names: dict[str, Any] = {"__name__": "a_cell"}
    text = "import time\nasync def main():\n    global tick\n    tick = time.monotonic\n"
    exec(text, names)
    run(names["main"])
    assert names["tick"] is time.monotonic


def test_what_the_program_put_there_itself_stays() -> None:
    """A name that the run gives another value keeps it."""
    names: dict[str, Any] = {"__name__": "a_cell"}
    text = "from time import sleep\nasync def main():\n    global sleep\n    sleep = print\n"
    exec(text, names)
    run(names["main"])
    assert names["sleep"] is print


def test_a_library_keeps_to_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its names and default arguments, as those of the student's own modules."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    text = "import time\nfrom time import monotonic\n\ndef age(clock=time.monotonic):\n"
    (folder / "some_library.py").write_text(text + "    return clock(), monotonic()\n", "utf-8")
    monkeypatch.syspath_prepend(folder)
    library = importlib.import_module("some_library")

    async def main() -> Any:
        await asyncio.sleep(60)
        return library.age()

    try:
        assert run(main).result == (60, 60)
        assert library.monotonic is time.monotonic
        assert library.age.__defaults__ == (time.monotonic,)
    finally:
        sys.modules.pop("some_library", None)


def test_an_object_of_a_librarys_keeps_to_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that is older than the run forgets in time, and so does a timer that it keeps."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    text = """
import threading
import time

class Timer:
    def __init__(self):
        self.clock = time.monotonic

class Cache:
    def __init__(self):
        self.clock, self.timer, self.lock = time.time, Timer(), threading.Lock()

    def read(self):
        return self.clock(), self.timer.clock(), type(self.lock)

class Slots:
    __slots__ = ("clock", "lock", "nothing")
    def __init__(self):
        self.clock, self.lock = time.monotonic, threading.Lock()

class Timers:
    def __init__(self, number):
        vars(self).update({f"of_{n}": Timer() for n in range(number)})
        self.clock, self.slots = time.monotonic, Slots()

class Proxy:
    @property
    def __dict__(self):
        raise RuntimeError("nobody is there")
"""
    (folder / "some_caches.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(folder)
    library = importlib.import_module("some_caches")
    cache, proxy = library.Cache(), library.Proxy()  # both in a variable that `main` keeps
    slots, few, many = library.Slots(), library.Timers(100), library.Timers(300)

    async def main() -> Any:
        await asyncio.sleep(60)
        assert [slots.clock(), few.clock(), few.slots.clock(), few.of_9.clock()] == [60] * 4
        assert type(slots.lock) is type(cache.lock)
        assert many.clock is not few.clock  # to look into all of them would cost too much
        return cache.read(), type(proxy) is library.Proxy

    try:
        read = (EPOCH + 60, 60, type(cache.lock))
        assert run(main).result == (read, True)
        assert (cache.clock, cache.timer.clock) == (time.time, time.monotonic)
        assert (slots.clock, few.slots.clock) == (time.monotonic, time.monotonic)
    finally:
        sys.modules.pop("some_caches", None)


def test_runs_in_several_threads_put_everything_back(helpers: ModuleType) -> None:
    """The last run that ends does; until then each thread has its own time."""
    before = held(vars(helpers))
    found: queue.SimpleQueue[float] = queue.SimpleQueue()

    def one(seconds: float) -> None:
        async def main() -> None:
            for _ in range(20):
                helpers.work(seconds)
                await asyncio.sleep(0)

        found.put(run(main).duration / seconds)

    threads = [threading.Thread(target=one, args=(seconds,)) for seconds in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found.get() for _ in threads] == [20] * 4
    assert held(vars(helpers)) == before


def test_asking_changes_nothing_and_runs_nobodys_code() -> None:
    """A module that loads itself when it is asked for anything, and an object that answers all."""

    class Curious:
        """Has no such attribute, and says so loudly."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    Curious.__module__ = "a_cell"
    names = {"__name__": "a_cell", "curious": Curious(), "class": Curious}
    assert places(Twins([(time.sleep, print)]), names, {"a_cell"}, objects=True) == []


def test_many_objects_in_a_row_are_no_trouble() -> None:
    """A linked list of the student's is followed, but not to its end."""

    class Link:
        """One of many."""

        next: Any = None

    Link.__module__ = "a_cell"
    first = link = Link()
    for _ in range(20_000):
        link.next = link = Link()
    first.nap = time.sleep
    found = places(Twins([(time.sleep, print)]), {"first": first}, {"a_cell"}, objects=True)
    assert found == [Place(vars(first), "nap", time.sleep, print)]


def test_a_partial_stands_in_with_all_its_arguments() -> None:
    """Only what has a stand-in changes."""
    twins = Twins([(time.sleep, print)])
    twin = twins.of(functools.partial(max, 1, key=time.sleep))
    assert twin.func is max
    assert twins.of(functools.partial(time.sleep, 1)).args == (1,)
