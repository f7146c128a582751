"""A reader's browser, which reaches the site and no other address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
# Not by intercepting what is asked: that would switch the browser's cache off.
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where the browser is; None if this computer has none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def profile(play: Any, folder: Path, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """A browser with a memory of its own, and the outside addresses that it asked in vain."""
    settings = {"viewport": {"width": 1280, "height": 900}} | options
    context = play.chromium.launch_persistent_context(
        folder, executable_path=chromium(), args=[*FLAGS, NOWHERE], **settings
    )
    outside: list[str] = []

    def note(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1", "data:", "blob:")):
            outside.append(request.url)

    context.on("request", note)
    try:
        yield context, outside
    finally:
        context.close()
