"""What a film says that it cannot show, and where it ends."""

from __future__ import annotations

import asyncio
import gc
import linecache
import sys
import time
import timeit
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib import run
from course_lib.camera import Film, camera, record
from course_lib.camera.lines import NO_LINES
from course_lib.camera.turns import turn_rows
from course_lib.camera.words import sentences
from tests.films import program

FIRST = """\
import asyncio

async def ask(seconds):
    await asyncio.sleep(seconds)
"""
SECOND = """\
async def main():
    await asyncio.gather(ask(1), ask(2))
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What runs the cells of a notebook; it puts a main module of its own in the place of ours."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    made = InteractiveShell.instance()
    yield made
    made.reset(new_session=True)
    InteractiveShell.clear_instance()


def test_a_cell_is_named_by_its_number(shell: Any) -> None:
    """Also where a program is spread over several."""
    for cell in ("1 + 1", FIRST, SECOND):
        shell.run_cell(cell, store_history=True)
    film = record(shell.user_ns["main"])
    assert [source.name for source in film.sources] == ["In [3]", "In [2]"]
    told = list(sentences(film))
    assert told[0].startswith("main has its first turn, and runs line 2 of In [3].")
    assert told[1].startswith("ask 1 has its first turn, and runs line 4 of In [2].")


async def never_ends() -> None:
    while True:
        await asyncio.sleep(1)


async def goes_round() -> None:
    count = 0
    while True:
        count += 1


async def helper_goes_round() -> None:
    helper = asyncio.create_task(goes_round(), name="helper")
    await asyncio.sleep(1)
    await helper


@pytest.mark.parametrize("main", [never_ends, goes_round, helper_goes_round])
def test_a_program_without_end_stops_at_a_limit_that_is_said(
    main: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it waits again and again, or never; and nothing is logged about it."""
    film = record(main, most_steps=100)
    assert len(film.steps) == 100
    assert film.problem == ""
    [note] = film.notes
    assert note.startswith("the film ends after 100 steps, at ")
    assert note.endswith(", and so does the program")
    assert caplog.messages == []
    assert run(a_second).duration == 1  # and the next run is as ever


async def swallows_all() -> None:
    while True:
        try:
            await asyncio.sleep(1)
        except BaseException:  # noqa: BLE001
            count = 0
            count += 1


@pytest.mark.parametrize("most_steps", [100, 101, 102])
def test_nobody_can_swallow_the_limit(most_steps: int) -> None:
    """Nor that it is asked to end, for ever; what follows is no part of the film."""
    film = record(swallows_all, most_steps=most_steps)
    assert len(film.steps) == most_steps
    assert film.notes[0].startswith(f"the film ends after {most_steps} steps, at ")
    gc.collect()


ON_ONE_LINE = {
    "passes": "async def main():\n    while True: pass\n",
    "counts": "async def main():\n    n = 0\n    while True: n += 1\n",
    "for": "from itertools import count\nasync def main():\n    for n in count(): pass\n",
    "list": "from itertools import count\nasync def main():\n    [n for n in count() if n < 0]\n",
    "helper": "def spin():\n    while True: pass\nasync def main():\n    spin()\n",
}


