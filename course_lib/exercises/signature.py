"""Exercise 7: is this webhook really from them?

References: Stripe's scheme, `t=…,v1=…`: HMAC-SHA256 over t, a dot and the raw body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from .property import Exercise, expect
from .reading import compares, uses
from .student import Pieces, Raised, Student

CONSTANT = {"hmac.compare_digest", "secrets.compare_digest", "compare_digest"}
"""The same function; alone if it came by `from hmac import *`."""
SHOWN = 60  # letters of a header
OWN = "the sender's own header"

Signed = Callable[[int, bytes], bytes]
"""What of `t` and the body is signed."""
TIME_SLIPS: tuple[Signed, ...] = (lambda t, body: body, lambda t, body: b"%d%b" % (t, body))
"""Without `t`, and without the dot: these cost "the time is signed" alone."""
BYTES_SLIPS: tuple[Signed, ...] = (lambda t, body: f"{t}.{body!r}".encode(),)
"""The body as a text shows bytes, which costs "raw bytes" alone."""


def _right(t: int, body: bytes) -> bytes:
    return b"%d.%b" % (t, body)


@dataclass(frozen=True, slots=True)
class Ask:
    """A header that comes with a body, what it is, and whether it is right."""

    case: str
    header: Any
    right: bool
    body: bytes


@dataclass(slots=True)
class Sender:
    """Who signs webhooks, and the questions about them that are asked."""

    chance: Random
    signed: Signed = _right
    asks: list[Ask] = field(default_factory=list)
    secret: str = ""
    now: int = 0
    tolerance: int = 0
    body: bytes = b""

    def __post_init__(self) -> None:
        number = self.chance.randrange(10**6)
        self.secret = f"whsec_{self.chance.randrange(10**9)}"
        self.now = 1_700_000_000 + number
        self.tolerance = self.chance.choice([60, 900])
        self.body = f'{{"id": {number}, "name": "Lämp"}}'.encode()

    def sign(self, t: int | None = None, body: bytes | None = None, secret: str = "") -> str:
        """The right signature, of this moment and body if no other is said."""
        signed = self.signed(self.now if t is None else t, self.body if body is None else body)
        return hmac.new((secret or self.secret).encode(), signed, hashlib.sha256).hexdigest()

    def ask(self, case: str, header: Any, right: bool, body: bytes | None = None) -> None:
        """Ask this, too."""
        self.asks.append(Ask(case, header, right, self.body if body is None else body))

    def good(self) -> str:
        """The right header; it is asked whether it is."""
        header = f"t={self.now},v1={self.sign()}"
        self.ask(OWN, header, True)
        return header

    def judge(self, student: Student, rule: str, *, exactly: bool = False) -> None:
        """Whether the piece says right to all that was asked.

        Whoever gives None in place of False has forgotten one line, and loses what is asked
        `exactly`.
        """

        async def scene(pieces: Pieces) -> list[Any]:
            return [await self._said(pieces, ask) for ask in self.asks]

        said = student.on_clock(scene, self.asks[0].case)
        for ask, answer in zip(self.asks, said, strict=True):
            header = ask.header if ask.header is None else ask.header.replace(self.sign(), "RIGHT")
            shown = ascii(header)
            shown = shown if len(shown) <= SHOWN else f"{shown:.{SHOWN}}…"
            words = f"header={shown}, now={self.now}, tolerance={self.tolerance}"
            case = f"{ask.case} ({words})"
            said_so = answer is ask.right or (answer is None and not ask.right and not exactly)
            expect(said_so, rule, case, seen=answer, wanted=ask.right)

    def is_taken(self, student: Student) -> bool:
        """Whether the piece says right to the right header."""
        ask = Ask(OWN, f"t={self.now},v1={self.sign()}", True, self.body)
        return student.on_clock(partial(self._said, ask=ask), OWN) is True

    async def _said(self, pieces: Pieces, ask: Ask) -> Any:
        try:
            words = (ask.body, ask.header, self.secret, self.now, self.tolerance)
            return await pieces.call("verify", *words)
        except Raised as problem:
            return f"it raised {problem}"


def _sender(student: Student, chance: Random, *slips: Signed) -> Sender:
    """The right one, or else the one whose slip the piece shares: that is another property."""
    for signed in (_right, *slips):
        sender = Sender(chance, signed)
        if sender.is_taken(student):
            return sender
    return Sender(chance)


def raw_bytes(student: Student, chance: Random) -> None:
    """Bytes that are no text are signed as well as others, and so are none at all."""
    sender = _sender(student, chance, *TIME_SLIPS)
    good, odd = sender.good(), b"\xff\x00" + chance.randbytes(6)
    spaced = sender.body.replace(b": ", b":")
    for case, body in (
        ("a body that is no text", odd),
        ("a body with a line break at its end", sender.body + b"\n"),
        ("an empty body", b""),
    ):
        sender.ask(case, f"t={sender.now},v1={sender.sign(body=body)}", True, body)
    sender.ask("the JSON without its spaces", good, False, spaced)
    other = sender.sign(secret="whsec_other")
    sender.ask("signed with another secret", f"t={sender.now},v1={other}", False)
    sender.ask("half of a signature", good[:-32], False)
    last = "1" if good[-1] == "0" else "0"
    sender.ask("a signature whose last letter is another", good[:-1] + last, False)
    sender.judge(student, "The signature is over the raw bytes of the body, and by the secret.")


def signed_time(student: Student, chance: Random) -> None:
    """Nobody can move an old message into the window."""
    sender = _sender(student, chance, *BYTES_SLIPS)
    sender.good()
    now, old = sender.now, sender.now - 10 * sender.tolerance
    moved = sender.sign(old)
    sender.ask("an old signature with a new t", f"t={now},v1={moved}", False)
    bare = hmac.new(sender.secret.encode(), sender.body, hashlib.sha256).hexdigest()
    sender.ask("a signature of the body alone", f"t={now},v1={bare}", False)
    beside = f"t={now},t={old},v1={moved}"
    sender.ask("an old signature, and a new t beside the old one", beside, False)
    sender.judge(student, "What is signed is t, a dot and the body, so that nobody can change t.")


def window(student: Student, chance: Random) -> None:
    """Both ways, and its ends belong to it; it may be no wider than now."""
    rule = "Up to `tolerance` seconds before or after now it is right, and no more."
    for width in (1, 0):
        sender = _sender(student, chance, *TIME_SLIPS, *BYTES_SLIPS)
        sender.tolerance *= width
        sender.good()
        for apart in (sender.tolerance, sender.tolerance + 1):
            for t, when in ((sender.now - apart, "ago"), (sender.now + apart, "ahead")):
                right = apart <= sender.tolerance
                sender.ask(f"t is {apart} s {when}", f"t={t},v1={sender.sign(t)}", right)
        old = sender.now - sender.tolerance - 1
        beside = f"t={old},t={sender.now},v1={sender.sign(old)}"
        sender.ask("an old signature, its t, and a new one behind it", beside, False)
        sender.judge(student, rule)


def versions(student: Student, chance: Random) -> None:
    """A secret can be changed, and what other keys say counts for nothing."""
    sender = _sender(student, chance, *TIME_SLIPS, *BYTES_SLIPS)
    sender.good()
    t, right, wrong = f"t={sender.now}", sender.sign(), sender.sign(secret="whsec_before")
    sender.ask("two v1, the second is right", f"{t},v1={wrong},v1={right}", True)
    sender.ask("two v1, the first is right", f"{t},v1={right},v1={wrong}", True)
    sender.ask("three v1, the third is right", f"{t},v1={wrong},v1=0,v1={right}", True)
    sender.ask("keys that nobody knows", f"{t},kid=7,v1={right},v0=0", True)
    sender.ask("the right one as v0", f"{t},v0={right}", False)
    sender.ask("the right one as v11", f"{t},v1={wrong},v11={right}", False)
    sender.ask("the right one as V1", f"{t},V1={right}", False)
    sender.judge(student, "Any v1 may be the right one, and other keys count for nothing.")


def malformed(student: Student, chance: Random) -> None:
    """No answer but False, and no error."""
    sender = _sender(student, chance, *TIME_SLIPS, *BYTES_SLIPS)
    sender.good()
    t, right = sender.now, sender.sign()
    for header in (
        "", None, "nonsense", "=,=,=", ",,", "t=,v1=", f"v1={right}", f"t={t}", f"t={t},v1",
        f"t={t},v1=", f"t=now,v1={right}", f"t={t},v1=Lämp", f"t={t};v1={right}",
        f"t={'9' * 5000},v1={right}",
    ):  # fmt: skip
        sender.ask("a header that makes no sense", header, False)
    rule = "A header that makes no sense is refused by False, and nothing is raised."
    sender.judge(student, rule, exactly=True)


def constant_time(student: Student, chance: Random) -> None:
    """Read in its cells, since no run can show it; but it has to tell right from wrong."""
    sender = _sender(student, chance, *TIME_SLIPS, *BYTES_SLIPS)
    sender.good()
    sender.ask("another signature", f"t={sender.now},v1={'0' * 64}", False)
    sender.judge(student, "It tells a right signature from a wrong one.")
    rule = "How long the comparison takes must not tell how many letters are right."
    seen = "`verify` does not use compare_digest"
    case = "a wrong signature whose first letters are right"
    wanted = "hmac.compare_digest, or secrets.compare_digest"
    expect(uses(student.cells, "verify") & CONSTANT, rule, case, seen=seen, wanted=wanted)
    seen = "compare_digest gets nothing that it could find out, and others compare the signature"
    wanted = "the signature that came is compared with yours by compare_digest alone"
    by_it = compares(student.cells, "verify", CONSTANT)
    expect(by_it, rule, case, seen=seen, wanted=wanted)


EXERCISE = Exercise(
    ("verify",),
    {
        "raw bytes": raw_bytes,
        "the time is signed": signed_time,
        "the window": window,
        "versions": versions,
        "malformed headers": malformed,
        "constant time": constant_time,
    },
)
