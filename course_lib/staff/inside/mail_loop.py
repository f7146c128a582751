"""The loop of a student's process: the course's own, but that only the grader moves its clock.

Where a virtual loop would jump to the next timer, this one says "idle until then" and is told what
time it is, and what has come meanwhile.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from course_lib.loop import stuck
from course_lib.loop.backwards import BackwardsLoop
from course_lib.loop.lengths import FOREVER
from course_lib.loop.stuck import Stuck

from .grader_line import GraderLine


class MailLoop(BackwardsLoop):
    """A virtual loop whose time is the grader's."""

    def __init__(
        self,
        line: GraderLine,
        take: Callable[[dict[str, Any]], None],
        over: Callable[[], None],
        begin: Callable[[], socket.socket],
    ) -> None:
        super().__init__(record=False)
        self.line = line
        self.take = take
        self.over = over
        self.begin: Callable[[], socket.socket] | None = begin
        self.has_others = True

    def _before_jump(self) -> bool:
        return self._idle(self._timers[0][0])

    def _could_be_woken(self) -> bool:
        return self._idle(FOREVER)

    def _idle(self, until_ns: int) -> bool:
        """Let the grader say what time it is; whether something came before that moment."""
        if self.begin:
            answer = self._first_word(self.begin)
        else:
            answer = self.line.ask(idle=None if until_ns >= FOREVER else until_ns)
        while answer.get("why"):
            answer = self.line.ask(waits=stuck.waiting(self))
        if answer.get("over"):
            self.over()
            return True
        super().pass_until(int(answer["now"]))
        for message in answer.get("post", []):
            self.take(message)
        return self._now < until_ns or bool(answer.get("post"))

    def _first_word(self, begin: Callable[[], socket.socket]) -> dict[str, Any]:
        """Wait for a conversation to begin, and for what is said first in it.

        All that comes before is the same for each, and was done once.
        """
        self.line.end, self.begin = begin(), None
        asyncio._set_running_loop(self)  # which asks for the number of the process
        return self.line.hear()

    def run_until_complete(self, future: Any) -> Any:
        """See asyncio; where time stands still the grader hears of it, and ends the process.

        To cancel them first, as a run does, would be heard as what the pieces themselves did.
        """
        try:
            return super().run_until_complete(future)
        except Stuck as problem:
            self.line.ask(stuck=str(problem))
            raise

    def let_grader_act(self) -> None:
        """What is due at this moment on the grader's side, before anything else happens here."""
        self._idle(self._now)

    def pass_until(self, time_ns: int) -> None:
        """While the loop blocks, too, it is the grader who lets time go by."""
        while self._now < time_ns:
            self._idle(time_ns)

    def stand_by(self, until_ns: int | None) -> None:
        """The loop blocks: the next thread goes on, or something comes."""
        if not self.threads.step(until_ns):
            self._idle(FOREVER if until_ns is None else until_ns)
