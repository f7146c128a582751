"""A widget that moves where a kernel and a browser are, and a still picture wherever not.

A notebook stores two outputs of it: the still form, which every viewer shows and which nbval
compares, and the widget itself. Once the widget is alive, it hides the still form in front of it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from importlib.resources import files
from itertools import count
from threading import current_thread, main_thread
from typing import Any

import anywidget
from IPython.display import display

from ..page import render

VIEW = "application/vnd.jupyter.widget-view+json"
IMPORT = re.compile(r"""^(?:import \{[^}]*\} from|@import) "\./([^"]+)";\n""", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def source(name: str) -> str:
    """The JavaScript module or the styles of a widget as one text, which is what a widget sends.

    Every file says in its first lines which others it uses, `import { make } from "./live.js";`
    or `@import "./live.css";`, so editors, linters and the type checker read it as it is. Here the
    files that a file uses are put in front of it, each once; then nobody needs the words `import`
    and `export` any more. So two files of one widget cannot use a name at their top for two things.
    """
    texts: dict[str, str] = {}
    _gather(name, texts)
    return EXPORT.sub("", IMPORT.sub("", "\n".join(texts.values())))


def _gather(name: str, texts: dict[str, str]) -> None:
    """Put a file behind all that it uses; each is read once."""
    text = (files(__package__) / name).read_text(encoding="utf-8")
    for used in IMPORT.findall(text):
        if used not in texts:
            _gather(used, texts)
    texts[name] = text


_numbers = count(1)


class LiveWidget(anywidget.AnyWidget):
    """The base of the course's widgets. A subclass says its `still` form and its `words`."""

    def __init__(self, **state: Any) -> None:
        # A notebook's file holds it: numbered, and not by chance, a second run changes no file.
        super().__init__(model_id=f"{next(_numbers):032x}", **state)
        self._loop = asyncio._get_running_loop()  # None where no kernel runs

    def in_main(self, act: Callable[[], None]) -> None:
        """Do it in the kernel's main thread: JupyterLab may deliver a message in another one, where
        a run would share Python's clocks with a cell that is running.
        """
        if self._loop is None or current_thread() is main_thread():
            act()
        else:
            self._loop.call_soon_threadsafe(act)

    def still(self) -> str:
        """HTML for where the widget is not alive: a picture with its words, and a table."""
        raise NotImplementedError

    def words(self) -> str:
        """The same in plain text."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        page = render("still.html", still=self.still())
        display({"text/html": page, "text/plain": self.words()}, raw=True)  # type: ignore[no-untyped-call]
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({VIEW: view, "text/plain": self._how_to_wake_it()}, raw=True)  # type: ignore[no-untyped-call]

    def _how_to_wake_it(self) -> str:
        return "In JupyterLab, run this cell to play with it."

    def __repr__(self) -> str:
        return self.words()

    def _repr_mimebundle_(self, **_: Any) -> None:
        """Nothing: `_ipython_display_` shows both forms."""
        return
