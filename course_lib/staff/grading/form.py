"""Whether a student answered the form that was released: last year's asks in another order, and
whoever takes the wrong file hands in another notebook.
"""

from __future__ import annotations

import re

from .skeleton import Skeleton
from .submission import Submission

CHOICE = re.compile(r"^[-*] \*\*([A-Z])\*\*(.*)$", re.MULTILINE)
"""A line of a question's cell: the letter of a choice, and its text."""


def another_form(skeleton: Skeleton, submission: Submission) -> str:
    """Why a letter may mean another choice than here, as part of a sentence; empty if none can.

    The letters count as they are in the form that was released, whatever stands in the notebook.
    """
    theirs = {name: cell.source for cell in reversed(submission.cells) for name in cell.names}
    others = [
        place.name
        for place in skeleton.places
        if place.locked and _differ(_choices(place.source), _choices(theirs.get(place.name, "")))
    ]
    if _is_another(skeleton, submission, set(theirs)):
        return "no cell of it is one of the notebook that was released: it may be the wrong file"
    if not others:
        return ""
    listed = ", ".join(others[:3]) + (" and more" if len(others) > 3 else "")
    return f"{listed} has other choices than the form that was released, or in another order"


def _is_another(skeleton: Skeleton, submission: Submission, names: set[str]) -> bool:
    """Whether neither a graded cell is in it nor any answer, not even under other names."""
    graded = {one.name for one in skeleton.graded}
    if not graded or names & graded:
        return False
    said = [cell.source for cell in submission.cells]
    return not any(variable in source for variable in skeleton.variables for source in said)


def _choices(source: str) -> dict[str, str]:
    """Letter → text, in which nothing counts but words."""
    return {
        letter: " ".join(re.findall(r"\w+", text)).casefold()
        for letter, text in CHOICE.findall(source)
    }


def _differ(shown: dict[str, str], theirs: dict[str, str]) -> bool:
    """Whether a letter has another one's text, or most have texts that nobody knows.

    A word that was corrected since, or a note behind a choice, makes no other form.
    """
    strange = [letter for letter in shown.keys() & theirs.keys() if theirs[letter] != shown[letter]]
    swapped = any(theirs[letter] in shown.values() for letter in strange)
    return swapped or len(strange) > len(shown) / 2
