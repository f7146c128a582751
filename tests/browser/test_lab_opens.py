"""The least that has to work before a lesson can: JupyterLab opens a notebook and runs it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.pages import complaints, open_notebook, run_all, saved, write
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, in_ci]


def test_a_notebook_runs_to_its_end(lab: Lab, page: Any) -> None:
    """Its second cell sees what the first one made, the result is on the page, and no error."""
    write(lab, "notebooks/two_cells.ipynb", "import course_lib\ntotal = 40", "total + 2")
    open_notebook(page, lab, "notebooks/two_cells.ipynb")
    run_all(page)
    page.locator(".jp-OutputArea-output", has_text="42").wait_for()
    assert complaints(saved(page, lab, "notebooks/two_cells.ipynb")) == []


def test_an_error_in_a_cell_is_seen(lab: Lab, page: Any) -> None:
    """What the tests of the lessons rely on: a cell's error does not get lost."""
    write(lab, "notebooks/broken.ipynb", "1 / 0", "'never shown'")
    open_notebook(page, lab, "notebooks/broken.ipynb")
    run_all(page)
    page.locator(".jp-OutputArea-output", has_text="ZeroDivisionError").first.wait_for()
    found = complaints(saved(page, lab, "notebooks/broken.ipynb"))
    assert found == ["ZeroDivisionError: division by zero"]


def test_nothing_is_asked_of_the_student_or_the_network(lab: Lab, page: Any) -> None:
    """No offer of news, and the browser asks for nothing but the server's own files."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    write(lab, "notebooks/quiet.ipynb", "'done'")
    open_notebook(page, lab, "notebooks/quiet.ipynb")
    run_all(page)
    page.locator(".jp-OutputArea-output", has_text="done").wait_for()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((lab.url, "data:", "blob:"))] == []
    assert page.get_by_text("official Jupyter news").count() == 0
