"""What a reader sets in a scene, in a real JupyterLab: seen everywhere, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.live import faults, heard, text
from tests.browser.pages import READY, run_all, saved, shown
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/settings.ipynb"
CELLS = (
    "from course_lib.widgets import EmailScene, Explorer\n"
    "scene, explorer = EmailScene(), Explorer()",
    "scene",
    "explorer",
    "scene",
    "explorer",
    "print(scene.line, explorer.line, scene.settings['mails'])",
)
RUN_LAST = """() => {
    const { content } = jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    return jupyterapp.commands.execute("notebook:run-cell");
}"""
WRITE = """source => jupyterapp.shell.currentWidget.content.widgets.at(-1).model.sharedModel
    .setSource(source)"""
MOVE = """() => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = 2;
    return jupyterapp.commands.execute("notebook:move-cell-up");
}"""
REGIONS = "[role=status]:not(.notice), [role=alert], output, [aria-live]"
PRESS_LEFT = """const dial = scene.querySelector("input[type=range]");
    dial.stepDown();
    dial.dispatchEvent(new Event("input", { bubbles: true }));
    dial.dispatchEvent(new Event("change", { bubbles: true }))"""


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on which each of two widgets is seen twice."""
    with shown(browser, lab, NAME, *CELLS) as page:
        page.locator(".course-live").nth(3).wait_for()
        yield page


def line_of(page: Any, kind: str, view: int) -> Any:
    """The line of code below a view."""
    return page.locator(f".{kind}").nth(view).get_by_label("These settings as code")


def wait_for_lines(page: Any, *lines: str) -> None:
    """Until both views of both widgets have these lines."""
    for kind, line in zip(("email-scene", "explorer"), lines, strict=True):
        for view in range(2):
            expected = "([part, line]) => part.value === line"
            handle = line_of(page, kind, view).element_handle()
            page.wait_for_function(expected, arg=[handle, line])


def test_what_is_set_in_one_view_is_in_the_other_and_in_python(opened: Any) -> None:
    """And the other way: what Python sets is in both views."""
    opened.locator(".email-scene").first.get_by_label("E-mails").fill("3")
    opened.locator(".explorer").nth(1).get_by_label("Workers, as a number").fill("2")
    wait_for_lines(opened, "EmailScene(mails=3)", "Explorer(workers=2)")
    for view in range(2):
        scene = opened.locator(".email-scene").nth(view)
        scene.get_by_role("button", name="Send 3 e-mails").wait_for()
    opened.evaluate(RUN_LAST)
    opened.get_by_text("EmailScene(mails=3) Explorer(workers=2) 3").wait_for()
    opened.evaluate(WRITE, "scene.settings = {'workers': 2}; explorer.settings = {'order': 'lifo'}")
    opened.evaluate(RUN_LAST)
    wait_for_lines(opened, "EmailScene(workers=2)", 'Explorer(order="lifo")')
    assert opened.locator(".explorer").first.get_by_label("Order").input_value() == "lifo"


def test_moved_and_loaded_again_they_are_as_they_were(opened: Any, lab: Lab) -> None:
    """As long as the kernel lives."""
    opened.locator(".email-scene").first.get_by_label("E-mails").fill("2")
    opened.locator(".explorer").first.get_by_label("Workers, as a number").fill("3")
    set_so = ("EmailScene(mails=2, workers=2)", 'Explorer(workers=3, order="lifo")')
    wait_for_lines(opened, *set_so)
    opened.evaluate(MOVE)
    wait_for_lines(opened, *set_so)
    saved(opened, lab, NAME)
    opened.reload()
    opened.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.path")
    opened.evaluate(READY)
    opened.locator(".course-live").nth(3).wait_for()
    wait_for_lines(opened, *set_so)
    opened.locator(".email-scene").first.get_by_role("button", name="Send 2 e-mails").wait_for()