@pytest.mark.parametrize("name", ON_ONE_LINE)
def test_a_line_without_end_stops_at_a_limit_too(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Python tells of such a line once, where it does not tell of each round."""
    monkeypatch.setattr(camera, "MOST_ROUNDS", 1_000)
    names: dict[str, Any] = {}
    exec(compile(ON_ONE_LINE[name], tmp_path / "endless.py", "exec"), names)
    film = record(names["main"], most_steps=100)
    assert film.problem == ""
    assert film.notes[0].startswith("the film ends after ")
    assert film.notes[0].endswith(", and so does the program")
    assert run(a_second).duration == 1


SWALLOWS = {
    "inside": """
async def main():
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "counts": """
async def main():
    n = 0
    while True:
        try:
            while True:
                n += 1
        except BaseException:
            n = 0
""",
    "in the end": """
async def main():
    try:
        while True: pass
    finally:
        while True: pass
""",
    "suppress": """
from contextlib import suppress
async def main():
    while True:
        with suppress(BaseException):
            while True: pass
""",
    "helper": """
def spin():
    try:
        while True: pass
    except BaseException: pass
async def main():
    while True: spin()
""",
    "task": """
import asyncio
async def spin():
    while True:
        try:
            await asyncio.sleep(0)
            while True: pass
        except BaseException: pass
async def main():
    spinning = asyncio.create_task(spin())
    await asyncio.sleep(1)
""",
}


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Python 3.11 tells of no line after a first error"
)
@pytest.mark.parametrize("most_steps", [100, 101])
@pytest.mark.parametrize("name", SWALLOWS)
def test_who_swallows_the_limit_and_never_waits_is_ended_too(
    name: str, most_steps: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Not even Ctrl-C would end it: it is ended at each line, and one of them swallows nothing."""
    monkeypatch.setattr(camera, "MOST_ROUNDS", 1_000)
    names: dict[str, Any] = {}
    exec(compile(SWALLOWS[name], tmp_path / "swallows.py", "exec"), names)
    film = record(names["main"], most_steps=most_steps)
    assert film.problem == ""
    assert film.notes[0].endswith(", and so does the program")
    assert sys.gettrace() is None
    assert run(a_second).duration == 1


async def clears_up() -> None:
    try:
        await never_ends()
    finally:
        for n in range(300):
            left.append(n)


left: list[int] = []


def test_who_clears_up_when_the_film_is_over_may_do_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines are no part of the film, and run."""
    monkeypatch.setattr(camera, "MOST_ROUNDS", 1_000)
    left.clear()
    assert len(record(clears_up, most_steps=100).steps) == 100
    assert len(left) == 300


def test_a_long_line_with_an_end_is_one() -> None:
    """A hundred thousand rounds are no endless loop; on Python 3.11 each round is a step."""

    async def main() -> int:
        return len([n for n in range(100_000)])  # noqa: C416 - a round of Python's, and no call

    film = record(main, most_steps=1_000_000)
    assert film.notes[:1] == film.trace.notes[:1]
    assert film.trace.result == 100_000


async def a_second() -> None:
    await asyncio.sleep(1)


def test_threads_and_libraries_say_that_they_have_no_lines() -> None:
    """Rather than leave the reader to look for them."""
    told = list(sentences(record(program("threads"))))
    assert "thread 1 goes on: what a thread does has no lines here." in " ".join(told)
    told = list(sentences(record(program("many_kinds"))))
    words = "sleep 1 has a turn, in code of a library, of which no lines are shown."
    assert any(one.startswith(words) for one in told)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python 3.12 lets several tools look on")
def test_a_debugger_that_looks_on_is_told_and_not_disturbed() -> None:
    """It goes on seeing all, and the film has turns without lines."""
    seen = []

    def debugger(frame: Any, event: str, details: Any) -> Any:
        seen.append(frame.f_lineno)
        return debugger

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        film = record(program("deadlock"))
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)
    says_so(film)
    assert 9 in seen


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.11 has one way for all tools")
def test_where_no_tool_more_may_look_on_it_is_said() -> None:
    """There are few places for tools: here all are taken."""
    watch = sys.monitoring
    taken = [number for number in range(6) if watch.get_tool(number) is None]
    for number in taken:
        watch.use_tool_id(number, "another tool")
    try:
        film = record(program("deadlock"))
    finally:
        for number in taken:
            watch.free_tool_id(number)
    says_so(film)


def says_so(film: Film) -> None:
    """The film of the deadlock has its turns, no lines, and the reason why."""
    assert film.notes == (NO_LINES,)
    assert [step.line for step in film.steps] == [0] * len(film.steps)
    assert [row[1] for row in turn_rows(film)[1:4]] == ["main", "transfer 1", "transfer 2"]
    assert next(sentences(film)).startswith("main has a turn.")
    assert turn_rows(film) == turn_rows(record(program("deadlock")))


def test_a_film_leaves_no_tool_behind() -> None:
    """The next one can look on."""
    before = sys.gettrace()
    record(program("timeout"))
    assert sys.gettrace() is before
    assert record(program("timeout")).notes == record(program("timeout")).notes


class Odd:
    """Whose words fail."""

    def __repr__(self) -> str:
        raise ValueError


class Plain:
    """Whose words would hold its address."""


