"""A consumer of a log: it keeps its own position, and the broker keeps what its group commits."""

from __future__ import annotations

from typing import Literal, get_args

from ..checked import one_of, plural, whole
from ..flow import send
from .group import Group
from .log import Log
from .message import Message, me

Start = Literal["earliest", "latest"]


class Reader:
    """One consumer of a group. It comes in with its first `read`, and goes with `close`.

    A reader that crashes loses its position and falls silent; then whoever gets its partitions
    begins at the last commit.
    """

    def __init__(self, log: Log, group: Group, wish: int | None, start: Start) -> None:
        one_of("start", start, get_args(Start))
        self._log, self._group, self._start = log, group, start
        self.wish = None if wish is None else self._known(wish)
        self._positions: dict[int, int] = {}
        """Partition → offset of the next record; whose turn it is stands first."""
        self._generations: dict[int, int] = {}
        self._sought: dict[int, int] = {}
        self._closed = False

    async def read(self) -> Message:
        """The record at the position, which moves on by one; waits for one at the end.

        Of several partitions each has its turn. Between two reads or commits a reader may be
        silent for a while only, see `create_log`.
        """
        self._log.here()
        self._hear()
        while (record := self._next()) is None:
            self._group.rest(self)
            try:
                await self._log.changed()
            finally:
                self._hear()
        send(self._log.name, me(), f"{record.body}, offset {record.offset}")
        return record

    def commit(self) -> None:
        """Let the group go on from here, whoever reads next.

        Raises TimeoutError if this reader was silent for too long: others go on with its work.
        """
        self._log.here()
        offsets = ", ".join(map(str, self._positions.values())) or "nothing"
        send(me(), self._log.name, f"commit {offsets}")
        self._group.expire(self)
        for partition, offset in self._positions.items():
            self._group.commit(partition, self._generations[partition], offset)
        if self._positions:
            self._hear()

    def seek(self, offset: int, *, partition: int | None = None) -> None:
        """Go back (replay) or forward to an offset; the group's commit stays where it is."""
        partition = self._only() if partition is None else self._known(partition)
        places = self._positions if partition in self._positions else self._sought
        places[partition] = whole("offset", offset, least=0)

    def close(self) -> None:
        """Leave the group at once; what is not committed is read again by others."""
        self._closed = True
        self._group.leave(self)

    @property
    def partitions(self) -> list[int]:
        """Those that it reads now."""
        return [] if self._closed else sorted(self._positions)

    @property
    def position(self) -> int:
        """The offset that is read next, if there is one partition to read."""
        partition = self._only()
        return self._positions.get(partition, self._begin(partition))

    # ---- what the group says --------------------------------------------------------------------
    def take(self, partition: int, generation: int) -> None:
        """It is this reader's now."""
        self._positions[partition] = self._begin(partition)
        self._generations[partition] = generation
        self._sought.pop(partition, None)

    def lose(self, partition: int) -> None:
        """It is another's now."""
        del self._positions[partition], self._generations[partition]

    def forget(self) -> None:
        """A reader that comes back knows nothing of its time before."""
        self._positions.clear()
        self._generations.clear()

    # ---- inside ---------------------------------------------------------------------------------
    def _hear(self) -> None:
        if not self._closed:
            self._group.hear(self)

    def _next(self) -> Message | None:
        if self._closed:
            raise RuntimeError("this reader is closed: ask the broker for a new one")
        self._group.hand_over(self)
        for partition, offset in self._positions.items():
            records = self._log.partitions[partition]
            if offset < len(records):
                del self._positions[partition]
                self._positions[partition] = offset + 1
                return records[offset]
        return None

    def _begin(self, partition: int) -> int:
        first = 0 if self._start == "earliest" else len(self._log.partitions[partition])
        return self._sought.get(partition, self._group.committed.get(partition, first))

    def _known(self, partition: int) -> int:
        last = len(self._log.partitions) - 1
        if whole("partition", partition, least=0) > last:
            name = self._log.name
            raise LookupError(f"{name!r} has no partition {partition}: they go from 0 to {last}")
        return partition

    def _only(self) -> int:
        every = range(len(self._log.partitions)) if self.wish is None else [self.wish]
        mine = self.partitions or list(every)
        if len(mine) != 1:
            raise LookupError(f"this reader has {plural(len(mine), 'partition')}: say which")
        return mine[0]
