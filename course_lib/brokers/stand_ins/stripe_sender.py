"""What is Stripe's alone in the stand-in for those who send webhooks.

Of its API there is what webhooks need: endpoints, a payment that always succeeds and makes one
event, and the list of events. An account is named by the header Stripe-Account; no key is checked.
References: https://docs.stripe.com/webhooks (retries, signatures), and the API's own pages.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import time
from typing import Any

from aiohttp import web

from ..channel import HOLD
from .webhook_sender import Endpoint, Event, Sender, main

PAUSES = (HOLD, 2 * HOLD, 4 * HOLD)
"""Three retries, as many as in Stripe's sandbox; there they take hours, and it names no lengths."""


def headers(endpoint: Endpoint, event: Event, now: int) -> dict[str, str]:
    """Each attempt is signed anew, with its own time."""
    signed = f"{now}.{event.body}".encode()
    signature = hmac.new(endpoint.secret.encode(), signed, "sha256").hexdigest()
    return {"Stripe-Signature": f"t={now},v1={signature}"}


def routes(sender: Sender) -> list[web.RouteDef]:
    """https://docs.stripe.com/api."""

    async def create_endpoint(request: web.Request) -> web.Response:
        asked = await request.post()
        made = Endpoint(
            id=_id("we"),
            owner=_account(request),
            url=str(asked["url"]),
            secret=_id("whsec"),
            note=str(asked.get("description", "")),
        )
        # The secret is told this once.
        return web.json_response({**_about(sender.put(made)), "secret": made.secret})

    async def endpoints(request: web.Request) -> web.Response:
        return _list([_about(endpoint) for endpoint in sender.of(_account(request))])

    async def update_endpoint(request: web.Request) -> web.Response:
        asked = await request.post()
        return web.json_response(_about(sender.change(request.match_info["id"], url=asked["url"])))

    async def pay(request: web.Request) -> web.Response:
        payment = {"id": _id("pi"), "object": "payment_intent", "status": "succeeded"}
        payment |= {key: str(value) for key, value in (await request.post()).items()}
        id, kind = _id("evt"), "payment_intent.succeeded"
        event = {
            "id": id,
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": payment},
        }
        sender.emit(_account(request), kind, id, json.dumps(event, indent=2))
        return web.json_response(payment)

    async def events(request: web.Request) -> web.Response:
        mine = {endpoint.id for endpoint in sender.of(_account(request))}
        found = [event for event in sender.events.values() if event.endpoint in mine]
        if wanted := request.query.get("delivery_success"):
            found = [event for event in found if event.delivered == (wanted == "true")]
        return _list([json.loads(event.body) for event in reversed(found)])

    return [
        web.post("/v1/webhook_endpoints", create_endpoint),
        web.get("/v1/webhook_endpoints", endpoints),
        web.post("/v1/webhook_endpoints/{id}", update_endpoint),
        web.post("/v1/payment_intents", pay),
        web.get("/v1/events", events),
    ]


def _account(request: web.Request) -> str:
    return str(request.headers.get("Stripe-Account", ""))


def _id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _about(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "url": endpoint.url,
        "description": endpoint.note,
        "status": "enabled",
    }


def _list(data: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"object": "list", "has_more": False, "data": data})


if __name__ == "__main__":
    main(sys.modules[__name__], sys.argv[1])
