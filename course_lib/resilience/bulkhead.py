"""A wall between the parts of a ship: one that fills up does not sink the others."""

from __future__ import annotations

from types import TracebackType


class BulkheadFull(Exception):  # noqa: N818 - a state, as its users say it
    """Refused at once: all slots of this part are taken."""


class Bulkhead:
    """At most `slots` calls of one part at a time; one more is refused at once, and waits for none.

        async with bulkhead:        # raises BulkheadFull
            await ask_reviews()

    With random arrivals the share refused is Erlang's loss formula, `course_lib.theory` has its
    relatives. A semaphore would make the next one wait instead, and hold what it holds meanwhile.

    References
    ----------
    M. Nygard, *Release It!*, 2007, chapter "Stability Patterns".
    """

    def __init__(self, slots: int) -> None:
        if slots < 1:
            raise ValueError(f"a bulkhead with {slots} slots lets nobody in: give at least 1")
        self.slots, self.taken = slots, 0

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
