"""A stand-in for those who send webhooks, Stripe and GitHub: signs, posts, and tries again.

    python -m course_lib.brokers.stand_ins.stripe_sender PORT

What it knows it writes into a journal in the folder in which it works, so that it goes on after it
was killed. What is Stripe's alone and what is GitHub's alone is in the files of their names: how
they sign, after which pauses they try again, and the few calls of their API that webhooks need.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web

TIMEOUT = 10.0
"""Seconds for an answer: GitHub's; Stripe names none, so it is ours there."""
AT_ONCE = 50
"""Requests that are on their way at the same time: the endpoint is a small one."""
NO_ANSWER = 0
"""Instead of an HTTP status."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the events of one owner go."""

    id: str
    owner: str
    """An account, or a repository: who makes the events."""
    url: str
    secret: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, and what became of it."""

    id: str
    status: int
    """Of the answer; NO_ANSWER if there was none."""
    words: str
    """Such as "OK" or "timed out"."""
    seconds: float
    """Until the answer."""
    again: bool
    """Whether somebody asked for it."""

    @property
    def well(self) -> bool:
        """A 2xx; a 3xx is as bad as a 500, since nobody follows it."""
        return self.status // 100 == 2


@dataclass(frozen=True, slots=True)
class Event:
    """What one endpoint is told, and how often that was tried."""

    id: str
    endpoint: str
    kind: str
    body: str
    """The very text that is signed and sent."""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        return any(attempt.well for attempt in self.attempts)


class Maker(Protocol):
    """What a file of a maker's name has."""

    PAUSES: tuple[float, ...]
    """Seconds between a delivery that failed and the next one."""

    def headers(self, endpoint: Endpoint, event: Event, now: int) -> dict[str, str]:
        """The signature, and what else comes with each request."""

    def routes(self, sender: Sender) -> list[web.RouteDef]:
        """Its API."""


class Sender:
    """Endpoints and events, from its journal on; used by `async with`."""

    def __init__(self, maker: Maker, journal: Path) -> None:
        self.maker, self._path = maker, journal
        self.endpoints: dict[str, Endpoint] = {}
        self.events: dict[str, Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Sender:
        for line in self._path.read_text("utf-8").splitlines() if self._path.exists() else ():
            self._remember(json.loads(line))
        self._journal = self._path.open("a", encoding="utf-8")
        self._limit = asyncio.Semaphore(AT_ONCE)
        # A connection for each request: one that is kept may be dead when the next one needs it.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(connector=connector)
        for event in self.events.values():
            self._begin(self._until_well(event))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._session.close()
        self._journal.close()

    # ---- what an API asks for -------------------------------------------------------------------
    def of(self, owner: str) -> list[Endpoint]:
        """The endpoints of one owner."""
        return [endpoint for endpoint in self.endpoints.values() if endpoint.owner == owner]

    def put(self, endpoint: Endpoint) -> Endpoint:
        """A new endpoint, or an old one with other facts."""
        self._write("endpoint", endpoint)
        return endpoint

    def change(self, id: str, **facts: str) -> Endpoint:
        """Raises HTTPNotFound if there is no such endpoint."""
        if id not in self.endpoints:
            raise web.HTTPNotFound(text=json.dumps({"message": "Not Found"}))
        return self.put(replace(self.endpoints[id], **facts))

    def emit(self, owner: str, kind: str, id: str, body: str) -> None:
        """Something has happened: each endpoint of the owner is told, in these very letters."""
        for number, endpoint in enumerate(self.of(owner)):
            event = Event(f"{id}{number or ''}", endpoint.id, kind, body)
            self._write("event", event)
            self._begin(self._until_well(self.events[event.id]))

    def again(self, event: Event) -> None:
        """One more attempt, since somebody asked for it."""
        self._begin(self._attempt(event, again=True))

    # ---- how it delivers ------------------------------------------------------------------------
    async def _until_well(self, event: Event) -> None:
        pauses = self.maker.PAUSES
        while not event.delivered and len(event.attempts) <= len(pauses):
            if event.attempts:
                await asyncio.sleep(pauses[len(event.attempts) - 1])
            await self._attempt(event)

    async def _attempt(self, event: Event, *, again: bool = False) -> None:
        async with self._limit:
            began = time.monotonic()
            status, words = await self._post(event)
            seconds = round(time.monotonic() - began, 3)
        attempt = Attempt(str(secrets.randbits(40)), status, words, seconds, again)
        self._write("attempt", attempt, event=event.id)

    async def _post(self, event: Event) -> tuple[int, str]:
        endpoint = self.endpoints[event.endpoint]
        headers = self.maker.headers(endpoint, event, int(time.time()))
        request = self._session.post(
            endpoint.url,
            data=event.body.encode(),
            headers={"Content-Type": "application/json", **headers},
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        )
        try:
            async with request as answer:
                refused = f"Invalid HTTP Response: {answer.status}"
                return answer.status, "OK" if answer.status // 100 == 2 else refused
        except TimeoutError:
            return NO_ANSWER, "timed out"
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL):
            return NO_ANSWER, "failed to connect to host"
        except aiohttp.ClientError:
            return NO_ANSWER, "connection closed without an answer"

    # ---- what it remembers ----------------------------------------------------------------------
    def _write(self, noun: str, value: Any, **more: str) -> None:
        """Written before anybody is told that it is so; the system keeps it if we are killed."""
        line = {"noun": noun, **more, "value": asdict(value)}
        self._journal.write(json.dumps(line) + "\n")
        self._journal.flush()
        self._remember(line)

    def _remember(self, line: dict[str, Any]) -> None:
        value = line["value"]
        if line["noun"] == "endpoint":
            self.endpoints[value["id"]] = Endpoint(**value)
        elif line["noun"] == "event":
            self.events[value["id"]] = Event(**value)
        else:
            self.events[line["event"]].attempts.append(Attempt(**value))

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def main(maker: Any, port: str) -> None:
    """Be that maker's sender until somebody kills it."""
    asyncio.run(_serve(maker, int(port), Path("journal")))


async def _serve(maker: Maker, port: int, journal: Path) -> None:
    async with Sender(maker, journal) as sender:
        application = web.Application()
        application.add_routes(maker.routes(sender))
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()
