"""The widgets, and the numbers of their axes, on pages as narrow as a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from course_lib.widgets import EmailScene, Explorer, Incident, film, practice
from tests.browser.live import APART, faults
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


async def long_names() -> None:
    """Tasks whose names are wider than a narrow page; each writes one line, which is lit."""
    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(asyncio.sleep(1), name=f"the customer of table number {number}")


# Each moves its time to where there is most to see, by its dial.
AT = """(scene, part) => {
    const dial = scene.querySelector("input[type=range]");
    dial.value = part * dial.max;
    dial.dispatchEvent(new Event("input"));
}"""
# What is wider than the page where no scroller shows it.
OUTSIDE = """scene => {
    const { left, right } = scene.getBoundingClientRect();
    const scrolls = part => part.closest("[tabindex='0'][aria-label], .code, .time");
    return [...scene.querySelectorAll(":not(svg *)")].filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width && !scrolls(part.parentElement) && !part.closest(".unseen")
            && (box.right > right || box.left < left);
    }).map((part) => part.outerHTML.slice(0, 80));
}"""
# Words that lie over others, and words of which a part is cut off.
ROWS = ".captions, .axis:not(.time *, .lines *)"
OVER = (
    f"""scene => [...scene.querySelectorAll("{ROWS}")]"""
    + """.flatMap((row) => {
    const words = [...row.children].map((word) => [word.textContent, word.getBoundingClientRect()])
        .filter(([, { width }]) => width);
    return words.flatMap(([one, a], n) => words.slice(n + 1).filter(([, b]) =>
        a.left < b.right + 1 && b.left < a.right + 1 && a.top < b.bottom && b.top < a.bottom)
        .map(([other]) => [one, other]));
})"""
)
CUT = """scene => [...scene.querySelectorAll(".future, .log li:first-child, .chip:not(.who *)")]
    .filter((part) => {
        const words = document.createRange();
        words.selectNodeContents(part);
        const size = words.getBoundingClientRect(), box = part.getBoundingClientRect();
        const list = part.closest("ol")?.getBoundingClientRect() ?? box;
        const end = Math.min(box.bottom, list.bottom) + 1;
        return size.width && (size.right > box.right || size.bottom > end);
    }).map(({ textContent }) => textContent)"""
NARROW = SCENES | {
    "an explorer": Explorer,
    "a film of long names": lambda: film(long_names),
    "a question": lambda: practice("good-night"),
}


@pytest.mark.parametrize("width", [200, 240, 320, 520])
@pytest.mark.parametrize("made", NARROW)
def test_all_can_be_read_on_a_narrow_page(file_page: Any, made: str, width: int) -> None:
    """Nothing sticks out but what can be scrolled to, nothing lies over other words or is cut."""
    page = file_page(NARROW[made](), viewport={"width": width, "height": 900})
    scene = page.locator(".course-live")
    scene.wait_for()
    has_time = made != "an explorer" and scene.locator("input[type=range]").count()
    for part in (0, 0.3, 1) if has_time else (None,):
        if part is not None:
            scene.evaluate(AT, part)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert scene.evaluate("scene => scene.scrollWidth - scene.clientWidth") == 0
        assert scene.evaluate(OUTSIDE) == []
        assert scene.evaluate(OVER) == []
        assert scene.evaluate(CUT) == []
    assert faults(page) == []
