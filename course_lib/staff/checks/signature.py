"""Exercise 7: is this webhook really from them?

References: Stripe's scheme, `t=…,v1=…`: HMAC-SHA256 over t, a dot and the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from unittest.mock import patch

from .property import Property, expect

SECRET, BODY, NOW, TOLERANCE = "whsec_lamp", b'{"id": 7, "name": "L\xc3\xa4mp"}', 1_700_000_000, 300


def sign(body: bytes = BODY, t: int = NOW, secret: str = SECRET) -> str:
    """The right signature."""
    return hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()


def _ask(piece: Any, header: Any, body: bytes = BODY, now: float = NOW) -> Any:
    return piece(body, header, SECRET, now, TOLERANCE)


def _says(piece: Any, right: bool, rule: str, case: str, header: Any, **more: Any) -> None:
    seen = _ask(piece, header, **more)
    expect(seen is right, f"{rule} It says {right}.", case, seen)


def raw_bytes(piece: Any) -> None:
    good = f"t={NOW},v1={sign()}"
    _says(piece, True, "A right signature is accepted.", "the sender's own header", good)
    spaced = BODY.replace(b": ", b":")
    rule = "The signature is over the raw bytes: other bytes of the same meaning do not match."
    _says(piece, False, rule, "a space of the JSON is missing", good, body=spaced)
    wrong = f"t={NOW},v1={sign(secret='other')}"
    _says(piece, False, "A wrong secret does not match.", "signed with another secret", wrong)


def signed_time(piece: Any) -> None:
    moved = f"t={NOW},v1={sign(t=NOW - 9999)}"
    rule = "The time is part of what is signed, so nobody can change it."
    _says(piece, False, rule, "an old signature with a new t", moved)
    bare = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    _says(piece, False, rule, "a signature over the body alone", f"t={NOW},v1={bare}")


def window(piece: Any) -> None:
    for apart, right in ((TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + 1, False),
                         (-TOLERANCE - 1, False)):  # fmt: skip
        t = NOW - apart
        rule = f"Within {TOLERANCE} s both ways it is accepted, the ends included, outside not."
        case = f"t is {abs(apart)} s {'ago' if apart > 0 else 'ahead'}"
        _says(piece, right, rule, case, f"t={t},v1={sign(t=t)}")


def versions(piece: Any) -> None:
    right, wrong = sign(), "0" * 64
    rule = "Any v1 may match, so that a secret can be changed."
    _says(piece, True, rule, "two v1, the second is right", f"t={NOW},v1={wrong},v1={right}")
    _says(piece, True, rule, "two v1, the first is right", f"t={NOW},v1={right},v1={wrong}")
    _says(piece, False, "A v0 counts for nothing.", "the right one as v0", f"t={NOW},v0={right}")


def malformed(piece: Any) -> None:
    for header in ("", None, "t=,v1=", "v1=" + sign(), f"t={NOW}", "nonsense", f"t=now,v1={sign()}",
                   f"t={NOW},v1=Lämp", f"t={NOW};v1={sign()}", "=,=,="):  # fmt: skip
        rule = "A header that makes no sense is refused, and nothing is raised."
        case = f"the header is {header!r}"
        try:
            seen = _ask(piece, header)
        except Exception as problem:  # noqa: BLE001  whatever comes out is looked at
            seen = f"it raised {type(problem).__name__}"
        expect(seen is False, rule, case, seen)


def constant_time(piece: Any) -> None:
    compare, used = hmac.compare_digest, []

    def spy(one: Any, other: Any) -> bool:
        used.append(one)
        return compare(one, other)

    namespace = getattr(piece, "__globals__", {})
    own = {name: spy for name, value in namespace.items() if value is compare}
    with patch.object(hmac, "compare_digest", spy), patch.dict(namespace, own):
        _ask(piece, f"t={NOW},v1={sign()}")
    rule = "It compares with hmac.compare_digest, whose time tells nothing about the letters."
    expect(used, rule, "a right signature", "compare_digest was not called")


PROPERTIES: dict[str, Property] = {
    "raw bytes": raw_bytes,
    "the time is signed": signed_time,
    "the window": window,
    "versions": versions,
    "malformed headers": malformed,
    "constant time": constant_time,
}
