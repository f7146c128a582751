"""What is handed in behaves behind bars as it does beside the piece, also when it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from course_lib.exercises.here import Here
from course_lib.exercises.property import NotMet
from course_lib.exercises.student import Pieces, Raised, Student, now
from course_lib.staff.conversation.judge import Behind
from tests.conftest import sandbox_here

WITHIN = """
import asyncio

async def piece(op):
    async with asyncio.timeout(1):
        return await op()
"""
BY_ANYIO = """
import anyio

async def piece(op):
    with anyio.move_on_after(1) as scope:
        await op()
    return scope.cancelled_caught
"""
AT_ONCE = """
import asyncio

async def piece(op):
    task = asyncio.create_task(op())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()
"""
TWICE = """
import asyncio

async def piece(op):
    task = asyncio.create_task(op())
    for _ in range(2):
        await asyncio.sleep(1)
        task.cancel()
    await asyncio.wait([task])
    return task.cancelled()
"""
AT_ITS_END = """
import asyncio

async def piece(op):
    task = asyncio.create_task(op())
    await op()
    task.cancel()
    await asyncio.wait([task])
    return task.cancelled()
"""


@contextmanager
def beside(source: str) -> Iterator[Student]:
    space: dict[str, Any] = {}
    exec(source, space)
    yield Here({"piece": space["piece"]})


@contextmanager
def behind(source: str) -> Iterator[Student]:
    with sandbox_here() as made, made.submission([source]) as submission:
        yield Behind([submission], [source])


both = pytest.mark.parametrize("student", [beside, pytest.param(behind, marks=pytest.mark.slow)])


class Op:
    """Takes ten seconds, and three more to clean up if it is cancelled; then it gives something."""

    def __init__(self, gives: str | None = None) -> None:
        self.gives, self.said = gives, list[Any]()

    async def __call__(self) -> str:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await asyncio.sleep(3)
            self.said.append(f"cleaned up at {now():g}")
            if self.gives is None:
                raise
        return self.gives or "done"

    async def seen(self, pieces: Pieces) -> list[Any]:
        """What it says, and then how the piece ends."""
        try:
            self.said.append(await pieces.call("piece", self))
        except Raised as problem:
            self.said.append(problem.name)
        return [*self.said, f"ends at {now():g}"]


@both
@pytest.mark.parametrize(
    ("source", "gives", "expected"),
    [
        (WITHIN, None, ["cleaned up at 4", "TimeoutError", "ends at 4"]),
        (WITHIN, "late", ["cleaned up at 4", "late", "ends at 4"]),
        (AT_ONCE, None, ["cleaned up at 3", True, "ends at 3"]),
        (TWICE, None, [True, "ends at 2"]),
        (BY_ANYIO, None, [True, "ends at 1"]),
    ],
)
def test_a_use_that_is_cancelled_ends_when_it_has_cleaned_up(
    student: Callable[[str], Any], source: str, gives: str | None, expected: list[Any]
) -> None:
    """What comes then is its own: the cancellation, or a result in spite of it."""
    with student(source) as one:
        assert one.on_clock(Op(gives).seen, "a case") == expected


@pytest.mark.slow
def test_a_use_that_has_ended_is_cancelled_no_more() -> None:
    """Who is cancelled at the moment of an answer is cancelled, and nobody is told."""
    with behind(AT_ITS_END) as student:
        assert student.on_clock(Op().seen, "a case") == [True, "ends at 10"]


@both
def test_who_never_ends_is_told_who_waits_for_what(student: Callable[[str], Any]) -> None:
    """On which of their lines: that is what shows the way out."""
    source = """
import asyncio

async def piece(op):
    line = asyncio.Queue(1)

    async def work():
        while True:
            await line.get()

    await asyncio.create_task(work(), name="worker 1")
"""
    with student(source) as one, pytest.raises(NotMet) as told:
        one.on_clock(Op().seen, "a case")
    assert "It never ends.\nSmallest case: a case\nYours: " in str(told.value)
    assert "worker 1 waits for queue get on line 9" in str(told.value)
    assert "it waits for " in str(told.value)
    assert str(told.value).count(" on line ") == 2


@both
def test_who_goes_on_and_on_is_told_where(student: Callable[[str], Any]) -> None:
    """Also if they are awake when patience ends."""
    source = """
import asyncio

async def piece(op):
    while True:
        await asyncio.sleep(1000)
"""
    with student(source) as one, pytest.raises(NotMet, match="it waits for sleep on line 6"):
        one.on_clock(Op().seen, "a case")


@both
def test_a_loop_of_its_own_in_a_thread_is_told_as_such(student: Callable[[str], Any]) -> None:
    """It does not keep to the clock; behind bars it was a cancellation that nobody had sent."""
    source = """
import asyncio

async def main():
    await asyncio.sleep(10)

async def piece():
    await asyncio.to_thread(asyncio.run, main())
"""

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("piece")

    with student(source) as one, pytest.raises(NotMet) as told:
        one.on_clock(scene, "a case")
    assert "keep to the clock of this check" in str(told.value)
    assert "no thread has a loop of its own by asyncio.run" in str(told.value)
    assert "waits for something real" in str(told.value)


@both
@pytest.mark.parametrize("gives", ["self.lacking", "None"])
def test_an_error_that_cannot_say_its_text_comes_out(student: Any, gives: str) -> None:
    """It was told as a piece that goes on and on."""
    piece = f"""
class OrderError(Exception):
    def __str__(self):
        return {gives}

async def piece():
    raise OrderError
"""

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("piece")

    with student(piece) as one, pytest.raises(NotMet, match=r"OrderError: \(its __str__ raises "):
        one.on_clock(scene, "piece()")
