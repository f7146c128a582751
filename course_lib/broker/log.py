"""A log: every record stays at its offset; all of one key are in one partition, in order."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from zlib import crc32

from ..checked import number, whole
from .group import Group
from .message import Message


class Log:
    """Partitions, which are lists of records, and the groups that read them."""

    def __init__(
        self, name: str, partitions: int, silence: float, here: Callable[[], None]
    ) -> None:
        self.name, self.here = name, here
        self.partitions: list[list[Message]] = [
            [] for _ in range(whole("number of partitions", partitions))
        ]
        self._silence = number("silence", silence, "seconds", above=True)
        self._groups: dict[str, Group] = {}
        self._changed = asyncio.Event()
        self._turns = itertools.count()

    def put(self, message: Message) -> None:
        """One record more, at the end of its key's partition; without a key, of each in turn."""
        turn = crc32(message.key.encode()) if message.key else next(self._turns)
        partition = turn % len(self.partitions)
        records = self.partitions[partition]
        at = len(records)
        records.append(replace(message, queue=self.name, partition=partition, offset=at))
        self.wake()

    def group(self, name: str) -> Group:
        """The group of this name; a new one if there is none."""
        if name not in self._groups:
            self._groups[name] = Group(
                name, self.name, len(self.partitions), self._silence, self.wake
            )
        return self._groups[name]

    def wake(self) -> None:
        """Whoever waits here looks again: there is a new record, or a group has changed."""
        self._changed.set()
        self._changed.clear()

    async def changed(self) -> None:
        """Wait until there is something new to look at."""
        await self._changed.wait()
