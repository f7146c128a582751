"""What a student's piece gets for the things that are handed in: each use of one is a message."""

from __future__ import annotations

import asyncio
import builtins
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

from course_lib.exercises.draws import Draws

from .connection_stub import ConnectionStub
from .grader_line import GraderLine
from .mail_loop import MailLoop
from .wire import Broken, Other, plain, value_of

ERRORS = {
    name: kind
    for home in (builtins, sqlite3)
    for name, kind in vars(home).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
} | {"CancelledError": asyncio.CancelledError, "TimeoutError": TimeoutError}

PLAIN: tuple[Any, ...] = (int, float, str, tuple, dict, bytes)


class Chance(Draws):
    """Asks for each number between 0 and 1, and draws all else by these, also from a range."""

    def __init__(self, ask: Callable[[], float], number: int) -> None:
        super().__init__(0)
        self._ask, self._handed = ask, number

    def random(self) -> float:
        return self._ask()


class Stubs:
    """Makes them out of what the grader says, and brings them the answers."""

    def __init__(self, line: GraderLine) -> None:
        self.line = line
        self.numbers = itertools.count(1)
        self.waiting: dict[int, Callable[[dict[str, Any]], None]] = {}
        self.errors = dict(ERRORS)
        self.made: dict[int, Any] = {}

    # Values -----------------------------------------------------------------------------------

    def value(self, said: Any) -> Any:
        """What a value on the wire is here."""
        return value_of(said, self._handed)

    def said(self, value: Any) -> Any:
        """How a value goes over the wire."""
        return plain(value, self._other)

    def _other(self, value: Any) -> Any:
        number = getattr(value, "_handed", None)
        if isinstance(number, int):
            return {"$": "handed", "id": number}
        if isinstance(value, list):
            return [self.said(one) for one in value]
        for kind in PLAIN:
            if isinstance(value, kind):  # a subclass of it
                return plain(kind(value), self._other)
        return {"$": "other", "of": type(value).__name__[:80]}

    def _handed(self, said: dict[str, Any]) -> Any:
        kind, number = said["$"], said.get("id", 0)
        if kind == "error":
            return self.error_class(said["name"])
        if kind == "other":
            return Other(said["of"])
        if number not in self.made:
            self.made[number] = self._stub(kind, number, said)
        return self.made[number]

    def _stub(self, kind: str, number: int, said: dict[str, Any]) -> Any:
        if kind == "coroutine":
            return self._coroutine(number)
        if kind == "instant":
            return self.instant(number)
        if kind == "blocking":
            return self.blocking(number)
        if kind == "object":
            return Chance(self.instant(number), number)
        if kind == "iterator":
            return self._iterator(number)
        if kind == "connection":
            return ConnectionStub(self, number)
        if kind == "list":
            return self.value(said["of"])
        raise Broken(f"a {kind}, which is nothing known here")

    def lists(self) -> list[Any]:
        """The lists that were handed in, by number, with what the pieces have put into them."""
        filled = [(number, made) for number, made in self.made.items() if type(made) is list]
        return [[number, self.said(made)] for number, made in filled]

    # Kinds ------------------------------------------------------------------------------------

    def _coroutine(self, number: int) -> Any:
        """Like any coroutine it ends when it has cleaned up, also if it is cancelled."""

        async def stub(*words: Any, **named: Any) -> Any:
            came, answers = asyncio.Event(), list[dict[str, Any]]()
            cancelled: asyncio.CancelledError | None = None

            def come(answer: dict[str, Any]) -> None:
                answers.append(answer)
                came.set()

            call = self._call(number, come, "", words, named)
            while not came.is_set():
                try:
                    await came.wait()
                except asyncio.CancelledError as problem:
                    if came.is_set() or self.line.is_over:  # too late to be told there
                        raise
                    cancelled = problem
                    self.line.say(gone=call)
                    if isinstance(loop := asyncio.get_running_loop(), MailLoop):
                        loop.let_grader_act()
            if cancelled and answers[0].get("raise", [""])[0] == "CancelledError":
                raise cancelled  # the same one: libraries know theirs by what it says
            return self.outcome(answers[0])

        return stub

    def blocking(self, number: int, method: str = "") -> Any:
        """A function that blocks until the grader answers; other threads and tasks may go on."""

        def stub(*words: Any, **named: Any) -> Any:
            came, answers = threading.Event(), list[dict[str, Any]]()

            def come(answer: dict[str, Any]) -> None:
                answers.append(answer)
                came.set()

            self._call(number, come, method, words, named)
            came.wait()
            return self.outcome(answers[0])

        return stub

    def instant(self, number: int, method: str = "") -> Any:
        """A function that is answered on the spot."""

        def stub(*words: Any, **named: Any) -> Any:
            call = next(self.numbers)
            answer = self.line.ask(**self._asked(call, number, method, words, named))
            return self.outcome(answer)

        return stub

    def _iterator(self, number: int) -> Iterator[Any]:
        step = self.instant(number)
        while (found := step()) is not None:
            yield found[0]

    # Errors -----------------------------------------------------------------------------------

    def error_class(self, name: str) -> type[BaseException]:
        """The class of this name; one of the grader's own is made here."""
        if name not in self.errors:
            self.errors[name] = type(name, (Exception,), {})
        return self.errors[name]

    def error(self, said: list[Any]) -> BaseException:
        """An error that the grader raises here, with what else it says of it."""
        name, text, more = said
        error = self.error_class(name)(text)
        vars(error).update(more)
        return error

    def outcome(self, answer: dict[str, Any]) -> Any:
        """What a call gave, or what it raised."""
        if "raise" in answer:
            raise self.error(answer["raise"])
        return self.value(answer.get("value"))

    # Messages ---------------------------------------------------------------------------------

    def _call(
        self,
        number: int,
        come: Callable[[dict[str, Any]], None],
        method: str,
        words: tuple[Any, ...],
        named: dict[str, Any],
    ) -> int:
        call = next(self.numbers)
        self.waiting[call] = come
        self.line.say(**self._asked(call, number, method, words, named))
        return call

    def _asked(
        self, call: int, number: int, method: str, words: tuple[Any, ...], named: dict[str, Any]
    ) -> dict[str, Any]:
        asked = {"call": call, "of": number, "words": [self.said(word) for word in words]}
        if method:
            asked["method"] = method
        if named:
            asked["named"] = {name: self.said(word) for name, word in named.items()}
        return asked

    def answered(self, message: dict[str, Any]) -> None:
        """Bring an answer to whoever waits for it."""
        come = self.waiting.pop(message["answer"], None)
        if come is not None:
            come(message)
