"""The course's widgets on a page of JupyterLab, as far as several tests handle them."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

CELL_COUNT = "jupyterapp.shell.currentWidget.content.widgets.length"
# In how many of the frames of a second the scene has changed.
MOVED = """() => new Promise((done) => {
    const scene = document.querySelector(".email-scene");
    const from = performance.now();
    let moved = 0, changed = false;
    new MutationObserver(() => { changed = true; }).observe(
        scene, { subtree: true, attributes: true, characterData: true, childList: true });
    const look = () => {
        moved += changed;
        changed = false;
        if (performance.now() - from < 1000) requestAnimationFrame(look);
        else done(moved);
    };
    requestAnimationFrame(look);
})"""


def scene_of(page: Any) -> Any:
    return page.locator(".email-scene")


def text(part: Any) -> str:
    """What a part of a page says, in one line."""
    return " ".join(str(part.inner_text()).split())


def faults(page: Any) -> list[tuple[str, str]]:
    """What axe finds inside the widgets: anything at all."""
    found = Axe().run(page, context=".course-live").response
    assert len(found["passes"]) > 10  # it did look
    return [(rule["id"], n["html"][:120]) for rule in found["violations"] for n in rule["nodes"]]
