"""The widgets in a real JupyterLab: whole stories, as a student plays with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.widgets import EmailScene, Explorer, practice
from course_lib.widgets.measures import percentile
from course_lib.widgets.schedule import Setting, draw_chance, schedule
from tests.browser.live import CELL_COUNT, faults, scene_of, text
from tests.browser.pages import KERNEL, change_theme, open_notebook, run_all, shown
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

NAME = "notebooks/widgets.ipynb"
CELLS = (
    "from course_lib.widgets import EmailScene, Explorer, practice, score",
    "EmailScene()",
    "Explorer()",
    'question = practice("good-night")\nquestion.pause = 1000\nquestion',
    "score()",
    "import time\nfrom pathlib import Path\n\n"
    "while not Path('morning').exists():\n    time.sleep(0.05)",
)
WRITE = """source =>
    jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(source)"""
MOVED_ON = "before => document.querySelector('.email-scene .time').textContent !== before"
# The clock goes on by more than any pause, so that no test waits for one, or is too slow for it.
LATER = """() => {
    const so_far = performance.now.bind(performance);
    performance.now = () => so_far() + 2e6;
}"""
RESTART = "jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"


def now(explorer: Any, clock: str) -> str:
    """The row of a clock, without what was before the last change."""
    row = explorer.get_by_role("table").first.get_by_role("row", name=clock)
    return " ".join(row.locator("th, td").all_inner_texts()[:3])


@pytest.fixture(scope="module")
def opened(lab: Lab, browser: Any) -> Iterator[Any]:
    """A page on a notebook that shows each widget, all its cells run but the last."""
    with shown(browser, lab, NAME, *CELLS[:-1]) as page:
        page.locator(".course-live").nth(3).wait_for()
        yield page


def test_send_an_e_mail_and_watch(opened: Any) -> None:
    """At its end the scene says the page's numbers: 3,000 against 60 ms, 50 times, not sent."""
    scene = scene_of(opened)
    clocks = scene.get_by_role("table").first
    assert text(clocks).count("not yet") == 6
    scene.get_by_label("Speed").select_option("4")
    scene.get_by_role("button", name="Send an e-mail").click()
    scene.locator(".ratio", has_text="50.0 times sooner: accepted, not sent").wait_for()
    scene.locator(".time", has_text="3,060 ms of 3,060 ms").wait_for()
    assert [text(row) for row in clocks.get_by_role("row").all()[1:]] == [
        "accepted 3,000 ms 60 ms 50.00 × sooner",
        "sent 3,000 ms 3,060 ms 1.02 × as long",
        "known to the user 3,000 ms 3,060 ms 1.02 × as long",
    ]


def test_a_slider_moves_the_picture(opened: Any) -> None:
    """The browser's p99 at another rate is the one that Python computes, also with the keyboard."""
    explorer = opened.locator(".explorer")
    dial = explorer.get_by_role("slider", name="Requests per second")
    dial.focus()
    for _ in range(5):
        opened.keyboard.press("ArrowRight")
    made = schedule(Setting(rate=0.35), draw_chance(1))
    done = percentile(99, made, "complete")
    assert done is not None
    explorer.get_by_text(f"{done / 1e6:.2f} s").first.wait_for()
    assert "rate=0.35" in explorer.get_by_label("These settings as code").input_value()


def test_a_question_by_keyboard_alone(opened: Any) -> None:
    """Wrong, feedback announced, a pause, again, right; the board counts along."""
    card = opened.locator(".practice").first
    said = card.locator(".said")
    assert said.get_attribute("role") == "status"
    before = opened.evaluate(CELL_COUNT)
    card.get_by_role("radio").first.focus()
    opened.keyboard.press("Space")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    said.get_by_text("Not quite.").wait_for()
    assert "70 ms with all workers dead" in text(said)
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")  # too soon: it says how long to wait, and changes nothing
    assert "Not quite." in text(said)
    opened.evaluate(LATER)
    card.locator("button[aria-disabled=false]").wait_for()
    opened.keyboard.press("Enter")
    said.get_by_text("Right.").wait_for()
    opened.evaluate("() => { delete performance.now; }")
    board = opened.locator(".practice").nth(1)
    board.get_by_text("1 of 1 right: 0 at the first try, 1 after another").wait_for()
    assert board.get_by_role("link", name="When the provider is away").count() == 1
    for key in "abxdm":
        opened.keyboard.press(key)
    assert opened.evaluate(CELL_COUNT) == before


