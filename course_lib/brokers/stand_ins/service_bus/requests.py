"""Questions that a client asks by a message, and gets an answer to: renew, peek, schedule, …

Reference: Azure Service Bus documentation, AMQP request/response operations; for `$cbs`, OASIS AMQP
claims-based security.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .message import APPLICATION, PROPERTIES, VALUE, Message, stamp
from .namespace import Namespace, allowed
from .performatives import described
from .queue import LockLostError, Outcome, Queue
from .values import Array, Int, Symbol, encode

TOKENS, MANAGEMENT = "$cbs", "/$management"
OUTCOMES: dict[str, Outcome] = {
    "completed": "complete",
    "abandoned": "abandon",
    "defered": "defer",
    "suspended": "bury",
}
Asked = Mapping[str, Any]
OK, NOTHING_THERE, NOT_FOUND, GONE, NOT_IMPLEMENTED = 200, 204, 404, 410, 501


def answer(namespace: Namespace, address: str, content: bytes) -> bytes:
    """The answer to a request that came to `$cbs`, or to a queue's `/$management`."""
    request = Message(content)
    if address == TOKENS:
        good = allowed(str(request.value))
        told = "Accepted" if good else "InvalidSignature: The token has an invalid signature."
        properties = {"status-code": Int(202 if good else 401), "status-description": told}
        return _message(request.id, properties, None)
    queue = namespace.find(address.removesuffix(MANAGEMENT))
    operation = str(request.application.get("operation", "")).removeprefix("com.microsoft:")
    return _message(request.id, *_answer(queue, operation, request.value or {}))


def _answer(queue: Queue | None, operation: str, asked: Asked) -> tuple[dict[str, Any], Any]:
    perform = OPERATIONS.get(operation)
    if queue is None:
        return _status(NOT_FOUND, "There is no such queue.", "amqp:not-found"), {}
    if perform is None:
        return _status(NOT_IMPLEMENTED, f"The stand-in has no {operation!r}."), {}
    try:
        found = perform(queue, asked)
    except LockLostError:
        condition = "session-lock-lost" if "session-id" in asked else "message-lock-lost"
        return _status(GONE, "The lock is over.", f"com.microsoft:{condition}"), {}
    except LookupError as error:
        return _status(NOT_FOUND, str(error), "com.microsoft:message-not-found"), {}
    return _status(NOTHING_THERE if found == {"messages": []} else OK, "OK"), found


def _status(code: int, text: str, condition: str = "") -> dict[str, Any]:
    told = {"statusCode": Int(code), "statusDescription": text}
    return {**told, "errorCondition": Symbol(condition)} if condition else told


def _message(correlation: Any, properties: dict[str, Any], value: Any) -> bytes:
    about = [*[None] * 5, correlation]
    sections = {PROPERTIES: about, APPLICATION: properties, VALUE: value}
    return b"".join(encode(described(code, section)) for code, section in sections.items())


# ---- the operations ------------------------------------------------------------------------------
def _renew_lock(queue: Queue, asked: Asked) -> Any:
    return {"expirations": Array(stamp(queue.renew(token)) for token in asked["lock-tokens"])}


def _settle(queue: Queue, asked: Asked) -> Any:
    reason = {
        "DeadLetterReason": asked.get("deadletter-reason"),
        "DeadLetterErrorDescription": asked.get("deadletter-description"),
    }
    for token in asked["lock-tokens"]:
        queue.settle(token, OUTCOMES[asked["disposition-status"]], reason)
    return {}


def _schedule(queue: Queue, asked: Asked) -> Any:
    messages = [Message(each["message"]) for each in asked["messages"]]
    return {"sequence-numbers": Array(queue.put(message) for message in messages)}


def _cancel(queue: Queue, asked: Asked) -> Any:
    for number in asked["sequence-numbers"]:
        queue.cancel(number)
    return {}


def _peek(queue: Queue, asked: Asked) -> Any:
    first, most = asked["from-sequence-number"], asked["message-count"]
    found = queue.peek(first, most, asked.get("session-id"))
    return {"messages": [{"message": message.on_the_wire()} for message in found]}


def _deferred(queue: Queue, asked: Asked) -> Any:
    messages = queue.deferred(asked["sequence-numbers"])
    return {
        "messages": [
            {"lock-token": message.lock_token, "message": message.on_the_wire()}
            for message in messages
        ]
    }


def _renew_session(queue: Queue, asked: Asked) -> Any:
    until = queue.sessions.renew(asked["session-id"])
    if until is None:
        raise LockLostError
    return {"expiration": stamp(until)}


def _set_state(queue: Queue, asked: Asked) -> Any:
    queue.sessions.states[asked["session-id"]] = asked["session-state"]
    return {}


def _get_state(queue: Queue, asked: Asked) -> Any:
    return {"session-state": queue.sessions.states.get(asked["session-id"])}


OPERATIONS: dict[str, Callable[[Queue, Asked], Any]] = {
    "renew-lock": _renew_lock,
    "update-disposition": _settle,
    "schedule-message": _schedule,
    "cancel-scheduled-message": _cancel,
    "peek-message": _peek,
    "receive-by-sequence-number": _deferred,
    "renew-session-lock": _renew_session,
    "set-session-state": _set_state,
    "get-session-state": _get_state,
}
