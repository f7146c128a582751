"""Serves a namespace on a port of the loopback interface until it is ended.

What it accepts is in the file `service_bus.sqlite` of the folder that it was started in.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from .entrance import Entrance
from .namespace import Namespace
from .store import Store

FILE = "service_bus.sqlite"


async def serve(port: int) -> None:
    namespace = Namespace(Store(Path(FILE)))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Entrance, namespace), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
