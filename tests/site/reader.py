"""A reader's browser, which reaches the site and no other address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import BROWSER_WORDS, browser_here

# Not by intercepting what is asked: that would switch the browser's cache off.
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def chromium() -> str | None:
    """Where the browser is, one that the other tests know, too; None if there is none here."""
    return browser_here()


@contextmanager
def profile(play: Any, folder: Path, **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """A browser with a memory of its own, and the outside addresses that it asked in vain."""
    settings = {"viewport": {"width": 1280, "height": 900}} | options
    context = play.chromium.launch_persistent_context(
        folder, executable_path=chromium(), args=[*BROWSER_WORDS, NOWHERE], **settings
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
