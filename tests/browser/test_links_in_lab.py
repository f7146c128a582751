"""Links as a reader follows them in JupyterLab: far down a page, to another notebook, and back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.pages import open_notebook
from tests.conftest import Lab, in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

# Which notebook is in front, and whether this heading is in the upper half of what one sees.
THERE = """([path, heading]) => {
    const panel = jupyterapp.shell.currentWidget;
    if (panel?.context?.path !== path) return false;
    const { top, height } = panel.content.node.getBoundingClientRect();
    const titles = [...panel.content.node.querySelectorAll("h1, h2, h3")];
    const found = titles.find((title) => title.textContent.replace("¶", "") === heading);
    const at = found ? found.getBoundingClientRect().top - top : -1;
    return at > -5 && at < height / 2;
}"""


@pytest.mark.parametrize(
    ("start", "words", "end", "heading"),
    [
        ("00_start_here", "four rules", "00_start_here", "In a hurry?"),
        ("00_start_here", "Three clocks", "02_visual_comparison", "Three clocks"),
        ("answers/00_start_here", "The task", "00_start_here", "Your first program"),
        ("in_twelve_minutes", "at least once", "glossary", "at least once"),
        ("deeper/buzzers", "Answer", "answers/deeper_buzzers", "Two meals at once"),
    ],
)
def test_a_link_leads_to_its_heading(
    lab: Lab, page: Any, start: str, words: str, end: str, heading: str
) -> None:
    """One click, and the heading is in sight.

    JupyterLab scrolls once, when the notebook is there. Where the machine is so busy that pictures
    come only after that, it is asked once more.
    """
    page.set_viewport_size({"width": 1366, "height": 900})
    found = [f"notebooks/{end}.ipynb", heading]
    try:
        follow(page, lab, start, words)
        page.wait_for_function(THERE, arg=found, timeout=60_000)
    except TimeoutError:
        follow(page, lab, start, words)
        page.wait_for_function(THERE, arg=found)


def follow(page: Any, lab: Lab, start: str, words: str) -> None:
    open_notebook(page, lab, f"notebooks/{start}.ipynb")
    page.get_by_role("link", name=words, exact=True).first.click()
