"""Workers: who is there, and what each has in its hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .agenda import Agenda
from .day import Mail, Shift, Work
from .record import Record
from .rules import COUNTS


@dataclass(slots=True)
class Job:
    """One delivery of an e-mail to a worker."""

    mail: Mail
    attempt: int
    is_acked: bool = False
    is_expired: bool = False
    """Whether the ack timeout has passed: the broker has delivered it again."""
    is_over: bool = False
    """Whether it was given back, so no ack is awaited any more."""
    has_sent: bool = False
    is_killed: bool = False


@dataclass(slots=True)
class Worker:
    """Who works on one delivery at a time."""

    number: int
    is_wanted: bool = False
    """Whether it stays after the delivery that it has."""
    is_alive: bool = True
    shift: Shift | None = None
    job: Job | None = None
    work: Work | None = None

    @property
    def is_free(self) -> bool:
        """Whether it can take a delivery."""
        return self.shift is not None and self.is_alive and self.job is None


class Crew:
    """All that can be there, in the order of their numbers."""

    def __init__(self, record: Record, agenda: Agenda) -> None:
        self._record, self._agenda = record, agenda
        self._workers = [Worker(number) for number in range(1, COUNTS["workers"] + 1)]

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._workers)

    def worker(self, number: int) -> Worker:
        """By its number, from 1."""
        return self._workers[number - 1]

    def hire(self, wanted: int) -> None:
        """So many from now on; who has a delivery finishes it before it goes."""
        for worker in self:
            worker.is_wanted = worker.number <= wanted
            if worker.is_wanted and not worker.shift:
                worker.shift = Shift(worker.number, self._record.now)
                self._record.day.shifts.append(worker.shift)
                self._record.note("hired", worker=worker.number)
            elif not worker.job:
                self.free(worker)

    def free(self, worker: Worker) -> None:
        """A worker has nothing in its hands, and goes home if it is not wanted any more."""
        worker.job = None
        if worker.shift and not worker.is_wanted:
            worker.shift.end, worker.shift = self._record.now, None
            self._record.note("gone", worker=worker.number)

    def has(self, mail: Mail) -> bool:
        """Whether anybody alive works on an e-mail."""
        return any(worker.job is not None and worker.job.mail is mail for worker in self)

    def begin(
        self, worker: Worker, kind: str, length: int, then: Callable[..., None], *given: Any
    ) -> None:
        """A piece of work, and what comes after it unless something comes between."""
        job, now = worker.job, self._record.now
        about = (job.mail.number, job.attempt) if job else (0, 0)
        work = worker.work = Work(worker.number, kind, *about, now, now + length)
        self._record.day.works.append(work)
        self._agenda.put(work.due, self._finish, worker, work, then, given)

    def _finish(
        self, worker: Worker, work: Work, then: Callable[..., None], given: tuple[Any, ...]
    ) -> None:
        if worker.work is work:
            self.end(worker)
            then(worker, *given)

    def end(self, worker: Worker) -> None:
        """A piece of work is over, or broken off."""
        if worker.work:
            worker.work.end, worker.work = self._record.now, None
