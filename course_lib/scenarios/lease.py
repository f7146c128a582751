"""A lease on one piece of work, and a store that knows the newest: who may write is a number.

All times are in seconds.
"""

from __future__ import annotations

import asyncio

from ..checked import number
from ..flow import mark


class Leases:
    """The right to do one piece of work: one holder at a time, each for so many seconds.

    Each lease has a token, a number that is larger than all before it. Nobody tells a holder that
    its time is over: who sleeps through the end goes on as if it held the lease.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = number("lease", seconds, "seconds", above=True)
        self._held, self._token = asyncio.Lock(), 0

    async def take(self) -> int:
        """The token of a new lease; waits until that of the last holder is over."""
        await self._held.acquire()
        self._token += 1
        self._begin()
        return self._token

    def renew(self, token: int) -> None:
        """Begin the time of a lease again, a heartbeat. Raises TimeoutError if it is over."""
        if token != self._token or not self._held.locked():
            raise TimeoutError(
                f"the lease of {self.seconds:g} s with token {token} is over, and somebody else "
                "may have the next; stop, or take a new one"
            )
        self._end.cancel()
        self._begin()

    def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._end = loop.call_later(self.seconds, self._held.release)


class Store:
    """One text, which is written by whoever holds the lease, or believes so.

    With `fenced`, the token is looked at in the same step in which the text is written, and one
    that is older than the newest is turned away.
    """

    def __init__(self, *, fenced: bool) -> None:
        self.text, self.fenced = "", fenced
        self._newest = 0

    def write(self, text: str, token: int) -> None:
        """Replace the text. Raises PermissionError if it is fenced and has seen a newer token."""
        if self.fenced and token < self._newest:
            mark(f"refuses {token}", lane="store")
            raise PermissionError(
                f"token {token} is older than {self._newest}, with which somebody has written: "
                "that lease is over, so throw this work away"
            )
        self.text, self._newest = text, max(token, self._newest)
        mark(f"takes {token}", lane="store")
