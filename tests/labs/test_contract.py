"""Ten messaging systems keep what they promise, each by its own client, against a real server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import pytest

from course_lib.brokers import Server, contract
from course_lib.brokers.channel import Channel
from course_lib.brokers.contract import Open

T = TypeVar("T")
LATE = 20.0
"""Seconds by which a busy computer may be late; it is never early."""
NAMES = (f"orders{n}" for n in itertools.count())


@pytest.fixture
def open_channel(kind: type[Channel], server: Server) -> Open:
    """Channels to a fresh queue."""
    return partial(kind.open, server.url, next(NAMES))


@pytest.fixture
def open_patient(kind: type[Channel], server: Server) -> Open:
    """Of a kind that takes back no message because a busy computer paused."""
    patient = type(kind.__name__, (kind,), {"hold": max(kind.hold, 30.0)})
    return partial(patient.open, server.url, next(NAMES))


def seen(experiment: Callable[..., Awaitable[T]], *words: Any) -> T:
    return asyncio.run(experiment(*words))


def test_what_is_sent_is_delivered(open_channel: Open) -> None:
    """To a consumer that listens."""
    assert seen(contract.delivered, open_channel) == "a cake"


def test_what_is_acknowledged_is_gone(open_channel: Open) -> None:
    """It does not come again, however long one waits."""
    assert seen(contract.after_ack, open_channel) is None


def test_what_becomes_of_a_message_whose_consumer_dies(
    kind: type[Channel], open_channel: Open
) -> None:
    """Delivered again within the promised time, and told as such; or lost, if that is the rule."""
    found = seen(contract.after_crash, open_channel)
    if kind.promised.after_crash is None:
        assert found.seconds is None
        return
    least, most = kind.promised.after_crash
    assert found.seconds is not None and least <= found.seconds <= most + LATE
    assert found.attempt == (2 if kind.promised.counts else None)


def test_what_always_fails_is_set_aside(kind: type[Channel], open_channel: Open) -> None:
    """After so many attempts; where there are no dead letters, none is found."""
    attempts, dead = seen(contract.after_failures, open_channel)
    assert dead == (["poison"] if kind.promised.dead_letters else [])
    assert attempts == kind.promised.attempts


def test_order_is_kept_where_it_is_promised(kind: type[Channel], open_patient: Open) -> None:
    """All arrive; those of one key in the order in which they were sent."""
    found = seen(contract.order, open_patient)
    assert sorted(itertools.chain.from_iterable(found.values())) == list(range(30))
    if kind.promised.order != "none":
        assert all(numbers == sorted(numbers) for numbers in found.values())


def test_a_message_that_nobody_hears(kind: type[Channel], open_channel: Open) -> None:
    """Is kept for who comes later, or gone."""
    if kind.promised.unheard:  # the queue is there before its message, as in any real system
        seen(make, open_channel)
    assert seen(contract.unheard, open_channel) is kind.promised.unheard


async def make(open_channel: Open) -> None:
    async with contract.producer(open_channel):
        pass


def test_none_of_many_is_lost(kind: type[Channel], open_patient: Open) -> None:
    """Small messages, as many as the server can bear."""
    lost, twice = seen(contract.many, open_patient, kind.promised.many)
    assert lost == set()
    assert twice == 0


def test_a_server_is_killed_and_started_again(
    kind: type[Channel], server: Server, open_channel: Open
) -> None:
    """What it had accepted is there where it stores, and gone where it does not."""

    def restart() -> None:
        server.kill()
        server.start()

    kept = seen(contract.after_restart, open_channel, restart)
    assert (kept is kind.promised.restart) is ("restart" not in kind.differs)
