"""Who holds which session of a queue: one consumer at a time, for as long as its lock lasts.

Reference: Azure Service Bus documentation, message sessions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(eq=False)
class Claim:
    """A consumer that wants a session: a certain one, or the next that has messages."""

    wanted: str | None
    granted: Callable[[str, float], None]
    """Called with the session and the time until which it is held, in seconds since 1970."""
    refused: Callable[[str, str], None]
    """Called with a condition of Service Bus and a sentence."""
    lost: Callable[[], None]
    """Called when the lock has run out."""
    timer: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class Hold:
    """A session that somebody has."""

    claim: Claim
    until: float
    timer: asyncio.TimerHandle


class Sessions:
    """Of one queue; `free` gives those with messages, the longest waiting first."""

    def __init__(
        self,
        lock: float,
        free: Callable[[], Iterable[str]],
        ended: Callable[[str, bool], None],
    ) -> None:
        self._lock, self._free, self._ended = lock, free, ended
        self._holds: dict[str, Hold] = {}
        self._waiting: list[Claim] = []
        self.states: dict[str, bytes] = {}
        """What consumers wrote down for who comes after them."""

    def ask(self, claim: Claim, seconds: float) -> None:
        """Grant or refuse it, now or as soon as there is a session, within so many seconds."""
        if claim.wanted is None:
            claim.timer = asyncio.get_running_loop().call_later(seconds, self._give_up, claim)
            self._waiting.append(claim)
            self.offer()
        elif claim.wanted in self._holds:
            text = f"The session '{claim.wanted}' is held by another receiver."
            claim.refused("com.microsoft:session-cannot-be-locked", text)
        else:
            self._grant(claim.wanted, claim)

    def offer(self) -> None:
        """Hand out the sessions that are free now."""
        for session in list(self._free()) if self._waiting else []:
            if session not in self._holds and self._waiting:
                claim = self._waiting.pop(0)
                if claim.timer:
                    claim.timer.cancel()
                self._grant(session, claim)

    def until(self, session: str) -> float | None:
        """When the lock of a session runs out; None if nobody has one."""
        hold = self._holds.get(session)
        return hold.until if hold else None

    def renew(self, session: str) -> float | None:
        """The lock begins anew, if there is one."""
        hold = self._holds.get(session)
        if hold is None:
            return None
        hold.timer.cancel()
        hold.timer, hold.until = self._timer(session), time.time() + self._lock
        return hold.until

    def leave(self, claim: Claim) -> None:
        """The consumer is gone: its session is free at once."""
        if claim in self._waiting:
            self._waiting.remove(claim)
            if claim.timer:
                claim.timer.cancel()
        for session, hold in list(self._holds.items()):
            if hold.claim is claim:
                self._end(session, in_vain=False)

    def _grant(self, session: str, claim: Claim) -> None:
        until = time.time() + self._lock
        self._holds[session] = Hold(claim, until, self._timer(session))
        claim.granted(session, until)

    def _timer(self, session: str) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._lock, self._expire, session)

    def _expire(self, session: str) -> None:
        self._holds[session].claim.lost()
        self._end(session, in_vain=True)

    def _end(self, session: str, in_vain: bool) -> None:
        self._holds.pop(session).timer.cancel()
        self._ended(session, in_vain)
        self.offer()

    def _give_up(self, claim: Claim) -> None:
        self._waiting.remove(claim)
        claim.refused("com.microsoft:timeout", "No session had messages in the time given.")
