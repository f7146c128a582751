"""The words of AMQP 1.0, each a list of fields, and the frames that carry them.

Reference: OASIS AMQP 1.0, part 2 (transport), part 3 (outcomes), part 5 (SASL).
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from .values import Described, MalformedError, Symbol, UByte, UInt, ULong, UShort, decode, encode

AMQP_FRAME, SASL_FRAME = 0, 1
ACCEPTED, REJECTED, MODIFIED = 0x24, 0x25, 0x27
SOURCE, TARGET, ERROR = 0x28, 0x29, 0x1D


class Open(NamedTuple):
    container_id: str = ""
    hostname: str | None = None
    max_frame_size: int | None = None
    channel_max: int | None = None
    idle_time_out: int | None = None
    """Milliseconds after which the other side takes silence for death."""


class Begin(NamedTuple):
    remote_channel: int | None = None
    next_outgoing_id: int = 0
    incoming_window: int = 0
    outgoing_window: int = 0
    handle_max: int | None = None


class Attach(NamedTuple):
    name: str = ""
    handle: int = 0
    role: bool = False
    """True for the side that receives."""
    snd_settle_mode: int | None = None
    rcv_settle_mode: int | None = None
    source: Any = None
    target: Any = None
    unsettled: Any = None
    incomplete_unsettled: Any = None
    initial_delivery_count: int | None = None
    max_message_size: int | None = None
    offered_capabilities: Any = None
    desired_capabilities: Any = None
    properties: Any = None


class Flow(NamedTuple):
    next_incoming_id: int | None = None
    incoming_window: int = 0
    next_outgoing_id: int = 0
    outgoing_window: int = 0
    handle: int | None = None
    delivery_count: int | None = None
    link_credit: int | None = None
    available: int | None = None
    drain: bool | None = None


class Transfer(NamedTuple):
    handle: int = 0
    delivery_id: int | None = None
    delivery_tag: bytes | None = None
    message_format: int | None = None
    settled: bool | None = None
    more: bool | None = None


class Disposition(NamedTuple):
    role: bool = False
    first: int = 0
    last: int | None = None
    settled: bool | None = None
    state: Any = None


class Detach(NamedTuple):
    handle: int = 0
    closed: bool | None = None
    error: Any = None


class End(NamedTuple):
    error: Any = None


class Close(NamedTuple):
    error: Any = None


class SaslMechanisms(NamedTuple):
    mechanisms: Any = None


class SaslInit(NamedTuple):
    mechanism: str = ""


class SaslOutcome(NamedTuple):
    code: int = 0


CODES: dict[type[Any], int] = {
    Open: 0x10, Begin: 0x11, Attach: 0x12, Flow: 0x13, Transfer: 0x14, Disposition: 0x15,
    Detach: 0x16, End: 0x17, Close: 0x18, SaslMechanisms: 0x40, SaslInit: 0x41, SaslOutcome: 0x44,
}  # fmt: skip
WORDS = {code: word for word, code in CODES.items()}
UINTS = """
    max_frame_size idle_time_out next_outgoing_id incoming_window outgoing_window handle_max handle
    initial_delivery_count next_incoming_id delivery_count link_credit available delivery_id
    message_format first last
"""
WIRE_TYPES: dict[str, type[Any]] = {
    **dict.fromkeys(["snd_settle_mode", "rcv_settle_mode", "code"], UByte),
    **dict.fromkeys(["remote_channel", "channel_max"], UShort),
    **dict.fromkeys(["max_message_size"], ULong),
    **dict.fromkeys(UINTS.split(), UInt),
}
"""Field → the type that it has on the wire, where that is a number."""


def frame(channel: int, word: Any, payload: bytes = b"") -> bytes:
    """A word, with what it carries, as it goes over the wire."""
    fields = [_typed(name, value) for name, value in zip(word._fields, word, strict=True)]
    while fields and fields[-1] is None:
        fields.pop()
    code = CODES[type(word)]
    body = encode(described(code, fields)) + payload
    kind = SASL_FRAME if code >= CODES[SaslMechanisms] else AMQP_FRAME
    return struct.pack("!IBBH", len(body) + 8, 2, kind, channel) + body


def _typed(name: str, value: Any) -> Any:
    return value if value is None or name not in WIRE_TYPES else WIRE_TYPES[name](value)


def read(data: bytes) -> tuple[int, Any, bytes]:
    """Channel, word and payload of a frame; a word that has more fields loses those at its end.

    Raises MalformedError.
    """
    found, end = decode(data, data[4] * 4)
    word = WORDS.get(found.descriptor) if isinstance(found, Described) else None
    if word is None:
        raise MalformedError(f"a frame begins with {found!r}, which is no performative")
    known = found.value[: len(word._fields)]
    given = {n: v for n, v in zip(word._fields, known, strict=False) if v is not None}
    return struct.unpack_from("!H", data, 6)[0], word(**given), data[end:]


def described(code: int, value: Any) -> Described:
    return Described(ULong(code), value)


def error(condition: str, description: str) -> Described:
    """Why a link or a delivery is refused. The client counts the fields: the last is the info."""
    return described(ERROR, [Symbol(condition), description, None])