def test_other_settings_are_other_runs(opened: Any) -> None:
    """Three mails and a crash: at its end the scene counts one doubled, one told of failure."""
    scene = scene_of(opened)
    scene.get_by_label("E-mails").fill("3")
    scene.get_by_label("A crash at the first").check()
    scene.get_by_text("of 13,060 ms").wait_for()  # the run with the crash has come
    scene.get_by_label("Time in milliseconds").press("End")
    assert text(scene.get_by_role("row", name="duplicated")) == "duplicated 0 1"
    assert text(scene.get_by_role("row", name="told failed 1 0")) == "told failed 1 0"
    scene.get_by_role("row", name="told failed, but sent 1 0").wait_for()
    scene.get_by_label("Ack before the work").check()
    scene.get_by_role("row", name="lost 0 1").wait_for()


def test_step_tells_a_screen_reader(opened: Any) -> None:
    """From event to event, and what each part does is said in the live region."""
    scene = scene_of(opened)
    scene.get_by_role("button", name="Reset").click()
    scene.get_by_role("button", name="Step", exact=True).click()
    said = scene.locator(".unseen[role=status]")
    said.filter(has_text="1 waiting").first.wait_for(state="attached")
    scene.get_by_role("button", name="Step", exact=True).click()
    said.filter(has_text="1 free").wait_for(state="attached")
    assert text(said).startswith("60 ms of ")


def test_bad_input_is_held_at_the_control(opened: Any) -> None:
    """A bound of zero and a letter have a reason beside them; the last good picture stays."""
    explorer = opened.locator(".explorer")
    before = explorer.get_by_label("These settings as code").input_value()
    field = explorer.get_by_label("Places in the queue, as a number")
    field.fill("0")
    alert = explorer.get_by_role("alert").filter(has_text="whole number from 1 to 50")
    alert.wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert explorer.get_by_label("These settings as code").input_value() == before
    field.fill("10")
    assert alert.count() == 0
    scene = scene_of(opened)
    scene.get_by_label("E-mails").press("Control+a")
    scene.get_by_label("E-mails").press("e")
    scene.get_by_role("alert").filter(has_text="Give a whole number from 1 to 6.").wait_for()
    scene.get_by_label("E-mails").fill("1")


def test_the_copied_line_opens_the_same_state(opened: Any, lab: Lab) -> None:
    """The code under the explorer, run in a cell, is the same state again."""
    explorer = opened.locator(".explorer")
    explorer.get_by_label("Preset").select_option("a full queue says no")
    line = explorer.get_by_label("These settings as code").input_value()
    made = eval(line, {"Explorer": Explorer})
    assert made.setting == Setting(rate=0.5, mode="async reject", bound=5)
    assert now(explorer, "done") == "done {} {}".format(
        *(
            f"{percentile(q, schedule(made.setting, draw_chance(1)), 'complete') / 1e6:.2f} s"
            for q in (50, 99)
        )
    )


def test_the_pages_own_demo_is_fifty_times(opened: Any) -> None:
    """The preset says the page's ratio, what it is worth, and that the work is done no sooner."""
    explorer = opened.locator(".explorer")
    explorer.get_by_label("Preset").select_option("the page's own demo")
    told = (
        "answers after 3.00 s: 50.0 times later. Accepted, not sent: done after 3.06 s here, 3.00"
    )
    explorer.get_by_text(told).wait_for()


def test_another_seed_and_the_picture_as_a_table(opened: Any) -> None:
    """The kernel sends the new chance, the line of code keeps it, the table is the schedule's."""
    explorer = opened.locator(".explorer")
    explorer.get_by_label("Preset").select_option("crashes, ack before the work")
    explorer.get_by_text("The same as a table").click()
    explorer.get_by_label("Seed of chance, as a number").fill("4")
    opened.wait_for_function(
        "document.querySelector('.explorer .code input').value.includes('seed=4')"
    )
    line = explorer.get_by_label("These settings as code").input_value()
    assert line == 'Explorer(rate=0.2, failure=0.1, ack="before", seed=4)'
    made = schedule(Setting(rate=0.2, failure=0.1, ack="before"), draw_chance(4))
    done = ["never" if f.complete is None else f"{f.complete / 1e6:.2f} s" for f in made.outcomes]
    cells = ".explorer details tr td:nth-child(6)"
    opened.wait_for_function(
        "([cells, done]) => [...document.querySelectorAll(cells)].map((c) => c.innerText).join()"
        " === done.join()",
        arg=[cells, done[:40]],
    )
    assert "never" in done[:40]
    explorer.get_by_label("Preset").select_option("a busy worker")
    opened.wait_for_function(
        "document.querySelector('.explorer .code input').value === 'Explorer()'"
    )
    explorer.get_by_text("The same as a table").click()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])  # the usual one last
