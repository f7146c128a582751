"""What goes over the wire between a student's process and the grader: frames of JSON, plain values.

    {"now": 0.5, "post": [{"start": 1, "function": "retry", "words": […]}]}     grader → student
    {"call": 7, "of": 2, "words": []}                                          student → grader
    {"idle": 1.25}, {"end": 1, "value": "done"}

Neither side ever gets anything else: no pickle, no code, no object.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

MOST_BYTES = 200_000
"""Of one frame; a student's process that says more is not believed."""
HEAD = struct.Struct(">I")


class Broken(Exception):  # noqa: N818
    """The other side is gone, or said what is no message; says which."""


_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode  # loads would guess the encoding, and skip blanks


def frame(message: dict[str, Any]) -> bytes:
    """A message as it goes over the wire."""
    body = _encode(message).encode()
    return HEAD.pack(len(body)) + body


class Mail:
    """What has come over the wire, and was not read yet."""

    def __init__(self) -> None:
        self.got = b""
        self.at = 0  # where the next message begins

    def add(self, more: bytes) -> None:
        """These bytes came."""
        self.got, self.at = self.got[self.at :] + more, 0

    def waits(self) -> bool:
        """Whether anything is still to be read."""
        return self.at < len(self.got)

    def next(self) -> dict[str, Any] | None:
        """The next message, None if it is not all there. Raises Broken."""
        begin = self.at + HEAD.size
        if len(self.got) < begin:
            return None
        (size,) = HEAD.unpack_from(self.got, self.at)
        if size > MOST_BYTES:
            raise Broken(f"a message of {size:,} bytes, and {MOST_BYTES:,} are the most")
        if len(self.got) < begin + size:
            return None
        self.at = begin + size
        return _message(self.got[begin : self.at])


def _message(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
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
