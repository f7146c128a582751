"""The page of a student's feedback, as HTML that holds all it needs and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import mistune

from course_lib.quiz import Question
from course_lib.quiz.markup import inline

from .marks import Judged

Points = tuple[float, float]
"""Given, and to be had."""


@dataclass(frozen=True, slots=True)
class Words:
    """A cell of text: the course's own, or a student's."""

    text: str
    trusted: bool
    points: Points | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Solution:
    """A student's code."""

    source: str
    points: Points | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test of an exercise said."""

    name: str
    said: str
    points: Points


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a quiz, and what was answered."""

    number: int
    judged: Judged
    points: Points


Part = Words | Solution | Tested | Asked

STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; background: #fff;
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-top: 1px solid #d0d7de;
  padding-top: 1.5rem; }
.score { font-size: 1.25rem; }
.box { border: 1px solid #d0d7de; border-left-width: .5rem; border-radius: .4rem;
  padding: .1rem 1rem; margin: 1rem 0; background: #f6f8fa; overflow-wrap: anywhere; }
.right { border-color: #1a7f37; } .wrong { border-color: #bc4c00; } .none { border-color: #59636e; }
td, th { border-bottom: 1px solid #d0d7de; } ul { padding-left: 1.4rem; }
.verdict { font-weight: 600; } .soft { color: #59636e; }
pre, code { font-family: ui-monospace, monospace; font-size: .92em; }
pre { background: #f6f8fa; border: 1px solid #d0d7de; border-radius: .4rem; padding: .7rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.box pre { background: #fff; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem 1rem .25rem 0; }
img { max-width: 100%; }
a { color: #0550ae; }
@media print { body { margin: 0; max-width: none; } .box { break-inside: avoid; } }
"""


def page(about: Mapping[str, Any], parts: Sequence[Part], *, reveal: bool) -> str:
    """The whole page; `about` is nbgrader's: notebook, student, score, max_score, late_penalty."""
    title = _title(parts) or str(about["notebook"])
    body = "\n".join(html for part in parts for html in _part(part, reveal))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>Feedback: {escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{_head(title, about, parts)}\n{body}\n{_again(parts)}\n</main>\n"
        "</body>\n</html>\n"
    )


def _title(parts: Sequence[Part]) -> str:
    """The course's own heading of the notebook."""
    texts = [part.text for part in parts if isinstance(part, Words) and part.trusted]
    found = re.search(r"^# (.+)$", "\n".join(texts), re.MULTILINE)
    return found[1].strip() if found else ""


def _head(title: str, about: Mapping[str, Any], parts: Sequence[Part]) -> str:
    score, most = float(about["score"]), float(about["max_score"])
    penalty = float(about.get("late_penalty") or 0)
    late = f", with {penalty:g} taken off for being late" if penalty else ""
    rows = [
        f'<tr><th scope="row"><a href="#question-{one.number}">Question {one.number}</a></th>'
        f"<td>{_verdict(one.judged)}</td></tr>"
        for one in parts
        if isinstance(one, Asked)
    ]
    table = f"<table><tbody>{''.join(rows)}</tbody></table>" if rows else ""
    return (
        f"<h1>Feedback: {escape(title)}</h1>\n"
        f'<p class="soft">For {escape(str(about["student"]))}</p>\n'
        f'<p class="score">You have <strong>{score:g} of {most:g}</strong> points{late}.</p>\n'
        f"{table}"
    )


def _part(part: Part, reveal: bool) -> Iterator[str]:
    if isinstance(part, Asked):
        yield from _question(part, reveal)
    elif isinstance(part, Tested):
        yield from _test(part)
    elif isinstance(part, Solution):
        yield f'<p class="soft">In your notebook:</p>\n<pre>{escape(part.source)}</pre>'
        yield _marks(part)
    elif part.trusted:
        yield _course_words(part.text)
    else:
        yield f"{_rendered(part.text)}{_marks(part)}"


def _course_words(text: str) -> str:
    """The course's text, less its title and how to answer, which the page has no use for."""
    text = re.sub(r"\A# .*", "", text, flags=re.DOTALL) if text.startswith("# ") else text
    found = re.match(r"## Question (\d+)\n", text)
    anchor = f'<a id="question-{found[1]}"></a>' if found else ""
    return anchor + _rendered(text)


class Renderer(mistune.HTMLRenderer):
    """Markdown as HTML, with no picture from anywhere."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return text


# HTML inside Markdown is shown as text, and mistune lets no link run anything.
MARKDOWN = mistune.create_markdown(renderer=Renderer(escape=True), plugins=["table"])


def _rendered(text: str) -> str:
    """Markdown as HTML that is harmless, whoever wrote it."""
    return str(MARKDOWN(text))


def _question(asked: Asked, reveal: bool) -> Iterator[str]:
    judged, question = asked.judged, asked.judged.question
    letter = judged.answer.letter
    kind = "right" if judged.right else "wrong" if letter else "none"
    yield f'<div class="box {kind}">\n<p class="verdict">{_verdict(judged)}</p>'
    if letter:
        choice = question.choice(letter)
        yield f"<p>You chose <strong>{letter}</strong>: {inline(choice.text)}</p>"
        yield f"<p>{inline(choice.feedback)}</p>"
    else:
        yield f"<p>{escape(judged.answer.problem)}</p>"
    if reveal and not judged.right:
        yield (
            f"<p>The best choice is <strong>{question.key}</strong>: {inline(question.right.text)}"
            f"</p>\n<p>{inline(question.right.feedback)}</p>"
        )
    if not judged.right:
        yield f"<p>Read again: {_lesson(question)}.</p>"
    yield f'<p class="soft">{_points(asked.points)}</p>\n</div>'


def _verdict(judged: Judged) -> str:
    if judged.right:
        return "✓ Right"
    return "✗ Not the best choice" if judged.answer.letter else "– Not answered"


def _test(part: Tested) -> Iterator[str]:
    given, most = part.points
    kind = "right" if given >= most else "wrong"
    sign = "✓" if given >= most else "✗"
    said = f"<pre>{escape(part.said)}</pre>" if part.said.strip() else ""
    yield (
        f'<div class="box {kind}">\n<p class="verdict">{sign} {escape(part.name)}: '
        f"{_points(part.points)}</p>\n{said}\n</div>"
    )


def _marks(part: Words | Solution) -> str:
    """Points and comment that a person has given."""
    points = f'<p class="soft">{_points(part.points)}</p>' if part.points else ""
    comment = (
        part.comment and f'<div class="box none"><p>Comment:</p>{_rendered(part.comment)}</div>'
    )
    return points + comment


def _points(points: Points) -> str:
    given, most = points
    return f"{given:g} of {most:g} point{'s' * (most != 1)}"


def _lesson(question: Question) -> str:
    notebook = question.notebook
    name = notebook.removesuffix(".ipynb").replace("_", " ")
    return f"lesson {escape(name)} (<code>{notebook}</code>), “{inline(question.heading)}”"


def _again(parts: Sequence[Part]) -> str:
    """Each part of a lesson that is worth reading again, once, in order of the lessons."""
    asked = [part.judged for part in parts if isinstance(part, Asked) and not part.judged.right]
    lessons = sorted({_lesson(judged.question) for judged in asked})
    if not lessons:
        return ""
    items = "".join(f"<li>{lesson}</li>" for lesson in lessons)
    return f"<h2>To read again</h2>\n<ul>{items}</ul>"
