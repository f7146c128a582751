"""What a class's answers say about the questions and about the class, and how surely.

    found = analyse(questions, sheets)
    found.figures[0].right.share, found.figures[0].discrimination
    found.held[0].misconception, found.held[0].students

An item analysis for classes of any size. All intervals hold 95 %. Sources: for shares, Wilson,
"Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209–212,
https://doi.org/10.1080/01621459.1927.10502953; for discrimination without the question's own
points in the total, Henrysson, "Correction of item-total correlations in item analysis",
Psychometrika 28 (1963) 211–218, https://doi.org/10.1007/BF02289618.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, StatisticsError, correlation

from course_lib.quiz import Question

from .submissions import Sheet

Z = NormalDist().inv_cdf(0.975)
FEWEST = 20
"""Students below whom no discrimination is given: its interval would span 0.88 of at most 2."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of 0 is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share of a large class like this one lies (Wilson); 0 to 1 if nobody was
        asked.
        """
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.share
        middle = p + Z**2 / (2 * n)
        width = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        low, high = ((middle + sign * width) / (1 + Z**2 / n) for sign in (-1, 1))
        return max(low, 0.0), min(high, 1.0)


@dataclass(frozen=True, slots=True)
class Discrimination:
    """Point-biserial correlation, -1 to 1, of a question with the score in all the others."""

    value: float
    students: int

    @property
    def interval(self) -> tuple[float, float]:
        """By Fisher's transformation, which is an approximation for right-or-wrong answers."""
        middle = math.atanh(max(-0.999999, min(0.999999, self.value)))
        width = Z / math.sqrt(self.students - 3)
        return math.tanh(middle - width), math.tanh(middle + width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All about one question."""

    number: int
    """From 1, in the quiz."""
    question: Question
    right: Share
    """Of all students read; no answer is not right."""
    taken: dict[str, Share]
    """Letter → those who took that choice."""
    unanswered: int
    unclear: int
    """Answers that are no letter of a choice, or could not be read."""
    discrimination: Discrimination | None
    no_discrimination: str
    """Why there is none, in a sentence; empty if there is one."""

    @property
    def guessing(self) -> float:
        """Share of right answers that guessing alone would give."""
        return 1 / len(self.question.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A misconception, and who holds it."""

    misconception: str
    students: tuple[str, ...]
    """Each once, however many questions showed it."""
    of: int
    shown_by: tuple[tuple[int, Question, str], ...]
    """Number of each question that showed it, from 1, the question, and the letter taken."""

    @property
    def share(self) -> Share:
        return Share(len(self.students), self.of)

    @property
    def to_teach(self) -> list[Question]:
        """One question for each part of a lesson that is to be taught again."""
        places = {(one.notebook, one.heading): one for _, one, _ in self.shown_by}
        return list(places.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All that is known of a class after a quiz."""

    students: int
    figures: tuple[Figures, ...]
    held: tuple[Held, ...]
    """Misconceptions that somebody showed, most frequent first."""
    scores: tuple[int, ...]
    """How many students have 0, 1, 2 … right."""
    by_chance: tuple[float, ...]
    """Share of students who have 0, 1, 2 … right if all of them guess everything."""

    def chance_of(self, fewest: int) -> float:
        """Chance of at least so many right by guessing alone."""
        return sum(self.by_chance[fewest:])


def analyse(questions: Sequence[Question], sheets: Sequence[Sheet]) -> Analysis:
    """Figures of each question, and misconceptions of the class.

    `questions` as the students saw them: choices shuffled, in order of their numbers.
    """
    keys = [question.key for question in questions]
    right = [
        [answer.letter == key for answer, key in zip(sheet.answers, keys, strict=True)]
        for sheet in sheets
    ]
    scores = [sum(row) for row in right]
    return Analysis(
        students=len(sheets),
        figures=tuple(_figures(n, question, sheets, right) for n, question in enumerate(questions)),
        held=_held(questions, sheets),
        scores=tuple(scores.count(score) for score in range(len(questions) + 1)),
        by_chance=by_chance([len(question.choices) for question in questions]),
    )


def _figures(
    number: int, question: Question, sheets: Sequence[Sheet], right: list[list[bool]]
) -> Figures:
    answers = [sheet.answers[number] for sheet in sheets]
    own = [row[number] for row in right]
    value, why = discrimination(own, [sum(row) - row[number] for row in right])
    return Figures(
        number=number + 1,
        question=question,
        right=Share(sum(own), len(own)),
        taken={
            letter: Share(sum(answer.letter == letter for answer in answers), len(own))
            for letter in question.letters
        },
        unanswered=sum(not answer.letter and not answer.unclear for answer in answers),
        unclear=sum(answer.unclear for answer in answers),
        discrimination=value,
        no_discrimination=why,
    )


def discrimination(own: list[bool], rest: list[int]) -> tuple[Discrimination | None, str]:
    """Do those who are right here score more elsewhere? The figure, or None and why not.

    `own` says who is right in the question, `rest` the points of each in all the others.
    """
    if len(own) < FEWEST:
        return None, f"not given for fewer than {FEWEST} students"
    if len(set(own)) < 2:
        return None, f"{'everybody' if own[0] else 'nobody'} is right, so it tells nobody apart"
    try:
        return Discrimination(correlation([float(value) for value in own], rest), len(own)), ""
    except StatisticsError:
        return None, "all have the same score in the other questions"


def by_chance(choices: Sequence[int]) -> tuple[float, ...]:
    """Chance of 0, 1, 2 … right when every answer is a guess among so many choices."""
    chances = [1.0]
    for many in choices:
        missed = [chance * (1 - 1 / many) for chance in [*chances, 0.0]]
        hit = [chance / many for chance in [0.0, *chances]]
        chances = [one + other for one, other in zip(missed, hit, strict=True)]
    return tuple(chances)


def _held(questions: Sequence[Question], sheets: Sequence[Sheet]) -> tuple[Held, ...]:
    who: dict[str, dict[str, None]] = {}
    where: dict[str, list[tuple[int, Question, str]]] = {}
    for number, question in enumerate(questions, start=1):
        for letter, choice in zip(question.letters, question.choices, strict=True):
            takers = [s.student for s in sheets if s.answers[number - 1].letter == letter]
            if choice.misconception and takers:
                who.setdefault(choice.misconception, {}).update(dict.fromkeys(takers))
                where.setdefault(choice.misconception, []).append((number, question, letter))
    held = [
        Held(
            misconception=words,
            students=tuple(who[words]),
            of=len(sheets),
            shown_by=tuple(where[words]),
        )
        for words in who
    ]
    return tuple(sorted(held, key=lambda one: -len(one.students)))


def caution(students: int) -> list[str]:
    """How little can be concluded from so many students, in sentences."""
    if not students:
        return ["No answers could be read, so nothing can be concluded."]
    low, high = Share(students // 2, students).interval
    said = [
        f"A share of {students // 2} in {students} stands for anything from "
        f"{percent(low)} to {percent(high)} in a large class like yours: "
        "do not read more into a difference than that.",
    ]
    if students < FEWEST:
        said.insert(0, f"{_people(students)} answered, which is few.")
        said.append(
            "Whether a question tells those who know from those who do not cannot be said from "
            f"fewer than {FEWEST} students, so discrimination is left out."
        )
        said.append(
            "What each student believes is worth a talk all the same: the counts are of people."
        )
    else:
        _, high = Discrimination(0.0, students).interval
        said.append(
            f"With {students} students, a discrimination between −{high:.2f} and {high:.2f} cannot "
            "be told from none."
        )
    return said


def percent(share: float, digits: int = 0) -> str:
    """A share as people write it: 0.25 is "25 %"."""
    return f"{100 * share:.{digits}f} %"


def _people(count: int) -> str:
    return "One student" if count == 1 else f"{count} students"