def test_values_are_told_in_words_that_are_the_same_in_every_run() -> None:
    """No address, and no error of a `__repr__`."""

    async def main() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        for item in (Odd(), Plain(), 10**5000, "x" * 99, object()):
            queue.put_nowait(item)
        long = "y" * 99
        huge = 10**5000
        del long, huge
        await asyncio.sleep(1)

    film = record(main)
    _, count, *items = film.steps[-1].states[0]
    assert count == 5
    assert items[:2] == ["<Odd instance>", "Plain"]
    assert all(len(item) < 60 and "0x" not in item for item in items)
    assert all("0x" not in step.values for step in film.steps)


class Mailbox(asyncio.Queue[str]):
    """A queue with a name, which it has before it is a queue."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        super().__init__(2)


class Stack(asyncio.Queue[Any]):
    """A queue that keeps its items in a way of its own."""

    def _init(self, maxsize: int) -> None:
        self.items: list[Any] = []

    def _put(self, item: Any) -> None:
        self.items.append(item)

    def _get(self) -> Any:
        return self.items.pop()

    def qsize(self) -> int:
        return len(self.items)

    def empty(self) -> bool:
        return not self.items


class Gate(asyncio.Event):
    """With a name that does not tell what it is."""


class Proxy:
    """Stands for something that is not there, and refuses all questions."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    async def wait(self) -> None:
        await asyncio.sleep(1)


def test_queues_of_ones_own_do_not_disturb_the_run() -> None:
    """A film that asked a queue before it was one made the program fail, which `run` did not."""

    async def main() -> str:
        box, stack, gate = Mailbox("ann"), Stack(), Gate()
        stack.put_nowait("two")
        box.put_nowait("one")
        getting = asyncio.create_task(stack.get())
        box.put_nowait("three")
        gate.clear()
        gate.set()
        return str(await getting)

    film = record(main)
    assert film.trace.result == run(main).result == "two"
    assert [(one.name, one.kind) for one in film.things] == [("box", "Queue"), ("gate", "Event")]
    told = " ".join(sentences(film))
    assert "It puts 'three' into box." in told
    assert "It sets the event gate." in told


def test_what_refuses_to_be_asked_is_not_asked() -> None:
    """The type tells whether it is a queue, and where its attributes are."""

    async def main() -> None:
        await Proxy.wait(Proxy())

    film = record(main)
    assert film.problem == ""
    assert film.trace == run(main)


@pytest.mark.parametrize("kind", [ValueError, SystemExit, asyncio.CancelledError])
def test_words_that_cannot_be_told_are_left_out(kind: type[BaseException]) -> None:
    """Of an error its kind is told, and of an item its class; neither ends the film."""

    class SilentError(Exception):
        def __str__(self) -> str:
            raise kind

        __repr__ = __str__

    async def main() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        queue.put_nowait(SilentError())
        raise SilentError

    film = record(main)
    assert film.problem == "SilentError"
    assert film.steps[-1].states[0][2].strip("<>").split()[0] == "SilentError"


def test_the_words_of_an_error_have_an_end() -> None:
    """A page of an error is enough."""

    async def main() -> None:
        raise ValueError("x" * 1_000_000)

    assert len(record(main).problem) < 11_000


def test_lines_are_there_for_what_the_reader_sees() -> None:
    """Each step of a line points into a source that has it."""
    film = record(program("producer"))
    [source] = film.sources
    assert source.lines[0].startswith("async def producer")
    assert source.first == 6
    file = sys.modules["tests.films.producer"].__file__ or ""
    for step in film.steps:
        if step.line:
            assert (
                linecache.getline(file, step.line).rstrip()
                == (source.lines[step.line - source.first])
            )


def test_what_a_library_writes_is_not_the_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods made by attrs, and what timeit goes round in: the line that calls them is shown."""
    written, names = "def rest(sleep):\n    sleep(1)\n", dict[str, Any]()
    file = "<attrs generated methods __main__.Ticket>"  # as it names them, and shows their lines
    lines = (len(written), None, written.splitlines(keepends=True), file)
    monkeypatch.setitem(linecache.cache, file, lines)
    exec(compile(written, file, "exec"), names)
    rest = names["rest"]

    async def main() -> None:
        rest(time.sleep)
        timeit.timeit("sleep(2)", number=1, globals={"sleep": time.sleep})

    film = record(main)
    assert [source.name for source in film.sources] == [Path(__file__).name]
    first = main.__code__.co_firstlineno
    told = [(span.line, span.duration) for span in film.trace.spans]
    assert told == [(first + 1, 1), (first + 2, 2)]
