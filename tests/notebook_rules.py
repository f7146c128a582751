"""What every lesson keeps to. Each rule is a function that gives a sentence for each breach.

A rule looks at stored cells and runs nothing. What it can't see is for nbval, `record --check`
and the browser tests: that the outputs are true, and that they can be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from typing import Any

from nbformat import NotebookNode

from course_lib.quiz import SECTIONS, practice_questions
from course_lib.staff.forms.notebook_file import (
    PICTURE,
    VALID_ID,
    NotebookError,
    difference,
    normal_form,
    parse,
)
from tests.prose import HEADING, broken_links, claimed, links, value, values, without_code

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES, MEDIAN_LINES = 8, 4
OPENING_CELLS = 3  # among which are what you will learn, and the time needed
VERBS = (
    "Apply Build Calculate Choose Compare Compute Count Decide Describe Design Detect Draw "
    "Estimate Explain Find Fix List Make Measure Name Predict Read Run Say Show Tell Use Write"
)
STEPS = ("Predict", "Run", "Investigate", "Modify")
NOT_COMPARED = re.compile(r"nbval[-_](?!raises)|validate[-_]ignore|skip-execution", re.IGNORECASE)
PATH = re.compile(
    r"(?<![\w:/.])(?:/(?:home|Users|root|tmp|usr|opt|var|private)/\w|[A-Z]:\\\w)|ipykernel_\d"
)
CHANGES = {
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a time stamp": re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d|\b[A-Z]\w\w \d\d? \d\d:\d\d:\d\d"),
}


@dataclass(frozen=True)
class Lesson:
    """A notebook file, and which come before and after it."""

    path: Path
    content: bytes
    previous: str | None = None
    next: str | None = None

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


# ---- how it was run and stored ------------------------------------------------------------------
def was_run_from_top_to_bottom(lesson: Lesson) -> Iterator[str]:
    """Stored outputs, and runs counted 1, 2, 3 …: nbval does not compare a cell without a count."""
    counts = [cell.execution_count for _, cell in lesson.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its runs are counted {counts}; store them with: python -m course_lib.staff record"
    if not any(cell.outputs for _, cell in lesson.code):
        yield "no code cell has an output"
    for number, cell in lesson.code:
        if not cell.source.strip():
            yield f"cell {number} is empty: delete it"


def is_in_normal_form(lesson: Lesson) -> Iterator[str]:
    """The bytes that `record` writes, so valid ids, each once, and no editor's metadata."""
    try:
        normal = normal_form(lesson.content, lesson.path.name)
    except NotebookError as problem:
        yield str(problem)
        return
    ids = [cell.get("id") for cell in json.loads(lesson.content)["cells"]]
    for number, name in enumerate(ids, start=1):
        if not VALID_ID.fullmatch(name or "") or name in ids[: number - 1]:
            yield f"cell {number} has the id {name!r}, which is not valid or not its own"
    if normal.encode() != lesson.content:
        facts = "\n".join(difference(lesson.content.decode(), normal))
        yield f"record would write it otherwise (+):\n{facts}"


def is_quiet(lesson: Lesson) -> Iterator[str]:
    """Nothing on stderr; an error only, and always, in a cell tagged `raises-exception`."""
    for number, output in lesson.outputs:
        if output.get("name") == "stderr":
            yield f"cell {number} wrote on stderr: {output.text.strip()[:80]}"
    for number, cell in lesson.code:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors and not tagged:
            yield f"cell {number} ends in {errors[0].ename} without the tag raises-exception"
        if tagged and not errors:
            yield f"cell {number} has the tag raises-exception and raises nothing"


def is_compared_in_full(lesson: Lesson) -> Iterator[str]:
    """No cell is kept from nbval: a claim that cannot be compared is not stored as an output."""
    for number, cell in lesson.code:
        words = [*cell.metadata.get("tags", []), *re.findall(r"#.*", cell.source)]
        for word in words:
            if NOT_COMPARED.search(word):
                yield f"cell {number} keeps itself from being compared: {word}"


def names_no_machine(lesson: Lesson) -> Iterator[str]:
    """No path, memory address, process or moment, which differ on the reader's machine."""
    own = [str(ROOT), str(Path.home())]
    for number, cell in lesson.cells:
        texts = list(shown_texts(cell.get("outputs", [])))
        for text in [cell.source, *texts]:
            path = PATH.search(text)
            found = path[0] if path else next((name for name in own if name in text), None)
            if found:
                yield f"cell {number} has a path of a machine: {found}"
        for what, pattern in CHANGES.items():
            for match in filter(None, map(pattern.search, texts)):
                yield f"cell {number} shows {what}: {match[0]}"


