"""The marks of one submission: answers are read, exercises are judged, nothing else counts.

What a cell asks comes from the instructor's skeleton alone, what is answered from the submission.
A mark without points needs a person, and says why.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from course_lib.answers import Reading, meant_by, read_answer
from course_lib.line_order import Order, order_in
from course_lib.quiz import Question
from course_lib.written import LONGEST, NOT_SET, plain, settings

from . import line_orders
from .asked import AskedOrder, AskedProperty, AskedQuestion
from .exercises import verdicts
from .patience import patiently
from .skeleton import Place, Skeleton
from .submission import Cell, Submission, writable
from .unset import Unset

NOT_READ = "needs a person: this cell asks nothing that can be read, and nothing is run"
AROUND = re.compile(r"\A(?:\s*%%(?:time|capture|prun)\b[^\n]*\n)+")
"""Magics that run all of their cell with the notebook's own names."""
LONGEST_LINE = 5_000  # characters, of a line that IPython splits: Python 3.12.1 takes their square
BY_HAND = "needs a person: it is marked by hand"
ALIKE = 0.75  # of the words of an answer: who types a choice spells some word in another way


@dataclass(frozen=True, slots=True)
class Judged:
    """A question as the student saw it, and what was answered."""

    question: Question
    answer: Reading

    @property
    def right(self) -> bool:
        """Whether the best choice was taken."""
        return self.answer.letter == self.question.key


@dataclass(frozen=True, slots=True)
class Mark:
    """What a graded cell is worth in one submission."""

    name: str
    """The cell's."""
    points: float | None
    """None if a person has to say."""
    most: float
    said: str = ""
    """Why, for the student too."""
    answer: dict[str, Any] | None = None
    """The fields of the Reading, of a question: what feedback is made from."""


def marks(skeleton: Skeleton, submission: Submission, seed: str) -> list[Mark]:
    """A mark for each graded cell of the skeleton, in its order; the seed draws what exercises are
    tried with. UnreadableError if reading it takes too long.
    """
    properties = [one.asks for one in skeleton.graded if isinstance(one.asks, AskedProperty)]
    with patiently():
        run = run_cells(skeleton, submission) if properties else []
        code = [as_run(cell.source) for cell in run]
    judged = iter(verdicts(code, properties, seed))  # a conversation has limits of its own
    with patiently():
        cells = readable(submission.cells, skeleton.variables)
        unset = Unset(skeleton, submission)
        found = [_mark(place, cells, unset, submission, judged) for place in skeleton.graded]
    return [replace(mark, said=writable(mark.said)) for mark in found]


def run_cells(skeleton: Skeleton, submission: Submission) -> list[Cell]:
    """The cells of code that an exercise may need: all but checks that are as they were released,
    which ask what the conversation asks by itself.
    """
    checks = {
        one.name: one.source.strip()
        for one in skeleton.graded
        if isinstance(one.asks, AskedProperty)
    }
    return [
        cell
        for cell in submission.cells
        if cell.kind == "code"
        and not any(checks.get(name) == cell.source.strip() for name in cell.names)
    ]


def unread(skeleton: Skeleton, why: str) -> list[Mark]:
    """The marks of a submission that cannot be read: a person has to look at all of it."""
    found = Reading(fault="Your file could not be read.", person=True)
    return [
        Mark(
            one.name,
            None,
            one.points,
            f"needs a person: {why}",
            asdict(found) if isinstance(one.asks, AskedQuestion) else None,
        )
        for one in skeleton.graded
    ]


def _mark(
    place: Place,
    cells: list[str],
    unset: Unset,
    submission: Submission,
    judged: Iterator[Any],
) -> Mark:
    asks = place.asks
    if isinstance(asks, AskedQuestion):
        found = judge(asks.number, cells, asks.question)
        if found.answer.nothing and (line := unset.line_for(place.name, asks)):
            found = Judged(asks.question, meant_by(asks.number, asks.question.letters, line))
        points = place.points if found.right else None if found.answer.person else 0.0
        return Mark(place.name, points, place.points, words(found), asdict(found.answer))
    if isinstance(asks, AskedOrder):
        order = order_in(asks.variable, cells, asks.lines)
        if order.nothing and (line := unset.line_for(place.name, asks)):
            order = Order(fault=f"{asks.variable} {NOT_SET}: {line}", person=True)
        right = line_orders.is_right(asks.name, order)
        points = place.points if right else None if order.person else 0.0
        return Mark(place.name, points, place.points, line_orders.said(asks.name, order))
    if isinstance(asks, AskedProperty):
        verdict = next(judged)
        points = None if verdict.holds is None else place.points if verdict.holds else 0.0
        return Mark(place.name, points, place.points, verdict.said)
    if place.by_hand:
        handed_in = next((c for c in submission.cells if place.name in c.names), None)
        if handed_in is None or handed_in.source.strip() == place.source.strip():
            return Mark(place.name, 0.0, place.points, "No response.")
        return Mark(place.name, None, place.points, BY_HAND)
    return Mark(place.name, None, place.points, NOT_READ)


