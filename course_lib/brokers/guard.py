"""Runs a server for a process that may die at any moment, and ends it with that process.

    python guard.py FOLDER COMMAND …

It stands between the two. Its standard input comes from the process that wants the server: when
that ends, however that process ended, the guard kills the server with all that the server began,
and takes away its folder. The word "keep" before leaves the folder, for a server that comes again.
Needs the standard library only, so that it is there in a moment. Reference: prctl(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

LOG = "server.log"
DIES_WITH_PARENT, ADOPTS_ORPHANS = 1, 36
PATIENCE = 5.0  # seconds for files that a dying server still holds open


def main(folder: Path, command: list[str]) -> None:
    """Run the command until the standard input ends; then end it, and all that it began."""
    if sys.platform == "linux":
        _process_control(ADOPTS_ORPHANS, 1)
    with (folder / LOG).open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_guard if sys.platform == "linux" else None,
        )
    threading.Thread(target=_tell_its_end, args=(server,), daemon=True).start()
    keep = "keep" in sys.stdin.read()
    _kill(server)
    if not keep:
        remove(folder)


def _tell_its_end(server: subprocess.Popen[bytes]) -> None:
    """Whoever reads our output sees it close when the server is gone."""
    server.wait()
    os.close(1)


def _die_with_guard() -> None:
    """In the server before it begins: if even the guard is killed, nothing is left."""
    _process_control(DIES_WITH_PARENT, signal.SIGKILL)


def _process_control(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _kill(server: subprocess.Popen[bytes]) -> None:
    """The server, and on Linux also those of its children that left its group."""
    if sys.platform == "win32":
        words = ["taskkill", "/T", "/F", "/PID", str(server.pid)]
        subprocess.run(words, capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    while orphans := _children():
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)


def _children() -> list[int]:
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return [int(word) for word in path.read_text("ascii").split()] if path.exists() else []


def remove(folder: Path) -> None:
    """Take it away with all that is in it; given up after `PATIENCE`."""
    until = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
