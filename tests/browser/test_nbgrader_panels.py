"""nbgrader's panels in JupyterLab as start.py opens it: they find the course without being told."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.browser.pages import open_notebook
from tests.conftest import ROOT, Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

# For a person only the list: each button costs nbgrader seconds.
BUTTONS = ("assign", "release") if os.environ.get("CI") else ()
QUIZ = "quizzes/source/module_0_quiz/module_0_quiz.ipynb"
ASSIGNMENTS = sorted(path.name for path in (ROOT / "quizzes" / "source").iterdir() if path.is_dir())


def command(page: Any, name: str) -> None:
    """Run one of JupyterLab's commands as soon as there is one of this name."""
    page.wait_for_function(f"window.jupyterapp?.commands.hasCommand('{name}')")
    page.evaluate("jupyterapp.restored")  # else what is restored would cover it
    page.evaluate(f"jupyterapp.commands.execute('{name}')")


def test_an_assignment_goes_from_formgrader_to_the_assignment_list(page: Any, lab: Lab) -> None:
    """All are drafts; the quiz is generated and released by their buttons; students see it."""
    page.goto(lab.address("quizzes"))
    command(page, "nbgrader:open-formgrader")
    panel = page.frame_locator("iframe")
    panel.locator("td.name").first.wait_for()
    assert panel.locator("td.name").all_inner_texts() == ASSIGNMENTS
    row = panel.locator("tr", has=panel.locator("td.name", has_text="module_0_quiz"))
    assert row.locator("td.status").inner_text() == "draft"
    for button in BUTTONS:
        row.locator(f"td.{button} a").click()
        panel.locator(".modal-title", has_text="Success").wait_for()
        log = panel.locator(".modal-body").inner_text()
        assert "[INFO]" in log and "[WARNING]" not in log and "[ERROR]" not in log
        panel.locator(".modal-footer button:visible").click()
        panel.locator(".modal-backdrop").wait_for(state="detached")
    command(page, "nbgrader:open-assignment-list")
    expected = (
        ("sync-async", "module_0_quiz") if BUTTONS else ("There are no assignments to fetch",)
    )
    for words in expected:
        page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)


def test_create_assignment_knows_the_cells_and_validate_what_is_open(page: Any, lab: Lab) -> None:
    """On the source notebook: five tests of one point each; and no question has an answer yet."""
    open_notebook(page, lab, QUIZ)
    page.get_by_role("tab", name="Create Assignment").click()
    points = page.locator(".nbgrader-CellPoints:not(.nbgrader-mod-uneditable) input")
    points.last.wait_for()
    assert [field.input_value() for field in points.all()] == ["1"] * 5
    assert page.locator(".nbgrader-TotalPointsInput").input_value() == "5"
    page.get_by_role("button", name="Validate").click()
    said = page.locator(".jp-Dialog", has_text="Validation Results")
    said.wait_for()
    assert "Success!" not in said.inner_text()
    for number in range(1, 6):
        assert f"answer_{number} is empty" in said.inner_text()
