"""The grader's end of a line to a student's process, which may say anything, or nothing."""

from __future__ import annotations

import math
import selectors
import socket
import time
from typing import Any

from course_lib.staff.inside import wire

SAY_SECONDS = 3.0
"""Real seconds in which a process must take what it is told."""
MOST_HEARD = 5_000_000
"""Bytes, in one conversation."""


class Silent(Exception):  # noqa: N818
    """Nothing came in the time that there was, or no end; says which."""


class Line:
    """Sends and reads messages; never waits longer than it is told, and not beyond its end."""

    def __init__(self, end: socket.socket, seconds: float = math.inf) -> None:
        """`seconds` are the real ones that there are for all of it."""
        self.end, self.seconds = end, seconds
        self.until = time.monotonic() + seconds
        end.setblocking(False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(end, selectors.EVENT_READ | selectors.EVENT_WRITE)
        self.got = bytearray()
        self.heard = 0

    def say(self, **message: Any) -> None:
        """Send a message; raises Silent if nobody takes it, Broken if nobody is there."""
        rest = memoryview(wire.frame(message))
        until = time.monotonic() + SAY_SECONDS
        while rest:
            try:
                rest = rest[self.end.send(rest) :]
            except BlockingIOError:
                self._wait(selectors.EVENT_WRITE, until, SAY_SECONDS)
            except OSError:
                raise wire.Broken("its process ended") from None

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next message, within so many real seconds; raises Silent or Broken."""
        if time.monotonic() > self.until:  # many words, each of them in time
            raise Silent(f"its {self.seconds:.0f} s are used up")
        seconds = min(seconds, self.until - time.monotonic())
        until = time.monotonic() + seconds
        return wire.read(lambda size: self._take(size, until, seconds))

    def _take(self, size: int, until: float, seconds: float) -> bytes:
        while len(self.got) < size:
            try:
                more = self.end.recv(1 << 16)
            except BlockingIOError:
                self._wait(selectors.EVENT_READ, until, seconds)
                continue
            except OSError:
                more = b""
            if not more:
                raise wire.Broken("its process ended")
            self.got += more
            self.heard += len(more)
            if self.heard > MOST_HEARD:
                raise wire.Broken(f"more than {MOST_HEARD:,} bytes")
        found = bytes(self.got[:size])
        del self.got[:size]
        return found

    def _wait(self, event: int, until: float, seconds: float) -> None:
        self.selector.modify(self.end, event)
        if not self.selector.select(max(0.0, until - time.monotonic())):
            raise Silent(f"no word within {seconds:.3g} s")

    def close(self) -> None:
        """Hang up; once is enough."""
        self.selector.close()
        self.end.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
