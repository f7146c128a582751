"""Each lesson as a student meets it: opened in a real JupyterLab, all its cells run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from course_lib.staff.forms.notebook_file import all_notebooks
from course_lib.staff.record import troubles
from tests.browser.pages import NO_KERNEL, open_notebook, run_all, saved
from tests.browser.seen import bad_images, faults
from tests.conftest import ROOT, Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In CI all, for a person the first: each takes its ten seconds and more, and the command that a
# person types shall not take many minutes. Answers have nothing that a lesson has not.
MOST = None if os.environ.get("CI") else 1
OPENED = [path for path in all_notebooks() if path.parent.name != "answers"][:MOST]
NOTEBOOKS = [path.relative_to(ROOT).as_posix() for path in OPENED]
ALL_SHOWN = """() => {
    const cells = jupyterapp.shell.currentWidget.content.widgets;
    return cells.every(cell => cell.isAttached && (cell.model.type !== 'markdown'
        || cell.node.querySelector('.jp-RenderedMarkdown')?.textContent));
}"""


@dataclass
class Visit:
    """One page of one browser for all the lessons, and what it was asked meanwhile."""

    page: Any
    lab: Lab
    outside: list[str] = field(default_factory=list)
    """Addresses that the page wanted and that are not JupyterLab's."""
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Errors of JavaScript that nobody caught."""

    def watch(self) -> None:
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _asked(self, url: str) -> None:
        here = self.lab.url.removeprefix("http")
        if not url.startswith((f"http{here}", f"ws{here}", "data:", "blob:")):
            self.outside.append(url)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.accept()


@pytest.fixture(scope="module")
def visit(lab: Lab, browser: Any) -> Iterator[Visit]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    visit = Visit(page, lab)
    visit.watch()
    yield visit
    page.close()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_lesson_runs_and_can_be_read_by_everybody(visit: Visit, notebook: str) -> None:
    """Run all: no error, nothing on stderr, no dialog, nothing from outside, no fault for axe."""
    page = visit.page
    open_notebook(page, visit.lab, notebook)
    page.wait_for_function(ALL_SHOWN)
    run_all(page)
    stored = saved(page, visit.lab, notebook)
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [fault for cell in code for fault in troubles(cell)] == []
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert faults(page) == []
    assert bad_images(page) == []
    assert [dialog.inner_text() for dialog in page.locator(".jp-Dialog").all()] == []
    page.evaluate(NO_KERNEL)
    assert (visit.dialogs, visit.errors, visit.outside) == ([], [], [])
