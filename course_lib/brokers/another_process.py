"""A function in a process of its own, which may die there without harm to anybody else.

consumer = another_process(receive_and_die, server.url)
consumer.line()     # what it printed first, such as "listening"
consumer.end()      # what it printed since, and its code: 9
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECONDS = 90.0
"""Real ones after which it is stopped."""
ENDS_WITH_US = """\
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is over."""

    said: str
    """What it printed, but for the lines that were read before."""
    code: int
    """How it ended: 0 is well."""

    def __repr__(self) -> str:
        return f"it said {self.said!r} and ended with code {self.code}"


class Process:
    """A process that runs a function; it ends with this one, however this one ends."""

    def __init__(self, name: str, program: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._late = threading.Timer(SECONDS, self._process.kill)
        self._late.daemon = True
        self._late.start()

    def line(self) -> str:
        """The next line that it prints; waits for it. Raises RuntimeError if there is none."""
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise RuntimeError(f"{self.name} ended without a word: {self.end()}")
        return line.strip()

    def end(self) -> Ended:
        """Wait for its end. Raises RuntimeError with what Python said if it was an error."""
        complaints: list[str] = []
        with self._process as process:  # which closes its input, its sign to end, only afterwards
            listener = threading.Thread(target=lambda: complaints.extend(process.stderr or ()))
            listener.start()
            said = "".join(process.stdout or ())
            listener.join()
        self._late.cancel()
        if any("Traceback" in line for line in complaints):
            raise RuntimeError(f"{self.name}: {complaints[-1].strip()}")
        return Ended(said.strip(), self._process.returncode)


def another_process(function: Callable[..., Any], *words: str) -> Process:
    """Run a function, or a coroutine function, with these words in a fresh Python.

    It knows nothing of this process: what it needs, it imports itself.
    """
    source = textwrap.dedent(inspect.getsource(function))
    call = f"{function.__name__}(*{list(words)!r})"
    if inspect.iscoroutinefunction(function):
        call = f"__import__('asyncio').run({call})"
    return Process(function.__name__, f"{ENDS_WITH_US}{source}\n{call}\n")
