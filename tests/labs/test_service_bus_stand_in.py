"""The stand-in for Azure Service Bus does for its maker's own client what the manual says.

Each test is one part of that client's story, on a queue of its own; the server is started once.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.servicebus import (
    NEXT_AVAILABLE_SESSION,
    ServiceBusMessage,
    ServiceBusMessageState,
    ServiceBusReceiveMode,
)
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import (
    MessageLockLostError,
    MessageNotFoundError,
    MessageSizeExceededError,
    MessagingEntityNotFoundError,
    OperationTimeoutError,
    ServiceBusAuthenticationError,
    ServiceBusError,
    SessionCannotBeLockedError,
    SessionLockLostError,
)

from course_lib import brokers
from course_lib.brokers import Server
from course_lib.brokers.systems.service_bus import administration

LOCK, SOON, NONE = 3.0, 30.0, 0.5
"""Seconds: of a lock that runs out; within which a message must come; in which none comes that is
not there."""
RUNS_OUT = {"lock_duration": timedelta(seconds=LOCK)}
"""Else a lock holds for a minute, so that a busy computer's pause takes nothing from anybody."""
PATIENCE = 90.0
"""Seconds that a story may take."""
NAMES = (f"story{n}" for n in itertools.count())
Story = Callable[[str, ServiceBusClient], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with brokers.service_bus() as made:
        yield made


def tell(server: Server, story: Story, **rules: Any) -> None:
    """Run a story on a fresh queue."""
    asyncio.run(_tell(server.url, story, rules))


async def _tell(url: str, story: Story, rules: dict[str, Any]) -> None:
    name = next(NAMES)
    usual = {"lock_duration": timedelta(seconds=60), "max_delivery_count": 3}
    async with administration(url) as manager:
        await manager.create_queue(name, **{**usual, **rules})
    async with ServiceBusClient.from_connection_string(url, retry_total=0) as client:
        await asyncio.wait_for(story(name, client), PATIENCE)


async def send(client: ServiceBusClient, name: str, *bodies: str, **options: Any) -> None:
    async with client.get_queue_sender(name) as sender:
        for body in bodies:
            await sender.send_messages(ServiceBusMessage(body, **options))


async def receive(receiver: Any, seconds: float = SOON) -> Any:
    """The next message."""
    [message] = await receiver.receive_messages(max_wait_time=seconds)
    return message


@asynccontextmanager
async def session(client: ServiceBusClient, name: str, **options: Any) -> AsyncIterator[Any]:
    """A receiver of one session, by default of the next that has messages."""
    words = {"session_id": NEXT_AVAILABLE_SESSION, "max_wait_time": SOON, **options}
    async with client.get_queue_receiver(name, **words) as receiver:
        yield receiver


# ---- a message is settled ------------------------------------------------------------------------
def test_a_message_comes_as_it_was_sent(server: Server) -> None:
    """Its body, its properties and its id."""

    async def story(name: str, client: ServiceBusClient) -> None:
        told = {"cups": 2, "sweet": True, "price": 2.5, "table": "seven"}
        sent = ServiceBusMessage(
            b"\x00\xff", application_properties=told, message_id="7", subject="tea"
        )
        async with client.get_queue_sender(name) as sender:
            await sender.send_messages(sent)
        async with client.get_queue_receiver(name) as receiver:
            message = await receive(receiver)
        assert b"".join(message.body) == b"\x00\xff"
        properties = {key.decode(): value for key, value in message.application_properties.items()}
        assert properties == {**told, "table": b"seven"}
        assert (message.message_id, message.subject) == ("7", "tea")
        assert (message.delivery_count, message.sequence_number) == (0, 1)
        assert message.enqueued_time_utc <= datetime.now(UTC) < message.locked_until_utc

    tell(server, story)


def test_a_completed_message_is_gone(server: Server) -> None:
    """Also after the time of its lock."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "a cake")
        async with client.get_queue_receiver(name) as receiver:
            await receiver.complete_message(await receive(receiver))
            assert await receiver.receive_messages(max_wait_time=LOCK + NONE) == []

    tell(server, story, **RUNS_OUT)


def test_an_abandoned_message_comes_at_once_and_counts(server: Server) -> None:
    """After the last attempt it is in the dead-letter queue, with the reason."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "poison")
        async with client.get_queue_receiver(name) as receiver:
            for count in range(3):
                message = await receive(receiver)
                assert message.delivery_count == count
                await receiver.abandon_message(message)
            assert await receiver.receive_messages(max_wait_time=NONE) == []
        async with client.get_queue_receiver(name, sub_queue="deadletter") as receiver:
            message = await receive(receiver)
            assert str(message) == "poison"
            assert message.dead_letter_reason == "MaxDeliveryCountExceeded"
            assert message.dead_letter_source == name
            await receiver.complete_message(message)
            assert await receiver.receive_messages(max_wait_time=NONE) == []

    tell(server, story)


def test_a_consumer_can_bury_a_message(server: Server) -> None:
    """With its own words."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "no order")
        async with client.get_queue_receiver(name) as receiver:
            why = {"reason": "unreadable", "error_description": "it is no JSON"}
            await receiver.dead_letter_message(await receive(receiver), **why)
        async with client.get_queue_receiver(name, sub_queue="deadletter") as receiver:
            message = await receive(receiver)
            assert message.dead_letter_reason == "unreadable"
            assert message.dead_letter_error_description == "it is no JSON"

    tell(server, story)


def test_a_deferred_message_comes_only_by_its_number(server: Server) -> None:
    """And once; then it is settled as any other."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "the roof", "the walls")
        async with client.get_queue_receiver(name) as receiver:
            roof = await receive(receiver)
            await receiver.defer_message(roof)
            await receiver.complete_message(await receive(receiver))
            assert await receiver.receive_messages(max_wait_time=NONE) == []
            [again] = await receiver.receive_deferred_messages(roof.sequence_number)
            assert str(again) == "the roof"
            assert again.state == ServiceBusMessageState.DEFERRED
            await receiver.complete_message(again)
            with pytest.raises(MessageNotFoundError):
                await receiver.receive_deferred_messages(roof.sequence_number)

    tell(server, story)


def test_deleted_while_it_is_received(server: Server) -> None:
    """ReceiveAndDelete: there is nothing to settle, and nothing comes again."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "news")
        mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
        async with client.get_queue_receiver(name, receive_mode=mode) as receiver:
            assert str(await receive(receiver)) == "news"
        async with client.get_queue_receiver(name) as receiver:
            assert await receiver.receive_messages(max_wait_time=NONE) == []

    tell(server, story)


# ---- a message is locked -------------------------------------------------------------------------
def test_a_locked_message_is_for_nobody_else(server: Server) -> None:
    """Another consumer gets the next one."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "first", "second")
        one, other = client.get_queue_receiver(name), client.get_queue_receiver(name)
        async with one, other:
            assert str(await receive(one)) == "first"
            assert str(await receive(other)) == "second"

    tell(server, story)


def test_work_after_the_lock_does_not_count(server: Server) -> None:
    """Complete raises MessageLockLostError, and the message comes a second time."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "a cake")
        async with client.get_queue_receiver(name) as receiver:
            late = await receive(receiver)
            again = await receive(receiver)
            assert again.delivery_count == 1
            with pytest.raises(MessageLockLostError):
                await receiver.complete_message(late)
            await receiver.complete_message(again)

    tell(server, story, **RUNS_OUT)


def test_the_server_itself_refuses_who_is_late(server: Server) -> None:
    """Also if the client does not look at its own clock."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "a cake")
        async with client.get_queue_receiver(name) as receiver:
            late = await receive(receiver)
            again = await receive(receiver)
            later = int(datetime.now(UTC).timestamp() + 60) * 1000
            late._raw_amqp_message.annotations[b"x-opt-locked-until"] = later
            with pytest.raises(MessageLockLostError, match="its time ran out"):
                await receiver.complete_message(late)
            await receiver.complete_message(again)

    tell(server, story, **RUNS_OUT)


def test_a_renewed_lock_holds(server: Server) -> None:
    """The message does not come again meanwhile, and can be completed."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "a long film")
        async with client.get_queue_receiver(name) as receiver:
            message = await receive(receiver)
            before = message.locked_until_utc
            for _ in range(4):
                assert await receiver.receive_messages(max_wait_time=LOCK / 3) == []
                await receiver.renew_message_lock(message)
            assert message.locked_until_utc > before + timedelta(seconds=LOCK)
            await receiver.complete_message(message)

    tell(server, story, **RUNS_OUT)


def test_a_consumer_that_goes_leaves_its_lock(server: Server) -> None:
    """Another one waits for the end of it."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "a cake")
        async with client.get_queue_receiver(name) as receiver:
            await receive(receiver)
        async with client.get_queue_receiver(name) as receiver:
            assert await receiver.receive_messages(max_wait_time=NONE) == []
            message = await receive(receiver)
            assert message.delivery_count == 1

    tell(server, story, **RUNS_OUT)


# ---- sessions ------------------------------------------------------------------------------------
def test_a_session_has_one_consumer_and_its_own_order(server: Server) -> None:
    """Whoever asks for one that is taken is refused; the next one is for somebody else."""

    async def story(name: str, client: ServiceBusClient) -> None:
        for n in range(3):
            await send(client, name, f"tea {n}", session_id="tea")
            await send(client, name, f"cake {n}", session_id="cake")
        async with session(client, name) as tea, session(client, name) as cake:
            assert (tea.session.session_id, cake.session.session_id) == ("tea", "cake")
            with pytest.raises(SessionCannotBeLockedError):
                async with session(client, name, session_id="tea"):
                    raise AssertionError("there are two consumers of one session")
            for n in range(3):
                for receiver, body in ((cake, f"cake {n}"), (tea, f"tea {n}")):
                    message = await receive(receiver)
                    assert str(message) == body
                    await receiver.complete_message(message)

    tell(server, story, requires_session=True)


def test_a_session_is_free_when_its_consumer_goes(server: Server) -> None:
    """At once, and what was not settled does not count as a delivery."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "tea", session_id="table 7")
        async with session(client, name) as receiver:
            await receive(receiver)
        async with session(client, name) as receiver:
            message = await receive(receiver)
            assert message.delivery_count == 0

    tell(server, story, requires_session=True)


def test_a_session_whose_lock_runs_out_goes_to_the_next(server: Server) -> None:
    """The delivery counts then, and the first consumer cannot settle any more."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "tea", session_id="table 7")
        async with session(client, name) as slow:
            late = await receive(slow)
            async with session(client, name) as quick:
                message = await receive(quick)
                assert message.delivery_count == 1
                with pytest.raises(SessionLockLostError):
                    await slow.complete_message(late)
                await quick.session.renew_lock()
                await quick.complete_message(message)

    tell(server, story, requires_session=True, lock_duration=timedelta(seconds=8))


def test_a_session_has_a_state(server: Server) -> None:
    """Which outlives its consumer."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "tea", session_id="table 7")
        async with session(client, name) as receiver:
            assert await receiver.session.get_state() is None
            await receiver.session.set_state(b"two cups")
        async with session(client, name) as receiver:
            assert await receiver.session.get_state() == b"two cups"

    tell(server, story, requires_session=True)


def test_who_waits_for_a_session_gets_it_when_it_comes(server: Server) -> None:
    """Or hears after its patience that there is none."""

    async def story(name: str, client: ServiceBusClient) -> None:
        with pytest.raises(OperationTimeoutError):
            async with session(client, name, max_wait_time=NONE):
                raise AssertionError("there is no session yet")
        waiting = asyncio.create_task(_first(client, name))
        await send(client, name, "tea", session_id="table 7")
        assert await waiting == "tea"

    async def _first(client: ServiceBusClient, name: str) -> str:
        async with session(client, name) as receiver:
            return str(await receive(receiver))

    tell(server, story, requires_session=True)


def test_a_queue_with_sessions_takes_nothing_else(server: Server) -> None:
    """Neither a message without a session, nor a consumer without one."""

    async def story(name: str, client: ServiceBusClient) -> None:
        with pytest.raises(ServiceBusError, match="without a session"):
            await send(client, name, "tea")
        with pytest.raises(ServiceBusError, match="requires sessions"):
            async with client.get_queue_receiver(name):
                pass

    tell(server, story, requires_session=True)


# ---- later, and without touching -----------------------------------------------------------------
def test_a_scheduled_message_waits_for_its_time(server: Server) -> None:
    """And one that was cancelled does not come at all."""

    async def story(name: str, client: ServiceBusClient) -> None:
        due = datetime.now(UTC) + timedelta(seconds=2)
        async with client.get_queue_sender(name) as sender:
            [never] = await sender.schedule_messages(ServiceBusMessage("cancelled"), due)
            await sender.schedule_messages(ServiceBusMessage("later"), due)
            await sender.cancel_scheduled_messages(never)
        async with client.get_queue_receiver(name) as receiver:
            message = await receive(receiver)
            assert str(message) == "later"
            assert datetime.now(UTC) >= due
            assert await receiver.receive_messages(max_wait_time=NONE) == []

    tell(server, story)


def test_peeking_changes_nothing(server: Server) -> None:
    """Whatever the state of a message; page by page."""

    async def story(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "one", "two", "three")
        async with client.get_queue_receiver(name) as receiver:
            await receiver.defer_message(await receive(receiver))
            pages = [await receiver.peek_messages(2, sequence_number=n) for n in (1, 3, 4)]
            assert [list(map(str, page)) for page in pages] == [["one", "two"], ["three"], []]
            assert str(await receive(receiver)) == "two"

    tell(server, story)


def test_a_batch_is_many_messages(server: Server) -> None:
    """A batch that is full is one the client does not send."""

    async def story(name: str, client: ServiceBusClient) -> None:
        async with client.get_queue_sender(name) as sender:
            batch = await sender.create_message_batch()
            for n in range(50):
                batch.add_message(ServiceBusMessage(str(n)))
            with pytest.raises(MessageSizeExceededError):
                batch.add_message(ServiceBusMessage(b"x" * 300_000))
            await sender.send_messages(batch)
        seen: list[str] = []
        async with client.get_queue_receiver(name) as receiver:
            while len(seen) < 50:
                for message in await receiver.receive_messages(20, max_wait_time=SOON):
                    seen.append(str(message))
                    await receiver.complete_message(message)
        assert seen == [str(n) for n in range(50)]

    tell(server, story)


def test_a_message_may_need_several_frames(server: Server) -> None:
    """Both ways."""

    async def story(name: str, client: ServiceBusClient) -> None:
        body = bytes(range(256)) * 800
        async with client.get_queue_sender(name) as sender:
            await sender.send_messages(ServiceBusMessage(body))
        async with client.get_queue_receiver(name) as receiver:
            assert b"".join((await receive(receiver)).body) == body

    tell(server, story)


# ---- what goes wrong -----------------------------------------------------------------------------
def test_a_queue_that_is_not_there(server: Server) -> None:
    """For producers, consumers and administrators."""

    async def story(_: str, client: ServiceBusClient) -> None:
        with pytest.raises(MessagingEntityNotFoundError):
            await send(client, "nowhere", "a cake")
        with pytest.raises(MessagingEntityNotFoundError):
            async with client.get_queue_receiver("nowhere"):
                pass
        async with administration(server.url) as manager:
            with pytest.raises(ResourceNotFoundError):
                await manager.get_queue("nowhere")

    tell(server, story)


def test_a_message_that_is_too_large(server: Server) -> None:
    """Is refused, and the sender goes on."""

    async def story(name: str, client: ServiceBusClient) -> None:
        async with client.get_queue_sender(name) as sender:
            with pytest.raises(MessageSizeExceededError):
                await sender.send_messages(ServiceBusMessage(b"x" * 300_000))
            await sender.send_messages(ServiceBusMessage("small"))

    tell(server, story)


def test_a_wrong_key(server: Server) -> None:
    """Opens nothing, in neither protocol."""
    wrong = server.url.replace("no-secret-at-all", "guessed")

    async def story(name: str, _: ServiceBusClient) -> None:
        async with ServiceBusClient.from_connection_string(wrong, retry_total=0) as client:
            with pytest.raises(ServiceBusAuthenticationError):
                await send(client, name, "a cake")
        async with administration(wrong) as manager:
            with pytest.raises(ClientAuthenticationError):
                await manager.get_queue(name)

    tell(server, story)


def test_queues_are_administered(server: Server) -> None:
    """Made once, shown, deleted; and not with a lock that is longer than five minutes."""

    async def story(name: str, _: ServiceBusClient) -> None:
        async with administration(server.url) as manager:
            with pytest.raises(ResourceExistsError):
                await manager.create_queue(name)
            assert (await manager.get_queue(name)).lock_duration == timedelta(seconds=LOCK)
            await manager.delete_queue(name)
            with pytest.raises(ResourceNotFoundError):
                await manager.get_queue(name)
            with pytest.raises(HttpResponseError, match="300 s are the most"):
                await manager.create_queue(name, lock_duration=timedelta(minutes=6))

    tell(server, story, **RUNS_OUT)


def test_what_was_accepted_outlives_the_server() -> None:
    """Killed and started again: ready, deferred and dead messages are there."""

    async def before(name: str, client: ServiceBusClient) -> None:
        await send(client, name, "deferred", "dead", "ready")
        async with client.get_queue_receiver(name) as receiver:
            await receiver.defer_message(await receive(receiver))
            await receiver.dead_letter_message(await receive(receiver), reason="why not")

    async def after(name: str, url: str) -> None:
        async with ServiceBusClient.from_connection_string(url) as client:
            async with client.get_queue_receiver(name) as receiver:
                assert str(await receive(receiver)) == "ready"
                assert list(map(str, await receiver.receive_deferred_messages(1))) == ["deferred"]
            async with client.get_queue_receiver(name, sub_queue="deadletter") as receiver:
                assert (await receive(receiver)).dead_letter_reason == "why not"

    names: list[str] = []

    async def story(name: str, client: ServiceBusClient) -> None:
        names.append(name)
        await before(name, client)

    with brokers.service_bus() as server:
        tell(server, story)
        server.kill()
        server.start()
        asyncio.run(after(names[0], server.url))


def test_no_amqp_closes_the_connection_and_nothing_else(server: Server) -> None:
    """Whatever somebody sends."""

    async def noise(port: int, data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        answer = await reader.read()  # to its end: the other side closes
        writer.close()
        return answer

    header = b"AMQP\x00\x01\x00\x00"
    too_short = b"\x00\x00\x00\x01\x02\x00\x00\x00"
    nonsense = b"\x00\x00\x00\x09\x02\x00\x00\x00\xff"
    for data in (b"\x00" * 70_000, header + too_short, header + nonsense):
        asyncio.run(asyncio.wait_for(noise(server.port, data), SOON))
    tell(server, still_there)


async def still_there(name: str, client: ServiceBusClient) -> None:
    await send(client, name, "a cake")
