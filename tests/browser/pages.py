"""A notebook in a real JupyterLab, as far as a test has to handle it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from tests.conftest import Lab

READY = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.revealed;
}"""


def open_notebook(page: Any, lab: Lab, notebook: str) -> None:
    """Show `notebook` (its path below `lab.root`) and wait until its kernel can take a cell."""
    page.goto(lab.address(notebook))
    name = Path(notebook).name
    opened = "name => window.jupyterapp?.shell.currentWidget?.context?.path.endsWith(name)"
    page.wait_for_function(opened, arg=name)
    page.evaluate(READY)


def run_all(page: Any) -> None:
    """Run > Run All Cells; returns when the last cell has ended, or the first with an error."""
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")


def saved(page: Any, lab: Lab, notebook: str) -> nbformat.NotebookNode:
    """The notebook as it is in the file after File > Save, so with all that was off the screen."""
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    return nbformat.read(lab.root / notebook, as_version=4)


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """Whatever a cell wrote on stderr, and the error it ended with."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    stderr = [out.text for out in outputs if out.get("name") == "stderr"]
    errors = [f"{out.ename}: {out.evalue}" for out in outputs if out.output_type == "error"]
    return stderr + errors
