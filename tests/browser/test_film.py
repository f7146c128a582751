"""A film in a real JupyterLab: stepped through, dragged, clicked, heard and looked at by axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from course_lib.widgets import EmailScene, Explorer, film
from tests.bench.film import tables
from tests.browser.live import APART, faults, heard, keys_stay_inside, text
from tests.browser.pages import NO_KERNEL, change_theme, shown
from tests.conftest import Lab, in_ci
from tests.films import HERE, program

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/film.ipynb"
FITS = "scene => scene.scrollWidth - scene.clientWidth"
PRESS_RIGHT = """document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }))"""
STEP = """(scene, step) => {
    const dial = scene.querySelector("input[type=range]");
    dial.value = step;
    dial.dispatchEvent(new Event("input"));
}"""


def cells() -> list[str]:
    """The program of the call that blocks, in two cells, its film, and another one."""
    head, tail = (HERE / "blocked.py").read_text(encoding="utf-8").split("\n\n\nasync def main")
    return [head, f"async def main{tail}", "from course_lib.widgets import film\nfilm(main)"]


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on a notebook with two films of one program."""
    with shown(browser, lab, NAME, *cells(), "film(main)") as page:
        page.locator(".film-scene").nth(1).wait_for()
        yield page


@pytest.fixture
def scene(opened: Any) -> Any:
    """The first film, at its beginning."""
    found = opened.locator(".film-scene").first
    found.scroll_into_view_if_needed()
    found.evaluate(STEP, 0)
    return found


def at(scene: Any) -> str:
    """Which step it shows."""
    return text(scene.locator(".buttons > span"))


def test_forwards_and_backwards_by_key_and_button(opened: Any, scene: Any) -> None:
    """By line, by turn and by moment; and to both ends."""
    assert at(scene) == "step 0 of 25"
    assert text(scene.locator(".tale")).startswith("Nothing has run yet. main is ready")
    scene.get_by_role("button", name="Forward").click()
    for key in ["ArrowRight"] * 3 + ["ArrowLeft"]:
        opened.keyboard.press(key)
    assert at(scene) == "step 3 of 25"
    opened.keyboard.press("Shift+ArrowRight")
    assert at(scene) == "step 9 of 25"
    opened.keyboard.press("PageDown")
    assert at(scene) == "step 12 of 25"
    opened.keyboard.press("ArrowRight")
    tale = text(scene.locator(".tale"))
    assert tale.endswith("nobody else can run, though the timer of request 1 has rung.")
    assert text(scene.locator(".code > .held")).startswith("9 time.sleep(3)")
    opened.keyboard.press("End")
    assert at(scene) == "step 25 of 25"
    opened.keyboard.press("Home")
    assert at(scene) == "step 0 of 25"


def test_a_cell_is_named_by_its_number(scene: Any) -> None:
    """The program stands in two cells, and each line says in which."""
    assert [text(head) for head in scene.locator(".code .title").all()] == ["In [2]", "In [1]"]
    scene.evaluate(STEP, 13)
    assert text(scene.locator(".tale")).startswith("request 2 runs line 9 of In [1].")


def test_every_task_stands_in_a_box(scene: Any) -> None:
    """While one blocks, two are ready, one of them since its timer has rung."""
    scene.evaluate(STEP, 13)
    boxes = [text(box) for box in scene.locator("section").all()]
    assert boxes[1:] == [
        "Running at most one at a time request 2 number = 2",
        "Ready queue the loop takes the first request 3 request 1",
        "Timers the next to ring first nobody",
        "Waiting for others main for request 1, request 2 and request 3",
        "Over nobody",
    ]


def test_a_bar_is_clicked_and_the_time_is_dragged(opened: Any, scene: Any) -> None:
    """A bar leads to its line; between two steps the loop sleeps."""
    scene.evaluate(STEP, 25)
    scene.locator(".lane rect.k3").click()
    assert at(scene) == "step 13 of 25"
    axis = scene.locator(".axis div").bounding_box()
    x, y = axis["x"], axis["y"] + axis["height"] / 2
    opened.mouse.move(x + axis["width"] * 0.9, y)
    opened.mouse.down()
    opened.mouse.move(x + axis["width"] * 0.8, y)
    opened.mouse.up()
    assert text(scene.locator(".clock")) == "3.2 s"
    assert text(scene.locator(".tale")) == "Nobody is ready: the loop sleeps until 4 s."


def test_it_plays_until_it_is_stopped(opened: Any, scene: Any) -> None:
    """A step a second; with a hand on it, it rests."""
    scene.evaluate(STEP, 23)
    scene.get_by_role("button", name="Play").click()
    scene.locator(".buttons > span", has_text="step 24 of 25").wait_for()
    scene.locator(".buttons > span", has_text="step 25 of 25").wait_for()
    scene.get_by_role("button", name="Play").wait_for()


