"""What every lesson keeps to. Each rule is a function that gives a sentence for each breach.

A rule looks at stored cells and runs nothing. What it can't see is for nbval, `record --check`
and the browser tests: that the outputs are true, and that they can be read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from nbformat import NotebookNode

from course_lib.quiz import practice_questions
from course_lib.staff.forms.notebook_file import VALID_ID, NotebookError, difference, normal_form
from tests.answer_rules import answers_each_task_under_its_title, has_an_answer_to_each_task
from tests.lesson import ROOT, Lesson, Rule, Title, page_of, part_of, shown_texts, titles
from tests.prose import broken_links, claimed, links, markdown_of, value, values, without_code

MOST_LINES, MEDIAN_LINES, MEDIAN_DEEPER = 8, 4, 6
OPENING_CELLS = 3  # among which are what you will learn, and the time needed
VERBS = (
    "Apply Build Calculate Choose Compare Compute Count Decide Describe Design Detect Draw "
    "Estimate Explain Find Fix List Make Measure Name Predict Read Run Say Show Tell Use Write"
)
PRACTICE = {"lesson": (3, 3), "deeper": (2, 4)}  # how many questions there are, from and to
STEPS = ("Predict", "Run", "Investigate", "Modify")
NOT_COMPARED = re.compile(r"nbval[-_](?!raises)|validate[-_]ignore|skip-execution", re.IGNORECASE)
PATH = re.compile(
    r"(?<![\w:/.])(?:/(?:home|Users|root|tmp|usr|opt|var|private)/\w|[A-Z]:\\\w)|ipykernel_\d"
)
CHANGES = {
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a time stamp": re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d|\b[A-Z]\w\w \d\d? \d\d:\d\d:\d\d"),
}


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
    """Nothing on stderr; an error only, and always, in a cell tagged `raises-exception`.

    A lab's cells are all tagged, since each may fail where its server is missing.
    """
    for number, output in lesson.outputs:
        if output.get("name") == "stderr":
            yield f"cell {number} wrote on stderr: {output.text.strip()[:80]}"
    for number, cell in lesson.code:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors and not tagged:
            yield f"cell {number} ends in {errors[0].ename} without the tag raises-exception"
        if tagged and not errors and lesson.kind != "labs":
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
    """A cell is one thought: 8 lines at most; blank ones are free.

    Half of them have 4 at most, in a lesson; deeper ones go on from what a lesson has explained.
    """
    most = MEDIAN_LINES if lesson.kind == "lesson" else MEDIAN_DEEPER
    lengths = {number: _length(cell) for number, cell in lesson.code}
    for number, length in lengths.items():
        if length > MOST_LINES:
            yield f"cell {number} has {length} lines, the most is {MOST_LINES}"
    if lengths and median(lengths.values()) > most:
        yield f"half of the code cells have more than {most} lines: {[*lengths.values()]}"


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
            if re.search(r"!\[\s*\]", without_code(cell.source)) or page_of(cell.source).unnamed:
                yield f"cell {number} has a picture without an alternative text"
            continue
        for output in cell.get("outputs", []):
            yield from (f"cell {number} {fault}" for fault in _picture_faults(output))


def _picture_faults(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    page = page_of(data.get("text/html", ""))
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
    tops = [title for title in titles(lesson) if title.level == 1]
    if len(tops) > 1:
        yield f"it has {len(tops)} headings of level 1, and one is enough"
    learn, needed = part_of(lesson, "What you will learn"), part_of(lesson, "Time needed")
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
    found = iter(titles(lesson))
    for step in STEPS:
        if not any(title.says(step) for title in found):
            yield f"it has no “{step}” that follows {STEPS[: STEPS.index(step)] or 'the opening'}"
            return


def ends_with_three_questions(lesson: Lesson) -> Iterator[str]:
    """“What you have seen”, then “Check yourself”: three questions with feedback.

    Practice questions that lead to this notebook, in a deeper one two to four, and the score; in a
    lesson without any, such as the interview, three folded answers.
    """
    seen, check = part_of(lesson, "What you have seen"), part_of(lesson, "Check yourself")
    for what, part in (("What you have seen", seen), ("Check yourself", check)):
        if part is None:
            yield f"it has no part “{what}”"
    if seen and check and seen.cell > check.cell:
        yield "“What you have seen” comes before “Check yourself”, not after it"
    if check is None:
        return
    own = [name for name, q in practice_questions().items() if q.notebook == lesson.name]
    practised = own or lesson.kind == "deeper"
    yield from _practice(lesson, check, own) if practised else _folded(lesson, check)


def _practice(lesson: Lesson, check: Title, own: list[str]) -> Iterator[str]:
    code = [cell.source for number, cell in lesson.code if number > check.cell]
    last = [source.strip().rpartition("\n")[2] for source in code]
    asked = [match[1] for line in last if (match := re.fullmatch(r'practice\("(.*)"\)', line))]
    fewest, most = PRACTICE[lesson.kind]
    if asked != own:
        yield f"“Check yourself” asks {asked}, and practice.toml has {own} for {lesson.name}"
    if not fewest <= len(own) <= most:
        right = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        yield f"practice.toml has {len(own)} questions for {lesson.name}, and {right} are right"
    if last[len(own) :] != ["score()"]:
        yield "“Check yourself” ends with score(), after its questions, and no other code"


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


def links_to_its_lesson(notebook: Lesson) -> Iterator[str]:
    """A deeper notebook begins with a link to a lesson, and that lesson links to it."""
    first = notebook.notebook.cells[0].source if notebook.notebook.cells else ""
    names = [target.partition("#")[0] for target in links(first)]
    lessons = [ROOT / "notebooks" / name[3:] for name in names if re.match(r"\.\./\d\d_", name)]
    if not lessons:
        yield "its first cell has no link to a lesson, such as ../05_patterns.ipynb"
    elif not any(_links_to(lesson, notebook.name) for lesson in lessons if lesson.exists()):
        yield f"{lessons[0].name} has no link to {notebook.name}, where the question arises"


def _links_to(path: Path, name: str) -> bool:
    return any(target.partition("#")[0] == name for target in links(markdown_of(path)))


def has_links_that_lead_somewhere(lesson: Lesson) -> Iterator[str]:
    """Each relative link leads to a file of the repository, and to one heading if it says one.

    Those of outputs too, such as a table's.
    """
    markdown = [cell.source for _, cell in lesson.prose]
    shown = [output.get("data", {}).get("text/html", "") for _, output in lesson.outputs]
    yield from broken_links("\n\n".join([*markdown, *shown]), lesson.path, ROOT)


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


def goes_on_without_its_server(lesson: Lesson) -> Iterator[str]:
    """Each code cell may fail where a server is missing; none did when it was recorded."""
    for number, cell in lesson.code:
        if "raises-exception" not in cell.metadata.get("tags", []):
            yield f"cell {number} stops the lab where a server is missing: tag raises-exception"
        if re.search(r"brokers\.\w+\([^)]*\)\.start\(", cell.source):
            yield f"cell {number} leaves no name where a server is missing: start it in a line more"
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"cell {number} was recorded with an error"


EVERYWHERE: tuple[Rule, ...] = (
    was_run_from_top_to_bottom,
    is_in_normal_form,
    is_quiet,
    is_compared_in_full,
    names_no_machine,
    has_prose_before_code,
    has_pictures_for_everybody,
    has_links_that_lead_somewhere,
    says_no_number_that_no_cell_computes,
)
TO_LEARN_FROM: tuple[Rule, ...] = (
    *EVERYWHERE,
    has_short_cells,
    opens_with_its_purpose,
    goes_from_predict_to_modify,
    ends_with_three_questions,
    has_an_answer_to_each_task,
)
RULES: dict[str, tuple[Rule, ...]] = {
    "lesson": (*TO_LEARN_FROM, links_to_its_neighbours),
    "deeper": (*TO_LEARN_FROM, links_to_its_lesson),
    "answers": (*EVERYWHERE, answers_each_task_under_its_title),
    "labs": (*EVERYWHERE, has_short_cells, opens_with_its_purpose, goes_on_without_its_server),
    "page": (*EVERYWHERE, has_short_cells),
}
"""What a notebook keeps to, for each kind."""

EXEMPT: dict[str, tuple[Rule, ...]] = {
    # It shows how to use the course and tests the environment; it teaches no claim.
    "00_start_here.ipynb": (goes_from_predict_to_modify, ends_with_three_questions),
    # Its words are looked up: there is nothing to run.
    "glossary.ipynb": (was_run_from_top_to_bottom,),
}


def rules_of(lesson: Lesson) -> list[Rule]:
    """Those of its kind from which it is not exempt."""
    return [rule for rule in RULES[lesson.kind] if rule not in EXEMPT.get(lesson.name, ())]


def problems(lesson: Lesson) -> list[str]:
    """Every breach of every rule that is not exempt."""
    return [f"{rule.__name__}: {fault}" for rule in rules_of(lesson) for fault in rule(lesson)]


def _length(cell: NotebookNode) -> int:
    return sum(1 for line in cell.source.splitlines() if line.strip())
