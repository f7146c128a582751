"""A widget that moves where a kernel and a browser are, and a still picture wherever not.

A notebook stores two outputs of it: the still form, which every viewer shows and which nbval
compares, and the widget itself. Once the widget is alive, it hides the still form in front of it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import anywidget
from IPython.display import display

VIEW = "application/vnd.jupyter.widget-view+json"
# A notebook that was saved and opened again has no model for its widget, and JupyterLab says so in
# a bare line of text. The still form stands in front of it; the line tells nobody anything.
NO_DEAD_WIDGET = """<style>
.jp-OutputArea-child:has(.course-still) + .jp-OutputArea-child .jupyter-widgets:not(:has(*)) {
  display: none;
}
</style>"""


def source(name: str) -> str:
    """The JavaScript module or the styles of a widget: what all share, then its own file."""
    folder = files(__package__)
    shared = f"live.{name.rpartition('.')[2]}"
    return "\n".join((folder / part).read_text(encoding="utf-8") for part in (shared, name))


class LiveWidget(anywidget.AnyWidget):
    """The base of the course's widgets. A subclass says its `still` form and its `words`."""

    def still(self) -> str:
        """HTML for where the widget is not alive: a picture with its words, and a table."""
        raise NotImplementedError

    def words(self) -> str:
        """The same in plain text."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        page = f'<div class="course-still">\n{self.still()}\n</div>\n{NO_DEAD_WIDGET}'
        display({"text/html": page, "text/plain": self.words()}, raw=True)  # type: ignore[no-untyped-call]
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({VIEW: view, "text/plain": self._how_to_wake_it()}, raw=True)  # type: ignore[no-untyped-call]

    def _how_to_wake_it(self) -> str:
        return "Run this cell to play with it."

    def __repr__(self) -> str:
        return self.words()

    def _repr_mimebundle_(self, **_: Any) -> None:
        """Nothing: `_ipython_display_` shows both forms."""
        return