def test_what_was_before_is_beside_it(opened: Any) -> None:
    """The ghost of the setting before one change, however far the hand went; and in the tables."""
    explorer = opened.locator(".explorer").first
    explorer.get_by_label("Preset").select_option("a busy worker")
    explorer.get_by_label("Requests per second, as a number").press_sequentially("1")  # 0.31
    row = explorer.get_by_role("table").first.get_by_role("row", name="done")
    opened.wait_for_function("row => row.cells[3].innerText === '6.73 s'", arg=row.element_handle())
    assert [path.get_attribute("d") != "" for path in explorer.locator("path.before").all()] == [
        True,
        True,
    ]
    explorer.get_by_label("Order").select_option("lifo")  # another control is another change
    opened.wait_for_function("row => row.cells[3].innerText !== '6.73 s'", arg=row.element_handle())
    head = explorer.get_by_role("table").nth(1).get_by_role("columnheader").all_inner_texts()
    assert head == ["of 200 requests", "now", "before"]


def test_ten_presses_are_one_announcement(opened: Any) -> None:
    """A live region says where the keys have come to rest, in a few words."""
    (said,) = heard(opened.locator(".explorer").first, PRESS_LEFT, REGIONS)
    assert said.startswith("accepted: p50 60 ms, done: p50 ")
    assert len(said) < 100


def test_two_views_of_one_scene_are_told_apart(opened: Any) -> None:
    """Axe finds nothing: no landmark, and no id, is there twice."""
    assert faults(opened) == []


def test_in_forced_colours_a_legend_shows_its_samples(browser: Any, lab: Lab) -> None:
    """Each look of a line or a bar is told from the page behind it."""
    with shown(browser, lab, NAME, CELLS[0], "explorer", forced_colors="active") as page:
        page.locator(".explorer i").first.wait_for()
        looks = page.locator(".explorer p i").evaluate_all(
            "parts => parts.map(part => { const s = getComputedStyle(part);"
            " return [s.backgroundColor, s.borderTopStyle]; })"
        )
        card = page.locator(".explorer").evaluate("part => getComputedStyle(part).backgroundColor")
    assert len(looks) == 5
    assert [style == "dashed" or colour != card for colour, style in looks] == [True] * 5


def test_a_stopped_kernel_is_not_called_busy(opened: Any) -> None:
    """It is said that it has stopped, and nothing else, also when something is set."""
    opened.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    explorer = opened.locator(".explorer").first
    notice = explorer.locator(".notice", has_text="was restarted")
    notice.wait_for()
    explorer.get_by_label("Workers, as a number").fill("4")
    wait = "() => new Promise(done => setTimeout(done, 600))"  # longer than a view's patience
    opened.evaluate(wait)
    assert "kernel is busy" not in text(explorer)
    run_all(opened)


AGAIN = """async () => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
    await jupyterapp.commands.execute("notebook:run-cell");
}"""


def nodes(page: Any, devtools: Any) -> int:
    """How many nodes of a page the browser holds, shown or not, once it has cleaned up."""
    page.wait_for_timeout(300)
    devtools.send("HeapProfiler.collectGarbage")
    return int(devtools.send("Memory.getDOMCounters")["nodes"])


@pytest.mark.parametrize(
    "cell",
    [
        "EmailScene()",
        "Explorer()",
        "film(main)",
        "Incident('friday')",
        "practice('good-night')",
        "score()",
    ],
)
def test_a_cell_that_runs_again_leaves_nothing_behind(cell: str, browser: Any, lab: Lab) -> None:
    """Not even nodes that nobody sees: eight runs more hold what one of them does, and a rest."""
    first = "from course_lib.widgets import *\n\nasync def main():\n    pass"
    with shown(browser, lab, NAME, first, cell) as page:
        page.locator(".course-live").wait_for()
        devtools = page.context.new_cdp_session(page)
        own = page.locator(".course-live *").count()
        page.evaluate(AGAIN)
        before = nodes(page, devtools)
        for _ in range(8):
            page.evaluate(AGAIN)
            page.locator(".course-live").wait_for()
        assert nodes(page, devtools) - before < 2 * own + 200
