"""Three ways through: twelve minutes on one page, 45 through the lessons, and the lessons."""

from __future__ import annotations

import ast
import re
from urllib.parse import unquote

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from course_lib.quiz import read_bank
from course_lib.staff.forms.notebook_file import read
from course_lib.staff.record import run
from tests.conftest import in_ci
from tests.lesson import NOTEBOOKS, NUMBERED, ROOT, Lesson, shown_texts
from tests.prose import anchor, links
from tests.reading_time import effort

# ---- twelve minutes -----------------------------------------------------------------------------
TWELVE = Lesson(path := NOTEBOOKS / "in_twelve_minutes.ipynb", path.read_bytes())
MOST_CELLS, MOST_LINES = 2, 4  # of code, in a section; of a cell
THE_PAGES_SECTIONS = [
    "1. The restaurant",
    "2. Visual comparison",
    "3. When to use each",
    "4. Real-world systems",
    "5. Patterns",
    "6. Trade-offs",
    "7. Common mistakes",
    "Interactive comparison",
    "8. Key takeaways",
    "9. Interview questions",
    "10. Test your understanding",
]


def sections(notebook: NotebookNode) -> dict[str, list[NotebookNode]]:
    """Heading → the cells from there to the next heading; those before the first under ""."""
    heading, found = "", {"": []}
    for cell in notebook.cells:
        title = re.match(r"#{2,6} +(.+)", cell.source) if cell.cell_type == "markdown" else None
        if title:
            heading = title[1].strip()
            found[heading] = []
        found[heading].append(cell)
    return found


SECTIONS = sections(TWELVE.notebook)


def test_the_page_is_read_in_twelve_minutes() -> None:
    """By the measure of all lessons."""
    assert effort(TWELVE.notebook).minutes <= 12


def test_its_sections_are_those_of_the_page() -> None:
    """Ten, in the page's order, and the interactive one in its place."""
    assert list(SECTIONS)[1:] == THE_PAGES_SECTIONS


@pytest.mark.parametrize("heading", THE_PAGES_SECTIONS)
def test_a_section_is_one_idea(heading: str) -> None:
    """At most two short cells of code, and a link to the lesson that shows more."""
    code = [cell for cell in SECTIONS[heading] if cell.cell_type == "code"]
    assert len(code) <= MOST_CELLS
    lines = [sum(map(bool, map(str.strip, cell.source.splitlines()))) for cell in code]
    assert max(lines, default=0) <= MOST_LINES
    prose = [cell.source for cell in SECTIONS[heading] if cell.cell_type == "markdown"]
    assert any(NUMBERED.match(target) for text in prose for target in links(text))


# ---- 45 minutes ---------------------------------------------------------------------------------
START = NOTEBOOKS / "00_start_here.ipynb"
MOST_MINUTES = 45


def the_short_way() -> dict[str, list[str]]:
    """Notebook → the headings of its parts on the way, as the first lesson lists them."""
    text = "\n".join(c.source for c in sections(read(START))["The short way"])
    way: dict[str, list[str]] = {}
    for target in links(text):
        name, _, part = unquote(target).partition("#")
        way.setdefault(name, []).append(part)
    return way


WAY = the_short_way()


def on_the_way(name: str) -> list[NotebookNode]:
    """The cells of a notebook that one runs: those of its parts on the way, and its imports."""
    notebook = read(NOTEBOOKS / name)
    parts = {anchor(heading, notebook=True): cells for heading, cells in sections(notebook).items()}
    chosen = [id(cell) for part in WAY[name] for cell in parts[part]]
    return [c for c in notebook.cells if id(c) in chosen or only_imports(c)]


def only_imports(cell: NotebookNode) -> bool:
    if cell.cell_type != "code" or cell.source.startswith("%"):
        return False
    lines = ast.parse(cell.source).body
    return all(isinstance(line, ast.Import | ast.ImportFrom) for line in lines)


def shown(cells: list[NotebookNode]) -> list[list[str]]:
    """What each cell of code shows; a file keeps the forms of an output in another order."""
    return [sorted(shown_texts(cell.outputs)) for cell in cells if cell.cell_type == "code"]


def test_the_short_way_takes_45_minutes() -> None:
    """As it says."""
    cells = [cell for name in WAY for cell in on_the_way(name)]
    assert effort(new_notebook(cells=cells)).minutes <= MOST_MINUTES


def test_the_short_way_is_enough_for_the_quiz() -> None:
    """What teaches the answer to each of the five graded questions lies on it."""
    graded = [one for one in read_bank(ROOT / "quizzes" / "questions.toml") if one.graded]
    taught = {f"{name}#{part}" for name, parts in WAY.items() for part in parts}
    assert [question.link for question in graded if question.link not in taught] == []


@in_ci
@pytest.mark.slow
@pytest.mark.parametrize("name", WAY)
def test_the_parts_on_the_short_way_run_alone(name: str) -> None:
    """Just those cells, in a fresh kernel: no error, and they show what the lesson shows."""
    cells = on_the_way(name)
    stored = shown(cells)
    notebook = new_notebook(cells=cells)
    run(notebook, NOTEBOOKS)
    assert shown(notebook.cells) == stored
