r"""Questions in Moodle's GIFT format, one file to import: Question bank > Import > GIFT.

Texts are HTML in paragraphs. The signs ~ = # { } : and \ are GIFT's own and get a \ in front
(moodle, question/format/gift/format.php). GIFT has no word for points: a right choice gives all of
the question's mark, which Moodle sets to 1, a wrong one none. Each choice has its feedback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from course_lib.quiz import SECTIONS, Question
from course_lib.quiz.markup import inline, plain

SPECIAL = re.compile(r"([~=#{}:\\])")


def gift(questions: Sequence[Question], category: str) -> str:
    """The text of a GIFT file, in which each section is a category below `category`.

    The choices stand in the order of the questions given.
    """
    parts = [f"// {len(questions)} questions. They hold the right answers: keep them to yourself."]
    for section, some in groupby(questions, key=lambda question: question.section):
        number = SECTIONS[section][:2]
        parts.append(f"$CATEGORY: {category}/{number} {section.replace('_', ' ')}")
        parts += ["\n".join(_lines(question)) for question in some]
    return "\n\n".join(parts) + "\n"


def _lines(question: Question) -> Iterator[str]:
    yield f"::{escaped(question.id)}::[html]{_html(question.stem)} {{"
    for letter, choice in zip(question.letters, question.choices, strict=True):
        sign = "=" if letter == question.key else "~"
        yield f"{sign}{_html(choice.text)}"
        yield f"#{_html(choice.feedback)}"
    yield "}"


def _html(text: str) -> str:
    """The text as a paragraph of HTML. So no text begins with % or [, which GIFT takes for more.

    On one line: an empty one would end the question, and one that begins with // be left out.
    """
    return escaped(f"<p>{inline(plain(text))}</p>")


def escaped(text: str) -> str:
    """The text with a \\ before each of GIFT's own signs."""
    return SPECIAL.sub(r"\\\1", text)
