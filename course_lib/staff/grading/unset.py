r"""What somebody wrote for an answer that no cell sets: nothing to go by, too plain to pass over.

    Unset(skeleton, submission).line_for("check-1", asks)       # '"B" -> answer_1'

It is looked for where nothing is read: whoever leaves an answer out leaves its cell as it was. A
person has to say what it is worth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain, pairwise

from course_lib.answers import is_choice
from course_lib.written import LONGEST_LINE, WORD, attempt, plain, short, words_in

from .asked import AskedOrder, AskedQuestion
from .form import CHOICE
from .skeleton import Place, Skeleton
from .submission import Cell, Submission, texts

MOST_WORDS = 5
"""Before the number of a question, as in: my answer to question 1 is B, and from there to its
letter; and in a question's cell, of a line that is no question."""
Asked = AskedQuestion | AskedOrder
NUMBERED = re.compile(r"\d+ .*[^\W\d_]")
"""A line to be put in order."""
TOLD = re.compile(r"recorded: .*|\W*[^\W\d_]\W*")
"""A line of an output that saw an answer: one typed into Jupyter's console is in no cell."""


class Unset:
    """What a submission holds beside what was released; looked for once, and only if asked for."""

    def __init__(self, skeleton: Skeleton, submission: Submission) -> None:
        self.skeleton, self.cells = skeleton, submission.cells

    @cached_property
    def here(self) -> list[Place | None]:
        """The place of each cell, None for one of the student's own."""
        places = {one.name: one for one in self.skeleton.places}
        return [next((places[n] for n in one.names if n in places), None) for one in self.cells]

    @cached_property
    def typed(self) -> list[list[str]]:
        """For each cell its lines that are not as they were released."""
        lines = chain.from_iterable(one.source.splitlines() for one in self.skeleton.places)
        released = {line.strip() for line in lines}
        begins = tuple(filter(None, released))
        choices = [(f"**{one[1]}**", one[2].strip()) for one in map(CHOICE.match, begins) if one]

        def is_typed(line: str) -> bool:
            """In a question's cell: put behind a line of it, or beside a choice as in `- [x] **B**
            …`, or too short for a question. All else is of another form.
            """
            marked = any(letter in line and text in line for letter, text in choices)
            if line.startswith(begins) or marked:
                return True
            is_short = len(words_in(line)) <= MOST_WORDS
            return is_short and not (CHOICE.match(line) or NUMBERED.match(line))

        found = []
        for cell, place in zip(self.cells, self.here, strict=True):
            typed = [line for line in cell.source.splitlines() if line.strip() not in released]
            if place and place.locked:
                typed = [] if place.kind == "code" else list(filter(is_typed, typed))
            found.append(typed)
        return found

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of each of them."""
        return [words_in(plain(" ".join(lines)[:LONGEST_LINE])) for lines in self.typed]

    def line_for(self, check: str, asks: Asked) -> str:
        """The line that may be meant for what this check asks, in short; empty if there is none."""
        return next(filter(None, self._lines_for(check, asks)), "")

    def _lines_for(self, check: str, asks: Asked) -> Iterator[str]:
        """Lines that may be meant, the plainest first; perhaps an empty one among them."""
        name, is_value = _asked(asks)
        cells = list(zip(self.typed, self.here, strict=True))
        # It names the answer beside a value.
        yield attempt(name, chain.from_iterable(self.typed), is_value)
        # It stands beside the question, and has a value in it, or a choice as copied from the
        # page; an order of one line is none.
        least = 2 if isinstance(asks, AskedOrder) else 1
        choices = asks.question.choices if isinstance(asks, AskedQuestion) else ()
        copied = [said for one in choices if WORD.search(said := _in_words(one.text))]
        for number in _near(check, self.skeleton, self.here):
            for line in (*self.typed[number], *_told(self.cells[number])):
                said = _in_words(line)
                if sum(map(is_value, said.split())) >= least or any(one in said for one in copied):
                    yield short(line)
        # It is of a list of answers in a cell of the student's own.
        own = chain.from_iterable(lines for lines, place in cells if not place)
        yield from (short(line) for line in own if _numbered(asks, line))
        # It is a cell of theirs with as many values in it as there are questions.
        count = sum(isinstance(one.asks, AskedQuestion) for one in self.skeleton.graded)
        for (lines, place), words in zip(cells, self.words, strict=True):
            if not (place and place.locked) and _of_all(count, words, is_value):
                yield short(" ".join(lines))


def _in_words(text: str) -> str:
    """Its words with a gap around each, so that one is found in another text as a whole."""
    return f" {' '.join(words_in(text))} "


def _numbered(asks: Asked, line: str) -> bool:
    """Whether it is of a list of answers, as `1: B`, `Question 1 is B`, `Frage 1: Antwort B` or
    `1b 2c`.
    """
    if not isinstance(asks, AskedQuestion):
        return False
    words = words_in(plain(line[:LONGEST_LINE]))
    numbers = [place for place, word in enumerate(words) if word.isdigit()]
    if not numbers or numbers[0] > MOST_WORDS:
        return False
    for begin, end in pairwise((*numbers, len(words))):
        at_end = 1 if end == len(words) else 2  # one word may belong to the next number
        if not _names_one(words[begin + 1 : end], asks.question.letters, at_end):
            return False
        if words[begin] == str(asks.number):
            return True
    return False


def _names_one(words: Sequence[str], letters: str, at_end: int) -> bool:
    """Whether a letter comes first, or after a few words a capital among the last ones: what
    others follow is an article, as in `3 a line` or `1. Note: A call`.
    """
    if words and is_choice(words[0], letters):
        return words[0].isupper() or len(words) == 1
    named = [one for one in words if is_choice(one, letters) and one.isupper()]
    return len(named) == 1 and named[0] in words[:MOST_WORDS] and named[0] in words[-at_end:]


def _of_all(count: int, words: Sequence[str], is_value: Callable[[str], bool]) -> bool:
    """Whether they have a value for each of so many questions, as `My answers: B C D` or `BCD`.

    Small letters must stand side by side: in prose and in code there are some, too.
    """
    if any(len(word) == count and word.isupper() and all(map(is_value, word)) for word in words):
        return count > 1
    places = [place for place, word in enumerate(words) if is_value(word)]
    if len(places) != count or count < 2 or len(words) > count + MOST_WORDS:
        return False
    in_a_row = places[-1] - places[0] == count - 1
    return in_a_row or not any(words[place].islower() for place in places)


def _asked(asks: Asked) -> tuple[str, Callable[[str], bool]]:
    """The name that is to be set, and whether a word could be a part of its value."""
    if isinstance(asks, AskedOrder):
        return asks.variable, str.isdigit
    letters = asks.question.letters
    return f"answer_{asks.number}", lambda word: is_choice(word, letters)


def _told(cell: Cell) -> Iterator[str]:
    """What its outputs say of an answer."""
    for text in texts(cell.outputs):
        yield from filter(TOLD.fullmatch, text.splitlines())


def _near(check: str, skeleton: Skeleton, here: Sequence[Place | None]) -> range:
    """Numbers of the cells from the question to its check, and of the student's own below it.

    `here` is the place of each cell that was handed in, None for one of the student's own.
    """
    names = [one.name for one in skeleton.places]
    above = names[max(0, names.index(check) - 1)]  # where the answer belongs
    known = {one.name: number for number, one in enumerate(here) if one}
    begin = end = known.get(check, known.get(above, -1))
    if begin < 0:
        return range(0)
    while begin > 0 and ((one := here[begin]) is None or one.kind == "code"):
        begin -= 1
    while end + 1 < len(here) and here[end + 1] is None:
        end += 1
    return range(begin, end + 1)
