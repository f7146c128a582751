"""What Stripe's and GitHub's webhooks have in common: a sender elsewhere, an endpoint here.

The sender is a stand-in, since theirs work at their makers' alone; the endpoint is a real one.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ..channel import Channel, Delivery, within
from ..endpoint import Endpoint, serve
from ..server import MissingServer
from .stand_in import StandIn

NOWHERE = "http://127.0.0.1:9/nobody-is-there"
"""The address of an endpoint before somebody listens."""
LOOK = 0.1
"""Real seconds between two questions whether something has failed."""


class WebhookSender(StandIn):
    """`url` is where its API is."""

    def command(self, folder: Path, port: int) -> list[str]:
        if importlib.util.find_spec("aiohttp") is None:
            raise MissingServer(
                f"{self.system} are left out, as aiohttp, which sends them here, is not installed: "
                "python3 start.py labs brings it, on Debian, macOS and Windows"
            )
        return super().command(folder, port)

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


class WebhookChannel(Channel):
    """An endpoint of this name at the sender; to receive is to have a request without an answer.

    No request says whether it is the first one, so nobody counts.
    """

    refused: ClassVar[int] = 400
    """What a request gets that is not genuine."""
    _endpoint: Endpoint | None = None

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._requests: asyncio.Queue[Delivery] = asyncio.Queue()

    def verify(self, body: bytes, headers: Mapping[str, str]) -> str:
        """What a genuine request tells, from its raw body. Raises ValueError for any other."""
        raise NotImplementedError

    async def point(self, url: str) -> None:
        """Tell the sender where the endpoint is now."""
        raise NotImplementedError

    async def failed(self) -> list[str]:
        """The messages that were not delivered, by the sender's own list."""
        raise NotImplementedError

    async def dead(self, seconds: float) -> list[str]:
        """There is no queue for them, so the sender is asked again and again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not (failed := await self.failed()) and loop.time() <= until:
            await asyncio.sleep(LOOK)
        return failed

    async def listen(self) -> None:
        self._endpoint = await serve(self._handle)
        await self.point(self._endpoint.url)

    async def _handle(self, request: Any) -> Any:
        from aiohttp import web

        try:
            body = self.verify(await request.read(), request.headers)
        except ValueError as why:
            return web.Response(status=self.refused, text=str(why))
        answer = asyncio.get_running_loop().create_future()
        self._requests.put_nowait(Delivery(body, None, answer))
        return web.Response(status=await answer)

    async def receive(self, seconds: float) -> Delivery | None:
        return await within(seconds, self._requests.get())

    async def ack(self, delivery: Delivery) -> None:
        delivery.native.set_result(200)

    async def nack(self, delivery: Delivery) -> None:
        delivery.native.set_result(500)

    async def close(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()
