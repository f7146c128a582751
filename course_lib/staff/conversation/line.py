"""The grader's end of a line to a student's process, which may say anything, or nothing."""

from __future__ import annotations

import math
import socket
import struct
import time
from typing import Any

from course_lib.staff.inside import wire

SAY_SECONDS = 3.0
"""Real seconds in which a process must take what it is told."""
SOON_SECONDS = 1.0
"""Real seconds for each word until a process is ready for another scene, once one is over."""
MOST_HEARD = 5_000_000
"""Bytes, in one conversation."""
LOOK_UP = struct.pack("ll", 0, 200_000)
"""How long the system waits until this looks at the clock: seconds and microseconds."""


class Silent(Exception):  # noqa: N818
    """Nothing came in the time that there was, or no end; says which."""


class Line:
    """Sends and hears messages; never waits longer than it is told, and not beyond its end."""

    def __init__(self, end: socket.socket, seconds: float = math.inf) -> None:
        """`seconds` are the real ones that there are for all of it."""
        self.end, self.seconds = end, seconds
        self.until = time.monotonic() + seconds
        # By the system itself: to ask it first whether something has come would cost a call more.
        for wait in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            end.setsockopt(socket.SOL_SOCKET, wait, LOOK_UP)
        self.mail = wire.Mail()
        self.heard = 0

    def say(self, **message: Any) -> None:
        """Send a message; raises Silent if nobody takes it, Broken if nobody is there."""
        rest = memoryview(wire.line(message))
        until = time.monotonic() + SAY_SECONDS
        while rest:
            try:
                rest = rest[self.end.send(rest) :]
            except BlockingIOError:
                _in_time(until, SAY_SECONDS)
            except OSError:
                raise wire.Broken("its process ended") from None

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next message, within so many real seconds; raises Silent or Broken."""
        now = time.monotonic()
        if now > self.until:  # many words, each of them in time, or dear to answer
            raise Silent(f"its {self.seconds:.0f} s are used up")
        message = self.mail.next()
        seconds = min(seconds, self.until - now)
        while message is None:
            _in_time(now + seconds, seconds)
            self._take()
            message = self.mail.next()
        return message

    def _take(self) -> None:
        try:
            more = self.end.recv(1 << 16)
        except BlockingIOError:
            return  # nothing yet
        except OSError:
            more = b""
        if not more:
            raise wire.Broken("its process ended")
        self.mail.add(more)
        self.heard += len(more)
        if self.heard > MOST_HEARD:
            raise wire.Broken(f"more than {MOST_HEARD:,} bytes")

    def close(self) -> None:
        """Hang up; once is enough."""
        self.end.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _in_time(until: float, seconds: float) -> None:
    if time.monotonic() > until:
        raise Silent(f"no word within {seconds:.3g} s")
