"""GitHub's webhooks, checked by gidgethub; GitHub has no library of its own for Python.

References: https://docs.github.com/en/webhooks (validating, failed deliveries, best practices).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ..channel import Promised
from .webhooks import NOWHERE, WebhookChannel, WebhookSender

OWNER = "course"


class GitHub(WebhookSender):
    """Signs as GitHub does, and sends once; again only if somebody asks for it."""

    system = "GitHub webhooks"
    variable = "COURSE_GITHUB"
    program = "github_sender"

    @property
    def kind(self) -> str:
        return "a stand-in for GitHub's sender, whose signatures gidgethub checks"


class GitHubChannel(WebhookChannel):
    """A repository of this name with one hook; a message is an issue that was opened."""

    system = "GitHub webhooks"
    refused = 401
    promised = Promised(
        after_crash=None, dead_letters=True, order="none", unheard=False, restart=False,
        counts=False, attempts=1, many=1_000,
    )  # fmt: skip
    server = GitHub

    @classmethod
    async def open(cls, url: str, name: str) -> GitHubChannel:
        import aiohttp
        from gidgethub.aiohttp import GitHubAPI

        channel = cls(url, name)
        channel.session = aiohttp.ClientSession()
        channel.client = GitHubAPI(channel.session, OWNER, base_url=url)
        channel.repository = f"/repos/{OWNER}/{name}"
        hooks = await channel.client.getitem(f"{channel.repository}/hooks")
        hook = hooks[0] if hooks else await channel._make()
        channel.hook = f"{channel.repository}/hooks/{hook['id']}"
        return channel

    session: Any
    client: Any
    repository: str
    hook: str
    secret: str

    async def _make(self) -> Any:
        config = {"url": NOWHERE, "content_type": "json", "secret": secrets.token_hex()}
        asked = {"events": ["issues"], "config": config}
        return await self.client.post(f"{self.repository}/hooks", data=asked)

    async def point(self, url: str) -> None:
        """With a new secret: unlike Stripe's, it is ours to choose."""
        self.secret = secrets.token_hex()
        config = {"url": url, "content_type": "json", "secret": self.secret}
        await self.client.patch(self.hook, data={"config": config})

    def verify(self, body: bytes, headers: Mapping[str, str]) -> str:
        from gidgethub import ValidationFailure, sansio

        try:
            event = sansio.Event.from_http(headers, body, secret=self.secret)
        except ValidationFailure as why:
            raise ValueError(str(why)) from why
        return str(event.data["issue"]["title"])

    async def send(self, body: str, key: str = "") -> None:
        await self.client.post(f"{self.repository}/issues", data={"title": body})

    async def failed(self) -> list[str]:
        """Of the deliveries of 3 days."""
        told = await self.client.getitem(f"{self.hook}/deliveries")
        ids = [one["id"] for one in told if one["status"] != "OK"]
        found = [await self.client.getitem(f"{self.hook}/deliveries/{id}") for id in ids]
        return [one["request"]["payload"]["issue"]["title"] for one in found]

    async def redeliver(self) -> None:
        """Ask for the newest delivery once more, as a person does on its page."""
        [newest, *_] = await self.client.getitem(f"{self.hook}/deliveries")
        await self.client.post(f"{self.hook}/deliveries/{newest['id']}/attempts", data=b"")

    async def close(self) -> None:
        await super().close()
        await self.session.close()
