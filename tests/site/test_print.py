"""A page of the book prints well: all that is written, light, whole, and on A4.

The addresses of outside links are printed after them, for on paper nobody can follow a link; what
is folded together stays so, and a question on paper keeps its answer to itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.site.paper import A4_MM, MARGIN_MM, WIDE, printed
from tests.site.reader import profile

PRINTED = (
    "index.html",
    "notebooks/01_restaurant.html",
    "notebooks/07_common_mistakes.html",
    "notebooks/08_interactive_comparison.html",
    "notebooks/deeper/webhooks.html",
    "how_it_works.html",
    "reference/course_lib.load.html",
)
DARK = "() => { const at = document.documentElement.dataset; at.theme = at.mode = 'dark' }"
SEEN = "[...document.querySelectorAll('body *')].filter(one => one.getClientRects().length)"
FOR_A_SCREEN = f"""{SEEN}.filter(one => one.matches(
  'nav, button, input, select, form, header.bd-header, .headerlink, .try-live'))
  .map(one => one.outerHTML.slice(0, 100))"""
CUT_OFF = f"""{SEEN}.filter(one => one.getBoundingClientRect().right > innerWidth + 1
  || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible'))
  .map(one => one.outerHTML.slice(0, 100))"""
COLOURS = """() => { const { color, backgroundColor } = getComputedStyle(document.body)
  return [color, backgroundColor] }"""
LINKS = """() => [...document.querySelectorAll('.bd-article a[href^=http]')].map(link =>
  [link.href, getComputedStyle(link, '::after').content])"""
ROOM_MM = 20
"""A heading and two lines."""


@pytest.fixture(scope="module")
def reader(play: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page that is as wide as paper."""
    folder = tmp_path_factory.mktemp("paper")
    with profile(play, folder, viewport={"width": WIDE, "height": 1000}) as (context, _):
        yield context.new_page()


@pytest.fixture(scope="module", params=PRINTED)
def page(request: pytest.FixtureRequest, reader: Any, host: Any) -> Any:
    """One that was read in the dark theme, and is going to be printed."""
    reader.emulate_media(media="screen")
    reader.goto(host[0] + request.param)
    reader.evaluate(DARK)
    reader.emulate_media(media="print")
    reader.wait_for_function("document.documentElement.dataset.theme === 'light'")
    return reader


def test_nothing_is_printed_that_needs_a_screen(page: Any) -> None:
    """No navigation, no search, no buttons, no link to what is alive."""
    assert page.evaluate(FOR_A_SCREEN) == []


def test_nothing_is_cut_off(page: Any) -> None:
    """Neither code nor a table is wider than the paper: what moved in a frame is broken."""
    assert page.evaluate(CUT_OFF) == []


def test_the_dark_theme_prints_light(page: Any) -> None:
    """Dark letters on white, and afterwards the screen is dark again."""
    ink, paper = page.evaluate(COLOURS)
    assert max(map(int, ink.strip("rgb()").split(","))) < 100, ink
    assert paper == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    page.emulate_media(media="print")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")


def test_the_address_of_an_outside_link_is_printed(page: Any) -> None:
    """After its words; one to another page of the book has none."""
    for address, after in page.evaluate(LINKS):
        assert address.rstrip("/") in after


def test_pictures_are_whole_and_headings_stay_with_what_follows(page: Any) -> None:
    """On sheets of A4: no picture is on two of them, and no heading is the last of its sheet."""
    paper = printed(page)
    assert set(paper.sizes) == {A4_MM}
    sheets = Counter(number for pictures in paper.pictures for number in pictures)
    assert [number for number, count in sheets.items() if count > 1] == []
    assert paper.headings
    assert min(paper.headings) >= MARGIN_MM + ROOM_MM
