"""Values of the student's in a few words."""

from __future__ import annotations

import re
import reprlib
from types import FrameType
from typing import Any

PLAIN = (bool, int, float, str, type(None))  # whose words run no code of the student's
LARGE = 10**30
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 24
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def values_of(frame: FrameType) -> str:
    """The local variables that fit in a few words: numbers, texts, yes and no."""
    found = frame.f_locals.items()
    plain = (f"{name} = {short(value)}" for name, value in found if _is_plain(name, value))
    return ", ".join(plain)


def _is_plain(name: str, value: Any) -> bool:
    is_small = type(value) is not int or -LARGE < value < LARGE
    return type(value) in PLAIN and is_small and name.isidentifier()


def short(value: Any) -> str:
    """A value in at most some thirty letters, the same in every run: no address is in it."""
    if getattr(type(value), "__repr__", None) is object.__repr__:
        return type(value).__name__
    try:
        return _ADDRESS.sub("", _short.repr(value))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - of a __repr__ of the student's, or for a giant number
        return type(value).__name__
