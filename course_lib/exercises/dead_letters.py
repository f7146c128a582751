"""Exercise 5: messages that nobody can do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from random import Random
from typing import Any

from ..checked import plural
from .message_handler import Errors, Handler
from .property import Exercise, expect
from .student import LONG, Filled, Pieces, Student


class Permanent(Exception):  # noqa: N818
    """An error that will never pass."""


class Unforeseen(Exception):  # noqa: N818
    """An error that no piece can know by name."""


ANY = (ValueError, TypeError, KeyError, OSError, AssertionError, Unforeseen)
"""Errors of a message, none of which is permanent."""


def _run(
    student: Student,
    messages: list[str],
    handler: Handler,
    most: int,
    *,
    permanent: type[Exception] = Permanent,
    dead: list[Any] | None = None,
) -> tuple[Any, str]:
    """What it gives, and the case."""
    kind = permanent.__name__
    case = f"messages={messages}, max_attempts={most}, permanent={kind}; {handler}"
    letters = Filled() if dead is None else dead

    async def scene(pieces: Pieces) -> Any:
        return await pieces.call("work_off", list(messages), handler, letters, most, permanent)

    return student.on_clock(scene, case), case


def attempts(student: Student, chance: Random) -> None:
    """A cancellation is no error of a message, and is not followed by another attempt."""
    often = chance.randrange(4, 8)
    last: Errors = [*[ConnectionError] * (often - 1), None]
    scenes: list[tuple[list[str], dict[str, Errors], int, dict[str, int]]] = [
        (["a"], {"a": [ConnectionError, ...]}, 1, {"a": 1}),
        (["a"], {"a": [ConnectionError, ...]}, 3, {"a": 3}),
        (["a"], {"a": [ConnectionError, None]}, 2, {"a": 2}),
        # With room for who does not begin anew with each message: that is another property.
        (["b", "a"], {"a": [*ANY, None]}, len(ANY) + 2, {"a": len(ANY) + 1, "b": 1}),
        (["a"], {"a": last}, often, {"a": often}),
    ]
    for messages, errors, most, right in scenes:
        handler = Handler(chance, errors)
        _, case = _run(student, messages, handler, most)
        rule = "A message that fails is tried again till it works, max_attempts times in all."
        _tries(handler, right, rule, case)
    _cancelled(student, Handler(chance, {}))


def _tries(handler: Handler, right: dict[str, int], rule: str, case: str) -> None:
    def told(tries: Mapping[str, int]) -> str:
        return ", ".join(f"{plural(tries.get(one, 0), 'attempt')} with {one}" for one in right)

    seen = Counter(handler.tried)
    expect(seen == right, rule, case, seen=told(seen), wanted=told(right))


def _cancelled(student: Student, handler: Handler) -> None:
    case = "messages=['a'], max_attempts=3; work_off is cancelled while it handles a"
    handler.takes, dead = LONG, Filled()

    async def scene(pieces: Pieces) -> str:
        words = (["a"], handler, dead, 3, Permanent)
        task = asyncio.ensure_future(pieces.call("work_off", *words))
        await asyncio.sleep(0.25)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # is looked at, whatever it is
            return "the cancellation does not come out"
        await asyncio.sleep(2 * LONG)
        goes_on = ", and handle goes on in secret" if handler.ended else ""
        return f"{plural(len(handler.tried), 'attempt')}, {len(dead)} dead{goes_on}"

    rule = "A cancellation ends the attempt and comes out at once: it is no error of the message."
    seen = student.on_clock(scene, case)
    expect(seen == "1 attempt, 0 dead", rule, case, seen=seen, wanted="1 attempt, 0 dead")


def permanent(student: Student, chance: Random) -> None:
    """At the first attempt or later, and of a kind that is below it, too."""
    for kind, error in ((Permanent, Permanent), (LookupError, IndexError)):
        for before in (0, chance.randrange(1, 3)):
            errors: dict[str, Errors] = {
                "a": [ConnectionError, None],
                "b": [*[ConnectionError] * before, error, None],
            }
            handler = Handler(chance, errors)
            _, case = _run(student, ["a", "b"], handler, 5, permanent=kind)
            rule = f"After an error of the type {kind.__name__} a message is not tried again."
            _tries(handler, {"a": 2, "b": before + 1}, rule, case)


def letters(student: Student, chance: Random) -> None:
    """Whatever was in the list stays, and what worked in the end does not come to it.

    Only the first fails, but in the last scene, which counts if each is tried as often as is right.
    """
    old = {"message": "old", "attempts": 7, "error": f"{chance.random()}"}
    scenes: list[tuple[dict[str, Errors], list[Any]]] = [
        ({"a": [ConnectionError, ...]}, []),
        ({"a": [Permanent, ...]}, []),
        ({"a": [ConnectionError, None]}, []),
        ({"a": [ConnectionError, Permanent, ...]}, [old]),
        ({"a": [ConnectionError, ConnectionError, Permanent, ...]}, []),
        ({"a": [ConnectionError, ...], "b": [ConnectionError, Permanent, ...]}, []),
    ]
    for errors, begin in scenes:
        handler, dead = Handler(chance, errors), Filled(begin)
        _, case = _run(student, [*errors, "c"], handler, 3, dead=dead)
        if begin:
            case += f"; dead={begin}"
        rule = (
            "A dead letter is a dict with the message, the attempts made and the text of the last "
            "error. What was in the list stays."
        )
        expect("a" in handler.last, rule, case, seen="handle is not called")
        if "b" in errors and Counter(handler.tried) != {"a": 3, "b": 2, "c": 1}:
            continue
        died = [one for one in errors if ... in errors[one]]
        right = [*begin, *(_letter(one, handler) for one in died)]
        seen, wanted = _told(dead), _told(right)
        expect(seen == wanted, rule, case, seen=f"dead={seen}", wanted=f"dead={wanted}")


def _letter(message: str, handler: Handler) -> dict[str, Any]:
    tries = handler.tried.count(message)
    return {"message": message, "attempts": tries, "error": handler.last[message]}


def _told(dead: list[Any]) -> str:
    """The letters in any order, without what else they may say."""
    names = ("message", "attempts", "error")
    told = [
        {name: one[name] for name in names if name in one} if isinstance(one, dict) else one
        for one in dead
    ]
    return f"[{', '.join(sorted(map(str, told)))}]"


def others(student: Student, chance: Random) -> None:
    """One after the other, whatever the results are; two that are equal are two messages.

    And each has its own attempts, whatever became of the one before.
    """
    empty: list[Any] = [None, 0, "", False, []]
    nothing = dict(zip("bdf", chance.sample(empty, 3), strict=True))
    mixed: dict[str, Errors] = {
        "c": [Permanent, ...],
        "e": [ConnectionError, ...],
        "g": [ConnectionError, None],
    }
    gone: dict[str, Errors] = {one: [Permanent, ...] for one in "acd"}
    scenes: list[tuple[str, dict[str, Errors], dict[str, Any], str]] = [
        ("ab", {"a": [ConnectionError, ...], "b": [ConnectionError, None]}, {}, "b"),
        ("abcdefg", mixed, nothing, "abdfg"),
        ("ababa", {"a": [ConnectionError, None] * 3}, {}, "ababa"),
        ("acdab", {**gone, "b": [ConnectionError, None]}, {}, "b"),
    ]
    for messages, errors, results, good in scenes:
        handler = Handler(chance, errors, results)
        handler.takes = LONG
        result, case = _run(student, list(messages), handler, 3)
        case += "".join(f"; it gives {value!r} for {one}" for one, value in results.items())
        case += f"; each call takes {LONG:.0f} s"
        rule = "The results of the others come as a list in order, whatever they are."
        expect(set(messages) == set(handler.tried), rule, case, seen=f"handled: {handler.tried}")
        right = [handler.results.get(one) for one in good]
        expect(result == right, rule, case, seen=result, wanted=right)
        rule = "One message after the other: the next one begins when the one before it is over."
        seen = f"{handler.most} at the same time, handled: {', '.join(handler.tried)}"
        order = "".join(one for one, _ in groupby(handler.tried))
        expect(handler.most == 1 and order == messages, rule, case, seen=seen)
    _called_again(student, Handler(chance, {}))


def _called_again(student: Student, handler: Handler) -> None:
    case = "messages=['a'], and in a second call messages=['b']"

    async def scene(pieces: Pieces) -> Any:
        await pieces.call("work_off", ["a"], handler, Filled(), 3, Permanent)
        return await pieces.call("work_off", ["b"], handler, Filled(), 3, Permanent)

    result, right = student.on_clock(scene, case), [handler.results.get("b")]
    rule = "A call gives its own results, and none of an earlier call."
    expect(result == right, rule, case, seen=result, wanted=right)


EXERCISE = Exercise(
    ("work_off",),
    {
        "attempts": attempts,
        "permanent errors": permanent,
        "what a dead letter says": letters,
        "the others go on": others,
    },
)
