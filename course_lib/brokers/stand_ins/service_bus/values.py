"""Values of AMQP 1.0: from Python to bytes, and back.

A value begins with a byte that says its type and how long it is. Python's int stands for a long,
str for a string, bytes for binary, list and dict for list and map; the classes here for the rest.
Reference: OASIS AMQP 1.0, part 1 (types).
"""

from __future__ import annotations

import struct
import uuid
from typing import Any, NamedTuple


class UByte(int):
    """One byte, without a sign."""


class UShort(int):
    """Two bytes, without a sign."""


class UInt(int):
    """Four bytes, without a sign."""


class ULong(int):
    """Eight bytes, without a sign."""


class Byte(int):
    """One byte."""


class Short(int):
    """Two bytes."""


class Int(int):
    """Four bytes."""


class Char(int):
    """A letter, by its number in Unicode."""


class Timestamp(int):
    """Milliseconds since 1970, in UTC."""


class Symbol(str):
    """A name out of a fixed set, in ASCII."""

    __slots__ = ()


class Array(list[Any]):
    """Values of one type."""


class Described(NamedTuple):
    """A value, and what it is: a performative, a section of a message, an outcome."""

    descriptor: Any
    value: Any


class MalformedError(ValueError):
    """Bytes that are no AMQP."""


DESCRIBED, NOTHING, TRUE, FALSE, EMPTY_LIST = 0x00, 0x40, 0x41, 0x42, 0x45
SMALL_ULONG, UUID = 0x53, 0x98
CONSTANTS: dict[int, Any] = {NOTHING: None, TRUE: True, FALSE: False, 0x43: UInt(0), 0x44: ULong(0)}
NUMBERS: dict[int, tuple[str, type[Any]]] = {
    0x50: ("!B", UByte), 0x51: ("!b", Byte), 0x52: ("!B", UInt), 0x53: ("!B", ULong),
    0x54: ("!b", Int), 0x55: ("!b", int), 0x56: ("!?", bool), 0x60: ("!H", UShort),
    0x61: ("!h", Short), 0x70: ("!I", UInt), 0x71: ("!i", Int), 0x72: ("!f", float),
    0x73: ("!I", Char), 0x80: ("!Q", ULong), 0x81: ("!q", int), 0x82: ("!d", float),
    0x83: ("!q", Timestamp),
}  # fmt: skip
"""Constructor → layout and type; of two for one type the wider comes later."""
WIDEST = {kind: (code, layout) for code, (layout, kind) in NUMBERS.items()}
BINARY, STRING, SYMBOL = 0xA0, 0xA1, 0xA3
LIST, MAP, ARRAY = 0xD0, 0xD1, 0xF0
WIDE = 0x10
"""This bit of a constructor says that sizes have four bytes, not one."""


def encode(value: Any) -> bytes:
    """The value with its constructor. Raises TypeError for what AMQP does not know."""
    if value is None or isinstance(value, bool):
        return bytes([NOTHING if value is None else TRUE if value else FALSE])
    if isinstance(value, Described):
        return b"\0" + encode(value.descriptor) + encode(value.value)
    if type(value) is ULong and value < 256:
        return bytes([SMALL_ULONG, value])
    if type(value) in WIDEST:
        code, layout = WIDEST[type(value)]
        return bytes([code]) + struct.pack(layout, value)
    if isinstance(value, uuid.UUID):
        return bytes([UUID]) + value.bytes
    if isinstance(value, (str, bytes)):
        return _variable(value)
    return _compound(value)


def _variable(value: str | bytes) -> bytes:
    code = BINARY if isinstance(value, bytes) else SYMBOL if type(value) is Symbol else STRING
    raw = value if isinstance(value, bytes) else value.encode()
    if len(raw) < 256:
        return bytes([code, len(raw)]) + raw
    return bytes([code | WIDE]) + struct.pack("!I", len(raw)) + raw


def _compound(value: Any) -> bytes:
    if isinstance(value, Array):
        items = [encode(item) for item in value]
        constructor = items[0][:1] if items else bytes([NOTHING])
        code, number, raw = ARRAY, len(items), constructor + b"".join(item[1:] for item in items)
    elif isinstance(value, dict):
        parts = [encode(part) for pair in value.items() for part in pair]
        code, number, raw = MAP, len(parts), b"".join(parts)
    elif isinstance(value, (list, tuple)):
        code, number, raw = LIST, len(value), b"".join(map(encode, value))
    else:
        raise TypeError(f"AMQP has no type for {value!r}")
    return bytes([code]) + struct.pack("!II", len(raw) + 4, number) + raw


def decode(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value that begins there, and the place after it. Raises MalformedError."""
    try:
        if data[at] == DESCRIBED:
            descriptor, at = decode(data, at + 1)
            value, at = decode(data, at)
            return Described(descriptor, value), at
        return _after(data[at], data, at + 1)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise MalformedError(f"no AMQP value begins at byte {at}: {error}") from None


def _after(code: int, data: bytes, at: int) -> tuple[Any, int]:
    """What follows a constructor."""
    if code in CONSTANTS:
        return CONSTANTS[code], at
    if code == EMPTY_LIST:
        return [], at
    if code in NUMBERS:
        layout, kind = NUMBERS[code]
        return kind(struct.unpack_from(layout, data, at)[0]), at + struct.calcsize(layout)
    if code == UUID:
        return uuid.UUID(bytes=data[at : at + 16]), at + 16
    if code < BINARY:
        raise MalformedError(f"AMQP values of type {code:#x} are not known here")
    size, at = _size(code, data, at)
    end, narrow = at + size, code & ~WIDE
    if end > len(data):
        raise MalformedError(f"a value of {size} bytes does not fit into {len(data) - at}")
    if narrow == BINARY:
        return data[at:end], end
    if narrow in (STRING, SYMBOL):
        text = data[at:end].decode()
        return (Symbol(text) if narrow == SYMBOL else text), end
    return _items(narrow | WIDE, code, data, at), end


def _size(code: int, data: bytes, at: int) -> tuple[int, int]:
    if code & WIDE:
        return struct.unpack_from("!I", data, at)[0], at + 4
    return data[at], at + 1


def _items(wide: int, code: int, data: bytes, at: int) -> Any:
    """The items of a list, map or array."""
    number, at = _size(code, data, at)
    items: list[Any] = []
    if wide == ARRAY:
        constructor, at = data[at], at + 1
        for _ in range(number):
            item, at = _after(constructor, data, at)
            items.append(item)
        return Array(items)
    for _ in range(number):
        item, at = decode(data, at)
        items.append(item)
    return dict(zip(items[::2], items[1::2], strict=True)) if wide == MAP else items
