"""RabbitMQ: a queue that knows its consumers by their connections.

The real server, as Debian, Homebrew or its maker's installer bring it.
References: https://www.rabbitmq.com/docs (confirms, quorum queues, dead letter exchanges).
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..channel import MOST_ATTEMPTS, Channel, Delivery, Promised, in_parts, within
from ..server import MissingServer, Server, free_port

PLACES = (
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server",  # the one on Debian's path
    "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",  # wants to be root
    "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",
    "C:/Program Files/RabbitMQ Server/rabbitmq_server-*/sbin/rabbitmq-server.bat",
)
LARGEST = 1_048_576
"""Bytes of the largest message that ours takes; RabbitMQ's own limit is 134,217,728, and from
4.0 on 16,777,216: a lab should not have to send that much to meet it."""
SETTINGS = """\
listeners.tcp.1 = 127.0.0.1:{port}
max_message_size = {largest}
log.console = true
log.file = false
"""
FRUGAL = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
"""Erlang listens on this computer alone, and does not keep a processor busy while it waits."""
SETTLES = 2.0
"""Real seconds after which a new quorum queue is surely on the disk. Version 3.10 writes down its
name half a second late; who is killed earlier has a queue without a leader afterwards."""
UNREAD = 200
"""Messages that a consumer may have unacknowledged: the manual recommends 100 to 300."""


class RabbitMQ(Server):
    """`url` is what `aio_pika.connect` takes."""

    system = "RabbitMQ"
    variable = "COURSE_RABBITMQ"

    @property
    def kind(self) -> str:
        return "the real server"

    def command(self, folder: Path, port: int) -> list[str]:
        program = _program()
        settings = SETTINGS.format(port=port, largest=LARGEST)
        (folder / "rabbitmq.conf").write_text(settings, "ascii")
        (folder / "plugins").write_text("[].", "ascii")
        if sys.platform == "win32":
            return [program]
        # Erlang's list of names would outlive its server: this one is of the server's own group.
        return ["sh", "-c", 'epmd & exec "$0"', program]

    def surroundings(self, folder: Path, port: int) -> dict[str, str]:
        return {
            "HOME": str(folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_BASE": str(folder),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_MNESIA_BASE": str(folder / "store"),
            "RABBITMQ_NODENAME": "course@localhost",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": FRUGAL,
            "RUNNING_UNDER_SYSTEMD": "true",  # its script then becomes the server: one process less
        }

    def address(self, port: int) -> str:
        return f"amqp://guest:guest@127.0.0.1:{port}/"

    def answers(self) -> bool:
        """It lets somebody in; its port is open earlier."""
        return super().answers() and _lets_in(self.address(self.port))

    def kill(self) -> None:
        """As a power cut would, but not in the first moments of a queue."""
        time.sleep(SETTLES)
        super().kill()


def _program() -> str:
    for place in PLACES:
        root = Path(place).anchor
        found = sorted(Path(root).glob(place.removeprefix(root)))
        if found:
            return str(found[-1])
    if program := shutil.which("rabbitmq-server"):
        return program
    raise MissingServer(
        "RabbitMQ is left out, as its server is not here: apt install rabbitmq-server, "
        "brew install rabbitmq, choco install rabbitmq"
    )


def _lets_in(url: str) -> bool:
    """Whether one can log in; asked in a thread, since a notebook's own has a running loop."""
    found: list[bool] = []
    asking = threading.Thread(target=lambda: found.append(asyncio.run(_log_in(url))))
    asking.start()
    asking.join()
    return found == [True]


async def _log_in(url: str) -> bool:
    import aio_pika

    with contextlib.suppress(OSError, TimeoutError, aio_pika.exceptions.AMQPError):
        async with await aio_pika.connect(url, timeout=5):
            return True
    return False


class RabbitMQChannel(Channel):
    """A quorum queue, which counts attempts, with a dead-letter exchange; ack after the work."""

    system = "RabbitMQ"
    promised = Promised(
        after_crash=(0.0, 5.0), dead_letters=True, order="all", unheard=True, restart=True,
    )  # fmt: skip
    server = RabbitMQ

    @classmethod
    async def open(cls, url: str, name: str) -> RabbitMQChannel:
        import aio_pika

        channel = cls(url, name)
        channel.connection = await aio_pika.connect(url)
        channel.session = await channel.connection.channel()  # with publisher confirms
        channel.graveyard = await channel.session.declare_queue(f"{name}.dead", durable=True)
        arguments = {
            "x-queue-type": "quorum",
            "x-delivery-limit": MOST_ATTEMPTS - 1,  # it counts those after the first
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{name}.dead",
        }
        channel.queue = await channel.session.declare_queue(name, durable=True, arguments=arguments)
        return channel

    connection: Any
    session: Any
    queue: Any
    graveyard: Any
    arrived: asyncio.Queue[Any]

    async def listen(self) -> None:
        self.arrived = asyncio.Queue()
        await self.session.set_qos(prefetch_count=UNREAD)
        await self.queue.consume(self.arrived.put)

    async def send(self, body: str, key: str = "") -> None:
        from aio_pika import DeliveryMode, Message

        message = Message(body.encode(), delivery_mode=DeliveryMode.PERSISTENT)
        await self.session.default_exchange.publish(message, self.name)

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, 500):
            await asyncio.gather(*map(self.send, part))

    async def receive(self, seconds: float) -> Delivery | None:
        message = await within(seconds, self.arrived.get())
        if message is None:
            return None
        attempt = 1 + message.headers.get("x-delivery-count", 0)
        return Delivery(message.body.decode(), attempt, message)

    async def ack(self, delivery: Delivery) -> None:
        await delivery.native.ack()

    async def nack(self, delivery: Delivery) -> None:
        """By `reject`: from RabbitMQ 4.3 on a `nack` is not counted as an attempt."""
        await delivery.native.reject(requeue=True)

    async def dead(self, seconds: float) -> list[str]:
        arrived: asyncio.Queue[Any] = asyncio.Queue()
        await self.graveyard.consume(arrived.put, no_ack=True)
        found = [await within(seconds, arrived.get())]
        while not arrived.empty():
            found.append(arrived.get_nowait())
        return [message.body.decode() for message in found if message is not None]

    async def close(self) -> None:
        await self.connection.close()
