"""Kafka is the real one where Java and Maven are, and what stands in for it says so."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from course_lib import brokers
from course_lib.brokers import MissingServer, maven
from course_lib.brokers.channel import HOLD, Delivery
from course_lib.brokers.systems.kafka import ApacheKafka, Tansu
from course_lib.brokers.systems.kafka_admin import set_group
from course_lib.brokers.systems.kafka_share import ShareGroupChannel

from .conftest import started


def test_the_real_one_is_taken_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """And else another."""
    monkeypatch.setattr(ApacheKafka, "is_here", staticmethod(lambda: True))
    assert type(brokers.kafka()) is ApacheKafka
    monkeypatch.setattr(ApacheKafka, "is_here", staticmethod(lambda: False))
    assert type(brokers.kafka()) is Tansu


def test_java_alone_is_enough_once_all_is_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Maven is needed for the first time only."""
    monkeypatch.setattr(maven, "java", lambda _: "java")
    monkeypatch.setattr(maven, "cache", lambda: tmp_path)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert not ApacheKafka.is_here()
    (tmp_path / "kafka-4.4.0").mkdir()
    assert ApacheKafka.is_here()


def test_without_java_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the commands that bring it."""
    monkeypatch.setattr(maven, "java", lambda _: None)
    with pytest.raises(MissingServer, match="apt install maven, brew install maven, or on Windows"):
        ApacheKafka().start()


def test_a_fetch_that_fails_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what Maven said, and again wherever the address is asked for."""

    def fails(*_: object) -> None:
        raise maven.FetchError("Maven said: no network")

    monkeypatch.setattr(ApacheKafka, "is_here", staticmethod(lambda: True))
    monkeypatch.setattr(maven, "once", fails)
    server = ApacheKafka()
    with pytest.raises(MissingServer, match="Maven said: no network"):
        server.start()
    with pytest.raises(MissingServer, match="Maven said: no network"):
        _ = server.url


def test_a_consumer_that_hangs_loses_its_message_to_another() -> None:
    """In a share group, when its lock is over; a dead one loses it sooner."""

    async def main(url: str) -> Delivery | None:
        hangs, works = [await ShareGroupChannel.open(url, "hangs") for _ in range(2)]
        await hangs.listen()
        await hangs.send("a cake")
        assert await hangs.receive(30.0)
        began = time.monotonic()
        await works.listen()
        again = await works.receive(30.0)
        assert time.monotonic() - began > HOLD / 2
        await works.ack(again)
        for channel in (works, hangs):
            await channel.close()
        return again

    with started(ApacheKafka()) as server:
        again = asyncio.run(main(server.url))
    assert again is not None and again.attempt == 2


def test_a_broker_without_share_groups_is_told_apart() -> None:
    """Tansu takes their settings without a word, and forgets them."""
    with started(Tansu()) as server, pytest.raises(LookupError, match="no share groups"):
        set_group(server.url, "workers", {"share.delivery.count.limit": "3"})
