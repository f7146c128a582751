"""Stripe's webhooks, checked by Stripe's own library.

References: https://docs.stripe.com/webhooks and its page about undelivered events.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..channel import HOLD, Promised
from .webhooks import NOWHERE, WebhookChannel, WebhookSender

SECRET = "COURSE_STRIPE_SECRET_{}"
"""Stripe tells an endpoint's secret once, when it is made; each process of a shop has it from its
environment, and so have ours."""


class Stripe(WebhookSender):
    """Signs as Stripe does, and tries three times more, after HOLD seconds and then twice that."""

    system = "Stripe webhooks"
    variable = "COURSE_STRIPE"
    program = "stripe_sender"

    @property
    def kind(self) -> str:
        return "a stand-in for Stripe's sender, whose signatures Stripe's own library checks"


class StripeChannel(WebhookChannel):
    """A Stripe account of this name with one endpoint; a message is a payment."""

    system = "Stripe webhooks"
    promised = Promised(
        # Three retries are due by 14 s; a busy machine may miss the first ones.
        after_crash=(HOLD - 0.5, 20.0), dead_letters=True, order="none", unheard=True,
        restart=True, counts=False, attempts=4, many=1_000,
    )  # fmt: skip
    server = Stripe

    @classmethod
    async def open(cls, url: str, name: str) -> StripeChannel:
        import aiohttp
        import stripe

        stripe.enable_telemetry = False  # else it keeps a number of this computer in your home
        channel = cls(url, name)
        channel.session = aiohttp.ClientSession()
        channel.client = stripe.StripeClient(
            "no key is needed",
            stripe_account=name,
            base_addresses={"api": url},
            http_client=stripe.AIOHTTPClient(session=channel.session),
        ).v1
        await channel._find()
        return channel

    session: Any
    client: Any
    id: str
    secret: str

    async def _find(self) -> None:
        for endpoint in (await self.client.webhook_endpoints.list_async()).data:
            self.id, self.secret = endpoint.id, os.environ[SECRET.format(endpoint.id)]
            return
        asked = {"url": NOWHERE, "enabled_events": ["payment_intent.succeeded"]}
        endpoint = await self.client.webhook_endpoints.create_async(asked)
        self.id = endpoint.id
        self.secret = os.environ[SECRET.format(endpoint.id)] = endpoint.secret

    async def point(self, url: str) -> None:
        await self.client.webhook_endpoints.update_async(self.id, {"url": url})

    def verify(self, body: bytes, headers: Mapping[str, str]) -> str:
        import stripe

        try:
            event = stripe.Webhook.construct_event(
                body, headers.get("Stripe-Signature"), self.secret
            )
        except stripe.SignatureVerificationError as why:
            raise ValueError(str(why)) from why
        return str(event.data.object.description)

    async def send(self, body: str, key: str = "") -> None:
        payment = {"amount": 100, "currency": "nok", "description": body}
        await self.client.payment_intents.create_async(payment)

    async def failed(self) -> list[str]:
        """Of the events of 30 days: those that never got a 2xx."""
        found = await self.client.events.list_async({"delivery_success": False})
        return [event.data.object.description for event in found.data]

    async def close(self) -> None:
        await super().close()
        await self.session.close()
