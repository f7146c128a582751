"""The page of a student's feedback, as HTML that holds all it needs and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import mistune

from course_lib.page import render
from course_lib.quiz import Question

from .marks import Judged

Points = tuple[float, float]
"""Given, and to be had."""


@dataclass(frozen=True, slots=True)
class Words:
    """A cell of text: the course's own, or a student's."""

    kind: ClassVar = "words"
    text: str
    trusted: bool
    points: Points | None = None
    comment: str = ""

    @property
    def shown(self) -> str:
        """The text; of the course's own less its title and how to answer, which the page has no
        use for.
        """
        return "" if self.trusted and self.text.startswith("# ") else self.text

    @property
    def question(self) -> str:
        """Number of the question that the course asks in it; empty if it asks none."""
        found = re.match(r"## Question (\d+)\n", self.text) if self.trusted else None
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Solution:
    """A student's code."""

    kind: ClassVar = "solution"
    source: str
    points: Points | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test of an exercise said."""

    kind: ClassVar = "tested"
    name: str
    """The cell's."""
    said: str
    points: Points

    @property
    def label(self) -> str:
        """The cell's name; one that begins with its exercise as words, and without that."""
        words, is_of_an_exercise = re.subn(r"^ex\d+-", "", self.name)
        return words.removesuffix("-check").replace("-", " ") if is_of_an_exercise else self.name


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a quiz, and what was answered."""

    kind: ClassVar = "asked"
    number: int
    judged: Judged
    points: Points
    waits: bool = True
    """Whether a person has to look at it, if anybody has."""


Part = Words | Solution | Tested | Asked


def page(about: Mapping[str, Any], parts: Sequence[Part], *, reveal: bool) -> str:
    """The whole page; `about` is nbgrader's: notebook, student, score, max_score, late_penalty."""
    asked = [part for part in parts if isinstance(part, Asked)]
    return render(
        "staff/templates/feedback.html",
        title=_title(parts) or str(about["notebook"]),
        student=about["student"],
        score=float(about["score"]),
        most=float(about["max_score"]),
        penalty=float(about.get("late_penalty") or 0),
        rows=[["Question", "Answer"], *([one, one] for one in asked)],
        tests=_tests(parts),
        parts=parts,
        again=_again(asked),
        reveal=reveal,
        markdown=_rendered,
    )


def _title(parts: Sequence[Part]) -> str:
    """The course's own heading of the notebook."""
    texts = [part.text for part in parts if isinstance(part, Words) and part.trusted]
    found = re.search(r"^# (.+)$", "\n".join(texts), re.MULTILINE)
    return found[1].strip() if found else ""


def _tests(parts: Sequence[Part]) -> list[list[Any]]:
    """The table of what was tested: below which heading, what, and its points."""
    rows: list[list[Any]] = [["Exercise", "What is looked for", "Points"]]
    heading = ""
    for part in parts:
        if isinstance(part, Words) and part.trusted:
            found = re.findall(r"^## (.+)$", part.text, re.MULTILINE)
            heading = found[-1].strip() if found else heading
        elif isinstance(part, Tested):
            rows.append([heading, part, part])
    return rows


def _again(asked: Sequence[Asked]) -> list[Question]:
    """One question for each part of a lesson that is worth reading again, in their order."""
    known = [one.judged for one in asked if not one.judged.answer.person]
    wrong = [judged.question for judged in known if not judged.right]
    places = {(question.notebook, question.heading): question for question in wrong}
    return [places[place] for place in sorted(places)]


class Renderer(mistune.HTMLRenderer):
    """Markdown as HTML, with no picture from anywhere."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text


# HTML inside Markdown is shown as text, and mistune lets no link run anything.
MARKDOWN = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])


def _rendered(text: str) -> str:
    """Markdown as HTML that is harmless, whoever wrote it."""
    return str(MARKDOWN(text))
