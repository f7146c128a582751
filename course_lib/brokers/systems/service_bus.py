"""Azure Service Bus: queues with peek-lock, with or without sessions.

A stand-in of ours (stand_ins/service_bus) and the maker's own client; with a connection string in
COURSE_SERVICE_BUS, whatever that leads to.
References: https://learn.microsoft.com/azure/service-bus-messaging (message transfers, locks and
settlement; message sessions; dead-letter queues).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from ..channel import HOLD, MOST_ATTEMPTS, Channel, Delivery, Promised, in_parts
from ..stand_ins.service_bus.namespace import KEY, KEY_NAME
from .stand_in import StandIn

EMULATOR = "UseDevelopmentEmulator=true"
BATCH = 100
"""Messages that are sent at once, where many are."""
QUIET = 0.3
"""Seconds without a message after which a consumer of sessions looks for another session."""


class ServiceBus(StandIn):
    """`url` is a connection string, as the clients take it."""

    system = "Azure Service Bus"
    variable = "COURSE_SERVICE_BUS"
    program = "service_bus"

    @property
    def kind(self) -> str:
        return "a stand-in of ours, for the maker's own client"

    def address(self, port: int) -> str:
        key = f"SharedAccessKeyName={KEY_NAME};SharedAccessKey={KEY}"
        return f"Endpoint=sb://127.0.0.1:{port};{key};{EMULATOR};"


def administration(url: str) -> Any:
    """The client that makes queues and deletes them, for `async with`.

    It knows no HTTP without TLS, and stand-in and emulator have nothing else. The maker's emulator
    is administered on port 5300, unless the connection string names another.
    """
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.servicebus.aio.management import ServiceBusAdministrationClient

    class Plain(AioHttpTransport):  # type: ignore[misc]
        async def send(self, request: Any, **options: Any) -> Any:
            request.url = request.url.replace("https://", "http://", 1)
            return await super().send(request, **options)

    if EMULATOR not in url:
        return ServiceBusAdministrationClient.from_connection_string(url)
    url = re.sub(r"(sb://[^:;/]+)/?(?=;|$)", r"\1:5300", url)
    return ServiceBusAdministrationClient.from_connection_string(url, transport=Plain())


class ServiceBusChannel(Channel):
    """A queue whose messages are locked for `hold` seconds."""

    system = "Azure Service Bus"
    promised = Promised(
        after_crash=(HOLD - 0.5, HOLD + 8), dead_letters=True, order="none", unheard=True,
        restart=True, many=5_000,
    )  # fmt: skip
    server = ServiceBus
    sessions: ClassVar[bool] = False
    retries: ClassVar[int] = 3
    """How often the client tries again by itself."""

    @classmethod
    async def open(cls, url: str, name: str) -> ServiceBusChannel:
        from azure.core.exceptions import ResourceExistsError
        from azure.servicebus.aio import ServiceBusClient

        channel = cls(url, name)
        async with administration(url) as manager:
            with contextlib.suppress(ResourceExistsError):
                await manager.create_queue(
                    name,
                    lock_duration=timedelta(seconds=cls.hold),
                    max_delivery_count=MOST_ATTEMPTS,
                    requires_session=cls.sessions,
                )
        channel.client = ServiceBusClient.from_connection_string(url, retry_total=cls.retries)
        channel.sender = channel.client.get_queue_sender(name)
        return channel

    client: Any
    sender: Any
    receiver: Any = None

    async def listen(self) -> None:
        self.receiver = self.client.get_queue_receiver(self.name)
        await self.receiver.__aenter__()

    async def send(self, body: str, key: str = "") -> None:
        await self.sender.send_messages(self._message(body, key))

    async def send_all(self, bodies: Sequence[str]) -> None:
        for part in in_parts(bodies, BATCH):
            messages = [self._message(body, "") for body in part]
            await self.sender.send_messages(messages)

    def _message(self, body: str, key: str) -> Any:
        from azure.servicebus import ServiceBusMessage

        return ServiceBusMessage(body, session_id=(key or "any") if self.sessions else None)

    async def receive(self, seconds: float) -> Delivery | None:
        messages = await self.receiver.receive_messages(max_wait_time=seconds)
        for message in messages:
            attempt = message.delivery_count + 1 if self.promised.counts else None
            return Delivery(str(message), attempt, message)
        return None

    async def ack(self, delivery: Delivery) -> None:
        await self.receiver.complete_message(delivery.native)

    async def nack(self, delivery: Delivery) -> None:
        await self.receiver.abandon_message(delivery.native)

    async def dead(self, seconds: float) -> list[str]:
        async with self.client.get_queue_receiver(self.name, sub_queue="deadletter") as receiver:
            messages = await receiver.receive_messages(MOST_ATTEMPTS, max_wait_time=seconds)
            for message in messages:
                await receiver.complete_message(message)
            return [str(message) for message in messages]

    async def close(self) -> None:
        if self.receiver is not None:
            await self.receiver.close()
        await self.client.close()


class SessionChannel(ServiceBusChannel):
    """A queue with sessions: a consumer has one session at a time for itself.

    A session's lock goes with its link, so nobody waits for it after a crash, and that delivery is
    not counted. Reference: message sessions, impact of delivery count.
    """

    system = "Azure Service Bus sessions"
    promised = Promised(
        after_crash=(0.0, 5.0), dead_letters=True, order="by key", unheard=True, restart=True,
        counts=False, many=5_000,
    )  # fmt: skip
    hold = 60.0  # seconds, which nobody waits for
    sessions = True
    retries = 0  # that there is no session is an answer

    async def listen(self) -> None:
        """There may be no session yet."""

    async def receive(self, seconds: float) -> Delivery | None:
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while (left := until - clock()) > 0:
            if self.receiver is None and not await self._next_session(left):
                return None
            await self._keep_session()
            delivery = await super().receive(QUIET)
            if delivery is not None:
                return delivery
            await self.receiver.close()
            self.receiver = None
        return None

    async def _keep_session(self) -> None:
        session = self.receiver.session
        left = session.locked_until_utc - datetime.now(UTC)
        if left.total_seconds() < self.hold / 2:
            await session.renew_lock()

    async def _next_session(self, seconds: float) -> bool:
        from azure.servicebus import NEXT_AVAILABLE_SESSION
        from azure.servicebus.exceptions import OperationTimeoutError

        receiver = self.client.get_queue_receiver(
            self.name, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=seconds
        )
        with contextlib.suppress(OperationTimeoutError):
            self.receiver = await receiver.__aenter__()
        return self.receiver is not None
