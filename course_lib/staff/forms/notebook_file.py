"""A notebook's file: read with an id for every cell, written in one way, compared in words."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from .difference import SHOWN_WIDTH, differing, pieces

KEPT_METADATA = ("deletable", "editable", "jupyter", "tags")
"""What a cell's metadata may hold; the rest is an editor's or a run's, and differs between them."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET = "application/vnd.jupyter.widget-view+json"
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PICTURE = re.compile(r"[A-Za-z0-9+/]{100,}={0,2}")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LIBRARY_FRAME = re.compile(r"File |\s*\[\.\.\. skipping")

ROOT = Path(__file__).resolve().parents[3]
FOR_LATER = ("labs",)
"""Folders whose notebooks need more than the course: they run by a command of their own."""


class NotebookError(Exception):
    """A notebook that cannot be read or run; says which, where and why."""


def all_notebooks(folder: Path = ROOT / "notebooks") -> list[Path]:
    """The course's notebooks, also those in folders below, in the order of their names.

    Those of FOR_LATER and what an editor keeps in hidden folders are left out.
    """
    return [
        path
        for path in sorted(folder.rglob("*.ipynb"))
        if not any(
            part.startswith(".") or part in FOR_LATER for part in path.relative_to(folder).parts
        )
    ]


def read(path: Path) -> NotebookNode:
    """The notebook in a file, every cell with a valid id of its own.

    Raises NotebookError when there is no such file, or no notebook of format 4 in it.
    """
    if path.is_dir():
        raise NotebookError(f"{path} is a folder; name the notebooks in it.")
    if not path.exists():
        raise NotebookError(f"There is no file {path}.")
    return parse(path.read_bytes(), str(path))


def parse(content: bytes, name: str) -> NotebookNode:
    """The notebook that the bytes of a file are; NotebookError, with its name, if they are none."""
    try:
        raw = json.loads(content)
        version = raw["nbformat"]
        if version != 4:
            raise NotebookError(
                f"{name} is a notebook of format {version}, and only 4 is understood here: "
                "open it in JupyterLab and save it."
            )
        name_cells(raw["cells"])
        raw["nbformat_minor"] = 5
        notebook: NotebookNode = nbformat.reads(  # type: ignore[no-untyped-call]
            json.dumps(raw), as_version=4
        )
        nbformat.validate(notebook)
    except (ValueError, TypeError, KeyError, nbformat.ValidationError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise NotebookError(f"{name} is no notebook: {reason}") from None
    return notebook


def name_cells(cells: list[dict[str, Any]]) -> None:
    """Give an id to each cell that has none, or no valid one, or another cell's.

    The id comes from the cell's content, so it is the same on every machine; JupyterLab's come
    from chance.
    """
    taken: set[str] = set()
    for cell in cells:
        name = cell.get("id", "")
        if not (isinstance(name, str) and VALID_ID.fullmatch(name)) or name in taken:
            name = next(free for free in _ids(cell) if free not in taken)
        taken.add(name)
        cell["id"] = name


def _ids(cell: dict[str, Any]) -> Iterator[str]:
    content = cell["cell_type"] + "\n" + "".join(cell["source"])
    first = hashlib.sha256(content.encode()).hexdigest()[:8]
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def text_of(notebook: NotebookNode) -> str:
    """The one way to write a notebook: the file's text, with nothing of an editor's or a run's."""
    notebook = copy.deepcopy(notebook)
    # Without the state of widgets: their still forms stand in the outputs, and a notebook that was
    # fetched from somewhere is not trusted, so nobody would wake them.
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    number_widgets(notebook)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in KEPT_METADATA if cell.metadata.get(key)}
        cell.metadata = kept
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [part for part in output.traceback if not _is_library(part)]
    text: str = nbformat.writes(notebook, indent=1)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def number_widgets(notebook: NotebookNode) -> None:
    """Give the widgets shown in it the ids that the course's own have from the start: 1, 2, 3 …"""
    numbers: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(WIDGET)
            if view is not None:
                view.model_id = numbers.setdefault(view.model_id, f"{len(numbers) + 1:032x}")


def _is_library(frame: str) -> bool:
    """Whether a part of a traceback is about a file: its path differs from machine to machine,
    its line numbers and source with every change of a library. What the cell did stays.
    """
    return bool(LIBRARY_FRAME.match(COLOUR.sub("", frame)))


def normal_form(content: bytes, name: str = "the file") -> str:
    """The text that `record` would write for these bytes if a run gave the same outputs."""
    return text_of(parse(content, name))


def difference(stored: str, fresh: str) -> list[str]:
    """Lines that say where two notebook files differ: place, and what stands there in each."""
    try:
        old, new = (list(_facts(json.loads(text))) for text in (stored, fresh))
    except ValueError:
        return ["  The stored file is not JSON."]
    return differing(old, new) or [
        "  Only its form differs: order of keys, indent or line ends. Record it."
    ]


def _facts(raw: dict[str, Any]) -> Iterator[str]:
    """A notebook as lines, "place: text", in which pictures are short."""
    for number, cell in enumerate(raw.pop("cells"), start=1):
        yield from _lines(f"cell {number}", cell)
    yield from _lines("notebook", raw)


def _lines(place: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _lines(f"{place}, {key}", value[key])
    elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _lines(f"{place} {number}", item)
    else:
        text = "".join(value) if isinstance(value, list) else str(value)
        for line in _broken(PICTURE.sub(_picture, text).splitlines()):
            yield f"{place}: {line}"


def _picture(match: re.Match[str]) -> str:
    digest = hashlib.sha256(match[0].encode()).hexdigest()[:8]
    return f"(picture {digest}, {len(match[0]):,} characters)"


def _broken(lines: Iterable[str]) -> Iterator[str]:
    """Long lines, which are HTML mostly, broken after each tag and wherever they are still long."""
    for line in lines:
        parts = re.split(r"(?<=>)(?=.)", line) if len(line) > SHOWN_WIDTH else [line]
        yield from chain.from_iterable(map(pieces, parts))
