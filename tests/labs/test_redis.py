"""Where Redis's own server is not, Valkey's is taken; both are the same to a client."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from course_lib.brokers import MissingServer, Server, contract, redis
from course_lib.brokers.systems.redis import Redis, RedisChannel, StreamsChannel

from .conftest import started


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that has everything else."""
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if "redis" in name else found(name))


@pytest.fixture
def valkey(no_redis: None) -> Iterator[Server]:
    with started(redis(append_only=True)) as server:
        yield server


def test_valkey_is_taken_and_says_so(valkey: Server) -> None:
    """It is no stand-in: its code was Redis's."""
    assert repr(valkey) == "Redis: the real server of Valkey"


def test_what_redis_loses_valkey_loses_too(valkey: Server) -> None:
    """A message whose subscriber dies."""
    found = asyncio.run(contract.after_crash(partial(RedisChannel.open, valkey.url, "orders")))
    assert found.seconds is None


def test_a_stream_of_valkey_keeps_until_it_is_claimed(valkey: Server) -> None:
    """And is there after the server's death."""

    def restart() -> None:
        valkey.kill()
        valkey.start()

    open_stream = partial(StreamsChannel.open, valkey.url, "orders")
    found = asyncio.run(contract.after_crash(open_stream))
    assert found.seconds is not None and found.attempt == 2
    assert asyncio.run(contract.after_restart(open_stream, restart))


def test_as_it_comes_what_was_accepted_dies_with_the_server() -> None:
    """Nothing was saved yet: that is why the channel of Streams asks for more."""
    with started(redis()) as server:

        def restart() -> None:
            server.kill()
            server.start()

        open_stream = partial(StreamsChannel.open, server.url, "orders")
        assert not asyncio.run(contract.after_restart(open_stream, restart))


def test_without_any_server_it_is_missing(
    no_redis: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """In one sentence, with what brings one on each system."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(MissingServer, match=r"apt install .*brew install .*Windows"):
        Redis().command(tmp_path, 1)