def test_keys_inside_change_no_cell_but_a_notebook_can_be_saved(opened: Any, scene: Any) -> None:
    """Letters are commands of the notebook's; Ctrl and ⌘ pass."""
    keys_stay_inside(opened, scene.get_by_role("button", name="Forward"))


def test_it_is_heard_once_the_keys_rest(scene: Any) -> None:
    """Ten presses are one announcement."""
    scene.get_by_role("button", name="Forward").focus()
    (said,) = heard(scene, PRESS_RIGHT)
    assert said.startswith("0 s. request 1 has its first turn")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(opened: Any, scene: Any, theme: str) -> None:
    """With two films in one notebook, in the middle and at the end of one."""
    change_theme(opened, theme)
    for step in (13, 25):
        scene.evaluate(STEP, step)
        assert faults(opened) == []
    change_theme(opened, "JupyterLab Light")


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_nothing_sticks_out(opened: Any, scene: Any, width: int) -> None:
    """On a narrow page the boxes stand below the program."""
    opened.set_viewport_size({"width": width, "height": 900})
    scene.evaluate(STEP, 13)
    assert scene.evaluate(FITS) == 0
    opened.set_viewport_size({"width": 1280, "height": 1100})


def test_without_a_kernel_it_goes_on(opened: Any, scene: Any) -> None:
    """All of it is in the page; the still form is hidden while it lives."""
    assert opened.locator(".course-still").count() == 2
    assert not any(part.is_visible() for part in opened.locator(".course-still").all())
    opened.evaluate(NO_KERNEL)
    scene.evaluate(STEP, 5)
    scene.get_by_role("button", name="Back").click()
    assert at(scene) == "step 4 of 25"


# ---- as one file ---------------------------------------------------------------------------------


def test_a_shared_film_needs_no_kernel_and_no_network(file_page: Any) -> None:
    """It is stepped through as in the notebook, and axe finds nothing."""
    page = file_page(film(program("deadlock")))
    scene = page.locator(".film-scene")
    page.keyboard.press("Tab")
    scene.get_by_role("button", name="Forward").press("End")
    assert at(scene) == "step 11 of 11"
    assert "transfer 2 waits for lock ann, which transfer 1 holds" in text(scene.locator(".stop"))
    found = Axe().run(page).response
    assert [rule["id"] for rule in found["violations"]] == []


@pytest.mark.parametrize(
    ("make", "setting"),
    [(lambda: EmailScene(mails=2), "Workers"), (Explorer, "Workers, as a number")],
    ids=["e-mail", "explorer"],
)
def test_any_scene_can_be_shared(file_page: Any, make: Any, setting: str) -> None:
    """As it is set; what needs a kernel it says it cannot do."""
    page = file_page(make())
    page.get_by_label(setting).fill("2")
    page.get_by_text("This page has no kernel: open the notebook to change that.").wait_for()


def test_without_a_script_there_is_the_still_form(file_page: Any) -> None:
    """Timeline and turns."""
    page = file_page(film(program("deadlock")), java_script_enabled=False)
    assert page.get_by_role("img").is_visible()
    assert "Turns of the event loop" in text(page.get_by_role("table").last)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_hundred_tasks_stay_within_a_thousand_pixels(file_page: Any, scheme: str) -> None:
    """Equal waits are told once, and of long lines only the first."""
    page = file_page(film(tables(100, 1)), color_scheme=scheme)
    scene = page.locator(".film-scene")
    last = int(scene.get_by_label("Step").get_attribute("max"))
    for step in range(0, last + 1, 25):
        scene.evaluate(STEP, step)
        assert scene.bounding_box()["height"] <= 1_000
        assert scene.evaluate(FITS) == 0


@pytest.mark.parametrize("width", [300, 420, 800])
def test_numbers_below_the_timeline_have_room(file_page: Any, width: int) -> None:
    """On a narrow page there are fewer of them."""
    page = file_page(film(program("restaurants")), viewport={"width": width, "height": 900})
    assert min(page.locator(".film-scene").evaluate(APART)) > 3


def test_forced_colours_keep_the_lit_line_and_the_bars_apart(file_page: Any) -> None:
    """Where all backgrounds are one colour, a frame is round the line."""
    page = file_page(film(program("blocked")), forced_colors="active", reduced_motion="reduce")
    scene = page.locator(".film-scene")
    scene.evaluate(STEP, 13)
    outline = "line => getComputedStyle(line).outlineStyle"
    assert scene.locator(".code > .held").evaluate(outline) == "solid"
    assert scene.locator(".code > div").first.evaluate(outline) == "none"
    fill = "bar => getComputedStyle(bar).fill"
    bars = [scene.locator(f".lane rect.k{kind}").first.evaluate(fill) for kind in (2, 3)]
    assert len(set(bars)) == 2
    assert page.evaluate("document.getAnimations().length") == 0