# ---- code and pictures --------------------------------------------------------------------------
def has_short_cells(lesson: Lesson) -> Iterator[str]:
    """A cell is one thought: 8 lines at most, and half of them 4 at most; blank ones are free."""
    lengths = {number: _length(cell) for number, cell in lesson.code}
    for number, length in lengths.items():
        if length > MOST_LINES:
            yield f"cell {number} has {length} lines, the most is {MOST_LINES}"
    if lengths and median(lengths.values()) > MEDIAN_LINES:
        yield f"half of the code cells have more than {MEDIAN_LINES} lines: {[*lengths.values()]}"


def has_prose_before_code(lesson: Lesson) -> Iterator[str]:
    """Words before each code cell; only the first ones, the set-up, may follow each other."""
    setting_up = True
    before = ""
    for number, cell in lesson.cells:
        if cell.cell_type == "code" and before == "":
            yield f"cell {number} is code at the very top"
        elif cell.cell_type == "code" and before == "code" and not setting_up:
            yield f"cell {number} is code right after code, without a word between"
        elif cell.cell_type == "markdown" and before == "code":
            setting_up = False
        before = cell.cell_type


def has_pictures_for_everybody(lesson: Lesson) -> Iterator[str]:
    """Each picture has an alternative text, and in an output also its facts as a text table."""
    for number, cell in lesson.cells:
        if cell.cell_type == "markdown":
            if re.search(r"!\[\s*\]", without_code(cell.source)) or _seen(cell.source).unnamed:
                yield f"cell {number} has a picture without an alternative text"
            continue
        for output in cell.get("outputs", []):
            yield from (f"cell {number} {fault}" for fault in _picture_faults(output))


