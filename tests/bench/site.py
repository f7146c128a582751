"""How long a reader of the site waits, and what each part of it weighs on the wire.

Lesson 1 is opened in a fresh browser, then in a new page of the same one, which has kept what the
host let it keep. Times run from opening the page: until the text can be read, until Jupyter has
drawn it and it can be changed, until Python is there, and until the first picture is. The host
packs what it sends, as hosts do. In the site's own environment it is run by
`SITE=FOLDER .venv-site/bin/python -m tests.bench site`, with the folder of a built site.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.conftest import ROOT
from tests.site.promised import (
    MOST_ON_DISK,
    MOST_ON_THE_WIRE,
    MOST_READABLE,
    MOST_SECONDS,
    MOST_SECONDS_AGAIN,
)
from tests.site.reader import chromium, profile
from tests.site.served import Traffic, served
from tests.site.test_interface import AHEAD, READY, RUN, SOURCES

BUILT = Path(os.environ.get("SITE", ROOT / "site"))
LESSON = "live/notebooks/index.html?path=notebooks/01_restaurant.ipynb"
TEXT, JUPYTERS = f"{AHEAD} h1, .jp-MarkdownOutput h1", ".jp-MarkdownOutput h1"


def main() -> None:
    """Print a table; the limits stand beside what is measured."""
    if not (BUILT / "live").is_dir() or chromium() is None:
        print("site: there is none to measure (python3 start.py site), or no Chromium")
        return
    sizes = (path.stat().st_size for path in (BUILT / "live").rglob("*") if path.is_file())
    print(f"\nthe site, on disk: {sum(sizes) / 1e6:.1f} MB (at most {MOST_ON_DISK})")
    with (
        served(BUILT) as (address, traffic),
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as play,
        profile(play, Path(folder)) as (context, outside),
    ):
        context.set_default_timeout(120_000)
        for name, most in (("first", MOST_SECONDS), ("second", MOST_SECONDS_AGAIN)):
            traffic.sent.clear()
            text, drawn, ready, picture = visit(context.new_page(), address + LESSON)
            print(
                f"{name} visit: text {text:.1f} s (at most {MOST_READABLE}), "
                f"Jupyter {drawn:.1f} s, Python {ready:.1f} s, "
                f"first picture {picture:.1f} s (at most {most}), {traffic.megabytes():.1f} MB "
                f"in {len(traffic.sent)} files (at most {MOST_ON_THE_WIRE} MB)"
            )
            if name == "first":
                print(parts(traffic))
        print(f"outside addresses asked: {len(outside)}")


def visit(page: Any, address: str) -> tuple[float, float, float, float]:
    """Seconds until there are the text, Jupyter's notebook, Python, and the first picture."""
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(TEXT)
    text = time.perf_counter() - begin
    page.wait_for_selector(JUPYTERS)
    drawn = time.perf_counter() - begin
    page.wait_for_function(READY)
    ready = time.perf_counter() - begin
    for index, source in enumerate(page.evaluate(SOURCES)):
        if "import" in source or "async def" in source or ".show(" in source:
            outputs = page.evaluate(RUN, index)
            if any("img" in str(output.get("data")) for output in outputs or ()):
                break
    return text, drawn, ready, time.perf_counter() - begin


def parts(traffic: Traffic) -> str:
    """What weighs most, a line each."""
    weights: Counter[str] = Counter()
    for path, size in traffic.sent:
        is_python = "static/pyodide" in path
        weights[path.rsplit("/", 1)[1].split("-")[0] if is_python else "Jupyter"] += size
    return "\n".join(f"  {size / 1e6:5.2f} MB  {name}" for name, size in weights.most_common(12))
