"""An HTTP address of our own, on a free port of this computer, to which webhooks are sent.

endpoint = await serve(handle)      # handle(request) gives an aiohttp response
endpoint.url
await endpoint.close()
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Handle = Callable[[Any], Awaitable[Any]]
"""An `aiohttp.web.Request` → an `aiohttp.web.Response`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """It listens until it is closed."""

    url: str
    _runner: Any

    async def close(self) -> None:
        """Whoever has no answer by now gets none."""
        await self._runner.cleanup()


async def serve(handle: Handle) -> Endpoint:
    """Let this function answer each POST."""
    from aiohttp import web

    application = web.Application()
    application.router.add_post("/hook", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return Endpoint(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", runner)


async def serve_until_killed(handle: Handle) -> None:
    """In a process of its own: print the address, and listen as long as the process is there."""
    endpoint = await serve(handle)
    print(endpoint.url, flush=True)  # noqa: T201
    await asyncio.Event().wait()
