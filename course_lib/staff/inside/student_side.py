"""One conversation, from the student's side: calls of the pieces come in, uses of things go out."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import socket
from collections.abc import Callable
from types import FunctionType
from typing import Any

from course_lib.exercises.fork import Fork
from course_lib.exercises.here import raised
from course_lib.exercises.property import SHOWN
from course_lib.exercises.student import Raised, again_and_again
from course_lib.flow import drive
from course_lib.loop.stuck import GaveUp

from .grader_line import GraderLine
from .mail_loop import MailLoop
from .stubs import Stubs


class StudentSide:
    """The pieces in a namespace, and the grader's line to them."""

    def __init__(self, line: GraderLine, namespace: dict[str, Any]) -> None:
        self.line = line
        self.namespace = namespace
        self.fork: Fork | None = None  # of the namespace, if other conversations come after
        self.stubs = Stubs(line)
        self.running: dict[int, asyncio.Task[None]] = {}
        self.ended: set[int] = set()
        """Which of them stay on after the end of a piece."""
        self.objects: dict[int, Any] = {}

    def talk(self, begin: Callable[[], socket.socket]) -> None:
        """Until the conversation is over; `stand_ins` are in their places.

        `begin` waits for the line, and gives it in a process of its own.
        """
        drive(MailLoop(self.line, self.take, self._over, begin), self._wait())

    async def _wait(self) -> None:
        self.waits = asyncio.current_task()
        self.end = asyncio.get_running_loop().create_future()
        await self.end

    def _over(self) -> None:
        """Let the loop end, if nothing that a piece has begun goes on; else the process ends."""
        self.line.is_over = True
        ours = {one for number, one in self.running.items() if number < 0 or number in self.ended}
        for task in asyncio.all_tasks() - {self.waits}:
            if task not in ours:
                os._exit(0)
            task.cancel()
        self.end.set_result(None)

    def take(self, message: dict[str, Any]) -> None:
        """Do what one message says."""
        if "answer" in message:
            self.stubs.answered(message)
        elif "start" in message:
            self._start(message["start"], self._one(message))
        elif "neighbour" in message:
            self._start(-message["neighbour"]["id"], self._neighbour(message["neighbour"]))
        elif "cancel" in message and message["cancel"] in self.running.keys() - self.ended:
            self.running[message["cancel"]].cancel()
        elif "several" in message:
            self.fork = Fork(self.namespace)

    def _start(self, number: int, coroutine: Any) -> None:
        self.running[number] = asyncio.get_running_loop().create_task(coroutine, name="it")

    async def _neighbour(self, said: dict[str, Any]) -> None:
        await again_and_again(self.stubs.value(said))

    async def _one(self, message: dict[str, Any]) -> None:
        number = message["start"]
        try:
            result = self._piece(message)(*map(self.stubs.value, message["words"]))
            if inspect.isawaitable(result):
                result = await result
            if message.get("keep"):
                self.objects[number] = result
                result = None
            self._end(number, value=self.stubs.said(result))
        except BaseException as problem:  # noqa: BLE001  whatever it is, the grader hears of it
            with contextlib.suppress(Exception):
                self._end(number, **{"raise": _told(raised(_why(problem)))})
        await self._stay(number)

    async def _stay(self, number: int) -> None:
        """Who called goes on, in the same task: what cancels that now would strike him."""
        self.ended.add(number)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            if not self.line.is_over:
                self.line.say(struck=number)

    def _end(self, number: int, **how: Any) -> None:
        self.line.say(end=number, lists=self.stubs.lists(), **how)

    def _piece(self, message: dict[str, Any]) -> Any:
        if "object" in message:
            return getattr(self.objects[message["object"]], message["method"])
        name = message["function"]
        if name not in self.namespace:
            raise NameError(f"name {name!r} is not defined")
        piece = self.namespace[name]
        return self.fork.of(piece) if self.fork and isinstance(piece, FunctionType) else piece


def _why(problem: BaseException) -> BaseException:
    """The error itself; for a cancellation because the run has ended, why that was."""
    loop = asyncio.get_running_loop()
    if isinstance(problem, asyncio.CancelledError) and isinstance(loop, MailLoop):
        return GaveUp("a thread waits for something real") if loop.threads.over else problem
    return problem


def _told(problem: Raised, deep: int = 3) -> list[Any]:
    """An error as it goes over the wire: name, text, the first of those inside, classes above."""
    members = [_told(one, deep - 1) for one in problem.members[:5]] if deep else []
    return [problem.name[:80], problem.text[:SHOWN], members, [n[:80] for n in problem.above[:9]]]
