"""A trace in a real JupyterLab, and on a page of nbconvert's: seen, and told in words."""

from __future__ import annotations

import asyncio
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from IPython.core.formatters import DisplayFormatter
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.flow import run
from course_lib.timeline import compare
from tests.browser.pages import (
    KERNEL,
    change_theme,
    complaints,
    open_notebook,
    run_all,
    saved,
    write,
)
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, in_ci]

PROGRAM = """\
import asyncio
from course_lib.flow import run
from course_lib.timeline import compare

async def slow():
    await asyncio.sleep(3)

trace = run(slow)
"""
OUTPUT = ".jp-OutputArea-output"


async def slow() -> None:
    """What the notebook's own program does."""
    await asyncio.sleep(3)


def shown_before() -> nbformat.NotebookNode:
    """A notebook with a trace and a comparison as stored outputs, which nobody here has signed."""
    trace = run(slow)
    cells = []
    for source, value in (
        ("trace", trace),
        ("compare(a=trace, b=trace)", compare(a=trace, b=trace)),
    ):
        data, _ = DisplayFormatter().format(value)
        output = new_output("execute_result", data=data, execution_count=1)
        cells.append(new_code_cell(source, outputs=[output], execution_count=1))
    return new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )


def check_outputs(page: Any) -> None:
    """Two pictures with their words, tables that open, and nothing that axe objects to."""
    images = page.locator(f"{OUTPUT} img")
    images.nth(1).wait_for()
    assert images.count() == 2
    for image in images.all():
        assert image.evaluate("picture => picture.complete && picture.naturalWidth") > 1000
        assert image.bounding_box()["width"] > 400
    first, second = (image.get_attribute("alt") for image in images.all())
    assert first.startswith("Timeline of 3 s with 1 lane: slow.")
    assert second == "2 timelines on one time axis: a takes 3 s; b takes 3 s."
    for details in page.locator(f"{OUTPUT} summary").all():
        details.click()
    table = page.locator(f"{OUTPUT} table").first
    assert table.is_visible()
    assert table.locator("th[scope=col]").count() == 6
    assert page.get_by_role("img", name="Timeline of 3 s").count() == 1
    found = Axe().run(page, context=OUTPUT).response
    faults = [
        (rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]
    ]
    assert faults == []
    looked_at = {rule["id"] for rule in found["passes"]}
    assert {"image-alt", "scope-attr-valid", "summary-name"} <= looked_at  # it did see ours


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])  # the usual one last
def test_a_trace_is_seen_and_told_in_jupyterlab(lab: Lab, page: Any, theme: str) -> None:
    """Run in JupyterLab: pictures with alternative text, tables, nothing on stderr, axe content."""
    name = f"notebooks/{theme}.ipynb"
    write(lab, name, PROGRAM, "trace", "compare(a=trace, b=slow)")
    open_notebook(page, lab, name)
    change_theme(page, theme)
    run_all(page)
    check_outputs(page)
    assert complaints(saved(page, lab, name)) == []


def test_an_untrusted_notebook_keeps_all_of_it(lab: Lab, page: Any) -> None:
    """What JupyterLab cleans out of a stranger's notebook is nothing of ours."""
    nbformat.write(shown_before(), lab.root / "notebooks/stranger.ipynb")
    open_notebook(page, lab, "notebooks/stranger.ipynb")
    trusted = "jupyterapp.shell.currentWidget.content.widgets.some(cell => cell.model.trusted)"
    assert not page.evaluate(trusted)
    check_outputs(page)


def test_nbconvert_makes_a_page_with_all_of_it(page: Any) -> None:
    """The same in the HTML that nbconvert writes, with nothing loaded from elsewhere."""
    html, _ = HTMLExporter().from_notebook_node(shown_before())
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    check_outputs(page)
