"""A notebook as rules and tests read it: its cells, its place in the course, its titles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course_lib.staff.forms.notebook_file import PICTURE, all_notebooks, parse
from tests.prose import HEADING, without_code

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
NUMBERED = re.compile(r"\d\d_")
BELOW = ("deeper", "answers", "labs")


@dataclass(frozen=True)
class Lesson:
    """A notebook file, and which come before and after it."""

    path: Path
    content: bytes
    previous: str | None = None
    next: str | None = None

    @property
    def kind(self) -> str:
        """`lesson` for those with a number; `deeper`, `answers`, `labs` or `page` for others."""
        if self.path.parent.name in BELOW:
            return self.path.parent.name
        return "lesson" if NUMBERED.match(self.path.name) else "page"

    @property
    def name(self) -> str:
        """Its path inside the folder of the notebooks."""
        folder = self.path.parent.name
        return f"{folder}/{self.path.name}" if folder in BELOW else self.path.name

    @cached_property
    def notebook(self) -> NotebookNode:
        return parse(self.content, self.path.name)

    @cached_property
    def cells(self) -> list[tuple[int, NotebookNode]]:
        """With their numbers, from 1."""
        return list(enumerate(self.notebook.cells, start=1))

    @property
    def code(self) -> list[tuple[int, NotebookNode]]:
        return [(number, cell) for number, cell in self.cells if cell.cell_type == "code"]

    @property
    def prose(self) -> list[tuple[int, NotebookNode]]:
        return [(number, cell) for number, cell in self.cells if cell.cell_type == "markdown"]

    @property
    def outputs(self) -> Iterator[tuple[int, NotebookNode]]:
        for number, cell in self.code:
            for output in cell.outputs:
                yield number, output


Rule = Callable[[Lesson], Iterator[str]]
"""What a notebook must keep to: a sentence for each breach."""


def course() -> list[Lesson]:
    """All notebooks of the course; a lesson knows those beside it."""
    found = {path: Lesson(path, path.read_bytes()) for path in all_notebooks(NOTEBOOKS)}
    for before, after in pairwise(path for path, one in found.items() if one.kind == "lesson"):
        found[before] = replace(found[before], next=after.name)
        found[after] = replace(found[after], previous=before.name)
    return list(found.values())


def labs() -> list[Lesson]:
    """The notebooks that need servers: they are run for themselves, and read as all others."""
    return [Lesson(path, path.read_bytes()) for path in sorted(NOTEBOOKS.glob("labs/*.ipynb"))]


def shown_texts(outputs: list[NotebookNode]) -> Iterator[str]:
    """All that the outputs say in text, pictures left out."""
    for output in outputs:
        yield from (output[key] for key in ("text", "evalue") if key in output)
        yield from ("\n".join(output[key]) for key in ("traceback",) if key in output)
        for kind, data in output.get("data", {}).items():
            if kind.startswith("text/") or kind == "image/svg+xml":
                yield PICTURE.sub("", data)


@dataclass(frozen=True)
class Title:
    """A heading, or the bold words that a paragraph begins with."""

    cell: int
    level: int
    """That of the heading; 7 for bold words."""
    title: str
    text: str
    """From there to the next title of this level or above it, over the cells between."""

    def says(self, words: str) -> bool:
        return bool(re.match(rf"\W*(?:\d+\W+)?{words}\b", self.title, re.IGNORECASE))


TITLE = re.compile(
    HEADING.pattern + r"|^(?:> ?)?\*\*(.+?)\*\*(.*)$|^(\0)(\d+)$", re.MULTILINE
)  # a heading; bold words and the rest of their line; the mark of a new cell


def titles(lesson: Lesson) -> list[Title]:
    """All headings and bold lead-ins of a notebook, in order."""
    text = "\n".join(f"\0{number}\n{without_code(cell.source)}" for number, cell in lesson.prose)
    cell, found = 0, []
    for match in TITLE.finditer(text):
        hashes, heading, bold, rest, _, number = match.groups()
        if number:
            cell = int(number)
        else:
            level = len(hashes or "1234567")
            after = _until((rest or "") + text[match.end() :], level)
            found.append(Title(cell, level, heading or bold, after))
    return found


def _until(text: str, level: int) -> str:
    """The text up to the next title of this level or above it."""
    for match in TITLE.finditer(text):
        hashes, _, bold, *_ = match.groups()
        if (hashes and len(hashes) <= level) or (bold and level == 7):
            return text[: match.start()]
    return text


def part_of(lesson: Lesson, words: str) -> Title | None:
    """The first that begins with these words."""
    return next((title for title in titles(lesson) if title.says(words)), None)


class Page(HTMLParser):
    """What a piece of HTML shows: pictures, those without a name, tables."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures = self.tables = 0
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named: dict[str, Any] = dict(attrs)
        self.tables += tag == "table"
        if tag in ("img", "svg", "canvas"):
            self.pictures += 1
            if not (named.get("alt") or (tag != "img" and named.get("aria-label")) or "").strip():
                self.unnamed.append(f"<{tag}>")


def page_of(html: str) -> Page:
    """What this HTML shows."""
    page = Page()
    page.feed(html)
    return page
