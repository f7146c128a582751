"""One client's connection: frames come in, each word of AMQP is done, frames go out.

Reference: OASIS AMQP 1.0, part 2 (transport).
"""

from __future__ import annotations

import asyncio
import itertools
import struct
import sys
from collections import defaultdict
from typing import Any

from . import requests
from .attachment import Attachment
from .links import FRAME, WINDOW, FromProducer, ToConsumer
from .namespace import Namespace
from .performatives import (
    ACCEPTED,
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    Transfer,
    described,
    frame,
    read,
)
from .values import Array, MalformedError, Symbol

HEADER, SASL = 8, 3
"""Bytes of what both sides say first; the protocol in it that means SASL."""
MECHANISMS = Array(map(Symbol, ("MSSBCBS", "ANONYMOUS", "EXTERNAL", "PLAIN")))


class Connection(asyncio.Protocol):
    """From the first header to the close."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self.links: dict[tuple[int, int], FromProducer | ToConsumer] = {}
        self.answers: dict[tuple[int, str], ToConsumer] = {}
        """Where answers go: by channel and address."""
        self.received: defaultdict[int, int] = defaultdict(int)
        """Channel → transfers that came over it."""
        self.numbers: defaultdict[int, itertools.count[int]] = defaultdict(itertools.count)
        """Channel → the numbers of deliveries that go over it."""
        self._data, self._awaits_header = bytearray(), True

    # ---- bytes ----------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        try:
            while part := self._next():
                self._header(part) if self._awaits_header else self._frame(part)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            sys.stderr.write(f"a connection is closed: {type(error).__name__}: {error}\n")
            self._transport.close()

    def _next(self) -> bytes:
        """The next header or frame, once all of it is there."""
        if len(self._data) < HEADER:
            return b""
        size = HEADER if self._awaits_header else struct.unpack_from("!I", self._data)[0]
        if size < HEADER:
            raise MalformedError(f"a frame of {size} bytes")
        if len(self._data) < size:
            return b""
        part = bytes(self._data[:size])
        del self._data[:size]
        return part

    def _header(self, header: bytes) -> None:
        self._transport.write(header)
        self._awaits_header = False
        if header[4] == SASL:
            self.send(0, SaslMechanisms(MECHANISMS))

    def _frame(self, data: bytes) -> None:
        if len(data) == HEADER:
            return  # a sign of life
        channel, word, payload = read(data)
        match word:
            case SaslInit():
                self.send(0, SaslOutcome(0))
                self._awaits_header = True
            case Open():
                self.send(0, Open("service-bus-stand-in", max_frame_size=FRAME, channel_max=1000))
                self._show_life(word.idle_time_out)
            case Begin():
                self.send(channel, Begin(channel, 0, WINDOW, WINDOW, 1000))
            case Attach():
                Attachment(self, channel, word).decide()
            case Flow() | Transfer() | Disposition() | Detach():
                self._on_link(channel, word, payload)
            case End():
                self.send(channel, End())
            case Close():
                self.send(0, Close())
                self._transport.close()

    def _on_link(self, channel: int, word: Any, payload: bytes) -> None:
        if isinstance(word, Disposition):
            for (on, _), each in list(self.links.items()):
                if on == channel and isinstance(each, ToConsumer):
                    each.settle(word)
            return
        link = self.links.get((channel, word.handle))
        if isinstance(word, Transfer) and isinstance(link, FromProducer):
            self.received[channel] += 1
            link.take(word, payload, self.received[channel])
        elif isinstance(word, Flow) and isinstance(link, ToConsumer):
            link.flow(word, self.received[channel])
        elif isinstance(word, Detach) and link is not None:
            del self.links[channel, word.handle]
            link.detach()
            self.send(channel, Detach(word.handle, True))

    def connection_lost(self, _: Exception | None) -> None:
        for link in self.links.values():
            link.detach()
        self.links.clear()

    def send(self, channel: int, word: Any, payload: bytes = b"") -> None:
        if not self._transport.is_closing():
            self._transport.write(frame(channel, word, payload))

    def _show_life(self, milliseconds: int | None) -> None:
        """An empty frame now and then, if the client wants one."""
        if milliseconds and not self._transport.is_closing():
            self._transport.write(struct.pack("!IBBH", HEADER, 2, 0, 0))
            later = asyncio.get_running_loop().call_later
            later(milliseconds / 3000, self._show_life, milliseconds)

    # ---- requests -------------------------------------------------------------------------------
    def ask(self, channel: int, address: str, content: bytes, _: bool) -> Any:
        """Answer a request on the link that the client has opened for answers."""
        link = self.answers.get((channel, address))
        if link is not None:
            link.send(requests.answer(self.namespace, address, content))
        return described(ACCEPTED, [])
