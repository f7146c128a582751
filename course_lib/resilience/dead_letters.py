"""A message that cannot be handled is set aside, with what somebody needs to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

M = TypeVar("M")
Errors = type[Exception] | tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class DeadLetter(Generic[M]):
    """The envelope: the message as it came, how often it was tried, and the last error."""

    message: M
    attempts: int
    error: Exception

    def __str__(self) -> str:
        kind = type(self.error).__name__
        return f"{self.message} after {self.attempts} attempts: {kind}: {self.error}"


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
    `permanent` will not go away, and one attempt is enough. A cancellation passes through.
    The attempts follow each other at once; a broker's redelivery, or `retry` inside `handle`,
    puts pauses between. A DLQ that nobody looks at is a slow way to lose messages: it needs an
    owner, an alarm on the age of its oldest letter, and a way back.
    """
    if max_attempts < 1:
        raise ValueError(f"{max_attempts} attempts handle nothing: give at least 1")
    for attempt in range(1, max_attempts + 1):
        try:
            await handle(message)
        except Exception as error:  # noqa: BLE001  whatever it is, it goes into the envelope
            if isinstance(error, permanent) or attempt == max_attempts:
                bury(DeadLetter(message, attempt, error))
                return False
        else:
            return True
    raise AssertionError("the last attempt handles or buries")
