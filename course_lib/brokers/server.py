"""A private server: on a free port of this computer, with a folder of its own, gone afterwards.

    with brokers.nats() as server:
        connection = await nats.connect(server.url)

Gone also after an exception, an interrupt, or the end of the process by `kill -9`: see guard.py.
Where an environment variable names an address, the server that is there is used instead.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import ClassVar, Self

from ..validation import WordsAlone
from . import guard
from .progress import Progress

START_SECONDS = 120.0
"""Real ones, in which a server must answer: the slowest needs a quarter of it."""


class MissingServer(WordsAlone, RuntimeError):  # noqa: N818  no fault of the program's
    """This computer has no such server; says how to get it."""


class ServerError(RuntimeError):
    """A server did not begin, or is not running; says what it said last."""


class Server:
    """One system. A subclass says what to run, and how to see that it answers.

    Used by `with`, or by `start()` and `close()` where cells of a notebook come in between.
    """

    system: ClassVar[str]
    """As people call it: "Amazon SQS"."""
    variable: ClassVar[str]
    """Environment variable with the address of a server to use instead of a private one."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.port = 0
        self._given = os.environ.get(self.variable, "")
        self._guard: subprocess.Popen[bytes] | None = None
        self._missing: MissingServer | None = None

    # ---- what a subclass says -------------------------------------------------------------------
    @property
    def kind(self) -> str:
        """What it really is, such as "the real server, version 2.15.1" or "a stand-in"."""
        raise NotImplementedError

    def command(self, folder: Path, port: int) -> list[str]:
        """What to run, with its own folder and port. Raises MissingServer."""
        raise NotImplementedError

    def prepare(self, folder: Path, port: int, progress: Progress) -> None:
        """Put into its folder what it needs. Raises MissingServer."""

    def surroundings(self, folder: Path, port: int) -> dict[str, str]:
        """Environment variables that it needs."""
        return {}

    def address(self, port: int) -> str:
        """What its client is given."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it is ready for its clients."""
        with socket.socket() as connection:
            connection.settimeout(1.0)
            return connection.connect_ex(("127.0.0.1", self.port)) == 0

    # ---- what all of them do --------------------------------------------------------------------
    @property
    def url(self) -> str:
        """What its client is given. Raises MissingServer, or ServerError if it is not running."""
        if self._given:
            return self._given
        if self._missing:
            raise self._missing
        if self._guard is None:
            raise ServerError(f"{self.system} is not running: call start() first")
        return self.address(self.port)

    def start(self) -> Self:
        """Begin, and wait until it answers; again after `kill`, with what it had stored.

        Raises MissingServer, or ServerError with the last words of its log.
        """
        if self._given or self._guard is not None:
            return self
        folder = self.folder or Path(tempfile.mkdtemp(prefix=f"course-{type(self).__name__}-"))
        self.folder, self.port = folder, self.port or free_port()
        try:
            command = self.command(folder, self.port)
            with Progress(f"{self.system} is starting") as progress:
                self.prepare(folder, self.port, progress)
                self._begin(folder, command)
                self._wait(progress)
        except BaseException as why:
            self.close()
            self._missing = why if isinstance(why, MissingServer) else None
            raise
        return self

    def _begin(self, folder: Path, command: list[str]) -> None:
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__, str(folder), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **self.surroundings(folder, self.port)},
            start_new_session=True,  # a Ctrl-C is for the notebook, not for its server
        )
        os.set_blocking(self._guard.stdout.fileno(), False)  # type: ignore[union-attr]

    def _wait(self, progress: Progress) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.runs or time.monotonic() > until:
                raise ServerError(f"{self.system} did not start. Its last words: {self.log()}")
            progress.tick()

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        if self._guard is None or self._guard.stdout is None:
            return False
        return self._guard.stdout.read(1) is None  # "" is the end, None is not yet

    def log(self, most: int = 600) -> str:
        """The last letters that it wrote."""
        path = None if self.folder is None else self.folder / guard.LOG
        text = path.read_text("utf-8", "replace") if path and path.exists() else ""
        return " ".join(text.split())[-most:] or "none"

    def kill(self) -> None:
        """End it as a power cut would; its folder stays, for `start`."""
        self._end(b"keep\n")

    def close(self) -> None:
        """End it, with all that it has stored; once is enough. A server that was given stays."""
        self._end(b"")
        if self.folder is not None:
            guard.remove(self.folder)
        self.folder = None

    def _end(self, word: bytes) -> None:
        if self._guard is not None:
            self._guard.communicate(word)
        self._guard = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._given:
            return f"{self.system} at the address in {self.variable}"
        if self._missing:
            return str(self._missing)
        return f"{self.system}: {self.kind}" if self._guard else f"{self.system}, not running"


def free_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
