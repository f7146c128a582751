"""Jupyter Notebook 7, which comes with nbgrader: a lesson there, and a widget that lives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.live import MOVED, scene_of
from tests.browser.pages import NO_KERNEL, READY, complaints, run_all, saved
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

LESSON = "notebooks/08_interactive_comparison.ipynb"


def test_a_lesson_runs_and_its_scene_moves(lab: Lab, browser: Any) -> None:
    """All cells without a complaint; a press on the button, and the mail is on its way."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{lab.url}/notebooks/{LESSON}?token={lab.token}")
    page.wait_for_function("window.jupyterapp?.name === 'Jupyter Notebook'")
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.sessionContext")
    page.evaluate(READY)
    run_all(page)
    scene = scene_of(page).first
    scene.get_by_role("button", name="Send an e-mail").click()
    assert page.evaluate(MOVED) > 0
    assert complaints(saved(page, lab, LESSON)) == []
    page.evaluate(NO_KERNEL)  # or the next test to open this lesson goes on with this kernel
    page.close()