def judge(number: int, cells: Sequence[str], question: Question) -> Judged:
    """What cells answer to a question whose choices are in the order that was shown.

    `cells` are all of the notebook, from top to bottom: wherever an answer stands, it counts.
    """
    answer = read_answer(number, cells, question.letters)
    if answer.unclear and not answer.person and _quotes(number, cells, question):
        answer = replace(answer, person=True)
    return Judged(question, answer)


def _quotes(number: int, cells: Sequence[str], question: Question) -> bool:
    """Whether the answer is words of a choice, or nearly, where its letter should be.

    Two words must stand side by side there: two common ones are in many a choice.
    """
    value = next((one.value for one in reversed(settings(f"answer_{number}", cells))), None)
    said = _in_words(value) if isinstance(value, str) else []
    choices, different = [_in_words(one.text) for one in question.choices], set(said)
    most = max(len(different.intersection(one)) for one in choices)
    if len(different) > 2 and most >= ALIKE * len(different):
        return True
    return len(said) > 1 and any(
        said == one[n : n + len(said)] for one in choices for n in range(len(one))
    )


def _in_words(text: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[^\W_]+", text)]


def words(judged: Judged) -> str:
    """The choice taken, as text, or why there is none; and what else is worth a look."""
    letter = judged.answer.letter
    note = f"\n{judged.answer.note}." if judged.answer.note else ""
    if letter:
        return f"{letter}, {judged.question.choice(letter).text}{note}"
    needs = "needs a person" if judged.answer.person else "not answered"
    return f"{needs}. {judged.answer.problem}{note}"


def readable(cells: Sequence[Cell], names: Sequence[str]) -> list[str]:
    """The sources of cells that may say something of these names, as IPython would run them.

    Also of one that is no cell of code any more but still a line that sets one of them, or several
    lines where no code mentions the name; and of an answer's own cell with a letter alone.
    """
    found = []
    mentioned = [_mentioned(cell, names) for cell in cells]
    of_code = set().union(*(said for cell, said in zip(cells, mentioned, strict=True)
                            if cell.kind == "code"))  # fmt: skip
    for cell, said in zip(cells, mentioned, strict=True):
        if not said and (answer := _letter_alone(cell, set(names) - of_code)):
            found.append(answer)
        elif cell.kind == "code" or (said and _sets_in_text(cell.source, names, of_code)):
            found.append(as_run(cell.source) if said else cell.source)
    return found


def _mentioned(cell: Cell, names: Sequence[str]) -> set[str]:
    source = plain(cell.source)
    return {name for name in names if name in source}


def _sets_in_text(source: str, names: Sequence[str], of_code: set[str]) -> bool:
    if line := re.fullmatch(r"(\w+)\s*=[^\n]*", source.strip()):
        return line[1] in names
    begun = set(re.findall(r"^[ \t]*(\w+)[ \t]*=", source, re.MULTILINE)) & set(names)
    return bool(begun) and not begun & of_code


def _letter_alone(cell: Cell, names: Iterable[str]) -> str:
    """What the cell answer-1 says with nothing but a letter in it, as a line that sets answer_1."""
    own = [name for name in names if name.replace("_", "-") in cell.names]
    found = re.fullmatch(r"\W*([^\W\d_])\W*", cell.source) if own else None
    return f"{own[0]} = {found[1]}" if found else ""


@functools.lru_cache(maxsize=200)  # most cells are the same in all submissions
def as_run(source: str) -> str:
    """The cell as IPython runs it, magics and the like as Python; as it is, if it cannot."""
    if len(source) > LONGEST or max(map(len, source.splitlines()), default=0) > LONGEST_LINE:
        return source
    source = AROUND.sub("", source)
    try:
        with warnings.catch_warnings(action="ignore"):  # what IPython thinks of strange line ends
            return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError, IndexError, RuntimeError, MemoryError):
        return source