def _picture_faults(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    page = _seen(data.get("text/html", ""))
    if bare := [kind for kind in data if kind.startswith("image/")]:
        yield f"shows a bare {bare[0]}, which has no alternative text: show it as HTML"
    if page.unnamed:
        yield f"shows a picture without an alternative text: {page.unnamed[0]}"
    if page.pictures and not (page.tables or data.get("text/plain", "").strip().count("\n") >= 1):
        yield "shows a picture without a table of its facts beside it"


# ---- the course of a lesson ---------------------------------------------------------------------
def opens_with_its_purpose(lesson: Lesson) -> Iterator[str]:
    """A title, then 2 to 4 objectives that begin with a verb one can test, and the time needed."""
    first = lesson.notebook.cells[0] if lesson.notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "it does not open with a heading of level 1"
    titles = [t for t in _titles(lesson) if t.level == 1]
    if len(titles) > 1:
        yield f"it has {len(titles)} headings of level 1, and one is enough"
    learn, needed = _part(lesson, "What you will learn"), _part(lesson, "Time needed")
    for what, part in (("What you will learn", learn), ("Time needed", needed)):
        if part is None or part.cell > OPENING_CELLS:
            yield f"its first {OPENING_CELLS} cells have no part “{what}”"
    if needed and not re.search(r"\d", needed.title + needed.text):
        yield "the part “Time needed” says no time"
    aims = re.findall(r"^\s*(?:[-*+]|\d+\.)\s+(.+)", learn.text, re.MULTILINE) if learn else []
    if learn and not 2 <= len(aims) <= 4:
        yield f"“What you will learn” has {len(aims)} bullets, and 2 to 4 are right"
    for aim in aims:
        if aim.strip("*_ ").split()[0].strip("*_,:").capitalize() not in VERBS.split():
            yield f"the objective “{aim[:40]}” begins with none of: {VERBS}"


def goes_from_predict_to_modify(lesson: Lesson) -> Iterator[str]:
    """Predict, Run, Investigate, Modify, in this order, each as a heading or a bold lead-in."""
    titles = iter(_titles(lesson))
    for step in STEPS:
        if not any(title.says(step) for title in titles):
            yield f"it has no “{step}” that follows {STEPS[: STEPS.index(step)] or 'the opening'}"
            return


def ends_with_three_questions(lesson: Lesson) -> Iterator[str]:
    """“What you have seen”, then “Check yourself”: three questions with feedback.

    Practice questions of the lesson's own section and the score; in a lesson without a section of
    its own, such as the interview, three folded answers.
    """
    seen, check = _part(lesson, "What you have seen"), _part(lesson, "Check yourself")
    for what, part in (("What you have seen", seen), ("Check yourself", check)):
        if part is None:
            yield f"it has no part “{what}”"
    if seen and check and seen.cell > check.cell:
        yield "“What you have seen” comes before “Check yourself”, not after it"
    if check is None:
        return
    section = next((key for key, name in SECTIONS.items() if name == lesson.path.name), None)
    yield from _practice(lesson, check, section) if section else _folded(lesson, check)


def _practice(lesson: Lesson, check: Title, section: str) -> Iterator[str]:
    code = [cell.source for number, cell in lesson.code if number > check.cell]
    last = [source.strip().rpartition("\n")[2] for source in code]
    asked = [match[1] for line in last if (match := re.fullmatch(r'practice\("(.*)"\)', line))]
    own = [name for name, question in practice_questions().items() if question.section == section]
    if asked != own or len(own) != 3:
        yield f"“Check yourself” asks {asked}, and practice.toml has {own} for {section}"
    if last[3:] != ["score()"]:
        yield "“Check yourself” ends with score(), after three questions, and no other code"


def _folded(lesson: Lesson, check: Title) -> Iterator[str]:
    if any(number > check.cell for number, _ in lesson.code):
        yield "code follows “Check yourself”: it is the end"
    answers = re.findall(r"<details>(.*?)</details>", check.text, re.DOTALL)
    if len(answers) != 3 or check.text.count("<details") != 3:
        yield f"“Check yourself” has {len(answers)} folded answers, and 3 are right"
    for answer in answers:
        summary = re.match(r"\s*<summary>(.*?)</summary>(.*)", answer, re.DOTALL)
        if not summary or not summary[1].strip() or len(summary[2].split()) < 5:
            yield f"a folded answer has no <summary> or no feedback: {answer.strip()[:40]}"
    if check.text.count("?") < 3:
        yield "“Check yourself” asks fewer than three questions"


def links_to_its_neighbours(lesson: Lesson) -> Iterator[str]:
    """A link to the notebook before it, and to the one after it."""
    targets = {target for _, cell in lesson.prose for target in links(cell.source)}
    for where, name in (("previous", lesson.previous), ("next", lesson.next)):
        if name and not targets & {name, f"./{name}"}:
            yield f"it has no link to the {where} notebook, {name}"


def has_links_that_lead_somewhere(lesson: Lesson) -> Iterator[str]:
    """Each relative link leads to a file of the repository, and to a heading if it says one."""
    markdown = "\n\n".join(cell.source for _, cell in lesson.prose)
    yield from broken_links(markdown, lesson.path, ROOT)


def says_no_number_that_no_cell_computes(lesson: Lesson) -> Iterator[str]:
    """A claimed number stands in the source or in an output of some code cell here.

    Claimed is what `tests.prose.claimed` finds: numbers of two digits or more, or decimals, in
    bold or with a unit. They are compared as written: 3,000 is 3000, 66.0 is 66, but 500 ms is not
    0.5 s and 50 % is not 0.5, so that the reader finds the very number. Not claimed: whatever
    stands in a cell that cites a source, in a question, in code, in the time needed.
    """
    texts = [text for _, cell in lesson.code for text in (cell.source, *shown_texts(cell.outputs))]
    computed = values(texts)
    for number, cell in lesson.prose:
        for said in claimed(cell.source):
            if value(said) not in computed:
                yield f"cell {number} says {said}, which no cell computes; or cite its source there"


RULES: tuple[Rule, ...] = (
    was_run_from_top_to_bottom,
    is_in_normal_form,
    is_quiet,
    is_compared_in_full,
    names_no_machine,
    has_short_cells,
    has_prose_before_code,
    has_pictures_for_everybody,
    opens_with_its_purpose,
    goes_from_predict_to_modify,
    ends_with_three_questions,
    links_to_its_neighbours,
    has_links_that_lead_somewhere,
    says_no_number_that_no_cell_computes,
)

EXEMPT: dict[str, tuple[Rule, ...]] = {
    # It shows how to use the course and tests the environment; it teaches no claim.
    "00_start_here.ipynb": (goes_from_predict_to_modify, ends_with_three_questions),
}


def problems(lesson: Lesson) -> list[str]:
    """Every breach of every rule that is not exempt."""
    rules = (rule for rule in RULES if rule not in EXEMPT.get(lesson.path.name, ()))
    return [f"{rule.__name__}: {fault}" for rule in rules for fault in rule(lesson)]


# ---- reading ------------------------------------------------------------------------------------
def _length(cell: NotebookNode) -> int:
    return sum(1 for line in cell.source.splitlines() if line.strip())


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


def _titles(lesson: Lesson) -> list[Title]:
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


def _part(lesson: Lesson, words: str) -> Title | None:
    return next((title for title in _titles(lesson) if title.says(words)), None)


class _Page(HTMLParser):
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


def _seen(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page
