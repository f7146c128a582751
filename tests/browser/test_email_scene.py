"""The e-mail scene in a real JupyterLab. That it is sent and watched is told in `test_widgets`."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean
from typing import Any

import pytest

from course_lib.flow import run
from course_lib.scenarios import email
from tests.browser.live import CELL_COUNT, MOVED, scene_of, text
from tests.browser.pages import shown
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/scene.ipynb"
SIDES = {"synchronous": email.synchronous, "asynchronous": email.asynchronous}
# Move the slider of the task's time on with each frame, as a hand does.
DRAG = """async (dial) => {
    for (let time = 500; time <= 5000; time += 100) {
        dial.value = time;
        dial.dispatchEvent(new Event("input", { bubbles: true }));
        await new Promise(requestAnimationFrame);
    }
}"""


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on a notebook with one scene, for a reader who has asked for less motion."""
    cell = "from course_lib.widgets import EmailScene\nEmailScene(mails=3, workers=2)"
    with shown(browser, lab, NAME, cell, reduced_motion="reduce") as page:
        scene_of(page).wait_for()
        yield page


def to_the_end(scene: Any) -> None:
    scene.get_by_label("Time in milliseconds").press("End")


def test_nothing_moves_until_asked(opened: Any) -> None:
    """For a second not one frame changes; nobody waits and nobody works."""
    assert opened.evaluate(MOVED) == 0
    assert text(scene_of(opened).get_by_label("asynchronous")).endswith(
        "users: 3 ready server: idle queue: 0 in line worker 1: idle worker 2: idle"
    )


def test_with_less_motion_it_goes_from_event_to_event(opened: Any) -> None:
    """Play shows the moments in which something happens, and nothing between them."""
    scene = scene_of(opened)
    scene.get_by_role("button", name="Play").click()
    for moment in ("0 ms", "60 ms", "1,000 ms"):
        scene.locator(".time", has_text=f"{moment} of 6,060 ms").wait_for()
        assert opened.evaluate("document.getAnimations().length") == 0
    scene.get_by_role("button", name="Pause").click()


def test_its_numbers_are_the_trace_s(opened: Any) -> None:
    """The means at the end are those of `email.clocks`, for three mails and two workers."""
    scene = scene_of(opened)
    to_the_end(scene)
    found = [email.clocks(run(way(3, workers=2))) for way in SIDES.values()]
    for name, clock in {"accepted": "accept", "sent": "complete", "known": "know"}.items():
        row = scene.get_by_role("table").first.get_by_role("row", name=name)
        times = [1000 * mean(getattr(c, clock) for c in clocks) for clocks in found]
        shown = [text(cell) for cell in row.get_by_role("cell").all()[:2]]
        assert shown == [f"{time:,.0f} ms" for time in times]


def test_the_picture_follows_a_slider_that_is_dragged(opened: Any) -> None:
    """JupyterLab delivers later changes on a thread of its own; the newest one is shown."""
    scene = scene_of(opened)
    to_the_end(scene)
    scene.get_by_label("Time to send one").evaluate(DRAG)
    scene.locator(".time", has_text="10,060 ms of 10,060 ms").wait_for()
    assert text(scene.locator(".notice")) == ""
    line = scene.get_by_label("These settings as code")
    assert line.input_value() == "EmailScene(mails=3, workers=2, task=5)"


def test_the_end_of_every_scene_can_be_reached(opened: Any) -> None:
    """Also of one whose end is no round number."""
    scene = scene_of(opened)
    scene.get_by_label("One every … ms").fill("333")
    scene.get_by_label("Time to send one").fill("5000")
    scene.get_by_label("E-mails").fill("2")
    scene.locator(".time", has_text="of 5,393 ms").wait_for()
    scene.get_by_role("button", name="Reset").click()
    to_the_end(scene)
    assert text(scene.locator(".time")) == "5,393 ms of 5,393 ms"
    assert "not yet" not in text(scene.get_by_role("table").first)


def test_keys_inside_change_no_cell(opened: Any) -> None:
    """Letters that are commands of the notebook, pressed in a field and on a button."""
    before, scene = opened.evaluate(CELL_COUNT), scene_of(opened)
    for part in (scene.get_by_label("Workers"), scene.get_by_role("button", name="Step")):
        part.focus()
        for key in "abxdm":
            opened.keyboard.press(key)
    assert opened.evaluate(CELL_COUNT) == before


def test_twice_as_large_nothing_sticks_out(opened: Any) -> None:
    """At 200 % a window of 1280 by 1100 is one of 640 by 550."""
    opened.set_viewport_size({"width": 640, "height": 550})
    wider = "scene => scene.scrollWidth - scene.clientWidth"
    assert scene_of(opened).evaluate(wider) == 0
    opened.set_viewport_size({"width": 1280, "height": 1100})
