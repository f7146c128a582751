"""What is written down while it happens."""

from __future__ import annotations

from .agenda import Agenda
from .day import Day, Entry, Mail, Spell, Stay
from .rules import SECOND, Value


class Record:
    """The day as it grows."""

    def __init__(self, day: Day, agenda: Agenda) -> None:
        self.day, self._agenda = day, agenda

    @property
    def now(self) -> int:
        """Milliseconds."""
        return self._agenda.now

    def note(
        self, kind: str, mail: int = 0, worker: int = 0, value: Value = "", why: str = ""
    ) -> None:
        """Something happened."""
        self.day.log.append(Entry(self.now, kind, mail, worker, str(value), why))

    def place(self, mail: Mail, place: str = "") -> None:
        """Where the broker has an e-mail from now on; nowhere once it may forget it."""
        if mail.stays and mail.stays[-1].end is None:
            mail.stays[-1].end = self.now
        if place:
            mail.stays.append(Stay(place, self.now))

    def spell(self, kind: str, length: int) -> int:
        """The provider is away or slow for some seconds from now on; gives the end."""
        self.note(kind, value=length)
        end = self.now + SECOND * length
        self.day.spells.append(Spell(kind, self.now, end))
        return end

    def has_spell(self, kind: str) -> bool:
        """Whether the provider is away, or slow, just now."""
        return any(s.kind == kind and s.start <= self.now < s.end for s in self.day.spells)
