"""A line that says what is waited for, and from the third second on for how long already.

In a notebook it is an output that changes in place, and at the end says again what it said first,
so that a stored notebook does not depend on how long it took. In a terminal it is written anew.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")

QUIET = 2.0
"""Seconds of waiting about which nothing needs to be said."""
EVERY = 0.1
"""Seconds between two looks."""


class Progress:
    """`with Progress("RabbitMQ is starting") as progress: while …: progress.tick()`.

    Inside another one it says nothing: that one does.
    """

    _depth = 0

    def __init__(self, what: str) -> None:
        self.what = what
        self._began = self._told = time.monotonic()
        self._silent = Progress._depth > 0
        self._shown = None if self._silent else _shown(what)

    @property
    def seconds(self) -> float:
        """Real seconds since it began."""
        return time.monotonic() - self._began

    def tick(self) -> None:
        """Wait a moment, and say so if it was long."""
        time.sleep(EVERY)
        self.tell()

    def tell(self) -> None:
        """Say how long it takes already, once a second."""
        if self.seconds > QUIET and time.monotonic() - self._told > 1:
            self._told = time.monotonic()
            self._say(f"{self.what}: {self.seconds:.0f} s")

    def _say(self, words: str) -> None:
        if self._shown is not None:
            self._shown.update({"text/plain": words}, raw=True)
        elif sys.stderr.isatty() and not self._silent:
            sys.stderr.write(f"\r{words:79}")

    def __enter__(self) -> Progress:
        Progress._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        Progress._depth -= 1
        if self._shown is not None:
            self._say(self.what)
        elif sys.stderr.isatty() and self._told != self._began:
            sys.stderr.write(f"\r{'':79}\r")


async def waiting(what: str, awaited: Awaitable[T]) -> T:
    """The result of what a cell awaits, with the same line meanwhile; others go on.

    delivery = await waiting("Stripe tries again", requests.get())
    """
    with Progress(what) as progress:
        task = asyncio.ensure_future(awaited)
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=EVERY)
                progress.tell()
            return task.result()
        finally:
            task.cancel()


def _shown(what: str) -> Any:
    """The output of a notebook's cell; None outside of a notebook."""
    if "ipykernel" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        return None
    return display({"text/plain": what}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