def test_everybody_can_use_them(opened: Any, theme: str) -> None:
    """Axe finds nothing at all in the widgets, in both themes, and at 400 px nothing sticks out."""
    change_theme(opened, theme)
    assert faults(opened) == []
    opened.set_viewport_size({"width": 400, "height": 900})
    wider = opened.evaluate(
        "[...document.querySelectorAll('.course-live')].map(w => w.scrollWidth - w.clientWidth)"
    )
    opened.set_viewport_size({"width": 1280, "height": 1100})
    assert wider == [0, 0, 0, 0]


def test_the_scene_goes_on_while_the_kernel_sleeps(opened: Any, lab: Lab) -> None:
    """And the explorer's sliders move their picture; what needs the kernel says that it is busy."""
    opened.evaluate("jupyterapp.commands.execute('notebook:insert-cell-below')")
    opened.evaluate(WRITE, CELLS[-1])
    opened.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
    scene, explorer = scene_of(opened), opened.locator(".explorer")
    explorer.get_by_label("Seconds of work each, as a number").fill("2.5")
    assert "task=2.5" in explorer.get_by_label("These settings as code").input_value()
    done = percentile(99, schedule(Setting(task=2.5), draw_chance(1)), "complete")
    assert done is not None
    assert now(explorer, "done").endswith(f" {done / 1e6:.2f} s")
    explorer.get_by_text("The kernel is busy.").wait_for()
    scene.get_by_role("button", name="Reset").click()
    scene.get_by_label("Speed").select_option("0.25")
    scene.get_by_role("button", name="Play").click()
    for _ in range(3):  # the benchmark says how many in a second; here it moves at all
        opened.wait_for_function(MOVED_ON, arg=scene.locator(".time").text_content())
    scene.get_by_role("button", name="Pause").click()
    explorer.get_by_text("The kernel is busy.").wait_for()  # it slept all the while
    (lab.root / NAME).with_name("morning").touch()
    explorer.get_by_text("The kernel is busy.").wait_for(state="hidden")


def test_a_restart_is_told(opened: Any) -> None:
    """Each widget says that what it shows is from before."""
    opened.evaluate(RESTART)
    opened.locator(".course-live .notice", has_text="was restarted").nth(3).wait_for()


def test_run_again_after_a_restart_they_work(opened: Any) -> None:
    """They have the numbers of those before them, and are asked and answered in their place."""
    run_all(opened)
    told = opened.locator(".course-live .notice", has_text="was restarted")
    told.first.wait_for(state="hidden")
    assert told.count() == 0
    explorer = opened.locator(".explorer")
    explorer.get_by_label("Requests per second, as a number").fill("0.2")
    explorer.get_by_text("20,000 requests").first.wait_for()
    assert explorer.get_by_text("The kernel is busy.").count() == 0


def stored() -> nbformat.NotebookNode:
    """A notebook with the widgets' outputs, which nobody here has signed and no model is behind."""
    cells = []
    for widget in (EmailScene(), Explorer(), practice("good-night")):
        data, _ = DisplayFormatter().format(Still(widget))
        view = {"version_major": 2, "version_minor": 0, "model_id": "0" * 32}
        live = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "Run this cell."}
        outputs = [new_output("display_data", data=data), new_output("display_data", data=live)]
        cells.append(new_code_cell("made", outputs=outputs, execution_count=1))
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return new_notebook(cells=cells, metadata=metadata)


class Still:
    """The first output of a widget."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget

    def _repr_html_(self) -> str:
        return f'<div class="course-still">{self.widget.still()}</div>'

    def __repr__(self) -> str:
        return str(self.widget.words())


def check_still(page: Any) -> None:
    """Two pictures with their words, the numbers as tables, the question; no dead widget."""
    page.locator("img[alt^='2 timelines']").wait_for()
    for image in page.locator(".jp-OutputArea-output img").all():
        assert image.evaluate("picture => picture.complete && picture.naturalWidth") > 1000
        assert len(image.get_attribute("alt") or "") > 30
    shown = page.locator("body").inner_text()
    assert "60 ms" in shown
    assert "20.16 s" in shown
    assert "Can you go to bed?" in shown
    assert "model not found" not in shown


def test_reopened_untrusted_the_still_forms_are_there(lab: Lab, page: Any) -> None:
    """Without a model and without trust: pictures, tables and the question, and no error text."""
    nbformat.write(stored(), lab.root / "notebooks/stranger_widgets.ipynb")
    open_notebook(page, lab, "notebooks/stranger_widgets.ipynb")
    check_still(page)


def test_nbconvert_shows_the_still_forms(page: Any) -> None:
    """The same on a page of nbconvert's, with nothing loaded from elsewhere."""
    html, _ = HTMLExporter().from_notebook_node(stored())
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    check_still(page)
