"""A message that cannot be handled is set aside, with what somebody needs to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Generic, TypeVar

from ..checked import PlainFunctionError, awaitable, function, plain, plural, whole
from .errors import Errors, kinds, single

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class DeadLetter(Generic[M]):
    """The envelope: the message as it came, how often it was tried, and the last error."""

    message: M
    attempts: int
    error: Exception

    def __str__(self) -> str:
        kind = type(self.error).__name__
        return f"{self.message} after {plural(self.attempts, 'attempt')}: {kind}: {self.error}"


async def attend(
    message: M,
    handle: Callable[[M], Awaitable[object]],
    *,
    max_attempts: int,
    bury: Callable[[DeadLetter[M]], object],
    permanent: Errors = (),
) -> bool:
    """Handle a message, up to `max_attempts` times, or give its envelope to `bury`.

    Tells whether it was handled, so either way the next message can have its turn. An error in
    `permanent`, alone or in the group of a TaskGroup, will not go away, and one attempt is enough.
    `bury` is a plain function or a coroutine function; while it has not ended, and after an error
    of its own or a cancellation, which come out, the message is neither handled nor buried: do not
    acknowledge it.

    Source: G. Hohpe and B. Woolf, *Enterprise Integration Patterns*, 2003, "Dead Letter Channel".
    Limits: the attempts follow each other at once; a broker's redelivery, or `retry` inside
    `handle`, puts pauses between. A DLQ that nobody looks at is a slow way to lose messages: it
    needs an owner, an alarm on the age of its oldest letter, and a way back.
    """
    whole("number of attempts", max_attempts)
    hopeless = kinds("permanent", permanent)
    function("handle", handle)
    function("bury", bury)
    for attempt in range(1, max_attempts + 1):
        try:
            await awaitable("handle", handle(message))
            return True
        except PlainFunctionError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, it goes into the envelope
            letter = DeadLetter(message, attempt, error)
            if (
                any(isinstance(one, hopeless) for one in (error, *single(error)))
                or attempt == max_attempts
            ):
                break
    buried = bury(letter)
    if isawaitable(buried):
        await buried
    else:
        plain("bury", buried)
    return False
