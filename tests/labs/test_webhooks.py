"""The stand-in sender does what Stripe's and GitHub's manuals say, and the endpoint what it must.

Signatures are judged by the libraries that their receivers use, never by what made them.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe
from aiohttp import web
from gidgethub import ValidationFailure, sansio

from course_lib.brokers.stand_ins import github_sender, stripe_sender, webhook_sender
from course_lib.brokers.stand_ins.webhook_sender import Endpoint, Event, Sender
from course_lib.brokers.systems.github import GitHub, GitHubChannel
from course_lib.brokers.systems.stripe import Stripe, StripeChannel

from .conftest import started

SOON = 30.0
BODY = '{"id": "evt_7", "object": "event", "type": "payment_intent.succeeded"}'
STRIPES = Endpoint("we_1", "shop", "http://127.0.0.1:9", "the right secret")


def stripe_says(body: str = BODY, secret: str = STRIPES.secret, age: int = 0, **how: Any) -> str:
    """What Stripe's own library makes of a body that was signed so many seconds ago."""
    header = stripe_sender.headers(STRIPES, Event("7", "we_1", "", BODY), int(time.time()) - age)
    try:
        signature = header["Stripe-Signature"]
        return stripe.Webhook.construct_event(body.encode(), signature, secret, **how).id
    except stripe.SignatureVerificationError as why:
        return str(why).partition("(")[0].strip()


def test_stripes_library_takes_what_the_stand_in_signs() -> None:
    """The event comes out."""
    assert stripe_says() == "evt_7"


@pytest.mark.parametrize("changed", [{"body": BODY + " "}, {"secret": "another one"}])
def test_stripes_library_refuses_another_body_or_secret(changed: dict[str, str]) -> None:
    """One space is enough."""
    assert stripe_says(**changed) == (
        "No signatures found matching the expected signature for payload"
    )


def test_stripes_library_refuses_the_past_and_not_the_future() -> None:
    """More than 300 s ago; without a tolerance it asks for no time at all."""
    assert stripe_says(age=290) == "evt_7"
    assert stripe_says(age=310) == "Timestamp outside the tolerance zone"
    assert stripe_says(age=-4000) == "evt_7"
    assert stripe_says(age=4000, tolerance=None) == "evt_7"


def test_github_signs_its_own_example_as_its_manual_prints_it() -> None:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    hook = Endpoint("1", "a/b", "", "It's a Secret to Everybody")
    header = github_sender.headers(hook, Event("g", "1", "issues", "Hello, World!"), 0)
    assert header["X-Hub-Signature-256"] == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


def test_gidgethub_refuses_another_body_secret_or_no_signature() -> None:
    """And takes what is genuine, however old: there is no time in it."""
    hook = Endpoint("1", "a/b", "", "the right secret")
    told = github_sender.headers(hook, Event("g", "1", "issues", "{}"), 0)
    lower = {"content-type": "application/json", **{k.lower(): v for k, v in told.items()}}
    assert sansio.Event.from_http(lower, b"{}", secret="the right secret").delivery_id == "g"
    unsigned = {k: v for k, v in lower.items() if k != "x-hub-signature-256"}
    for headers, body, secret in (
        (lower, b"{ }", "the right secret"),
        (lower, b"{}", "another one"),
        (unsigned, b"{}", "the right secret"),
    ):
        with pytest.raises(ValidationFailure):
            sansio.Event.from_http(headers, body, secret=secret)


