"""Send an e-mail in two ways, while something may go wrong: a crash, or a provider that is away.

Without trouble it is the e-mail of `email.py`, with a broker in the place of its queue: the same
lanes, labels and times. With trouble there are a lane `provider` and spans "away" and "restart",
and the mails have different fates, which `fates` reads from the trace. All times are in seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ..broker import Broker, Message
from ..checked import a_kind, within, yes_or_no
from ..flow import mark, send, span
from ..trace import Trace
from .email import ACCEPT, TASK

Ack = Literal["after", "before"]

MOST_MAILS, MOST_WORKERS = 6, 4  # that fit a picture
LEAST_TASK, MOST_TASK = 0.2, 10.0  # seconds, which can be seen and waited for
MOST_EVERY = 5.0  # seconds
AWAY = 10.0  # seconds from the start in which the provider is away, if it is; assumption
PATIENCE = 5.0  # seconds that a synchronous server waits for the provider; assumption
RESTART = 1.0  # seconds until whoever has crashed is back; assumption


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What comes, who works on it, and what goes wrong.

    Raises ValueError for a number that cannot be run or drawn, with its limits.
    """

    mails: int = 1
    every: float = 1.0
    """Seconds from one request to the next."""
    workers: int = 1
    task: float = TASK
    """Seconds to send one mail."""
    crash: bool = False
    """Whether who sends the first mail crashes between the two steps, and is back after `RESTART`.

    One of the workers, or one of as many senders of the synchronous server: the others go on.
    """
    outage: bool = False
    """Whether the provider is away for the first `AWAY` seconds."""
    ack: Ack = "after"
    """When a worker acknowledges a mail: after it has sent it, or before."""

    def __post_init__(self) -> None:
        within("the number of mails", self.mails, 1, MOST_MAILS)
        within("the number of workers", self.workers, 1, MOST_WORKERS)
        within("the time of a task in seconds", self.task, LEAST_TASK, MOST_TASK)
        within("the time between two requests in seconds", self.every, 0, MOST_EVERY)
        if self.ack not in get_args(Ack):
            raise ValueError(f'ack is {self.ack!r}; take ack="after" or ack="before" the work')
        for name in ("crash", "outage"):
            yes_or_no(name, getattr(self, name))


class _Provider:
    """Who takes the mails over; away at first, if the setting says so."""

    def __init__(self, setting: Mailing) -> None:
        self._back = asyncio.Event()
        self._absence = None
        if setting.outage:
            asyncio.get_running_loop().call_later(AWAY, self._back.set)
            self._absence = asyncio.create_task(self._away(), name="provider")
        else:
            self._back.set()

    async def _away(self) -> None:
        with span("away"):
            await self._back.wait()

    def close(self) -> None:
        """The day is over, perhaps before it is back."""
        if self._absence:
            self._absence.cancel()

    async def wait(self, which: str, lane: str, patience: float | None = None) -> bool:
        """Whether it takes mails now, or within `patience` seconds."""
        if self._back.is_set():
            return True
        with span(f"wait for provider{which}", lane=lane), suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._back.wait()
        return self._back.is_set()


def synchronous(setting: Mailing) -> Coroutine[Any, Any, None]:
    """Each request stays open until its mail is sent; the server sends `workers` at a time."""
    return _Synchronous(a_kind("setting", setting, Mailing, "Mailing(mails=3)")).run()


def asynchronous(setting: Mailing) -> Coroutine[Any, Any, None]:
    """Each request is over once its mail is in the queue; workers send the mails from there."""
    return _Asynchronous(a_kind("setting", setting, Mailing, "Mailing(mails=3)")).run()


class _Service:
    """What both ways share: users who come one after another."""

    def __init__(self, setting: Mailing) -> None:
        self.setting = setting
        self.crash_to_come = setting.crash

    async def run(self) -> None:
        self.provider = _Provider(self.setting)
        await self.open()
        async with asyncio.TaskGroup() as requests:
            for place in range(self.setting.mails):
                if place:
                    await asyncio.sleep(self.setting.every)
                name = f"user{self._number(place + 1)}"
                requests.create_task(self.request(self._number(place + 1)), name=name)
        await self.close()
        self.provider.close()

    def _number(self, which: int) -> str:
        """What to write behind a name: nothing if there is only one, else " 1", " 2" …"""
        return f" {which}" if self.setting.mails > 1 else ""

    def crashes(self) -> bool:
        """Whether now is the one time."""
        now, self.crash_to_come = self.crash_to_come, False
        return now

    async def open(self) -> None: ...

    async def request(self, which: str) -> None: ...

    async def close(self) -> None: ...


