"""The course's widgets on a page of JupyterLab, as far as several tests handle them."""

from __future__ import annotations

import json
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


# How far each number of a time axis stands from the one before it; some have no room, and no size.
APART = """scene => {
    const sizes = [...scene.querySelectorAll(".tick, .axis i")].map((one) => {
        const number = document.createRange();
        number.selectNodeContents(one);
        return number.getBoundingClientRect();
    }).filter(({ width }) => width);
    return sizes.slice(1).map(({ left }, n) => left - sizes[n].right);
}"""


KEYS_THAT_PASS = """() => { window.passed = [];
    document.addEventListener("keydown", ({ key }) => window.passed.push(key)); }"""


def keys_stay_inside(page: Any, focused: Any) -> None:
    """Letters, which are commands of the notebook's, change no cell; Ctrl and ⌘ pass."""
    count = page.evaluate(CELL_COUNT)
    focused.focus()
    for key in "abxdm":
        page.keyboard.press(key)
    assert page.evaluate(CELL_COUNT) == count
    page.evaluate(KEYS_THAT_PASS)
    for key in ("x", "Control+s", "Meta+s"):
        page.keyboard.press(key)
    assert [key for key in page.evaluate("window.passed") if len(key) == 1] == ["s", "s"]


def heard(scene: Any, act: str, regions: str = "[role=status].unseen") -> Any:
    """What live regions of a scene say of ten acts, as fast as they can be, until they are quiet:
    `act` is JavaScript that knows the `scene`, and as `n` which act it is, from 1.

    Each time that words are written counts, also several in one go.
    """
    return scene.evaluate(f"""async scene => {{
        const said = [], hear = (records) => said.push(...records.map(
            ({{ target, addedNodes }}) => (addedNodes[0] ?? target).textContent));
        for (const region of scene.querySelectorAll({json.dumps(regions)})) {{
            new MutationObserver(hear).observe(
                region, {{ childList: true, characterData: true, subtree: true }});
        }}
        for (let n = 1; n <= 10; n += 1) {{ {act}; }}
        await new Promise(done => setTimeout(done, 1000));  // more than twice what they wait
        return said;
    }}""")


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
