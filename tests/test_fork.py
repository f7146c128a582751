"""A function as another process has it: it does the same, and remembers for itself."""

from __future__ import annotations

import asyncio
import textwrap
import threading
from typing import Any

from course_lib.exercises.fork import Fork, forked

SOURCE = """
import asyncio
import threading

SEEN, COUNTS, KNOWN, calls = [], {"all": 0}, {1}, 0
LOCK, AGAIN, PLACES = threading.Lock(), threading.RLock(), threading.Semaphore()
LOOP_LOCK = asyncio.Lock()
OTHER = object()


def remember(name, *, twice=False):
    SEEN.extend([name] * (1 + twice))
    return SEEN


def piece(name, default=2):
    global calls
    calls += 1
    inner = lambda: KNOWN.add(name)
    inner()
    with LOCK, AGAIN, PLACES:
        COUNTS["all"] += default
        return remember(name, twice=True), COUNTS, KNOWN, calls, LOOP_LOCK, OTHER


class Kind:
    pass
"""


def cells() -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(SOURCE, space)
    return space


def test_each_remembers_for_itself() -> None:
    """Lists, dicts, sets and numbers, also in functions that it calls; the first keeps its own."""
    space = cells()
    space["piece"]("before")
    one, two = forked(space["piece"]), forked(space["piece"])
    assert one("a")[:4] == (["before"] * 2 + ["a"] * 2, {"all": 4}, {1, "before", "a"}, 2)
    assert two("b")[:4] == (["before"] * 2 + ["b"] * 2, {"all": 4}, {1, "before", "b"}, 2)
    assert space["piece"]("c")[:4] == (
        ["before"] * 2 + ["c"] * 2,
        {"all": 4},
        {1, "before", "c"},
        2,
    )


def test_a_process_has_one_function_however_often_it_is_asked_for() -> None:
    """So a second call knows what the first has put by."""
    fork = Fork(space := cells())
    fork.of(space["piece"])("a")
    assert fork.of(space["piece"])("b")[3] == 2
    assert fork.of(space["piece"]) is fork.of(space["piece"])


def test_a_lock_holds_in_its_own_process_alone() -> None:
    """One of threads, and one of a loop; whatever else there is, is shared."""
    space = cells()
    seen: list[Any] = []
    with space["LOCK"], space["PLACES"]:
        thread = threading.Thread(
            target=lambda: seen.extend(forked(space["piece"])("a")), daemon=True
        )
        with space["AGAIN"]:
            thread.start()
            thread.join(timeout=10)
    assert seen[5] is space["OTHER"]
    assert isinstance(seen[4], asyncio.Lock)
    assert seen[4] is not space["LOOP_LOCK"]


def test_what_waits_on_a_loop_goes_with_another() -> None:
    """Each kind, with what is in it: a run that is over keeps none of them."""
    space: dict[str, Any] = {}
    source = """
    import asyncio
    lock, event, places = asyncio.Lock(), asyncio.Event(), asyncio.Semaphore(2)
    condition, line = asyncio.Condition(lock), asyncio.Queue(1)
    async def waits(wait):
        try:
            await asyncio.wait_for(wait(), 0.01)
        except TimeoutError:
            return True
    async def piece():
        async with lock, places, places:
            waited = [await waits(one) for one in (lock.acquire, event.wait, places.acquire)]
        async with condition:
            waited.append(await waits(condition.wait))
        line.put_nowait("a letter")
        waited.append(await waits(lambda: line.put("another")))
        return waited
    """
    exec(textwrap.dedent(source), space)
    for _ in range(2):
        assert asyncio.run(forked(space["piece"])()) == [True] * 5


def test_locks_of_a_class_go_with_another_loop() -> None:
    """Its own and those that its methods use by name, also one that is held for ever."""
    space: dict[str, Any] = {}
    source = """
    import asyncio
    lock = asyncio.Lock()
    class Kind:
        own = asyncio.Lock()
        async def hold(self):
            async with self.own:
                await asyncio.gather(self.keep(), self.wait())
                await lock.acquire()
        async def keep(self):
            async with lock:
                await asyncio.sleep(0)
        async def wait(self):
            async with lock:
                return
    """
    exec(textwrap.dedent(source), space)
    for _ in range(2):
        asyncio.run(forked(space["Kind"])().hold())


def test_what_is_no_function_is_itself() -> None:
    """A class, a builtin, nothing at all."""
    for piece in (cells()["Kind"], print, None):
        assert forked(piece) is piece


def test_defaults_are_remembered_by_each_for_itself() -> None:
    """A list that is a default is no other process's; what is no memory stays as it is."""
    space: dict[str, Any] = {}
    exec("def piece(name, seen=[], *, known={}): seen.append(name); return seen, known", space)
    space["piece"]("before")
    one, two = forked(space["piece"]), forked(space["piece"])
    assert (one("a"), two("b")) == ((["before", "a"], {}), (["before", "b"], {}))


def test_what_a_function_keeps_in_attributes_is_remembered_by_each_for_itself() -> None:
    """Under whatever name it is called, also by a function that it calls."""
    space: dict[str, Any] = {}
    source = """
    def note(name): note.count += 1; note.seen.append(name); return note.count, note.seen
    note.count, note.seen = 0, []
    def piece(name): piece.known.add(name); return note(name), piece.known
    piece.known = set()
    """
    exec(textwrap.dedent(source), space)
    space["piece"]("before")
    one, two = forked(space["piece"]), forked(space["piece"])
    assert one("a") == ((2, ["before", "a"]), {"before", "a"})
    assert two("b") == ((2, ["before", "b"]), {"before", "b"})


def test_what_is_inside_of_another_is_remembered_by_each_for_itself() -> None:
    """In a dict, in the function around it, behind a cache; two names for one thing stay two."""
    space: dict[str, Any] = {}
    source = """
    import functools
    from collections import deque
    STATE = {"seen": [], "last": deque(maxlen=2)}
    STATE["self"], SEEN = STATE, STATE["seen"]
    @functools.cache
    def of(name): return []
    def around():
        inside = []
        def piece(name, deep=0):
            if not deep: return piece(name, 1)
            for one in (SEEN, STATE["self"]["last"], inside, of("all")): one.append(name)
            return STATE["seen"], list(STATE["last"]), inside, of("all")
        return piece
    piece = around()
    """
    exec(textwrap.dedent(source), space)
    space["piece"]("before")
    one, two = forked(space["piece"]), forked(space["piece"])
    for name, other in (("a", one), ("b", two)):
        assert other(name) == (["before", name], ["before", name], ["before", name], [name])
