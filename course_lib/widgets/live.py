"""A widget that moves where a kernel and a browser are, and a still picture wherever not.

A notebook stores two outputs of it: the still form, which every viewer shows and which nbval
compares, and the widget itself. Once the widget is alive, it hides the still form in front of it.
"""

from __future__ import annotations

import asyncio
import re
from importlib.resources import files
from itertools import count
from threading import current_thread, main_thread
from typing import Any

import anywidget
from IPython.display import display

from ..page import render

VIEW = "application/vnd.jupyter.widget-view+json"
OURS = "A fault of the course, not yours; please tell us:"
COMMENT = re.compile(r"^\s*(//[^\n]*|/\*.*?\*/)\s*$", re.MULTILINE | re.DOTALL)
# A string, kept; a comment behind code; a sign of JavaScript's with the spaces around it.
STRING_OR_SIGN = re.compile(
    r"""("[^"]*"|'[^']*'|`[^`]*`)|\s*//.*| ?([=<>!&|?:;,(){}\[\]*]+) ?| ?([-+/]) (?![-+/])"""
)


def source(*names: str) -> str:
    """The JavaScript module or the styles of a widget: what all share, then its own files.

    It travels without comments, indentation and the spaces around signs: a third less.
    """
    folder = files(__package__)
    ending = names[0].rpartition(".")[2]
    parts = (f"live.{ending}", *names)
    text = "\n".join((folder / part).read_text(encoding="utf-8") for part in parts)
    if ending == "css":
        text = re.sub(r"(?<=[:,])\s+|;?\s+(?=\})|\s+(?=\{)|(?<=[;{}])\s+", "", text)
        text = re.sub(r"\b0(?=\.\d)", "", text)
    lines = [line.strip() for line in COMMENT.sub("", text).splitlines()]
    dense = "\n".join(_dense(line) if ending == "js" else line for line in lines if line)
    return re.sub(r"(?<=[;{,(])\n", "", dense)  # where a line's end means nothing


def _dense(line: str) -> str:
    """A line of JavaScript without needless spaces; left as it is if a template holds another
    one, or goes on in the next line.
    """
    templates = line.split("`")[1::2]
    if line.count("`") % 2 or any(part.count("${") > part.count("}") for part in templates):
        return line
    return STRING_OR_SIGN.sub(lambda part: part[1] or part[2] or part[3] or "", line)


_numbers = count(1)


class LiveWidget(anywidget.AnyWidget):
    """The base of the course's widgets. A subclass says its `still` form and its `words`."""

    def __init__(self, **state: Any) -> None:
        # A notebook's file holds it: numbered, and not by chance, a second run changes no file.
        super().__init__(model_id=f"{next(_numbers):032x}", **state)
        self._loop = asyncio._get_running_loop()  # None where no kernel runs
        self.on_msg(lambda _, message, __: self._asked(message))

    def answer(self, question: Any) -> Any:
        """What the browser gets for a question. A ValueError's sentence is told to the reader."""
        raise NotImplementedError

    def _asked(self, message: Any) -> None:
        """Answer in the kernel's main thread: JupyterLab may deliver a message in another one,
        where a run would share Python's clocks with a cell that is running.
        """
        if self._loop is None or current_thread() is main_thread():
            self._reply(message)
        else:
            self._loop.call_soon_threadsafe(self._reply, message)

    def _reply(self, message: Any) -> None:
        """Answer, and say so where that fails: a wait without end would tell the reader nothing."""
        serial = message["serial"]
        try:
            self.send({"serial": serial, "answer": self.answer(message["question"])})
        except ValueError as told:
            self.send({"serial": serial, "error": str(told)})
        except Exception as fault:  # for the log, with all its lines
            self.send({"serial": serial, "error": f"{OURS} {type(fault).__name__}: {fault}"})
            raise

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
        return "Run this cell to play with it."

    def __repr__(self) -> str:
        return self.words()

    def _repr_mimebundle_(self, **_: Any) -> None:
        """Nothing: `_ipython_display_` shows both forms."""
        return
