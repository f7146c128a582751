"""The book: every page complete, every link inside the site leads somewhere, and axe accepts it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from course_lib.staff.web.contents import notebooks
from tests.conftest import ROOT
from tests.site.reader import profile

LOOKED_AT = (
    "index.html",
    "notebooks/01_restaurant.html",
    "notebooks/08_interactive_comparison.html",
    "notebooks/deeper/webhooks.html",
    "how_it_works.html",
    "reference/course_lib.load.html",
)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
IN_THEME = "theme => { const at = document.documentElement.dataset; at.theme = at.mode = theme }"


class Page(HTMLParser):
    """What a page links to, what can be linked to in it, and pictures that say nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.silent = 0
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what matters of it."""
        found = {name: value or "" for name, value in attrs}
        self.anchors.add(found.get("id", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag in ("img", "script", "link") and found.get("rel") != "canonical":
            self.loaded += [found[name] for name in ("src", "href") if name in found]
        self.silent += tag == "img" and not found.get("alt", "").strip()


@pytest.fixture(scope="module")
def pages(built: Path) -> dict[Path, Page]:
    """Each page of the book."""
    paths = [path for path in built.rglob("*.html") if path.relative_to(built).parts[0] != "live"]
    return {path: Page(path) for path in paths}


@pytest.fixture(scope="module")
def browser(play: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page in a browser that asks no outside address."""
    with profile(play, tmp_path_factory.mktemp("reader")) as (context, outside):
        yield context.new_page()
    assert outside == []


def test_each_notebook_is_a_page(built: Path) -> None:
    """The lessons, what goes deeper, and the answers."""
    missing = [path for path in notebooks(ROOT) if not (built / path).with_suffix(".html").exists()]
    assert missing == []


def test_every_link_inside_the_site_leads_somewhere(built: Path, pages: dict[Path, Page]) -> None:
    """To a page, a heading in it, or a notebook that can be run."""
    broken = [
        f"{path.relative_to(built)}: {link}"
        for path, page in pages.items()
        for link in page.links
        if not leads_somewhere(path, link, pages, built)
    ]
    assert broken == []


def leads_somewhere(path: Path, link: str, pages: dict[Path, Page], built: Path) -> bool:
    """Whether what it names is there; one to another site is not asked."""
    parts = urlsplit(link)
    if parts.scheme:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if "live" in target.relative_to(built).parts:
        notebook = parse_qs(parts.query).get("path", [""])[0]
        return target.is_file() and (built / "live" / "files" / notebook).is_file()
    heading = unquote(urldefrag(link).fragment)
    return target in pages and (not heading or heading in pages[target].anchors)


def test_nothing_is_loaded_from_another_address(pages: dict[Path, Page]) -> None:
    """No script, style, font or picture; and each picture has a text."""
    loaded = {address for page in pages.values() for address in page.loaded}
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    assert {path.name: page.silent for path, page in pages.items() if page.silent} == {}


@pytest.mark.parametrize("name", LOOKED_AT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_accepts_a_page(name: str, theme: str, browser: Any, host: Any) -> None:
    """In both themes."""
    browser.goto(host[0] + name)
    browser.evaluate(IN_THEME, theme)
    browser.wait_for_timeout(300)  # colours go over slowly
    found = Axe().run(browser).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_page_fits_a_telephone(name: str, browser: Any, host: Any) -> None:
    """At 400 pixels nothing sticks out; wide things move inside their own frame."""
    browser.set_viewport_size({"width": 400, "height": 800})
    browser.goto(host[0] + name)
    wider = browser.evaluate(WIDER)
    browser.set_viewport_size({"width": 1280, "height": 900})
    assert wider <= 0


def test_the_search_finds_a_word(browser: Any, host: Any) -> None:
    """It looks in all pages, without a server."""
    browser.goto(f"{host[0]}search.html?q=backpressure")
    browser.wait_for_selector("#search-results li")
    assert browser.locator("#search-results li").count() >= 1


def test_each_part_tells_its_licence(built: Path) -> None:
    """No package is without; Pyodide and Python are named."""
    told = (built / "licences.txt").read_text(encoding="utf-8").splitlines()
    licences = dict(line.partition(": ")[::2] for line in told)
    assert {"Pyodide", "Python"} <= set(licences)
    wheels = {path.name.split("-")[0] for path in (built / "live").rglob("*.whl")}
    assert len(licences) >= len(wheels)
    assert all(licences.values())
