"""A student's piece as a property sees it, whether it is in this process or behind bars."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ..loop.sleep import sleep
from ..loop.time_keeper import clock_here
from ..trace import SECOND

T = TypeVar("T")
PATIENCE = 100_000.0  # virtual seconds after which a run is taken for endless
CLOSE = 0.01
"""Virtual seconds that are "at once"."""
LATER = 100.0
"""Virtual seconds in which whoever goes on in secret would show it."""
LONG = 1000.0
"""Virtual seconds that nobody waits for."""


def now() -> float:
    """Seconds since the scene began, in whichever thread; no other clock is the scene's."""
    clock = clock_here()
    return clock.now() / SECOND if clock is not None else 0.0


class Raised(Exception):  # noqa: N818  what a piece raised is looked at, and is no fault of ours
    """A piece raised something: its class's name, its text, and those inside if it is a group.

    `above` are the names of the classes above its own.
    """

    def __init__(
        self,
        name: str,
        text: str = "",
        members: tuple[Raised, ...] = (),
        above: tuple[str, ...] = (),
    ) -> None:
        super().__init__(f"{name}: {text}".removesuffix(": "))
        self.name, self.text, self.members, self.above = name, text, members, above

    def called(self, name: str) -> str:
        """That name, if it is an error of this class or of one below it; else its own."""
        return name if name in self.above else self.name

    def alone(self) -> Raised:
        """The error itself, out of the groups in which it is the only one."""
        return self.members[0].alone() if len(self.members) == 1 else self


UNWRITTEN = "It is still to be written."


class Crash(BaseException):
    """Raised by something that was handed in: the process dies here. A piece never sees it end."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """A function that blocks, handed in: a generator that yields the seconds it takes.

    `@Blocking def work(x): yield 0.1; return x * x` is to the piece an ordinary function.
    """

    steps: Callable[..., Generator[float, None, Any]]


def in_this_thread(steps: Generator[float, None, T]) -> T:
    """What such a generator gives, while this thread blocks."""
    try:
        while True:
            time.sleep(next(steps))
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def in_time(steps: Generator[float, None, T]) -> T:
    """What such a generator gives, while others go on."""
    try:
        while True:
            await sleep(next(steps))  # what asyncio.sleep is in a run, and quicker outside of one
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def again_and_again(tick: Callable[[], Awaitable[None]]) -> None:
    """What a neighbour does, until it is cancelled."""
    while True:
        await tick()


class Filled(list[Any]):
    """A list that the piece is to fill."""


class Made(Protocol):
    """An object that a piece made."""

    def call(self, method: str, *words: Any) -> Awaitable[Any]:
        """What its method gives; raises Raised."""


class Pieces(Protocol):
    """What a student has written, during one scene on the virtual clock."""

    def call(self, name: str, *words: Any) -> Awaitable[Any]:
        """What the function gives, awaited if it is a coroutine; raises Raised.

        Words may be plain values (None, numbers, texts, bytes, lists, tuples, dicts), classes of
        errors, and things to be used: functions, coroutine functions, Blocking, Filled, iterators,
        a random.Random, a database's Connection. Cancelling the call cancels the piece. Raises
        Crash if something that was handed in did: then this process is dead.
        """

    def make(self, name: str, *words: Any) -> Awaitable[Made]:
        """An object of the class; raises Raised."""

    def neighbour(self, tick: Callable[[], Awaitable[None]]) -> None:
        """Beside the piece, on the same loop: a task that awaits `tick()` again and again."""

    def process(self) -> Pieces:
        """The same pieces in another process beside this one, on the same clock.

        What one has in its memory, another does not know. In a notebook it is a thread, with copies
        of what its functions use by name (see fork.py).
        """


class Student(Protocol):
    """Who has written the pieces."""

    @property
    def cells(self) -> Sequence[str]:
        """What the pieces are written in, in the order in which it was run; for what can only be
        judged by reading.
        """

    def on_clock(self, scene: Callable[[Pieces], Awaitable[T]], case: str) -> T:
        """What the scene gives, run on a virtual clock of its own.

        Raises NotMet with the case if it never ends, or if the piece raised and nobody looked.
        """
