"""One check of a caller's value for the whole course, and one sentence for what is wrong with it.

    rate = number("rate", rate, "requests per second", above=True)
    servers = whole("number of servers", servers)

Each gives the value back, as the type that it names. TypeError says that it is no such thing,
ValueError that it is out of bounds; both name the value, the limit and the way out.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Awaitable, Callable, Hashable, Iterable
from inspect import isasyncgen, isawaitable, isgenerator
from numbers import Integral, Real
from typing import Any, TypeVar

Given = TypeVar("Given")
HALF = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16, which UTF-8 cannot hold


class PlainFunctionError(TypeError):
    """A plain function was given where a coroutine function is needed."""


def number(
    name: str,
    value: Any,
    unit: str = "",
    *,
    least: float = 0.0,
    above: bool = False,
    most: float = math.inf,
) -> float:
    """A finite number from `least` on, or `above` it, and to `most` if told; NaN is none."""
    if not _is_a(Real, value):
        raise TypeError(f"the {name} is {value!r}; give a number{f' of {unit}' if unit else ''}")
    found = _float(value)
    if not (least < found if above else least <= found) or found == math.inf or found > most:
        shown = said(value) + (f" {unit}" if unit else "")
        end = f" to {most:,.15g}"
        if most == math.inf:  # a limit that only an infinite number needs to be told
            end = " to 1e308" if found == math.inf else ""
        raise ValueError(
            f"the {name} is {shown}; give a number {'above' if above else 'from'} {least:g}{end}"
        )
    return found


def whole(name: str, value: Any, *, least: int = 1, most: int | None = None) -> int:
    """A whole number from `least` on, and to `most` if there is one."""
    if not _is_a(Integral, value):
        raise TypeError(f"the {name} is {value!r}; give a whole number")
    found = int(value)
    if found < least or (most is not None and found > most):
        limits = f"{least} or more" if most is None else f"{least:,} to {most:,}"
        raise ValueError(f"the {name} is {said(value)}; give {limits}")
    return found


def fraction(name: str, value: Any) -> float:
    """A share from 0 to 1."""
    if not _is_a(Real, value):
        raise TypeError(f"the {name} is {value!r}; give a share from 0 to 1, like 0.05")
    found = _float(value)
    if not 0 <= found <= 1:  # NaN is not
        hint = f"; {found:g} % is {found / 100:g}" if 1 < found <= 100 else ""
        raise ValueError(f"the {name} is {said(value)}; give a share from 0 to 1{hint}")
    return found


def within(name: str, value: Any, least: float, most: float, unit: str = "") -> None:
    """A number between two limits; a whole one if both limits are whole.

    It is a ValueError whatever is wrong: the limits say what kind of value is meant.
    """
    kind: Any = Integral if isinstance(least, int) and isinstance(most, int) else Real
    if not _is_a(kind, value) or not least <= value <= most:
        sort = "a whole number" if kind is Integral else "a number"
        meant = f" ({unit})" if unit else ""
        limits = f"{_limit(least)} to {_limit(most)}"
        raise ValueError(f"{name} is {said(value)}; give {sort} from {limits}{meant}")


def one_of(name: str, value: Given, known: Iterable[Given]) -> Given:
    """A value that is among those that are known."""
    listed = [*known]
    if not isinstance(value, Hashable) or value not in listed:  # an array compares by entries
        raise ValueError(
            f"there is no {name} {value!r}; take one of {', '.join(map(repr, listed))}"
        )
    return value


def yes_or_no(name: str, value: Any) -> None:
    """True or False, and no other value that Python would take for one of them."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; take True or False")


def text(name: str, value: Any, which: str) -> str:
    """A text that says something, and that UTF-8 can hold; `which` says which one to give."""
    if not isinstance(value, str) or not value or HALF.search(value):
        raise ValueError(f"the {name} is {value!r}; give a text, {which}")
    return value


def held(name: str, found: float) -> float:
    """A result, if it is not beyond what a float holds."""
    if not math.isfinite(found):
        raise ValueError(
            f"the {name} is beyond {sys.float_info.max:.2g}, the most that a float holds; "
            "give smaller numbers, or all of them in a larger unit"
        )
    return found


def a_kind(name: str, value: Any, kind: type[Given], way: str) -> Given:
    """A value of a class of the course; `way` is a call that gives one."""
    if not isinstance(value, kind):
        _drop(value)
        raise TypeError(f"the {name} is {value!r}; give a {kind.__name__}, as {way} does")
    return value


def function(name: str, value: Given) -> Given:
    """Something that can be called; the coroutine of a call that was already made cannot."""
    if not callable(value):
        _drop(value)
        hint = ", without the brackets of a call" if isawaitable(value) else ""
        raise TypeError(f"the {name} is {value!r}; give a function{hint}")
    return value


def plain(name: str, made: Given) -> Given:
    """What a caller's function gave, if that has run by now: no coroutine, and no generator."""
    if isawaitable(made):
        _drop(made)
        raise TypeError(f"the {name} is a coroutine function; give a plain one: nobody awaits it")
    if isgenerator(made) or isasyncgen(made):
        raise TypeError(f"the {name} has a `yield`, so it has not run: give a function without one")
    return made


def awaitable(name: str, made: Awaitable[Given]) -> Awaitable[Given]:
    """What a caller's function gave, which can be awaited."""
    if not isawaitable(made):
        raise PlainFunctionError(
            f"the {name} gave {made!r} and nothing to await; give a coroutine function, or for one "
            "that takes its time without an await: lambda: asyncio.to_thread(…)"
        )
    return made


def plural(count: int, noun: str) -> str:
    """How many of what: "1 lane", "2,000 lanes"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _drop(made: Any) -> None:
    """End what nobody will await, so that Python does not warn of it as well."""
    end: Callable[[], object] | None = getattr(made, "close", None) or getattr(made, "cancel", None)
    if end is not None and isawaitable(made):
        end()


def _is_a(kind: Any, value: Any) -> bool:
    """A number of this kind, and neither a bool nor numpy's duration, which Python counts as whole.

    As a number that would be nanoseconds, or whatever unit it is kept in.
    """
    duration = getattr(getattr(value, "dtype", None), "kind", "") == "m"
    return isinstance(value, kind) and not (isinstance(value, bool) or duration)


def _float(value: Any) -> float:
    """As a float; one too large for that is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _limit(limit: float) -> str:
    return f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"


def said(value: Any) -> str:
    """As a person writes it: without numpy's type, and by its size if it has many digits."""
    if isinstance(value, int) and abs(value) >= 10**40:
        digits = abs(value).bit_length() * math.log10(2)
        return f"{'-' if value < 0 else ''}1e{digits:.0f} or so"
    return str(value) if isinstance(value, Real) else repr(value)
