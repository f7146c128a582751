"""Every task has an answer: one section of a notebook in `answers`, which the task links to.

A task is a *Modify*, or an *Investigate* that asks something. It ends with a line

    [Answer](answers/01_restaurant.ipynb#A-heading-there)

and a task of `deeper/webhooks.ipynb` with [Answer](../answers/deeper_webhooks.ipynb#…). The section
begins with a link to the heading under which the task stands. Nothing else links to an answer, so
that nothing gives it away sooner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from tests.lesson import NUMBERED, Lesson
from tests.prose import FENCE, HEADING, anchor, links, without_code

LEAD = re.compile(r"^(?:#{1,6}\s+|(?:> ?)?\*\*)(Predict|Run|Investigate|Modify)\b", re.MULTILINE)
ANSWER = re.compile(r"\[Answers?\]\(([^)\s]+)\)")
FOLDED = re.compile(r"<details>.*?</details>|\]\([^)]*\)", re.DOTALL)
TO_AN_ANSWER = re.compile(r"(?:\.\./)?answers/")


@dataclass(frozen=True)
class Task:
    """Something to do or to find out."""

    cell: int
    """Its number, from 1."""
    step: str
    heading: str
    """Under which it stands."""
    text: str

    @property
    def asks(self) -> bool:
        asked = "?" in FOLDED.sub("", without_code(self.text))
        return self.step == "Modify" or (self.step == "Investigate" and asked)

    @property
    def answer(self) -> str:
        """The target of the link that is its last line; empty if there is none."""
        found = ANSWER.fullmatch(self.text.rstrip().rpartition("\n")[2].strip())
        return unquote(found[1]) if found else ""


def tasks(lesson: Lesson) -> Iterator[Task]:
    """The tasks of a notebook that ask for an answer, in order."""
    heading = ""
    for number, cell in lesson.prose:
        step, begin, source = "", 0, FENCE.sub("", cell.source)
        for match in [*sorted(_turns(source), key=re.Match.start), None]:
            task = Task(number, step, heading, source[begin : match and match.start()])
            if task.asks:
                yield task
            if match is None:
                break
            lead = LEAD.match(match[0])
            step, begin = lead[1] if lead else "", match.end()
            heading = heading if lead else HEADING.match(match[0])[2]


def _turns(source: str) -> Iterator[re.Match[str]]:
    yield from LEAD.finditer(source)
    yield from (match for match in HEADING.finditer(source) if not LEAD.match(match[0]))


def has_an_answer_to_each_task(lesson: Lesson) -> Iterator[str]:
    """Each task ends with a link to its answer, and nothing else links to one."""
    beside = "../answers/deeper_" if lesson.kind == "deeper" else "answers/"
    right = f"{beside}{lesson.path.name}#"
    asked = list(tasks(lesson))
    for task in asked:
        if not task.answer.startswith(right):
            yield f"cell {task.cell}: its {task.step} does not end with a line [Answer]({right}…)"
    answers = [task.answer for task in asked if task.answer]
    for number, cell in lesson.prose:
        for target in filter(TO_AN_ANSWER.match, links(cell.source)):
            if answers.count(unquote(target)) != 1:
                yield f"cell {number} gives {target} away: the task alone links to it, and once"


def answers_each_task_under_its_title(answers: Lesson) -> Iterator[str]:
    """Each section is one that a task links to, and begins with a link back to where it stands."""
    path = asked_in(answers.path)
    if not path.exists():
        yield f"there is no {path.name} whose tasks it could answer"
        return
    lesson = Lesson(path, path.read_bytes())
    back = f"../{lesson.name}"
    title = answers.notebook.cells[0].source if answers.notebook.cells else ""
    if not title.startswith("# Answers") or back not in links(title):
        yield f"it does not open with a heading “# Answers …” and a link to {back}"
    sections = dict(_sections(answers))
    asked = {task.answer.partition("#")[2]: task for task in tasks(lesson)}
    for name in sections.keys() - asked.keys():
        yield f"no task of {lesson.name} links to its section #{name}"
    for name in sections.keys() & asked.keys():
        home = f"{back}#{anchor(asked[name].heading, notebook=True)}"
        if unquote((links(sections[name]) or [""])[0]) != home:
            yield f"its section #{name} does not begin with a link to {home}"


def asked_in(path: Path) -> Path:
    """The notebook whose tasks are answered in this file."""
    folder = path.parent.parent
    if NUMBERED.match(path.name):
        return folder / path.name
    return folder / "deeper" / path.name.removeprefix("deeper_")


def _sections(answers: Lesson) -> Iterator[tuple[str, str]]:
    """The anchor of each heading of level 2, and the prose below it."""
    prose = "\n\n".join(cell.source for _, cell in answers.prose)
    parts = re.split(r"^## +(.+)$", prose, flags=re.MULTILINE)
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        yield anchor(title, notebook=True), text
