"""A wall between the parts of a ship: one that fills up does not sink the others."""

from __future__ import annotations

from types import TracebackType

from ..checked import whole
from .errors import Refused


class BulkheadFull(Refused):
    """Refused at once: all slots of this part are taken."""


class Bulkhead:
    """At most `slots` calls of one part at a time; one more is refused at once, and waits for none.

        async with bulkhead:        # raises BulkheadFull
            await ask_reviews()

    With random arrivals the share refused is Erlang's loss formula, `course_lib.theory` has its
    relatives. A semaphore would make the next one wait instead, and hold what it holds meanwhile.

    Source: M. Nygard, *Release It!*, 2007, chapter "Stability Patterns".
    Limits: it counts the calls of one process. It refuses by number, whoever asks and however
    slow: a call that hangs keeps its slot, so put a timeout inside.
    """

    def __init__(self, slots: int) -> None:
        self.slots, self.taken = whole("number of slots", slots), 0

    async def __aenter__(self) -> None:
        if self.taken >= self.slots:
            raise BulkheadFull(f"all {self.slots} slots are taken: do without, or come back later")
        self.taken += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.taken -= 1
