"""Send an e-mail: hold the user's request until it is sent, or accept it and send it later.

Lanes: the user (`user`; `user 1`, `user 2` … when there are several mails), the `server`, and
when asynchronous the `worker` (`worker 1` …). Arrows: request, acknowledgement, result, and the
mail on its way from the server's queue to a worker. All times are in seconds. "The page" is the
web page that the course grew out of: lesson 01 begins with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from ..checked import a_kind, number, whole
from ..flow import send, span
from ..trace import Trace

TASK = 3.0  # seconds to send one mail; source: the page's "~3000ms", an assumption there too
ACCEPT = 0.060  # seconds to accept one into the queue: the middle of the next line
ACCEPT_LEAST, ACCEPT_MOST = 0.050, 0.070  # seconds; source: the page's "~50-70ms"
EVERY = 1.0  # seconds from one request to the next; assumption

Queue = asyncio.Queue[str | None]


async def synchronous(
    mails: int = 1, *, workers: int = 1, task: float = TASK, every: float = EVERY
) -> None:
    """Each request stays open until its mail is sent; the server sends `workers` at a time."""
    _check(mails, workers, task, every)
    senders = asyncio.Semaphore(workers)
    users = _arrive(mails, every, lambda which: _hold(which, senders, task))
    await asyncio.create_task(users, name="arrivals")


async def asynchronous(
    mails: int = 1,
    *,
    workers: int = 1,
    task: float = TASK,
    accept: float = ACCEPT,
    every: float = EVERY,
) -> None:
    """Each request is over once its mail is in the queue, `accept` later; workers send the mails.

    The queue takes any number of mails. The run ends when every mail is sent.
    """
    _check(mails, workers, task, every)
    number("time to accept", accept, "seconds")
    queue: Queue = asyncio.Queue()
    names = [f"worker{which}" for which in _numbers(workers)]
    crew = [asyncio.create_task(_work(name, queue, task), name=name) for name in names]
    users = _arrive(mails, every, lambda which: _hand_in(which, queue, accept))
    await asyncio.create_task(users, name="arrivals")
    for _ in crew:
        queue.put_nowait(None)
    await asyncio.gather(*crew)


def _check(mails: int, workers: int, task: float, every: float) -> None:
    whole("number of mails", mails)
    whole("number of workers", workers)
    number("time of a task", task, "seconds")
    number("time between two requests", every, "seconds")


def _numbers(count: int) -> list[str]:
    """What to write behind a name: nothing if there is only one, else " 1", " 2" …"""
    return [""] if count == 1 else [f" {number}" for number in range(1, count + 1)]


async def _arrive(
    mails: int, every: float, user: Callable[[str], Coroutine[None, None, None]]
) -> None:
    async with asyncio.TaskGroup() as requests:
        for place, which in enumerate(_numbers(mails)):
            if place:
                await asyncio.sleep(every)
            requests.create_task(user(which), name=f"user{which}")


async def _hold(which: str, senders: asyncio.Semaphore, task: float) -> None:
    with span("request open"):
        send(f"user{which}", "server", "request")
        async with senders:
            with span(f"send mail{which}", lane="server"):
                await asyncio.sleep(task)
        send("server", f"user{which}", "result")


async def _hand_in(which: str, queue: Queue, accept: float) -> None:
    with span("request open"):
        send(f"user{which}", "server", "request")
        with span(f"accept mail{which}", lane="server"):
            await asyncio.sleep(accept)
        queue.put_nowait(which)
        send("server", f"user{which}", "acknowledgement")


async def _work(name: str, queue: Queue, task: float) -> None:
    while (which := await queue.get()) is not None:
        send("server", name, f"mail{which}")
        with span(f"send mail{which}"):
            await asyncio.sleep(task)
        send(name, f"user{which}", "result")


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds from one request until …"""

    accept: float  # … its first answer: the user may go on
    complete: float  # … its mail is sent
    know: float  # … its last answer: the user has learned that the mail is sent


def clocks(trace: Trace) -> list[Clocks]:
    """The three clocks of each request, in order of the requests, from a trace of this file.

    A synchronous request has one answer, so its three clocks agree.
    """
    a_kind("trace", trace, Trace, "run(asynchronous)")
    sent = {s.label: s.end for s in trace.spans if s.label.startswith("send mail")}
    found = []
    for request in (m for m in trace.messages if m.label == "request"):
        answers = [m.received for m in trace.messages if m.target == request.source]
        complete = sent[request.source.replace("user", "send mail")]
        times = (min(answers), complete, max(answers))
        found.append(Clocks(*(round(time - request.sent, 9) for time in times)))
    return found