class _Synchronous(_Service):
    async def open(self) -> None:
        self.senders = asyncio.Semaphore(self.setting.workers)

    async def request(self, which: str) -> None:
        with span("request open"):
            send(f"user{which}", "server", "request")
            await self.senders.acquire()
            answer, crashed = await self._send(which)
            send("server", f"user{which}", answer)
        if crashed:  # the user knows at once; the sender, like a worker, takes its time
            with span(f"restart after mail{which}", lane="server"):
                await asyncio.sleep(RESTART)
        self.senders.release()

    async def _send(self, which: str) -> tuple[str, bool]:
        """What the user is told in the end, and whether the sender has crashed."""
        if not await self.provider.wait(which, "server", PATIENCE):
            return "error", False
        with span(f"send mail{which}", lane="server"):
            await asyncio.sleep(self.setting.task)
        if self.crashes():
            mark("crash", lane="server")
            return "error", True
        return "result", False


class _Asynchronous(_Service):
    async def open(self) -> None:
        self.broker = Broker()
        patience = AWAY if self.setting.outage else 0  # a worker that waits is not a dead one
        self.broker.create_queue("queue", ack_timeout=2 * self.setting.task + patience)
        self.settled: asyncio.Queue[str] = asyncio.Queue()
        several = self.setting.workers > 1
        names = [f"worker {n + 1}" if several else "worker" for n in range(self.setting.workers)]
        self.crew = [asyncio.create_task(self._work(name), name=name) for name in names]

    async def request(self, which: str) -> None:
        with span("request open"):
            send(f"user{which}", "server", "request")
            with span(f"accept mail{which}", lane="server"):
                await asyncio.sleep(ACCEPT)
            await self.broker.publish("queue", f"mail{which}")
            send("server", f"user{which}", "acknowledgement")

    async def close(self) -> None:
        """The day ends when each mail is settled; who still works is sent home."""
        for _ in range(self.setting.mails):
            await self.settled.get()
        for worker in self.crew:
            worker.cancel()

    async def _work(self, name: str) -> None:
        while True:
            mail = await self.broker.receive("queue")
            steps = (self._send, self._ack)
            for step in steps if self.setting.ack == "after" else reversed(steps):
                await step(name, mail)
                if self.crashes():
                    mark("crash", lane=name)
                    if self.setting.ack == "before":
                        self.settled.put_nowait("lost")
                    with span("restart"):
                        await asyncio.sleep(RESTART)
                    break
            else:
                self.settled.put_nowait("done")

    async def _send(self, name: str, mail: Message) -> None:
        await self.provider.wait(mail.body.removeprefix("mail"), name)
        with span(f"send {mail.body}"):
            await asyncio.sleep(self.setting.task)
        send(name, mail.body.replace("mail", "user"), "result")

    async def _ack(self, name: str, mail: Message) -> None:
        try:
            await self.broker.ack(mail)
        except TimeoutError:
            mark("too late to ack", lane=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one mail: seconds from its request; None for what never came."""

    accept: float | None
    """Until the user was told yes: by a result, or by an acknowledgement."""
    complete: float | None
    """Until the mail was sent, the first time."""
    know: float | None
    """Until the user was told that it was sent, or that it failed."""
    copies: int
    """How many times it was sent."""
    failed: bool
    """Whether the user was told that it failed."""

    @property
    def lost(self) -> bool:
        """The user was told yes, and it was never sent."""
        return self.accept is not None and not self.copies

    @property
    def sent_all_the_same(self) -> bool:
        """The user was told that it failed, and it was sent: who tries again sends it twice."""
        return self.failed and self.copies > 0


def fates(trace: Trace) -> list[Fate]:
    """The fate of each mail, in order of the requests, from a trace of this file."""
    a_kind("trace", trace, Trace, "run(asynchronous(Mailing()))")
    found = []
    for request in (m for m in trace.messages if m.label == "request"):
        answers = [m for m in trace.messages if m.target == request.source]
        label = request.source.replace("user", "send mail")
        sent = [s.end for s in trace.spans if s.label == label]
        news = {
            label: [m.received for m in answers if m.label == label]
            for label in ("acknowledgement", "result", "error")
        }
        accept = _after(request.sent, news["acknowledgement"] or news["result"])
        know = _after(request.sent, news["result"] or news["error"])
        complete, failed = _after(request.sent, sent), bool(news["error"])
        fate = Fate(accept=accept, complete=complete, know=know, copies=len(sent), failed=failed)
        found.append(fate)
    return found


def _after(begin: float, times: list[float]) -> float | None:
    return round(times[0] - begin, 9) if times else None
