"""The numbers of the widgets' axes, on pages as narrow as a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from course_lib.widgets import EmailScene, Explorer, Incident, film
from tests.browser.live import APART
from tests.conftest import in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

LONG = 3599, 10 / 1_000_000  # seconds, whose numbers are long: 40 min, and 0.008 ms
SCENES: dict[str, Callable[[], Any]] = {
    "an e-mail of 2.4 s": lambda: EmailScene(task=2.4),
    "three quick e-mails": lambda: EmailScene(mails=3, task=0.4),
    "four slow e-mails": lambda: EmailScene(mails=4, task=10, outage=True),
    "a film of an hour": lambda: film(asyncio.sleep(LONG[0])),
    "a film of an instant": lambda: film(asyncio.sleep(LONG[1])),
    "an incident": Incident,
}


@pytest.mark.parametrize("made", SCENES)
def test_numbers_of_an_axis_do_not_touch(file_page: Any, made: str) -> None:
    """At each width there are as many as have room, the first among them, and more on a wide one;
    JupyterLab leaves a widget on a page of 320 pixels two thirds of that.
    """
    page = file_page(SCENES[made]())
    scene = page.locator(".course-live")
    count = []
    for width in (200, 260, 320, 400, 1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        apart = scene.evaluate(APART)
        assert min(apart, default=9) > 3, f"{width} pixels"
        count.append(1 + len(apart))
    assert count == [*sorted(count[:-1]), count[2]]
    assert count[-2] >= 3


COLUMNS = """scene => [...scene.querySelectorAll(".panel, .promises li, .fields .field")]
    .map((part) => scene.getBoundingClientRect().right - part.getBoundingClientRect().right)"""


@pytest.mark.parametrize("made", ["an explorer", "four slow e-mails", "an incident"])
def test_no_column_sticks_out_of_a_narrow_page(file_page: Any, made: str) -> None:
    """One that asks for more than there is takes what there is; numbers stay in their tables."""
    widget = Explorer() if made == "an explorer" else SCENES[made]()
    page = file_page(widget, viewport={"width": 200, "height": 900})
    room = page.locator(".course-live").evaluate(COLUMNS)
    assert len(room) > 1
    assert min(room) > 0


def test_a_narrow_film_has_room_for_its_time(file_page: Any) -> None:
    """The names of its lanes leave it a third at least, and are cut where they are longer."""
    page = file_page(film(asyncio.sleep(3)), viewport={"width": 240, "height": 900})
    axis, time = (page.locator(part).bounding_box()["width"] for part in (".axis div", ".time"))
    assert axis > time / 3
