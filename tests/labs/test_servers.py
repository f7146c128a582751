"""A server's whole life: private, and gone however the process ends that wanted it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_lib import brokers
from course_lib.brokers import MissingServer, Server
from course_lib.brokers.kinds import KINDS

from .conftest import started

PATIENCE = 30.0
SERVERS = tuple(dict.fromkeys(type(kind.server()) for kind in KINDS))
each = pytest.mark.parametrize("made", SERVERS, ids=lambda made: made.__name__)
HOLDS_ONE = """
import importlib, sys, time
server = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])().start()
print(server.folder, flush=True)
time.sleep(600)
"""


def processes_in(folder: str) -> list[str]:
    """Command lines of the processes that have the folder in theirs, or work in it."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if folder in words or os.readlink(path / "cwd").startswith(folder):
                found.append(words)
        except OSError:
            continue
    return found


def gone(folder: str) -> bool:
    """Whether all of a server is, within a while."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if not processes_in(folder) and not Path(folder).exists():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
@each
def test_nothing_is_left_when_the_parent_is_killed(made: type[Server]) -> None:
    """With kill -9: no process, no folder."""
    with started(made()):
        pass  # else it is missing
    words = [sys.executable, "-c", HOLDS_ONE, made.__module__, made.__name__]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as parent:
        folder = parent.stdout.readline().strip()
        assert processes_in(folder)
        parent.send_signal(signal.SIGKILL)
    assert gone(folder)


@each
def test_nothing_is_left_after_an_exception(made: type[Server]) -> None:
    """In the block: the server goes, the exception stays."""
    with pytest.raises(KeyboardInterrupt), started(made()) as server:
        folder = str(server.folder)
        raise KeyboardInterrupt
    assert gone(folder)


@each
def test_it_says_what_it_is(made: type[Server]) -> None:
    """The system, and whether that is the real one or what stands in for it."""
    with started(made()) as server:
        assert repr(server) == f"{server.system}: {server.kind}"
        assert "stand-in" in server.kind or "real" in server.kind or "compatible" in server.kind
    assert "not running" in repr(server)


@each
def test_an_address_in_the_environment_is_used_instead(
    made: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is started, and nothing is ended."""
    monkeypatch.setenv(made.variable, "somewhere")
    with made() as server:
        assert server.url == "somewhere"
        assert server.folder is None
        assert repr(server) == f"{server.system} at the address in {server.variable}"


def test_a_missing_server_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the commands that bring it; and again wherever its address is asked for."""
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    server = brokers.nats()
    with pytest.raises(MissingServer, match="apt install nats-server, brew install") as first:
        server.start()
    with pytest.raises(MissingServer, match=str(first.value)):
        _ = server.url
    assert first.value._render_traceback_() == [str(first.value)]
