"""The item analysis as one HTML page that asks nothing of the network and runs no script.

Whatever a student or a bank wrote is shown as text, and the page's own policy forbids all but its
style.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_lib.answers import Reading
from course_lib.page import render

from .item_analysis import Analysis, Figures, Share, caution, percent
from .submissions import Sheet, Unread

HELD = ["What they believe", "Students", "Shown by", "Teach again"]
QUESTIONS = ["Question", "Right", "In a large class, from – to", "By guessing", "Discrimination"]
SCORES = ["Right", "Students", "If all guessed"]
CHOICES = ["Choice", "Text", "Students", "Misconception"]

Row = list[object]
"""Of a table: texts, and what the template knows how to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """Who handed in what, for the parts of the page that are about people."""

    assignment: str
    sheets: Sequence[Sheet]
    unread: Sequence[Unread]
    late_known: bool
    """Whether there is a due date, and a time at which something was handed in."""
    names: bool
    """Whether the page may name students."""

    @property
    def late(self) -> list[str]:
        late = [one.student for one in self.sheets if one.late]
        return late + [one.student for one in self.unread if one.late]


def page(analysis: Analysis, people: Class) -> str:
    """The whole page, in HTML."""
    return render(
        "staff/templates/report.html",
        people=people,
        found=analysis,
        cautions=caution(analysis.students),
        tables={
            "held": _wide(HELD, analysis.held),
            "questions": _wide(QUESTIONS, analysis.figures),
            "scores": [SCORES, *_scores(analysis)],
            "choices": [[CHOICES, *_choices(one)] for one in analysis.figures],
        },
        chances=_chances(analysis),
        unread=Counter(_unread(people)).most_common(),
        to_look_at=Counter(_to_look_at(people)).most_common(),
        percent=percent,
        signed=signed,
    )


def _wide(head: Sequence[str], found: Sequence[object]) -> list[Row]:
    """A table in which each row is about one thing: the template says what each column shows."""
    return [[*head], *([one] * len(head) for one in found)]


def _scores(analysis: Analysis) -> Iterator[Row]:
    many = len(analysis.figures)
    pairs = zip(analysis.scores, analysis.by_chance, strict=True)
    for score, (count, chance) in enumerate(pairs):
        yield [f"{score} of {many}", Share(count, analysis.students), percent(chance, 2)]


def _chances(analysis: Analysis) -> Iterator[str]:
    """Of the highest scores, in words."""
    many = len(analysis.figures)
    for fewest in range(max(many - 2, 1), many + 1):
        yield f"at least {fewest} of {many}: {percent(analysis.chance_of(fewest), 2)}"


def _choices(one: Figures) -> Iterator[Row]:
    """Who took which choice of a question, and who took none."""
    for letter, choice in zip(one.question.letters, one.question.choices, strict=True):
        yield [letter, choice, one.taken[letter], choice]
    if one.unanswered:
        yield ["none", "no answer", Share(one.unanswered, one.right.of), ""]
    if one.unclear:
        told = "no letter of a choice, see the end"
        yield ["unclear", told, Share(one.unclear, one.right.of), ""]


def _unread(people: Class) -> Iterator[str]:
    for one in people.unread:
        yield f"{one.student}: {one.why}" if people.names else one.why


def _to_look_at(people: Class) -> Iterator[str]:
    """What is wrong with an answer, or odd about it, in the order of students and questions."""
    for sheet in people.sheets:
        who = f"{sheet.student}, " if people.names else ""
        for number, answer in enumerate(sheet.answers, start=1):
            for said in _said(answer):
                yield f"{who}question {number}: {said}"


def _said(answer: Reading) -> Iterator[str]:
    if answer.unclear:
        yield answer.fault
    if answer.note:
        yield answer.note


def signed(value: float) -> str:
    """With two digits, and a minus as people write it."""
    return f"{value:.2f}".replace("-", "−")
