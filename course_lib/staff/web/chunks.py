"""Jupyter's JavaScript without three libraries that no page of the site uses, 5 MB of 13.

JupyterLab comes in chunks, and each names those that it may fetch later. What is reached only by
way of these libraries is removed; their extensions are disabled, so that nothing asks for it.
"""

from __future__ import annotations

import re
from pathlib import Path

LEFT_OUT = {
    "@jupyterlab/mermaid-extension": ("mermaidAPI", "org.eclipse.elk"),
    "@jupyterlab/terminal-extension": ("xterm-width-cache", "WebglAddon", "CanvasAddon"),
    "@jupyterlab/vega5-extension": (
        "MultiPulse does not support",
        "Both x and y cannot have aggregate",
        "https://vega.github.io/editor/",
    ),
}
"""An extension → a word of each library that only it brings: diagrams and charts in languages of
their own, and a terminal, for which a browser has no shell."""
FETCHED_LATER = re.compile(r"""\.e\(["']?(\w+)["']?\)""")


def remove(build: Path) -> None:
    """Remove them from the folder `build` of a JupyterLite; LookupError if a library is not there.

    A newer JupyterLite may have another, and the words above are then to be written anew.
    """
    files = {_name(path): path for path in build.glob("*.js") if _name(path)}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    barred = {_with(word, texts) for words in LEFT_OUT.values() for word in words}
    starts = [*build.glob("*/bundle.js"), *build.glob("jlab_core.*.js")]
    reached: set[str] = set()
    for path in starts:
        _reach(path.read_text(encoding="utf-8"), texts, reached, barred)
    for name in files.keys() - reached:
        files[name].unlink()


def _name(path: Path) -> str:
    """The number of a chunk, by which others ask for it; nothing for what is no chunk."""
    found = re.fullmatch(r"(\d+)\.[0-9a-f]+\.js", path.name)
    return found[1] if found else ""


def _with(word: str, texts: dict[str, str]) -> str:
    for name, text in texts.items():
        if word in text:
            return name
    raise LookupError(f"No part of JupyterLite has the words {word!r}: see {__name__}.LEFT_OUT")


def _reach(text: str, texts: dict[str, str], reached: set[str], barred: set[str]) -> None:
    """Add what a text may fetch, and what that may fetch, but for what is barred."""
    waiting = FETCHED_LATER.findall(text)
    while waiting:
        name = waiting.pop()
        if name in texts and name not in reached | barred:
            reached.add(name)
            waiting += FETCHED_LATER.findall(texts[name])