# ---- the sender ---------------------------------------------------------------------------------
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def sending(maker: Any, journal: Path, answer: Answer) -> AsyncIterator[Sender]:
    """A sender with one endpoint, which answers so."""
    application = web.Application()
    application.router.add_post("/{any:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Sender(maker, journal) as sender:
        sender.put(Endpoint("1", "shop", f"http://127.0.0.1:{runner.addresses[0][1]}/", "s"))
        yield sender
    await runner.cleanup()


def ends(maker: Any, journal: Path, answer: Answer) -> list[str]:
    """How the attempts for one event ended, one after the other."""

    async def main() -> list[str]:
        async with sending(maker, journal, answer) as sender:
            sender.emit("shop", "issues", "7", "{}")
            await asyncio.gather(*sender._tasks)
            return [attempt.words for attempt in sender.events["7"].attempts]

    return asyncio.run(main())


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and patience of milliseconds."""
    monkeypatch.setattr(stripe_sender, "PAUSES", (0.001, 0.002, 0.004))
    monkeypatch.setattr(webhook_sender, "TIMEOUT", 0.2)


async def moved(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


async def silent(request: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


async def hangs_up(request: web.Request) -> web.Response:
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (moved, "Invalid HTTP Response: 302"),
        (silent, "timed out"),
        (hangs_up, "connection closed without an answer"),
    ],
)
@pytest.mark.parametrize(("maker", "attempts"), [(stripe_sender, 4), (github_sender, 1)])
def test_what_is_no_2xx_has_failed(
    maker: Any, attempts: int, answer: Answer, words: str, tmp_path: Path, quickly: None
) -> None:
    """A redirect, silence, a closed connection: Stripe retries three times, GitHub never."""
    assert ends(maker, tmp_path / "journal", answer) == [words] * attempts


def test_each_of_stripes_attempts_is_signed_anew(
    tmp_path: Path, quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its own time, or a late retry would be refused as stale; the event id is the same."""
    clock = iter(range(1000, 9000, 1000))
    seen = []

    async def fails(request: web.Request) -> web.Response:
        seen.append(request.headers["Stripe-Signature"].split(",")[0])
        return web.Response(status=500)

    monkeypatch.setattr(webhook_sender.time, "time", lambda: next(clock))
    ends(stripe_sender, tmp_path / "journal", fails)
    assert len(set(seen)) == 4


def test_a_sender_goes_on_from_its_journal(tmp_path: Path, quickly: None) -> None:
    """With the attempts that are left, and none for what was delivered."""

    async def main() -> tuple[list[str], list[str]]:
        async with sending(stripe_sender, tmp_path / "journal", silent) as sender:
            sender.emit("shop", "", "lost", "{}")
            while not sender.events["lost"].attempts:
                await asyncio.sleep(0.01)
        async with sending(stripe_sender, tmp_path / "journal", silent) as sender:
            await asyncio.gather(*sender._tasks)
            first = [attempt.words for attempt in sender.events["lost"].attempts]
        async with sending(stripe_sender, tmp_path / "journal", silent) as sender:
            await asyncio.gather(*sender._tasks)
            return first, [attempt.words for attempt in sender.events["lost"].attempts]

    first, second = asyncio.run(main())
    assert len(first) == len(second) == 4


# ---- the whole way ------------------------------------------------------------------------------
def test_github_redelivers_when_asked_with_the_same_id() -> None:
    """Only then; and says in its list which one somebody asked for."""

    async def main(url: str) -> tuple[list[str], list[bool]]:
        channel: Any = await GitHubChannel.open(url, "redelivery")
        ids = []
        verify = channel.verify

        def noting(body: bytes, headers: Any) -> str:
            ids.append(headers["X-GitHub-Delivery"])
            return verify(body, headers)

        channel.verify = noting
        await channel.listen()
        await channel.send("a cake")
        await channel.nack(await channel.receive(SOON))
        assert await channel.dead(SOON) == ["a cake"]
        await channel.redeliver()
        again = await channel.receive(SOON)
        await channel.ack(again)
        told: list[Any] = []
        while len(told) < 2:
            told = await channel.client.getitem(f"{channel.hook}/deliveries")
        await channel.close()
        return ids, [one["redelivery"] for one in told]

    with started(GitHub()) as server:
        ids, asked = asyncio.run(main(server.url))
    assert len(ids) == 2 and len(set(ids)) == 1
    assert asked == [True, False]


@pytest.mark.parametrize(
    ("channel", "server", "refused"), [(StripeChannel, Stripe, 400), (GitHubChannel, GitHub, 401)]
)
def test_what_is_not_genuine_never_gets_in(channel: Any, server: Any, refused: int) -> None:
    """Without a signature, or with that of another body; nothing is received."""

    async def main(url: str) -> list[int]:
        opened = await channel.open(url, "forged")
        places = []
        point = opened.point

        async def noting(url: str) -> None:
            places.append(url)
            await point(url)

        opened.point = noting
        await opened.listen()
        signed = {"Stripe-Signature": "t=1,v1=00", "X-Hub-Signature-256": "sha256=00"}
        common = {"Content-Type": "application/json", "X-GitHub-Event": "issues"}
        async with aiohttp.ClientSession() as session:
            answers = [
                await session.post(places[0], data=json.dumps({}), headers=common | headers)
                for headers in ({}, signed)
            ]
        assert await opened.receive(0.1) is None
        await opened.close()
        return [answer.status for answer in answers]

    with started(server()) as running:
        assert asyncio.run(main(running.url)) == [refused, refused]
