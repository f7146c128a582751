"""What a run says that makes no progress: who waits for ever, or who goes round while time stands.

A virtual clock moves only while all wait. So a program that asks again and again whether something
has happened, and never waits, would go round for ever: after a bounded number of turns at one
moment it is told so.
"""

from __future__ import annotations

from asyncio import Handle
from typing import TYPE_CHECKING, Any

from ..trace import SECOND, unit_for
from .holders import holds, name_of, thing_awaited
from .tasks import Task, reason
from .waits import is_helper, line_at, line_of_callback, look, on_line

if TYPE_CHECKING:
    from .scheduler import Scheduler

MOST_ROUNDS = 500_000
"""Rounds of the loop at one moment of a virtual clock: a second of real time where each is a
`sleep(0)`, and some where each is a time limit of no time. A hundred thousand are far from it."""
MOST_TURNS, FEW_ROUNDS = 2_500_000, 10_000
"""Turns of all tasks at one moment, unless that is no more than so many for each of them."""
MORE_ROUNDS = 100
"""So many more, until somebody has a turn whom the student knows."""
MOST_LOOKS, LOOKS_EACH = 1_000_000, 100
"""Looks at the clock at one moment, unless that is no more than so many for each task."""
MOST_NAMED = 5  # of those who go round, and of those who failed
WAY_OUT = (
    "The virtual clock moves only while everybody waits: let it wait for something that takes "
    'time, like asyncio.sleep(0.1), for an event or a queue; or run(…, clock="live")'
)


class Stuck(RuntimeError):  # noqa: N818 - what happened, in the words of the course
    """Every task waits for another, and no timer will ever wake one; or time stands still."""


class GaveUp(RuntimeError):  # noqa: N818 - the same
    """A thread waits in a way that the clock of its run does not see: the run has ended."""


def nobody_moves(loop: Scheduler, nothing: str = "nothing") -> str:
    """Each waiting task and thread, what for and where; and which failed, with nobody told."""
    at = unit_for(loop.now()).text(loop.now())
    first = f"every task waits at {at}, and {nothing} will ever wake one of them:"
    return "\n  ".join([first, *waiting(loop), *loop.threads.lines(), *_failed(loop)])


def never_ends(loop: Scheduler) -> str:
    """Who goes on and on after the end of a run: tasks, or threads that it waits for."""
    at = unit_for(loop.now()).text(loop.now())
    first = f"the run is over, and what it left behind was asked to end, but at {at} still goes on:"
    way_out = "a task ends where it lets asyncio.CancelledError pass, a thread where it returns"
    return "\n  ".join([first, *waiting(loop), *loop.threads.going_on(), way_out])


def waiting(loop: Scheduler) -> list[str]:
    """Each waiting task: its lane, what it waits for, and on which line."""
    lanes = loop.recorder.lanes()
    tasks = loop.tasks_in_order()
    names = [lanes.get(loop.number_of(task)) or task.get_name() for task in tasks]
    coroutines = [task.get_coro() for task in tasks]
    told = []
    for task, lane in zip(tasks, names, strict=True):
        why, code, offset = what_for(task)
        if code is None and _is_for_itself(task):
            continue
        if why == "lock":
            why += _which(thing_awaited(task.get_coro()), names, coroutines)
        told.append(f"{lane} waits for {why}{on_line(line_at(code, offset))}")
    return told


def _is_for_itself(task: Any) -> bool:
    """Whether the loop has made it, to wait for the threads of its pool."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and is_helper(code)


def _which(lock: Any, names: list[str], coroutines: list[Any]) -> str:
    """What the program calls a lock, and who holds it, as far as that can be seen."""
    name = name_of(lock, coroutines)
    holders = [who for who, one in zip(names, coroutines, strict=True) if holds(lock, one)]
    return (f" {name}" if name else "") + (f", which {holders[0]} holds," if holders else "")


def what_for(task: Any) -> tuple[str, Any, int]:
    """What a task waits for, and at which instruction of the student's code."""
    why, code, offset = look(task.get_coro())
    return "sleep" if type(task) is Task and task.nap else why or reason(task), code, offset


def _failed(loop: Scheduler) -> list[str]:
    """Errors that nobody was told of: they are often why the others wait."""
    lanes = loop.recorder.lanes()
    told = [
        f"{lanes.get(actor, actor) if actor else 'a callback'} ended with {error}{on_line(line)}"
        for actor, error, line in loop.errors_untold()
    ]
    rest = len(told) - MOST_NAMED
    return told[:MOST_NAMED] + ([f"and {rest:,} more ended with errors"] if rest > 0 else [])


def time_stands_still(loop: Scheduler, turns: list[tuple[Any, Any]]) -> str:
    """Who goes round in these turns, each a callback or a task's, and on which lines."""
    lanes = loop.recorder.lanes()
    turns = [turn for turn in turns if is_the_students(*turn)] or turns
    who = [_turn(turn, task, lanes) for turn, task in turns[:MOST_NAMED]]
    more = f", and {len(turns) - MOST_NAMED:,} more go round" if len(turns) > MOST_NAMED else ""
    return f"{_stands(loop)} while {', '.join(who)}{more}. {WAY_OUT}"


def is_the_students(turn: Any, task: Any) -> bool:
    """Whether a turn is at code of the student's, or a thread's; between such are asyncio's own."""
    if isinstance(turn, Handle):
        return line_of_callback(turn._callback) is not None
    return task is None or look(task.coroutine)[1] is not None


def _turn(turn: Any, task: Any, lanes: dict[Any, str]) -> str:
    if isinstance(turn, Handle):
        name = getattr(turn._callback, "__name__", repr(turn._callback))
        return f"{name} goes round{on_line(line_of_callback(turn._callback))}"
    if task is None:
        return f"{lanes.get(turn.thread.actor, 'a thread')} goes round"
    _, code, offset = look(task.coroutine)
    return f"{lanes[task.serial]} goes round{on_line(line_at(code, offset))}"


def looks_at_the_clock(loop: Scheduler, actor: Any, line: int | None) -> str:
    """Who looks at a clock that stands still, and where."""
    lane = loop.recorder.lanes().get(actor, "a callback")
    return (
        f"{_stands(loop)} while {lane} goes round{on_line(line)} and looks at the clock: "
        f"{MOST_LOOKS:,} times by now. {WAY_OUT}"
    )


def _stands(loop: Scheduler) -> str:
    return f"time stands still at {loop.now() / SECOND:.9g} s"
