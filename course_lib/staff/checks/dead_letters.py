"""Exercise 5: messages that nobody can do."""

from __future__ import annotations

from typing import Any

from .property import Property, expect, on_clock


class Permanent(Exception):  # noqa: N818
    """An error that will never pass, as the test's handler raises it."""


class _Handler:
    """Fails for some messages: so many times, or for good."""

    def __init__(self, fails: dict[str, int], permanent: tuple[str, ...] = ()) -> None:
        self.fails, self.permanent = fails, permanent
        self.attempts: dict[str, int] = {}

    async def __call__(self, message: str) -> str:
        self.attempts[message] = self.attempts.get(message, 0) + 1
        if message in self.permanent:
            raise Permanent("no such customer")
        if self.attempts[message] <= self.fails.get(message, 0):
            raise ConnectionError("not now")
        return message.upper()


def _run(
    piece: Any, messages: list[str], handler: _Handler, most: int
) -> tuple[Any, list[Any], str]:
    dead: list[Any] = []
    bad = ", ".join([*handler.fails, *handler.permanent]) or "none"
    case = f"messages {messages}, of which {bad} fail, max_attempts={most}"
    trace = on_clock(lambda: piece(messages, handler, dead, most, Permanent), case)
    return trace.result, dead, case


def attempts(piece: Any) -> None:
    for most in (1, 2, 5):
        handler = _Handler({"a": 99})
        _, dead, case = _run(piece, ["a"], handler, most)
        rule = f"A message that always fails is tried exactly {most} times, and is then dead."
        seen = f"{handler.attempts.get('a', 0)} attempts, {len(dead)} dead"
        expect((handler.attempts.get("a"), len(dead)) == (most, 1), rule, case, seen)
    handler = _Handler({"a": 1})
    _, dead, case = _run(piece, ["a"], handler, 2)
    rule = "A message that works at the last attempt is not dead."
    expect(not dead and handler.attempts["a"] == 2, rule, case, f"{len(dead)} dead")


def permanent(piece: Any) -> None:
    handler = _Handler({}, permanent=("a",))
    _, dead, case = _run(piece, ["a"], handler, 5)
    rule = "An error of the permanent kind is not tried again: 1 attempt, then it is dead."
    seen = f"{handler.attempts.get('a', 0)} attempts, {len(dead)} dead"
    expect((handler.attempts.get("a"), len(dead)) == (1, 1), rule, case, seen)


def envelope(piece: Any) -> None:
    for handler, most, told in (
        (_Handler({"a": 99}), 3, "not now"),
        (_Handler({}, permanent=("a",)), 3, "no such customer"),
    ):
        _, dead, case = _run(piece, ["a"], handler, most)
        rule = "A dead letter is a dict with the message, the attempts made and the error's text."
        right = {"message": "a", "attempts": handler.attempts.get("a"), "error": told}
        expect(dead == [right], rule, case, dead)


def others(piece: Any) -> None:
    handler = _Handler({"b": 99}, permanent=("c",))
    result, _, case = _run(piece, ["a", "b", "c", "d"], handler, 2)
    rule = (
        "The other messages are handled all the same: the results are those of a and d, in order."
    )
    expect(result == ["A", "D"], rule, case, result)


PROPERTIES: dict[str, Property] = {
    "attempts": attempts,
    "permanent errors": permanent,
    "what a dead letter says": envelope,
    "the others go on": others,
}
