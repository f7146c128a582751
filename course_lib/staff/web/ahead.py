"""What a page with a notebook does before Jupyter is there: puts `ahead_parts/` into the site.

Jupyter needs two to three seconds until it shows a notebook, and starts Python only then. So the
page starts the kernel's worker itself, which a second processor runs meanwhile, and shows the text
of the book until Jupyter shows its own. Where a page does neither, Jupyter does all by itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from course_lib.page import render

PARTS = Path(__file__).with_name("ahead_parts")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
WORKER = f"extensions/{KERNEL}/static/comlink.worker.*.js"


def add(live: Path) -> None:
    """To a JupyterLite that is built; LookupError where it is not made as it used to be.

    The kernel takes `python.mjs` for Pyodide: its settings, in lite.py, say so.
    """
    kernel = next(live.glob(WORKER), None)
    page = live / "notebooks" / "index.html"
    text = page.read_text(encoding="utf-8")
    if kernel is None or "<head>" not in text:
        raise LookupError(
            f"JupyterLite has no {WORKER}, or no <head> in {page.name}: see {__name__}"
        )
    head = render("staff/web/ahead_parts/head.html")
    page.write_text(text.replace("<head>", f"<head>\n{head}", 1), encoding="utf-8")
    (live / "ahead").mkdir()
    for part in ("page.mjs", "page.css"):
        shutil.copy(PARTS / part, live / "ahead")
    shutil.copy(PARTS / "python.mjs", live / "static" / "pyodide")
    _write_worker(live, kernel.relative_to(live).as_posix())


def _write_worker(live: Path, kernel: str) -> None:
    """What begins Python; the kernel's own file first, as it is what hears the page's messages."""
    lines = f'import "../../{kernel}";\nimport {{ begin }} from "./python.mjs";\n\nbegin();\n'
    (live / "static" / "pyodide" / "worker.mjs").write_text(lines, encoding="utf-8")
