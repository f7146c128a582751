"""What is GitHub's alone in the stand-in for those who send webhooks.

Of its API there is what webhooks need: hooks of a repository, an issue whose opening is an event,
and the list of deliveries with the call that asks for one more. There is no ping when a hook is
made, a repository is there as soon as it is named, and no token is checked.
References: https://docs.github.com/en/webhooks, https://docs.github.com/en/rest/repos/webhooks.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from .webhook_sender import Attempt, Endpoint, Event, Sender, main

PAUSES = ()
"""It never tries again by itself."""


def headers(endpoint: Endpoint, event: Event, now: int) -> dict[str, str]:
    """Signed is the body alone; there is no time in it, and each attempt has the same id."""
    signature = hmac.new(endpoint.secret.encode(), event.body.encode(), "sha256").hexdigest()
    return {
        "X-GitHub-Event": event.kind,
        "X-GitHub-Delivery": event.id,
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def routes(sender: Sender) -> list[web.RouteDef]:
    """https://docs.github.com/en/rest/repos/webhooks."""

    async def create_hook(request: web.Request) -> web.Response:
        config = (await request.json())["config"]
        id = str(secrets.randbits(31))
        made = Endpoint(id, _repository(request), config["url"], config["secret"])
        return web.json_response(_about(sender.put(made)), status=201)

    async def hooks(request: web.Request) -> web.Response:
        return web.json_response([_about(hook) for hook in sender.of(_repository(request))])

    async def update_hook(request: web.Request) -> web.Response:
        config = (await request.json())["config"]
        facts = {noun: config[noun] for noun in ("url", "secret") if noun in config}
        return web.json_response(_about(sender.change(request.match_info["hook"], **facts)))

    async def open_issue(request: web.Request) -> web.Response:
        issue = {"number": 1 + len(sender.events), "title": (await request.json())["title"]}
        repository = {"full_name": _repository(request)}
        body = {"action": "opened", "issue": issue, "repository": repository}
        told = json.dumps(body, separators=(",", ":"))
        sender.emit(_repository(request), "issues", str(uuid.uuid4()), told)
        return web.json_response(issue, status=201)

    def known(request: web.Request) -> Iterator[tuple[Event, Attempt]]:
        for event in sender.events.values():
            if event.endpoint == request.match_info["hook"]:
                yield from ((event, attempt) for attempt in event.attempts)

    def one(request: web.Request) -> tuple[Event, Attempt]:
        for event, attempt in known(request):
            if attempt.id == request.match_info["delivery"]:
                return event, attempt
        raise web.HTTPNotFound(text=json.dumps({"message": "Not Found"}))

    async def deliveries(request: web.Request) -> web.Response:
        return web.json_response([_told(*found) for found in [*known(request)][::-1]])

    async def delivery(request: web.Request) -> web.Response:
        event, attempt = one(request)
        asked = {"payload": json.loads(event.body)}
        return web.json_response({**_told(event, attempt), "request": asked})

    async def redeliver(request: web.Request) -> web.Response:
        sender.again(one(request)[0])
        return web.json_response({}, status=202)

    path = "/repos/{owner}/{repo}"
    return [
        web.post(f"{path}/hooks", create_hook),
        web.get(f"{path}/hooks", hooks),
        web.patch(f"{path}/hooks/{{hook}}", update_hook),
        web.post(f"{path}/issues", open_issue),
        web.get(f"{path}/hooks/{{hook}}/deliveries", deliveries),
        web.get(f"{path}/hooks/{{hook}}/deliveries/{{delivery}}", delivery),
        web.post(f"{path}/hooks/{{hook}}/deliveries/{{delivery}}/attempts", redeliver),
    ]


def _repository(request: web.Request) -> str:
    return f"{request.match_info['owner']}/{request.match_info['repo']}"


def _about(hook: Endpoint) -> dict[str, Any]:
    """The secret is never told."""
    config = {"url": hook.url, "content_type": "json", "secret": "********"}
    return {"id": int(hook.id), "active": True, "events": ["issues"], "config": config}


def _told(event: Event, attempt: Attempt) -> dict[str, Any]:
    return {
        "id": int(attempt.id),
        "guid": event.id,
        "event": event.kind,
        "redelivery": attempt.again,
        "duration": attempt.seconds,
        "status": attempt.words,
        "status_code": attempt.status,
    }


if __name__ == "__main__":
    main(sys.modules[__name__], sys.argv[1])
