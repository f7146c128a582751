"""How long a notebook takes: its words, its lines of code and its predictions, as minutes.

    python -m tests.reading_time                     # every notebook of the course
    python -m tests.reading_time notebooks/01_restaurant.ipynb

Reading goes at 200 words of prose a minute, code at 12 lines a minute, and each *Predict* gets a
minute to think. Words are those that are seen: a link's words and not its address, the cells of a
table, folded answers too. What is to be done after reading does not count: a *Modify* up to the
end of its cell (or to the next title in it), and the code right below it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import mistune
import nbformat
from nbformat import NotebookNode

from course_lib.staff.forms.notebook_file import all_notebooks

WORDS_A_MINUTE, LINES_A_MINUTE = 200, 12
TOLERANCE = 1 / 5
MOST_MINUTES, MOST_TOGETHER = 40, 330
"""Of one lesson, and of the lessons 00 to 10 together: a week of evenings."""
WORD = re.compile(r"\S*\w\S*")
TITLE = re.compile(r"^(?:#{1,6}\s+|(?:> ?)?\*\*)(?:\d+\W+)?(\w+).*$", re.MULTILINE)
MODIFY = re.compile(
    r"^(?:#{1,6}\s+|(?:> ?)?\*\*)Modify\b.*?(?=^#{1,6}\s|^\*\*(?:Predict|Run|Investigate)\b|\Z)",
    re.MULTILINE | re.DOTALL,
)
STATED = re.compile(r"\*\*Time needed:\*\* about (\d+) minutes")


@dataclass(frozen=True)
class Effort:
    """What there is to read and to think about in a notebook, its *Modify* left out."""

    words: int
    lines: int
    predictions: int

    @property
    def minutes(self) -> float:
        return self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE + self.predictions


def effort(notebook: NotebookNode) -> Effort:
    """The words, lines of code and predictions of a notebook."""
    words = lines = predictions = 0
    for cell in _to_be_read(notebook):
        if cell.cell_type == "code":
            lines += _lines(cell.source)
            continue
        seen = _Seen(cell.source)
        words += len(WORD.findall(seen.prose))
        lines += _lines(seen.code)
        predictions += sum(title == "Predict" for title in TITLE.findall(cell.source))
    return Effort(words, lines, predictions)


def stated_minutes(notebook: NotebookNode) -> int | None:
    """The time that a notebook says it needs; None if it does not say "about N minutes"."""
    found = STATED.search(notebook.cells[0].source)
    return int(found[1]) if found else None


def agrees(stated: float, computed: float) -> bool:
    """Whether the time that is stated lies within a fifth of the computed one."""
    return abs(stated - computed) <= TOLERANCE * computed


def _to_be_read(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The cells without what is to be modified."""
    after_modify = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = list(MODIFY.finditer(cell.source))
            after_modify = bool(found) and found[-1].end() == len(cell.source)
            yield NotebookNode(cell_type="markdown", source=MODIFY.sub("", cell.source))
        elif not after_modify:
            yield cell


def _lines(code: str) -> int:
    return sum(1 for line in code.splitlines() if line.strip())


class _Seen(HTMLParser):
    """A cell's Markdown as it is seen: its prose, and apart from it its blocks of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.prose = self.code = ""
        self._in_code = False
        self.feed(str(mistune.html(markdown)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code |= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._in_code &= tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._in_code:
            self.code += data
        else:
            self.prose += data


def main(names: list[str]) -> None:
    """Print the minutes of each notebook, what makes them, and what the notebook says itself."""
    print("notebook                              minutes  says  words  lines  predictions")
    together = 0.0
    for path in map(Path, names) if names else all_notebooks():
        notebook = nbformat.read(path, as_version=4)
        found = effort(notebook)
        together += found.minutes
        counts = f"{found.words:7}{found.lines:7}{found.predictions:13}"
        says = stated_minutes(notebook) or "?"
        print(f"{path.parent.name + '/' + path.name:37}{found.minutes:8.1f}{says:>6}{counts}")
    print(f"{'together':37}{together:8.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
