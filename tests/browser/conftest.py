"""What the tests of widgets share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from course_lib.widgets import share


@pytest.fixture
def file_page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a widget as one file; nothing may be asked of anybody, and nothing go wrong."""
    pages: list[Any] = []
    asked: list[str] = []

    def opens(widget: Any, **how: Any) -> Any:
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 1200}} | how)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.on("console", lambda message: asked.append(message.text))
        path = share(widget, tmp_path / f"{len(pages)}.html", title="A widget")
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield opens
    for page in pages:
        page.close()
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
