"""What goes over the wire between a student's process and the grader: lines of JSON, plain values.

    {"now": 0.5, "post": [{"start": 1, "function": "retry", "words": […]}]}     grader → student
    {"call": 7, "of": 2, "words": []}                                          student → grader
    {"idle": 1.25}, {"end": 1, "value": "done"}

Neither side ever gets anything else: no pickle, no code, no object.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

MOST_BYTES = 200_000
"""Of one line; a student's process that says more is not believed."""


class Broken(Exception):  # noqa: N818
    """The other side is gone, or said what is no message; says which."""


_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode  # loads would guess the encoding, and skip blanks


def line(message: dict[str, Any]) -> bytes:
    """A message as it goes over the wire."""
    return _encode(message).encode() + b"\n"


class Mail:
    """What has come over the wire, and was not read yet."""

    def __init__(self) -> None:
        self.lines: deque[bytes] = deque()
        self.rest = b""  # the begin of a line

    def add(self, more: bytes) -> None:
        """These bytes came. Raises Broken."""
        *lines, self.rest = (self.rest + more).split(b"\n")
        self.lines += lines
        _must_be_short(self.rest)

    def waits(self) -> bool:
        """Whether anything is still to be read."""
        return bool(self.lines or self.rest)

    def next(self) -> dict[str, Any] | None:
        """The next message, None if it is not all there. Raises Broken."""
        return _message(self.lines.popleft()) if self.lines else None


def _must_be_short(said: bytes) -> None:
    if len(said) > MOST_BYTES:
        raise Broken(f"a message of {len(said):,} bytes, and {MOST_BYTES:,} are the most")


def _message(said: bytes) -> dict[str, Any]:
    _must_be_short(said)
    try:
        text = said.decode()
        message, end = _decode(text)
    except (ValueError, RecursionError, MemoryError):
        raise Broken("a message that is no JSON") from None
    if end != len(text) or not isinstance(message, dict):
        raise Broken("a message without fields")
    return message


class Other:
    """Stands for a value that is not plain: only the name of its type goes over the wire."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"something of type {self.kind}"


def plain(value: Any, other: Callable[[Any], Any] | None = None) -> Any:
    """A value as JSON that keeps tuples, dicts and bytes apart; `other` says how all else goes."""
    kind = type(value)
    if kind in (bool, int, float, str) or value is None:
        return value
    if kind is list:
        return [plain(one, other) for one in value]
    if kind is tuple:
        return {"$": "tuple", "of": [plain(one, other) for one in value]}
    if kind is dict:
        pairs = [[plain(key, other), plain(one, other)] for key, one in value.items()]
        return {"$": "dict", "of": pairs}
    if kind is bytes:
        return {"$": "bytes", "of": value.hex()}
    return other(value) if other else {"$": "other", "of": kind.__name__[:80]}


def value_of(said: Any, other: Callable[[dict[str, Any]], Any]) -> Any:
    """The value again; `other` gives what the rest stands for. Raises Broken."""
    if isinstance(said, list):
        return [value_of(one, other) for one in said]
    if not isinstance(said, dict):
        return said
    try:
        kind: str = said["$"]
        of: Any = said.get("of")
        if kind == "tuple":
            return tuple(value_of(one, other) for one in of)
        if kind == "dict":
            return {value_of(key, other): value_of(one, other) for key, one in of}
        if kind == "bytes":
            return bytes.fromhex(of)
    except (KeyError, TypeError, ValueError):
        raise Broken("a value without a form") from None
    return other(said)
