"""A graded notebook: the instructor's skeleton with what a student wrote, and what the grader says.

Nothing of a student's is taken over but text: no metadata, no markup, no picture, no script. What
they wrote in cells of their own stays where it stood; their text is shown as it was typed, and
their outputs are cut.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .marks import Mark
from .skeleton import Place, Skeleton
from .submission import MOST_OUTPUT, Cell, texts, writable

MOST_SOURCE = 100_000
"""Characters of a cell of a student's that are kept."""
ANSWER = "sync_async_course"
"""Where in a check's metadata it is kept what was read."""

Raw = dict[str, Any]


def graded_notebook(
    skeleton: Skeleton, cells: Sequence[Cell], marks: Sequence[Mark], note: str = ""
) -> str:
    """The text of its file; `note` stands on top, for whoever looks at it."""
    by_name = {mark.name: mark for mark in marks}
    theirs, own = _sorted(skeleton, cells)
    made = [_text("note", _fenced(note))] if note else []  # a file may have markup for a name
    made += [_theirs(cell, f"own-0-{n}") for n, cell in enumerate(own.get("", []), start=1)]
    for number, place in enumerate(skeleton.places, start=1):
        made.append(_placed(place, theirs.get(place.name), by_name.get(place.name)))
        after = enumerate(own.get(place.name, []), start=1)
        made += [_theirs(cell, f"own-{number}-{n}") for n, cell in after]
    # A line for each cell: Python's own encoder indents twenty times as slowly.
    lines = ",\n".join(json.dumps(cell, ensure_ascii=False) for cell in made)
    about = json.dumps(dict(skeleton.metadata))
    text = f'{{"nbformat": 4, "nbformat_minor": 5, "metadata": {about}, "cells": [\n{lines}\n]}}\n'
    return writable(text)


def _sorted(
    skeleton: Skeleton, cells: Iterable[Cell]
) -> tuple[dict[str, Cell], dict[str, list[Cell]]]:
    """Name of a place → the student's cell for it; and → the student's own cells below it."""
    names = {place.name for place in skeleton.places}
    theirs: dict[str, Cell] = {}
    own: dict[str, list[Cell]] = {}
    above = ""
    for cell in cells:
        name = next((name for name in cell.names if name in names and name not in theirs), "")
        if name:
            theirs[name], above = cell, name
        elif cell.source.strip():
            own.setdefault(above, []).append(cell)
    return theirs, own


def _placed(place: Place, cell: Cell | None, mark: Mark | None) -> Raw:
    metadata: Raw = {"nbgrader": place.about} if place.kept else {}
    if place.folded:
        metadata["jupyter"] = {"source_hidden": True}
    if mark and mark.answer is not None:
        metadata[ANSWER] = mark.answer
    source = place.source if cell is None or place.locked else cell.source[:MOST_SOURCE]
    if place.kind != "code":
        source = source if place.locked or cell is None else _fenced(source)
        return _text(place.name, source, metadata)
    if mark and not place.by_hand:
        outputs = [_told(mark)]
    else:
        outputs = [] if cell is None or place.locked else _inert(cell.outputs)
    return _code(place.name, source, metadata, outputs)


def _theirs(cell: Cell, name: str) -> Raw:
    """A cell that the skeleton does not know."""
    if cell.kind == "code":
        return _code(name, cell.source[:MOST_SOURCE], {}, _inert(cell.outputs))
    return _text(name, _fenced(cell.source[:MOST_SOURCE]))


def _told(mark: Mark) -> Raw:
    """What a check says to the marks: an error where there is no point, as nbgrader has it."""
    given = f"{mark.points:g} point{'' if mark.points == 1 else 's'}" if mark.points else "no point"
    said = mark.said if mark.points is None else f"{given}: {mark.said}"
    if mark.points == 0:
        return {"output_type": "error", "ename": "NoPoint", "evalue": said, "traceback": [said]}
    return _stream(f"{said}\n")


def _inert(outputs: Iterable[Any]) -> list[Raw]:
    """A student's outputs as text in one piece, cut."""
    text = ""
    for part in texts(outputs):
        text += part if part.endswith("\n") else f"{part}\n"
        if len(text) > MOST_OUTPUT:
            text = f"{text[:MOST_OUTPUT]}\n… cut: at most {MOST_OUTPUT:,} characters are kept\n"
            break
    return [_stream(text)] if text else []


def _fenced(text: str) -> str:
    """Markdown that shows a text as it was typed, whatever it holds."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _text(name: str, source: str, metadata: Mapping[str, Any] | None = None) -> Raw:
    return {"cell_type": "markdown", "id": name, "metadata": metadata or {}, "source": source}


def _code(name: str, source: str, metadata: Raw, outputs: list[Raw]) -> Raw:
    cell: Raw = {"cell_type": "code", "execution_count": None, "id": name}
    return cell | {"metadata": metadata, "outputs": outputs, "source": source}


def _stream(text: str) -> Raw:
    return {"output_type": "stream", "name": "stdout", "text": text}
