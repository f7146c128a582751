"""Errors that a piece looks at, and the one that it raises when it refuses a call."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a state, as its users say it
    """The call was not made, so it says nothing about the other side."""


Errors = type[Exception] | tuple[type[Exception], ...]


def single(error: BaseException) -> list[BaseException]:
    """What went wrong, one by one: a TaskGroup tells its errors in a group, or in one of groups."""
    if isinstance(error, BaseExceptionGroup):
        return [one for inner in error.exceptions for one in single(inner)]
    return [error]


def are(error: BaseException, errors: tuple[type[BaseException], ...]) -> bool:
    """Whether an error is of these kinds; a group is if it is named itself, or if all in it are."""
    return isinstance(error, errors) or all(isinstance(one, errors) for one in single(error))


def kinds(name: str, errors: Errors) -> tuple[type[Exception], ...]:
    """The kinds, as a tuple. A cancellation is none of them: it must always come through."""
    found = errors if isinstance(errors, tuple) else (errors,)
    for kind in found:
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise TypeError(
                f"{name} has {kind!r} in it; give kinds of Exception, like TimeoutError"
            )
    return found
