"""What Stripe's and GitHub's webhooks have in common: a sender elsewhere, an endpoint here.

The sender is a stand-in, since theirs work at their makers' alone; the endpoint is a real one.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from ..channel import Channel, Delivery
from ..server import MissingServer, Server

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = "http://127.0.0.1:9/nobody-is-there"
"""The address of an endpoint before somebody listens."""
Verify = Callable[[bytes, Mapping[str, str]], str | None]
"""Raw body and headers → what is told. None if it is nothing for us; raises ValueError."""


class WebhookSender(Server):
    """`url` is where its API is."""

    program: ClassVar[str]
    """The stand-in's file."""
    stores = True

    def command(self, folder: Path, port: int) -> list[str]:
        if importlib.util.find_spec("aiohttp") is None:
            raise MissingServer(
                f"{self.system} are left out, as aiohttp, which sends them here, is not installed: "
                "python3 start.py labs brings it, on Debian, macOS and Windows"
            )
        return [sys.executable, "-m", f"course_lib.brokers.stand_ins.{self.program}", str(port)]

    def surroundings(self, folder: Path, port: int) -> dict[str, str]:
        return {"PYTHONPATH": str(ROOT)}

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


class Endpoint:
    """An address of ours: each genuine request waits here until somebody answers it."""

    def __init__(self, verify: Verify, refused: int) -> None:
        self._verify, self._refused = verify, refused
        self._requests: asyncio.Queue[Delivery] = asyncio.Queue()

    async def open(self) -> str:
        """Listen on a free port, and give the address."""
        from aiohttp import web

        application = web.Application()
        application.router.add_post("/hook", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def _handle(self, request: Any) -> Any:
        from aiohttp import web

        try:
            body = self._verify(await request.read(), request.headers)
        except ValueError as why:
            return web.Response(status=self._refused, text=str(why))
        if body is None:
            return web.Response(status=200)
        answer = asyncio.get_running_loop().create_future()
        self._requests.put_nowait(Delivery(body, None, answer))
        return web.Response(status=await answer)

    async def next(self, seconds: float) -> Delivery | None:
        """A request that is not answered yet; None if none comes within so many seconds."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._requests.get(), seconds)
        return None

    async def close(self) -> None:
        """Whoever has no answer by now gets none."""
        await self._runner.cleanup()


class WebhookChannel(Channel):
    """An endpoint of this name at the sender; to receive is to have a request without an answer.

    No request says whether it is the first one, so nobody counts.
    """

    refused: ClassVar[int] = 400
    """What a request gets that is not genuine."""
    _endpoint: Endpoint | None = None

    def verify(self, body: bytes, headers: Mapping[str, str]) -> str | None:
        """See `Verify`."""
        raise NotImplementedError

    async def point(self, url: str) -> None:
        """Tell the sender where the endpoint is now."""
        raise NotImplementedError

    async def listen(self) -> None:
        self._endpoint = Endpoint(self.verify, self.refused)
        await self.point(await self._endpoint.open())

    async def receive(self, seconds: float) -> Delivery | None:
        if self._endpoint is None:
            raise RuntimeError("nobody listens: call listen() first")
        return await self._endpoint.next(seconds)

    async def ack(self, delivery: Delivery) -> None:
        delivery.native.set_result(200)

    async def nack(self, delivery: Delivery) -> None:
        delivery.native.set_result(500)

    async def close(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()
