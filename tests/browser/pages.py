"""A notebook in a real JupyterLab, as far as a test has to handle it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.conftest import Lab

KERNEL = {"name": "python3", "display_name": "Python 3"}
NO_KERNEL = "jupyterapp.shell.currentWidget.sessionContext.shutdown()"
THEME = "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })"

READY = """async () => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await panel.sessionContext.session?.kernel?.info;  // which JupyterLab writes into the notebook
    await panel.revealed;
}"""

# JupyterLab may ask first, if the file was saved by itself or from another page meanwhile. Where it
# saves by itself at this moment it asks already, and refuses to ask twice: so once more.
SAVE = """async () => {
    const overwrite = () => [...document.querySelectorAll(".jp-Dialog button")]
        .find((button) => button.textContent.includes("Overwrite"))?.click();
    const asked = setInterval(overwrite, 200);
    const save = () => jupyterapp.commands.execute("docmanager:save");
    const again = async (error) => {
        if (!String(error).includes("Modal is already displayed")) throw error;
        await new Promise((done) => setTimeout(done, 1000));
        await save();
    };
    await save().catch(again).finally(() => clearInterval(asked));
}"""


def open_notebook(page: Any, lab: Lab, notebook: str) -> None:
    """Show `notebook` (its path below `lab.root`) and wait until its kernel can take a cell."""
    page.goto(lab.address(notebook))
    name = Path(notebook).name
    opened = "name => window.jupyterapp?.shell.currentWidget?.context?.path.endsWith(name)"
    page.wait_for_function(opened, arg=name)
    page.evaluate(READY)


def write(lab: Lab, notebook: str, *cells: str) -> None:
    """A new notebook (its path below `lab.root`) with these code cells, never run."""
    made = new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"kernelspec": KERNEL})
    nbformat.write(made, lab.root / notebook)


@contextmanager
def shown(browser: Any, lab: Lab, notebook: str, *cells: str, **page_words: Any) -> Iterator[Any]:
    """A page of its own on a new notebook with these cells, all run, the side bar closed.

    In the end no cell may have complained, whatever was done on the page meanwhile.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 1100}, **page_words)
    write(lab, notebook, *cells)
    open_notebook(page, lab, notebook)
    page.evaluate("jupyterapp.shell.collapseLeft()")  # as one does on a narrow screen
    run_all(page)
    yield page
    assert complaints(saved(page, lab, notebook)) == []
    page.close()


def change_theme(page: Any, theme: str) -> None:
    """Show JupyterLab in this theme; returns when it does."""
    page.evaluate(THEME, theme)
    page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")


def run_all(page: Any) -> None:
    """Run > Run All Cells; returns when the last cell has ended, or the first with an error."""
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")


def saved(page: Any, lab: Lab, notebook: str) -> nbformat.NotebookNode:
    """The notebook as it is in the file after File > Save, so with all that was off the screen."""
    page.evaluate(SAVE)
    return nbformat.read(lab.root / notebook, as_version=4)


def complaints(notebook: nbformat.NotebookNode) -> list[str]:
    """Whatever a cell wrote on stderr, and the error it ended with."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    stderr = [out.text for out in outputs if out.get("name") == "stderr"]
    errors = [f"{out.ename}: {out.evalue}" for out in outputs if out.output_type == "error"]
    return stderr + errors
