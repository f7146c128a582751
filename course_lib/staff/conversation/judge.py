"""Which properties the pieces of one submission have."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TypeVar

from course_lib.exercises import EXERCISES
from course_lib.exercises.here import must_not_raise, must_not_strike, never_ends, patiently
from course_lib.exercises.property import Exercise, NotMet, told
from course_lib.exercises.student import Pieces, Raised
from course_lib.flow import drive
from course_lib.loop.parked import parked_loop
from course_lib.loop.stuck import Stuck
from course_lib.staff.inside.wire import Broken

from .line import Line, Silent
from .machines import Machines
from .sandbox import NoSandbox, Sandbox, Submission
from .talk import StandsStill, TalkLoop

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a property holds, and what is told of it; `holds` is None if it cannot be said."""

    holds: bool | None
    said: str


class Behind:
    """A student whose pieces are behind bars: each scene is a conversation of its own.

    With a process of its own, too, unless scenes may `share` one: then of what one leaves in a
    notebook's names the next one finds nothing, but in objects of the student's own kinds it does.
    Processes take turns at the machines.
    """

    def __init__(
        self, machines: Sequence[Submission], cells: Sequence[str], *, share: bool = False
    ) -> None:
        self.machines = cycle(machines)
        self.cells = cells
        self.share = share
        self.reused = False
        """Whether a process had a second conversation."""
        self._begun: dict[Line, Submission] = {}

    def on_clock(self, scene: Callable[[Pieces], Awaitable[T]], case: str) -> T:
        """See Student."""
        loop = TalkLoop(self._begin, self._rest if self.share else None)

        async def bounded() -> T:
            try:
                return await patiently(scene(loop.another()), loop.who_waits, case)
            finally:
                loop.hang_up()

        try:
            with parked_loop():  # Formgrader's button grades in the server's own loop
                return drive(loop, bounded())  # type: ignore[no-any-return]
        except Stuck:
            raise NotMet(never_ends(case, "it waits for ever")) from None
        except StandsStill as problem:
            raise NotMet(never_ends(case, str(problem))) from None
        except Raised as problem:
            raise NotMet(must_not_raise(case, problem)) from None
        except asyncio.CancelledError:
            raise NotMet(must_not_strike(case)) from None
        except Silent as silence:
            raise Hangs(never_ends(case, str(silence))) from None
        except Broken as problem:
            raise NotMet(told("Its process ended.", case, problem)) from None

    def _begin(self) -> Line:
        machine = next(self.machines)
        line = machine.again() if self.share else None
        self.reused = self.reused or line is not None
        line = line or machine.conversation()
        self._begun[line] = machine
        return line

    def _rest(self, line: Line) -> None:
        self._begun.pop(line).rest(line)


class Hangs(NotMet):
    """Real time is lost with it: the other properties of the exercise are not asked any more."""


def judge(
    cells: Sequence[str],
    asked: Sequence[tuple[str, str]],
    seed: str,
    sandbox: Sandbox | None = None,
) -> list[Verdict]:
    """A verdict for each (exercise, property): of cells in the order of the notebook, as they run.

    `seed` draws the cases, the same ones for the same text. Without a `sandbox` one is made for
    the occasion. Raises KeyError for a property that does not exist.
    """
    try:
        if sandbox is not None:
            return _verdicts(cells, asked, seed, sandbox)
        with Sandbox() as own:
            return _verdicts(cells, asked, seed, own)
    except NoSandbox as why:
        return [Verdict(None, f"needs a sandbox: {why}")] * len(asked)


def _verdicts(
    cells: Sequence[str], asked: Sequence[tuple[str, str]], seed: str, sandbox: Sandbox
) -> list[Verdict]:
    found: list[Verdict] = []
    try:
        with Machines(sandbox, cells) as machines:
            [first] = machines.first(1)
            for one in _each(machines, cells, asked, seed):
                found.append(_with_doubt(one, first.threads))
    except (Silent, Broken) as problem:
        why = f"The cells of this notebook cannot be judged to their end: {problem}."
        found += [Verdict(False, why)] * (len(asked) - len(found))
    return found


def _each(
    machines: Machines, cells: Sequence[str], asked: Sequence[tuple[str, str]], seed: str
) -> Iterator[Verdict]:
    hung: dict[str, str] = {}
    for exercise, name in asked:
        if exercise in hung:
            yield Verdict(False, hung[exercise])
            continue
        about, drawn_by = EXERCISES[exercise], f"{seed} {exercise} {name}"
        try:
            if name in about.in_turn:
                alone = Behind(machines.first(about.machines), cells)
                about.properties[name](alone, random.Random(drawn_by))
            else:
                _must_hold(about, name, drawn_by, machines, cells)
            yield Verdict(True, f"{name}: holds.")
        except Hangs as words:
            hung[exercise] = str(words)
            yield Verdict(False, str(words))
        except NotMet as words:
            yield Verdict(False, str(words))
        except (Silent, Broken):
            raise
        except Exception as problem:  # noqa: BLE001  no submission ends a run
            kind = type(problem).__name__
            yield Verdict(None, f"needs a person: {name} cannot be judged ({kind})")


def _must_hold(
    about: Exercise, name: str, seed: str, machines: Machines, cells: Sequence[str]
) -> None:
    """Raise NotMet if it does not.

    Where scenes share a process it takes half the time. That it does not hold there counts for
    nothing: perhaps one has left something that a process of its own would not have.
    """
    holds, some = about.properties[name], machines.first(about.machines)
    sharing = Behind(some, cells, share=True)
    try:
        return holds(sharing, random.Random(seed))
    except Hangs:
        if machines.has_hung or not sharing.reused:  # it costs as much real time again
            raise
        machines.has_hung = True
    except (Silent, Broken):
        raise
    except Exception:  # noqa: BLE001  if it is one of ours, it comes again
        pass
    holds(Behind(some, cells), random.Random(seed))


def _with_doubt(verdict: Verdict, threads: int) -> Verdict:
    """A thread that a cell has left running is in no conversation, and may be what is missing."""
    if verdict.holds is not False or not threads:
        return verdict
    doubt = f"needs a person: the cells leave {threads} threads running, without which it says"
    return Verdict(None, f"{doubt}: {verdict.said}")
