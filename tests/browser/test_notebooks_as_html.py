"""Each lesson as a page of nbconvert's, which many a reader sees instead of JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from course_lib.staff.forms.notebook_file import all_notebooks
from tests.browser.seen import bad_images, faults
from tests.conftest import in_ci

pytestmark = [pytest.mark.browser, pytest.mark.slow, in_ci]

# All but the deeper ones, at which axe looks in JupyterLab.
LOOKED_AT = [path for path in all_notebooks() if path.parent.name != "deeper"]


@pytest.mark.parametrize("path", LOOKED_AT, ids=lambda path: path.name)
def test_the_page_can_be_read_by_everybody_and_alone(page: Any, path: Path) -> None:
    """Without a network: every picture with its words, all prose, no fault that axe calls serious.

    nbconvert's own scripts (MathJax, require.js, mermaid) are on other servers. They are blocked
    here, so what is seen is what is left without them; nothing but scripts may come from there.
    """
    html, _ = HTMLExporter().from_filename(str(path))
    asked: list[str] = []
    page.route("**/*", lambda route: route.abort())
    page.on("request", lambda request: asked.append(f"{request.resource_type} {request.url}"))
    page.set_content(html)
    wanted = [what for what in asked if not what.startswith("script ") and " data:" not in what]
    assert wanted == []
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    assert page.get_by_role("heading", level=1).first.inner_text().rstrip("¶") == title
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert page.locator(".jp-RenderedMarkdown").count() == len(prose)
    assert faults(page) == []
    assert bad_images(page) == []


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "critical: image-alt"),
        ("<details><summary></summary><img></details>", "critical: image-alt"),
        ('<p style="color: #ccc; background: #fff">pale</p>', "serious: color-contrast"),
        ("<button></button>", "critical: button-name"),
    ],
)
def test_a_fault_in_the_content_is_seen(page: Any, html: str, expected: str) -> None:
    """Axe is asked about the content, folded or not, and its words come back."""
    page.set_content(f'<main lang="en" class="jp-RenderedHTMLCommon">{html}</main>')
    assert [fault for fault in faults(page) if fault.startswith(expected)] != []
    assert (bad_images(page) != []) == ("<img" in html)


def test_a_fault_that_is_not_ours_is_left_alone(page: Any) -> None:
    """What surrounds the content, and the colours of a traceback, are not a lesson's."""
    pale = 'style="color: #ccc; background: #fff"'
    span = f'<span class="ansi-red-fg" {pale}>E</span>'
    page.set_content(f'<p {pale}>a</p><main class="jp-RenderedHTMLCommon"><p>b {span}</p></main>')
    assert faults(page) == []
