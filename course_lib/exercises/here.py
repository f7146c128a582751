"""A student's pieces in this process, as in the cell that tries them out."""

from __future__ import annotations

import asyncio
import functools
import inspect
import io
import warnings
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stderr
from typing import Any, TypeVar

from ..flow import run_on
from ..loop import stuck
from ..loop.backwards import BackwardsLoop
from ..loop.stuck import GaveUp, Stuck
from .database import Connection
from .fork import forked
from .property import NotMet, told
from .student import (
    PATIENCE,
    UNWRITTEN,
    Blocking,
    Crash,
    Pieces,
    Raised,
    again_and_again,
    in_this_thread,
)

T = TypeVar("T")
KEEPS_TIME = (
    "It must keep to the clock of this check: threads, locks and queues are those of asyncio, "
    "threading, queue or concurrent.futures, made while it runs, none of multiprocessing, and no "
    "thread has a loop of its own by asyncio.run."
)
BARRED = " (where it is graded there is no other process, no network and no multiprocessing)"


class Here:
    """A student whose functions and classes are at hand by name, with the cells that were run."""

    def __init__(self, pieces: dict[str, Any], cells: Sequence[str] = ()) -> None:
        self.pieces = pieces
        self.cells = cells

    def on_clock(self, scene: Callable[[Pieces], Awaitable[T]], case: str) -> T:
        """See Student. What the pieces leave on stderr or as a warning is dropped."""
        given: list[T] = []

        async def bounded() -> None:
            given.append(await patiently(scene(_PiecesHere(self.pieces)), _waiting_here, case))

        with redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                run_on(BackwardsLoop, bounded)
            except (NotMet, KeyboardInterrupt):
                raise
            except Stuck as problem:
                if not given:  # else the scene is over, and only a task that was left never ends
                    raise NotMet(never_ends(case, " ".join(str(problem).split()))) from None
            except GaveUp as problem:
                seen, _, _ = str(problem).partition(" (")
                raise NotMet(told(KEEPS_TIME, case, seen)) from None
            except Raised as problem:
                raise NotMet(must_not_raise(case, problem)) from None
            except asyncio.CancelledError:
                raise NotMet(must_not_strike(case)) from None
        return given[0]


async def patiently(scene: Awaitable[T], waiting: Callable[[], Sequence[str]], case: str) -> T:
    """What the scene gives; raises NotMet after PATIENCE, with who waits on lines of the student's.

    `waiting` says who waits for what, each as loop/stuck.py tells it.
    """
    running = asyncio.ensure_future(scene)
    running.set_name("it")
    await asyncio.wait([running], timeout=PATIENCE)
    if running.done():
        return running.result()
    own = [line for line in waiting() if " on line " in line]
    raise NotMet(never_ends(case, "; ".join(own) or "it goes on and on"))


def _waiting_here() -> Sequence[str]:
    return stuck.waiting(asyncio.get_running_loop())  # type: ignore[arg-type]


def never_ends(case: str, seen: str) -> str:
    """The words for a piece that waits or goes on for ever."""
    return told("It never ends.", case, seen)


def must_not_raise(case: str, problem: Raised) -> str:
    """The words for a piece that raised where nothing should be raised, or whose run ended."""
    if problem.name == GaveUp.__name__:
        return told(KEEPS_TIME, case, problem.text)
    raised = ", ".join(map(str, problem.members)) or problem
    barred = BARRED if problem.name == "PermissionError" else ""
    return told("It must not raise here.", case, f"it raised {raised}{barred}")


def must_not_strike(case: str) -> str:
    """The words for a piece that has cancelled who called it."""
    seen = "something that it began cancels the task that called it"
    return told("When it is over, nothing of it goes on.", case, seen)


class _PiecesHere:
    def __init__(self, pieces: dict[str, Any], *, in_thread: bool = False) -> None:
        self.of_the_cells = pieces
        self.pieces = _forked(pieces)
        self.in_thread = in_thread
        self.neighbours: list[asyncio.Task[None]] = []

    def process(self) -> _PiecesHere:
        return _PiecesHere(self.of_the_cells, in_thread=True)

    async def call(self, name: str, *words: Any) -> Any:
        return await _called(self.pieces[name], *words, in_thread=self.in_thread)

    async def make(self, name: str, *words: Any) -> _MadeHere:
        return _MadeHere(await _called(self.pieces[name], *words))

    def neighbour(self, tick: Callable[[], Awaitable[None]]) -> None:
        self.neighbours.append(asyncio.create_task(again_and_again(tick)))


def _forked(pieces: dict[str, Any]) -> dict[str, Any]:
    """As a process has them that begins now, inside the run whose clock its functions keep to."""
    return {name: forked(piece) for name, piece in pieces.items()}


class _MadeHere:
    def __init__(self, made: Any) -> None:
        self.made = made

    async def call(self, method: str, *words: Any) -> Any:
        return await _called(lambda *handed: getattr(self.made, method)(*handed), *words)


async def _called(piece: Any, *words: Any, in_thread: bool = False) -> Any:
    cancelled_before, handed = _cancellations(), tuple(map(_handed, words))
    try:
        result = await asyncio.to_thread(piece, *handed) if in_thread else piece(*handed)
        result = await result if inspect.isawaitable(result) else result
        _close(result)
        _survived(words)
        return result
    except (KeyboardInterrupt, Crash):
        raise
    except asyncio.CancelledError as problem:
        if _cancellations() > cancelled_before:  # by the scene itself
            raise
        raise raised(problem) from None
    except NotImplementedError:
        raise NotMet(UNWRITTEN) from None
    except BaseException as problem:  # noqa: BLE001  whatever a student's code raises
        _survived(words)
        raise raised(problem) from None


def _close(result: Any) -> None:
    """End coroutines in a result that nobody has awaited: Python would warn later, out of here."""
    for one in result if isinstance(result, list | tuple) else ():
        if inspect.iscoroutine(one):
            one.close()


def _survived(words: tuple[Any, ...]) -> None:
    """Raise Crash if the piece's process would be dead by now, whatever came after that here."""
    if any(isinstance(word, Connection) and word.is_dead for word in words):
        raise Crash


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def raised(problem: BaseException) -> Raised:
    """An error as a property sees it."""
    members = problem.exceptions if isinstance(problem, BaseExceptionGroup) else ()
    text = problem.message if isinstance(problem, BaseExceptionGroup) else _text(problem)
    name, *above = (kind.__name__ for kind in type(problem).__mro__)
    return Raised(name, text, tuple(map(raised, members)), tuple(above))


def _text(problem: BaseException) -> str:
    try:
        return str(problem)
    except Exception as other:  # noqa: BLE001  its class is a student's own
        return f"(its __str__ raises {type(other).__name__})"


def _handed(word: Any) -> Any:
    """What the piece gets for a word: an ordinary function for one that is Blocking."""
    if not isinstance(word, Blocking):
        return word

    @functools.wraps(word.steps)
    def blocking(*words: Any, **named: Any) -> Any:
        return in_this_thread(word.steps(*words, **named))

    return blocking
