"""The stand-in for Azure Service Bus, without its client: its values, and who may come in.

What that client makes of it is in tests/labs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.brokers.stand_ins.service_bus import performatives, values
from course_lib.brokers.stand_ins.service_bus.message import Message
from course_lib.brokers.stand_ins.service_bus.namespace import KEY, KEY_NAME, allowed
from course_lib.brokers.stand_ins.service_bus.values import MalformedError, decode, encode

BITS = {
    values.UByte: (8, False), values.UShort: (16, False), values.UInt: (32, False),
    values.ULong: (64, False), values.Byte: (8, True), values.Short: (16, True),
    values.Int: (32, True), values.Timestamp: (64, True), int: (64, True),
}  # fmt: skip


def numbers(kind: type[int]) -> st.SearchStrategy[Any]:
    bits, signed = BITS[kind]
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return st.integers(low, high).map(kind)


SYMBOLS = st.text(st.characters(codec="ascii"), max_size=300).map(values.Symbol)
SIMPLE = st.one_of(
    st.none(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=300), SYMBOLS,
    st.binary(max_size=300), st.uuids(), *map(numbers, BITS),
)  # fmt: skip
ANY = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=5), inner, max_size=4),
        st.builds(values.Described, numbers(values.ULong), inner),
    ),
    max_leaves=12,
)


def types_of(value: Any) -> Any:
    """The types in a value, from the outside to the inside."""
    if isinstance(value, dict):
        return {key: types_of(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [types_of(inner) for inner in value]
    return type(value)


@given(ANY)
def test_a_value_comes_back_as_it_went(value: Any) -> None:
    """With its type, and all of its bytes."""
    data = encode(value)
    back, end = decode(data)
    assert (back, end) == (value, len(data))
    assert types_of(back) == types_of(value)


@given(st.sampled_from([numbers(int), st.uuids(), SYMBOLS]).flatmap(st.lists))
def test_an_array_has_one_type(items: list[Any]) -> None:
    """Which is written once."""
    short = [item for item in items if not isinstance(item, str) or len(item) < 256]
    back, _ = decode(encode(values.Array(short)))
    assert (back, type(back)) == (short, values.Array)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x43", 0), (b"\x44", 0), (b"\x45", []), (b"\x56\x01", True), (b"\x54\xff", -1),
        (b"\x72\x3f\xc0\x00\x00", 1.5), (b"\xa1\x02hi", "hi"),
        (b"\xc0\x03\x02\x41\x42", [True, False]),
        (b"\xc1\x05\x02\xa3\x01a\x40", {"a": None}), (b"\xe0\x04\x02\x50\x07\x08", [7, 8]),
        (b"\x00\x53\x24\x45", (0x24, [])),
    ],
)  # fmt: skip
def test_values_as_the_standard_writes_them(data: bytes, value: Any) -> None:
    """Short forms too, which only others send."""
    assert decode(data) == (value, len(data))


@pytest.mark.parametrize(
    "data", [b"", b"\x70\x00", b"\xa1\x05hi", b"\x99", b"\xc1\x03\x01\xa1\x00"]
)
def test_what_is_no_value_is_refused(data: bytes) -> None:
    """Cut short, unknown, or half a pair."""
    with pytest.raises(ValueError):
        decode(data)


def test_what_amqp_does_not_know_is_refused() -> None:
    """When it is to be sent."""
    with pytest.raises(TypeError, match="AMQP has no type for"):
        encode({1, 2})


def test_a_frame_comes_back_as_it_went() -> None:
    """With its channel and its payload."""
    word = performatives.Flow(7, 8, 9, 10, handle=2, link_credit=5)
    data = performatives.frame(3, word, b"rest")
    assert performatives.read(data) == (3, word, b"rest")


def test_a_frame_of_something_else_is_refused() -> None:
    """By what it begins with."""
    with pytest.raises(MalformedError, match="is no performative"):
        performatives.read(b"\x00\x00\x00\x0a\x02\x00\x00\x00\x41\x41")


def test_a_message_keeps_what_is_its_producers() -> None:
    """Byte for byte, behind a header and annotations of the queue's own."""
    own = b"".join(
        encode(performatives.described(code, value))
        for code, value in ((0x73, ["7"]), (0x74, {"cups": 2}), (0x75, b"tea"))
    )
    message = Message(own, sequence_number=4, delivery_count=1)
    message.lock_token = uuid.uuid4()
    assert message.on_the_wire().endswith(own)
    assert (message.id, message.application, message.session) == ("7", {"cups": 2}, None)
    dead = message.buried("orders", {"DeadLetterReason": "old", "DeadLetterErrorDescription": None})
    assert dead.application == {"cups": 2, "DeadLetterReason": "old"}
    assert dead.content.endswith(b"tea")


def signature(key: str, seconds: float) -> str:
    """What a client shows that has this key, good for so many seconds."""
    where, until = "sb://127.0.0.1/orders", int(time.time() + seconds)
    signed = f"{quote_plus(where)}\n{until}".encode()
    digest = hmac.new(key.encode(), signed, hashlib.sha256).digest()
    words = {"sr": where, "sig": base64.b64encode(digest), "se": until, "skn": KEY_NAME}
    return "SharedAccessSignature " + urlencode(words)


def test_who_has_the_key_may_come_in() -> None:
    """Until the signature is over."""
    assert allowed(signature(KEY, 60))
    assert not allowed(signature(KEY, -60))
    assert not allowed(signature("guessed", 60))
    assert not allowed(signature(KEY, 60).replace("orders", "others"))
    assert not allowed("Bearer of gifts")
    assert not allowed("SharedAccessSignature sr=a&sig=b&se=c")
