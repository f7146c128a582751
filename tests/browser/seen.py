"""What of a lesson a browser shows, looked at with axe and without."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

CONTENT = (".jp-RenderedHTMLCommon", ".jp-OutputArea-output")
"""Rendered prose and outputs. The rest of the page is JupyterLab's or nbconvert's own."""

# Their own styles' faults, which no lesson can mend: nbconvert's links differ from the words around
# them by colour alone, and the colours of a traceback (JupyterLab's, too) are too pale for axe.
THEIR_RULES = ("link-in-text-block",)
THEIR_PARTS = ("[class*=ansi-]",)

OPEN_DETAILS = "() => document.querySelectorAll('details').forEach(part => { part.open = true; })"
AXE = """async ([selectors, excluded, disabled, impacts]) => {
    const there = list => list.filter(part => document.querySelector(part)).map(part => [part]);
    const found = await axe.run(
        { include: there(selectors), exclude: there(excluded) },
        { rules: Object.fromEntries(disabled.map(rule => [rule, { enabled: false }])) });
    const short = node => node.html.replace(/base64,[^"']+/g, 'base64,…').slice(0, 200);
    const bad = found.violations.filter(rule => impacts.includes(rule.impact));
    return {
        looked_at: found.passes.map(rule => rule.id),
        faults: bad.flatMap(rule => rule.nodes.map(
            node => `${rule.impact}: ${rule.id}: ${rule.help}: ${short(node)}`)),
    };
}"""
IMAGES = """selectors => [...document.querySelectorAll('img')]
    .filter(image => selectors.some(selector => image.closest(selector)))
    .map(image => [image.complete && image.naturalWidth > 0,
                   image.alt.trim() || `no alt: ${image.outerHTML.slice(0, 80)}`])"""


def faults(page: Any) -> list[str]:
    """What axe finds serious or critical in the content, with all that is folded unfolded."""
    page.evaluate(OPEN_DETAILS)
    page.evaluate(Axe().axe_script)
    found = page.evaluate(AXE, [CONTENT, THEIR_PARTS, THEIR_RULES, ["serious", "critical"]])
    assert found["looked_at"], "axe looked at nothing"
    told: list[str] = found["faults"]
    return told


def bad_images(page: Any) -> list[str]:
    """Pictures of the content that did not load, or have no alternative text."""
    found = page.evaluate(IMAGES, CONTENT)
    return [alt for loaded, alt in found if not loaded or alt.startswith("no alt")]
