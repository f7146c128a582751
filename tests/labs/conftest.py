"""What the labs' tests share: each kind of channel with a server that is started once."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest

from course_lib.brokers import MissingServer, Server
from course_lib.brokers.channel import Channel
from course_lib.brokers.kinds import KINDS
from tests.conftest import missing

if importlib.util.find_spec("nats") is None:
    collect_ignore_glob = ["*.py"]


def started(server: Server) -> Server:
    """The server; a person's machine may lack it, CI's may not."""
    try:
        return server.start()
    except MissingServer as why:
        missing(str(why))


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.system)
def kind(request: pytest.FixtureRequest) -> type[Channel]:
    """One after the other, so that there is never more than one server at a time."""
    return request.param


@pytest.fixture(scope="module")
def server(kind: type[Channel]) -> Iterator[Server]:
    with started(kind.server()) as made:
        yield made
