"""Three ways through: twelve minutes on one page, 45 through the lessons, and the lessons."""

from __future__ import annotations

import re

import pytest
from nbformat import NotebookNode

from tests.lesson import NOTEBOOKS, NUMBERED, Lesson
from tests.prose import links
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
