"""A mail service for a minute: users, a server, a queue, workers, a provider, and your moves.

Nothing here waits or draws: what is to happen stands in an agenda, and chance comes as whole
numbers. What falls on one millisecond goes in the order in which it was put there, moves before
the script and the script before the traffic. So a move changes nothing before its moment.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from itertools import count
from operator import attrgetter

from ..checked import a_kind
from .agenda import Agenda
from .chance import Draws, draw
from .crew import Crew, Job, Worker
from .day import Day, Mail
from .moves import Move, parse
from .record import Record
from .rules import COUNTS, SECOND, SETTINGS, TIMES, Settings, Value, seconds
from .stories import Story


def play(
    story: Story, moves: str = "", *, seed: int = 1, opening: Mapping[str, Value] | None = None
) -> Day:
    """A whole minute of a story, with these moves.

    `opening` are settings that differ from the story's own at the start. Raises ValueError for a
    wrong move, a setting that the story does not leave to you, or a seed beyond its limits;
    TypeError for what is no story.
    """
    a_kind("story", story, Story, 'story("friday")')
    made = parse(moves, story.may)
    return System(story, story.opened(opening or {}), made, draw(seed)).run()


class System:
    """The state while the minute runs. `day` is what it leaves behind."""

    def __init__(
        self, story: Story, opening: Settings, moves: Iterable[Move], draws: Draws
    ) -> None:
        self.day, self.draws = Day(story, opening, [*moves]), draws
        self.settings, self.queue = dict(opening), list[Mail]()
        self.agenda = Agenda()
        self.record = Record(self.day, self.agenda)
        self.crew = Crew(self.record, self.agenda)
        self._senders: dict[int, Job] = {}  # who sent each e-mail first
        self._yours = count(COUNTS["script"])
        for move in self.day.moves:
            self.agenda.put(move.at, self._move, move, True)
        for move in story.script:
            self.agenda.put(move.at, self._move, move, False)
        for place, time in enumerate(story.arrivals(draws.gaps)):
            self.agenda.put(time, self._ask, place, False)

    def run(self) -> Day:
        """The day, after all that belongs to its minute."""
        self._hire(int(self.settings["workers"]))
        self.agenda.run(TIMES["end"])
        return self.day

    @property
    def now(self) -> int:
        """Milliseconds."""
        return self.agenda.now

    def _hire(self, wanted: int) -> None:
        self.crew.hire(wanted)
        self._dispatch()

    # Moves, yours and the script's.

    def _move(self, move: Move, is_yours: bool) -> None:
        if move.what in SETTINGS:
            self.settings[move.what] = move.value
            self.record.note(move.what, value=move.value)
            if move.what == "workers":
                self._hire(int(move.value))
        elif move.what == "send":
            for _ in range(int(move.value)):
                self._ask(next(self._yours), is_yours)
        elif move.what == "kill":
            self._kill(self.crew.worker(int(move.value)))
        else:
            self._spell(move.what, int(move.value))

    def _spell(self, kind: str, length: int) -> None:
        """The provider goes away, or becomes slow. If it goes, who is just sending fails."""
        self.agenda.put(self.record.spell(kind, length), self._over, kind)
        for worker in self.crew if kind == "away" else []:
            if worker.job and worker.work and worker.work.kind == "send":
                self.crew.end(worker)
                self._fail(worker, worker.job)

    def _over(self, kind: str) -> None:
        if not self.record.has_spell(kind):
            self.record.note("there" if kind == "away" else "quick")

    # Users and the queue.

    def _ask(self, chance: int, is_yours: bool) -> None:
        is_sync = self.settings["mode"] == "sync"
        mail = Mail(len(self.day.mails) + 1, self.now, chance, is_sync, is_yours)
        self.day.mails.append(mail)
        self.record.note("yours" if is_yours else "asked", mail.number)
        self.agenda.put(self.now + TIMES["accept"], self._admit, mail)

    def _admit(self, mail: Mail) -> None:
        bound = self.settings["bound"]
        if bound != "none" and len(self.queue) >= int(bound):
            mail.refused = self.now
            self.record.note("refused", mail.number)
            return
        if not mail.is_sync:
            mail.accept = self.now
        self.record.note("waits" if mail.is_sync else "queued", mail.number)
        self._join(mail)

    def _join(self, mail: Mail) -> None:
        """Into the queue, by the order of asking: what comes back goes to the front."""
        self.record.place(mail, "queue")
        insort(self.queue, mail, key=attrgetter("number"))
        self._dispatch()

    def _dispatch(self) -> None:
        for worker in self.crew:
            if self.queue and worker.is_free:
                self._take(worker, self.queue.pop(0))

    # A delivery.

    def _take(self, worker: Worker, mail: Mail) -> None:
        mail.attempts += 1
        job = worker.job = Job(mail, mail.attempts)
        self.record.place(mail, "worker")
        self.record.note("taken", mail.number, worker.number, job.attempt)
        if not mail.is_sync and self.settings["ack"] == "before":
            self._ack(worker, job)
        elif not mail.is_sync:
            end = self.now + SECOND * int(self.settings["timeout"])
            self.agenda.put(end, self._expire, job)
        if self.record.has_spell("away"):
            self.crew.begin(worker, "no answer", TIMES["no_answer"], self._fail, job)
        else:
            slower = COUNTS["slower"] if self.record.has_spell("slow") else 1
            length = self.day.story.task * self.draws.tasks[mail.chance] * slower // 1000
            self.crew.begin(worker, "send", length, self._sent, job)

    def _sent(self, worker: Worker, job: Job) -> None:
        mail = job.mail
        job.has_sent = True
        self._hand_over(worker, mail, self._senders.setdefault(mail.number, job))
        mail.know = self.now if mail.know is None else mail.know
        if mail.is_sync:
            mail.accept = self.now
            self.record.place(mail)
        self.crew.begin(worker, "file", TIMES["file"], self._done, job)

    def _hand_over(self, worker: Worker, mail: Mail, first: Job) -> None:
        """The provider takes an e-mail; from `first` it has had it, if this is not the first."""
        kind, why = "sent", ""
        if mail.sent and self.settings["key"] == "on":
            kind = "known_key"
        elif mail.sent:
            kind, why = "again", "dead" if first.is_killed else "slow"
        self.record.note(kind, mail.number, worker.number, why=why)
        if kind != "known_key":
            mail.sent.append(self.now)

    def _done(self, worker: Worker, job: Job) -> None:
        if job.is_expired:
            self.record.note("late", job.mail.number, worker.number)
        elif not job.mail.is_sync:
            if not job.is_acked:
                self._ack(worker, job)
            self.record.place(job.mail)
        self.crew.free(worker)
        self._dispatch()

    def _ack(self, worker: Worker, job: Job) -> None:
        job.is_acked = True
        self.record.note("acked", job.mail.number, worker.number)

    # What goes wrong.

    def _fail(self, worker: Worker, job: Job) -> None:
        """The provider did not take it: who still has it decides what comes now."""
        mail = job.mail
        self.record.note("no_answer", mail.number, worker.number)
        self.crew.free(worker)
        if mail.is_sync:
            self._give_up(mail, "provider", worker)
        elif job.is_acked or job.is_expired:
            self._orphan(worker, job, "provider")
        else:
            job.is_over = True
            self._again(worker, job)
        self._dispatch()

    def _again(self, worker: Worker, job: Job) -> None:
        """An e-mail that its worker gives back, as `retry` says."""
        mail, retry = job.mail, self.settings["retry"]
        if retry == "none" or job.attempt >= COUNTS["attempts"]:
            self._give_up(mail, "none" if retry == "none" else "attempts", worker)
        elif retry == "now":
            self.record.note("nack", mail.number)
            self._join(mail)
        else:
            longest = TIMES["backoff"] * 2 ** (job.attempt - 1)
            until = self.now + longest * self.draws.pauses[mail.chance][job.attempt - 1] // 1000
            self.record.place(mail, "pause")
            self.record.note("paused", mail.number, value=seconds(until))
            self.agenda.put(until, self._return, mail)

    def _return(self, mail: Mail) -> None:
        self.record.note("returns", mail.number)
        self._join(mail)

    def _expire(self, job: Job) -> None:
        """The ack timeout: the broker delivers again what may be in good hands, or in nobody's."""
        if job.is_acked or job.is_over:
            return
        job.is_expired = True
        if job.attempt >= COUNTS["attempts"]:
            self._give_up(job.mail, "attempts")
        else:
            self.record.note("redelivered", job.mail.number)
            self._join(job.mail)

    def _give_up(self, mail: Mail, why: str, worker: Worker | None = None) -> None:
        """Set an e-mail aside, or answer with an error; if it was not sent, its user is told."""
        self.record.place(mail)
        number = worker.number if worker else 0
        if mail.sent:
            self.record.note("aside", mail.number)
            return
        mail.failed = mail.know = self.now
        self.record.note("error" if mail.is_sync else "failed", mail.number, number, why=why)

    def _orphan(self, worker: Worker, job: Job, why: str) -> None:
        """A worker drops what the broker does not keep for it: is it anywhere else?"""
        mail = job.mail
        if not job.is_expired:
            self.record.place(mail)
        is_kept = mail.stays[-1].end is None and mail.stays[-1].place != "worker"
        if not (mail.sent or mail.failed is not None or is_kept or self.crew.has(mail)):
            mail.lost = self.now
            self.record.note("lost", mail.number, worker.number, why=why)

    def _kill(self, worker: Worker) -> None:
        if not (worker.shift and worker.is_alive):
            self.record.note("nobody", worker=worker.number)
            return
        self.record.note("killed", worker=worker.number)
        worker.is_alive, job = False, worker.job
        self.crew.end(worker)
        self.crew.free(worker)
        if job:
            self._drop(worker, job)
        self.crew.begin(worker, "dead", TIMES["restart"], self._back)

    def _drop(self, worker: Worker, job: Job) -> None:
        """What a killed worker had in its hands."""
        job.is_killed = True
        if job.is_acked or job.is_expired:
            self._orphan(worker, job, "killed")
        elif not job.mail.is_sync:
            self.record.place(job.mail, "dead")
        elif not job.has_sent:
            self._give_up(job.mail, "killed", worker)

    def _back(self, worker: Worker) -> None:
        worker.is_alive = True
        if worker.shift:
            self.record.note("back", worker=worker.number)
        self._dispatch()
