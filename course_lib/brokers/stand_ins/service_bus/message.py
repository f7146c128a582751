"""A message: the sections that its producer sent, and what the queue knows about it.

What is the producer's (properties, body) goes on byte for byte; the header and the annotations are
written anew for each delivery. Reference: OASIS AMQP 1.0, part 3 (messaging).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .performatives import described
from .values import Described, Int, MalformedError, Symbol, Timestamp, UInt, decode, encode

State = Literal["ready", "deferred", "scheduled"]
STATES: tuple[State, ...] = ("ready", "deferred", "scheduled")
HEADER, ANNOTATIONS, PROPERTIES, APPLICATION, DATA, VALUE = 0x70, 0x72, 0x73, 0x74, 0x75, 0x77
"""The sections of a message, by the codes that describe them."""
MESSAGE_ID, GROUP_ID = 0, 10
"""Places in the list of properties; the group is what Service Bus calls a session."""
SCHEDULED = Symbol("x-opt-scheduled-enqueue-time")
MILLISECONDS = 1000


@dataclass(eq=False)
class Message:
    """One message in one queue. Times are seconds since 1970."""

    content: bytes
    """As its producer sent it."""
    sequence_number: int = 0
    delivery_count: int = 0
    """Deliveries that were in vain so far."""
    enqueued: float = 0.0
    due: float = 0.0
    """When it becomes ready, if it is scheduled."""
    state: State = "ready"
    lock_token: uuid.UUID | None = None
    locked_until: float = 0.0
    _sections: dict[int, Any] = field(default_factory=dict, repr=False)
    _rest: bytes = field(default=b"", repr=False)
    """Properties and body, as they came."""

    def __post_init__(self) -> None:
        at, rest = 0, bytearray()
        while at < len(self.content):
            section, end = decode(self.content, at)
            if not isinstance(section, Described) or type(section.descriptor) is str:
                raise MalformedError("a message consists of described sections")
            self._sections.setdefault(int(section.descriptor), section.value)
            if section.descriptor >= PROPERTIES:
                rest += self.content[at:end]
            at = end
        self._rest = bytes(rest)
        self.due = self._annotations.get(SCHEDULED, 0) / MILLISECONDS

    @property
    def _annotations(self) -> dict[Any, Any]:
        return self._sections.get(ANNOTATIONS) or {}

    def _property(self, place: int) -> Any:
        properties = self._sections.get(PROPERTIES) or []
        return properties[place] if len(properties) > place else None

    @property
    def id(self) -> Any:
        """What its producer called it."""
        return self._property(MESSAGE_ID)

    @property
    def session(self) -> str | None:
        """The session that it belongs to."""
        session = self._property(GROUP_ID)
        return None if session is None else str(session)

    @property
    def application(self) -> dict[str, Any]:
        """The properties that its producer added."""
        return self._sections.get(APPLICATION) or {}

    @property
    def value(self) -> Any:
        """Its body, where that is one AMQP value."""
        return self._sections.get(VALUE)

    def on_the_wire(self) -> bytes:
        """For a consumer."""
        header = (list(self._sections.get(HEADER) or []) + [None] * 5)[:5]
        header[4] = UInt(self.delivery_count)
        annotations = dict(self._annotations)
        annotations[Symbol("x-opt-sequence-number")] = self.sequence_number
        annotations[Symbol("x-opt-enqueued-time")] = stamp(self.enqueued)
        annotations[Symbol("x-opt-message-state")] = Int(STATES.index(self.state))
        if self.lock_token is not None:
            annotations[Symbol("x-opt-locked-until")] = stamp(self.locked_until)
        sections = {HEADER: header, ANNOTATIONS: annotations}
        return _encoded(sections) + self._rest

    def buried(self, source: str, reason: Mapping[str, str | None]) -> Message:
        """Its copy for the dead-letter queue, with the reason among its properties."""
        told = {name: text for name, text in reason.items() if text is not None}
        annotations = {**self._annotations, Symbol("x-opt-deadletter-source"): source}
        annotations.pop(SCHEDULED, None)
        changed = {ANNOTATIONS: annotations, APPLICATION: {**self.application, **told}}
        sections = {code: value for code, value in self._sections.items() if code <= APPLICATION}
        body = _from(self.content, DATA)
        return Message(_encoded({**sections, **changed}) + body)


def stamp(seconds: float) -> Timestamp:
    return Timestamp(round(seconds * MILLISECONDS))


def _encoded(sections: Mapping[int, Any]) -> bytes:
    ordered = sorted(sections.items())
    return b"".join(encode(described(code, value)) for code, value in ordered)


def _from(content: bytes, first: int) -> bytes:
    """The sections of a message from one kind on."""
    at = 0
    while at < len(content):
        section, end = decode(content, at)
        if section.descriptor >= first:
            return content[at:]
        at = end
    return b""


def batch(content: bytes) -> list[bytes]:
    """The messages of a batch: each is one data section of the message that carries them."""
    found, at = [], 0
    while at < len(content):
        section, at = decode(content, at)
        if section.descriptor == DATA:
            found.append(section.value)
    return found
