"""Conversations of the course with itself, before any student's.

Python does faster what it has done before, and each conversation is a copy of a process that has.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from . import wire
from .grader_line import GraderLine
from .student_side import StudentSide

TIMES = 20
"""After so many Python has found its quick ways."""
HANDED = (
    {"$": "coroutine", "id": 1},
    {"$": "instant", "id": 2},
    {"$": "blocking", "id": 3},
    {"$": "object", "id": 4},
    {"$": "list", "id": 5, "of": [1, "a", None]},
)


async def _piece(op: Any, instant: Any, block: Any, chance: Any, filled: list[Any]) -> Any:
    """What pieces mostly do."""
    queue: asyncio.Queue[Any] = asyncio.Queue(1)

    async def work() -> None:
        await op({"text": "a"}, [1, 2.5, (True, b"x")])
        await queue.get()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(work())
        await asyncio.sleep(chance.random())
        await queue.put(instant("a"))
    block()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 1)
    await asyncio.gather(op(1), op(2))
    filled.append({"id": 7})
    return filled


class _Over(BaseException):
    """The rehearsal is."""


class _Prompter:
    """Stands at the grader's end: answers each use, and lets time go by."""

    def __init__(self) -> None:
        self.mail = wire.Mail()
        self.answers = self._answers()
        self.end: dict[str, Any] = {}
        """How the piece has ended, once it has."""

    def sendall(self, said: bytes) -> None:
        self.mail.add(bytes(said))

    def recv(self, _: int) -> bytes:
        return wire.line(next(self.answers))

    def _answers(self) -> Iterator[dict[str, Any]]:
        start = {"start": 1, "function": "piece", "words": list(HANDED)}
        now, post = 0, [start]
        while True:
            yield {"now": now, "post": post}
            post = []
            while (said := self.mail.next()) and "idle" not in said:
                if "end" in said:
                    self.end = said
                    raise _Over
                if said["of"] in (2, 4):
                    yield {"value": 0.5}
                else:
                    post.append({"answer": said["call"], "value": [1, "a"]})
            now = now if post or said is None else said["idle"] or now


def rehearse() -> None:
    """Some times the same, to the end."""
    for _ in range(TIMES):
        _rehearse_once(_Prompter())


def _rehearse_once(prompter: Any) -> None:
    with contextlib.suppress(_Over):
        StudentSide(GraderLine(prompter), {"piece": _piece}).talk(lambda: prompter)
