"""Google's own fake of Pub/Sub, pstest, as a server like ours: a few lines of Go, built here."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from course_lib.brokers import MissingServer
from course_lib.brokers.systems.pubsub import PubSub, PubSubChannel

SOURCE = Path(__file__).parent / "pstest"


@cache
def built() -> Path:
    """The program; Go keeps what it has compiled. Raises MissingServer."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise MissingServer("Google's fake of Pub/Sub needs Go to be built: apt install golang.")
    folder = tempfile.mkdtemp(prefix="course-pstest-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Path(folder) / "pstest"
    done = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=SOURCE,
        env={"GOTOOLCHAIN": "auto", **os.environ},  # Debian's Go does not fetch a newer one else
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MissingServer(f"Google's fake of Pub/Sub was not built: {done.stderr[-600:]}")
    return program


class GoogleFake(PubSub):
    """It keeps all in memory."""

    @property
    def kind(self) -> str:
        return "Google's own fake"

    def command(self, folder: Path, port: int) -> list[str]:
        return [str(built()), self.address(port)]


class GoogleFakeChannel(PubSubChannel):
    """The channel of the stand-in, on Google's fake."""

    promised = replace(PubSubChannel.promised, many=2_000)  # it looks at all for each
    differs = {"restart": "Google's fake keeps all in memory."}  # noqa: RUF012

    server = GoogleFake
