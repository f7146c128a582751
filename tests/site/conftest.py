"""The site, built once for all of these tests, and a browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from course_lib.staff import site
from tests.conftest import missing
from tests.site.kernel import Kernel
from tests.site.reader import chromium, profile
from tests.site.served import Traffic, served


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site; with SITE, one that is there already."""
    if chromium() is None:
        missing("No Chromium or Chrome on the PATH.")
    if "SITE" in os.environ:
        return Path(os.environ["SITE"]).resolve()
    out = tmp_path_factory.mktemp("site") / "site"
    site.build(out)
    return out


@pytest.fixture(scope="session")
def host(built: Path) -> Iterator[tuple[str, Traffic]]:
    """Its address, and what goes over the wire; Jupyter asked for nothing that is left out."""
    with served(built) as host:
        yield host
    assert [path for path in host[1].missing if "/live/" in path] == []


@pytest.fixture(scope="session")
def play() -> Iterator[Any]:
    """Playwright, which drives the browser."""
    with sync_playwright() as play:
        yield play


@pytest.fixture(scope="module")
def kernel(host: Any, play: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A Python of the site, one for all tests of a file; no outside address was asked."""
    with profile(play, tmp_path_factory.mktemp("profile")) as (context, outside):
        yield Kernel(context.new_page(), host[0])
    assert outside == []
