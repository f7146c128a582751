"""A consumer group: readers that share the partitions of a log, and its bookmarks.

Each partition is read by one reader of the group at a time. When a reader comes, goes or falls
silent, the partitions are shared out anew, a *rebalance*, and a new *generation* begins. Who has
to give a partition up does so at its next `read`, when it is done with the record before; only
then another takes it, and goes on from the commit.

A commit says in which generation its partition was taken. It is refused if that is over, so that
nobody who was away for too long moves a bookmark that is somebody else's by now (*fencing*).
Source: Apache Kafka, KIP-848, where a rebalance goes in such small steps.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..flow import mark

if TYPE_CHECKING:
    from .reader import Reader

MOMENT = 1e-9  # seconds; a rest of a silence that is shorter comes from rounding


class Group:
    """Who reads which partition, and what is committed."""

    def __init__(
        self, name: str, log: str, partitions: int, silence: float, changed: Callable[[], None]
    ) -> None:
        self.name, self._log, self._silence = name, log, silence
        self._partitions, self._changed = range(partitions), changed
        self.committed: dict[int, int] = {}
        """Partition → the offset at which whoever takes it goes on."""
        self.generation = 0
        self._heard: dict[Reader, float] = {}
        """Who belongs to it, in the order of coming → when it was last heard of."""
        self._timers: dict[Reader, asyncio.TimerHandle] = {}
        self._shares: dict[int, Reader] = {}
        """Partition → who shall read it."""
        self._owners: dict[int, tuple[Reader, int]] = {}
        """Partition → who does, and since which generation."""

    # ---- who belongs to it ----------------------------------------------------------------------
    def hear(self, reader: Reader) -> None:
        """The reader lives: it comes in if it was not there, and may be silent for a while."""
        loop = asyncio.get_running_loop()
        self.expire(reader)
        new = reader not in self._heard
        self._heard[reader] = loop.time()
        if reader not in self._timers:
            self._timers[reader] = loop.call_later(self._silence, self._check, reader)
        if new:
            reader.forget()
            self._share_out()

    def rest(self, reader: Reader) -> None:
        """The reader waits at the broker: nobody takes that for silence."""
        self._timers.pop(reader).cancel()
        self._heard[reader] = math.inf

    def expire(self, reader: Reader) -> None:
        """Whoever was silent for too long is out, also before its timer has said so."""
        if reader in self._heard and self._left(reader) <= MOMENT:
            mark(f"{self.name}: silent", lane=self._log)
            self.leave(reader)

    def leave(self, reader: Reader) -> None:
        """The others share its partitions; what it has not committed is read again."""
        if reader in self._heard:
            del self._heard[reader]
            if timer := self._timers.pop(reader, None):
                timer.cancel()
            self._owners = {p: owner for p, owner in self._owners.items() if owner[0] != reader}
            self._share_out()

    def _check(self, reader: Reader) -> None:
        self.expire(reader)
        if reader in self._heard:
            later = asyncio.get_running_loop().call_later
            self._timers[reader] = later(self._left(reader), self._check, reader)

    def _left(self, reader: Reader) -> float:
        return self._heard[reader] + self._silence - asyncio.get_running_loop().time()

    # ---- who reads what -------------------------------------------------------------------------
    def _share_out(self) -> None:
        """A partition goes to the first who asked for it, the others in turn to all who did not."""
        self.generation += 1
        free = [reader for reader in self._heard if reader.wish is None]
        wished = {r.wish: r for r in reversed(self._heard) if r.wish is not None}
        others = [p for p in self._partitions if p not in wished]
        turns = zip(others, itertools.cycle(free), strict=False)
        self._shares = {**wished, **dict(turns)}
        self._changed()

    def hand_over(self, reader: Reader) -> None:
        """Take from the reader what is not its share any more, and give it what is, once free."""
        for partition in self._partitions:
            owner, share = self._owners.get(partition), self._shares.get(partition)
            if owner is not None and owner[0] == reader and share != reader:
                del self._owners[partition]
                reader.lose(partition)
                self._changed()
            elif owner is None and share == reader:
                self._owners[partition] = reader, self.generation
                reader.take(partition, self.generation)

    def commit(self, partition: int, generation: int, offset: int) -> None:
        """Whoever takes the partition next begins there; TimeoutError if the generation is over."""
        if self._owners.get(partition, (None, None))[1] != generation:
            raise TimeoutError(
                f"the commit of {offset} in partition {partition} comes too late: it was read in "
                f"generation {generation} of group {self.name!r}, which is at {self.generation} "
                f"now. Who is silent for {self._silence:g} s, or closed, is out; what it has not "
                "committed is read again, and the next read brings it back"
            )
        self.committed[partition] = offset
