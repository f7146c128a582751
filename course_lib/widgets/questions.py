"""Practice questions, and how the session went.

    practice("two-waiters")     # one question, with feedback for each choice
    score()                     # at the end of a notebook: what went well, what to read again

A practice question may hold its own key: students have the file that it comes from. What is graded
is never among them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import traitlets

from ..checked import plural
from ..page import render
from ..quiz import Question, practice_questions
from ..quiz.markup import pieces
from .live import LiveWidget, source

PAUSE = 5  # seconds to read the feedback of a wrong answer before the next try


@dataclass(slots=True)
class Session:
    """The letters tried for each question shown since the kernel started, in their order.

    Each question, and the board, is one widget: a cell that is run again shows the same one, so
    none is left behind, and what is told to it is told once.
    """

    tried: dict[str, list[str]] = field(default_factory=dict)
    asked: dict[str, Practice] = field(default_factory=dict)
    board: Score | None = None

    def note(self, question: Question, letters: list[str]) -> None:
        self.tried[question.id] = letters
        if self.board:
            self.board.lines = self.lines()

    def lines(self) -> list[dict[str, Any]]:
        """For each question: how many tries, whether the last was right, and what to read again."""
        known = practice_questions()
        return [
            {
                "tries": len(letters),
                "right": letters[-1:] == [known[name].key],
                "heading": pieces(known[name].heading),
                "link": from_here(known[name].link),
            }
            for name, letters in self.tried.items()
        ]


def from_here(link: str) -> str:
    """A link inside the folder of the notebooks, as the notebook of this kernel has to write it.

    A kernel works in its notebook's folder: that of the notebooks, or `deeper` below it.
    """
    return f"../{link}" if Path.cwd().name == "deeper" else link


SESSION = Session()  # of this kernel, as long as it lives: what a student has answered so far


def practice(name: str) -> Practice:
    """The practice question of this name, to answer and to try again.

    Raises ValueError for a name that no question has, with those that come close.
    """
    questions = practice_questions()
    if not isinstance(name, str) or name not in questions:
        near = difflib.get_close_matches(str(name), questions, n=3, cutoff=0.4) or list(questions)
        raise ValueError(f"there is no practice question {name!r}; there is {', '.join(near[:3])}")
    if name not in SESSION.asked:
        SESSION.asked[name] = Practice(questions[name])
    return SESSION.asked[name]


def score() -> Score:
    """How this session's practice questions went, live, and which sections to read again."""
    SESSION.board = SESSION.board or Score()
    return SESSION.board


class Practice(LiveWidget):
    """One question with its choices, as radio buttons."""

    _esm = source("questions.js")
    _css = source("questions.css")
    question = traitlets.Dict().tag(sync=True)
    taken = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The letters tried so far, in their order."""
    pause = traitlets.Float(PAUSE).tag(sync=True)
    """Seconds between a wrong answer and the next try."""

    def __init__(self, question: Question) -> None:
        self.asked = question
        about = {
            "stem": pieces(question.stem),
            "key": question.key,
            "choices": [
                {"text": pieces(one.text), "feedback": pieces(one.feedback)}
                for one in question.choices
            ],
            "heading": pieces(question.heading),
            "link": from_here(question.link),
        }
        super().__init__(question=about, taken=SESSION.tried.get(question.id, []))
        SESSION.note(question, list(self.taken))
        self.observe(lambda change: SESSION.note(question, list(change.new)), "taken")

    def still(self) -> str:
        """The question, and its choices, each to unfold with its feedback."""
        choices = list(zip(self.asked.letters, self.asked.choices, strict=True))
        return render("practice.html", question=self.asked, choices=choices)

    def words(self) -> str:
        """The question and its choices, without an answer."""
        lines = zip(self.asked.letters, self.asked.choices, strict=True)
        return "\n".join([self.asked.stem, *(f"  {letter}  {c.text}" for letter, c in lines)])


class Score(LiveWidget):
    """The board of a session."""

    _esm = source("questions.js")
    _css = source("questions.css")
    lines: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(lines=SESSION.lines())

    def still(self) -> str:
        return render("score.html", words=self.words())

    def words(self) -> str:
        return f"{plural(len(self.lines), 'practice question')} in this notebook so far."
