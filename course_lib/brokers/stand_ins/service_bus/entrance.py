"""The one door: messages come in AMQP, administration in HTTP, and the first bytes say which."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from .administration import administer
from .connection import Connection
from .namespace import Namespace

AMQP = b"AMQP"
END_OF_HEAD = b"\r\n\r\n"
LARGEST_HEAD = 65_536  # bytes


class _Gathers(asyncio.Protocol):
    """Keeps all that comes, and looks at it each time."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace, self._data = namespace, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._look()

    def _look(self) -> None:
        raise NotImplementedError


class Entrance(_Gathers):
    """Waits for the first bytes of a connection, and hands it to whom they are for."""

    def _look(self) -> None:
        if len(self._data) < len(AMQP):
            return
        begins = bytes(self._data[: len(AMQP)])
        inside: asyncio.Protocol = (
            Connection(self._namespace) if begins == AMQP else Http(self._namespace)
        )
        self._transport.set_protocol(inside)
        inside.connection_made(self._transport)
        inside.data_received(bytes(self._data))


class Http(_Gathers):
    """One request, one answer."""

    def _look(self) -> None:
        head, found, body = bytes(self._data).partition(END_OF_HEAD)
        if not found:
            if len(head) > LARGEST_HEAD:
                self._transport.close()
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        fields = {name.lower(): value.strip() for name, _, value in pairs}
        if len(body) < int(fields.get("content-length", 0)):
            return
        method, target, *_ = [*first.split(), "", ""]
        signature = fields.get("authorization", "")
        status, text = administer(self._namespace, method, target, signature, body)
        answer = text.encode()
        self._transport.write(
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "Content-Type: application/atom+xml;type=entry;charset=utf-8\r\n"
            f"Content-Length: {len(answer)}\r\nConnection: close\r\n\r\n".encode()
            + answer
        )
        self._transport.close()
