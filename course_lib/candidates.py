"""Which messaging systems grant your wishes, and what you have to set up for that.

    WISHES                                     # the wishes, each with the question behind it
    choose("read again", "order per key")      # who grants both: as it comes, set up, or not
    choose("read again").fitting("yes")        # only the names

The facts are in candidates.toml, each system with its source and the day on which that was read.
A choice says what is possible. What is wise depends on who has to run it, and on what you have.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, get_args

from .checked import one_of
from .page import render
from .promises import item

Fit = Literal["yes", "set up", "no"]
FITS: tuple[Fit, ...] = get_args(Fit)
"""From the best to the worst."""
MEANS = {"yes": "as it comes", "set up": "once it is set up", "no": "not at all"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One system: a wish → "yes", "set up" or "no", a colon, and why."""

    system: str
    answers: Mapping[str, str]
    source: str
    link: str
    checked: str
    """The day on which its maker's own text was last read, such as "2026-11-29"."""

    @property
    def state(self) -> str:
        """When that was read, as the table says it."""
        return f"checked on {self.checked}"

    def fit(self, wishes: tuple[str, ...]) -> Fit:
        """How it grants all of these wishes: as the one that it grants worst."""
        said = [self.answers[wish].partition(":")[0] for wish in wishes]
        return max((fit for fit in FITS if fit in said), key=FITS.index)


@dataclass(frozen=True, repr=False, slots=True)
class Choice:
    """All systems, the best for these wishes first; shows itself as a table, or as text."""

    wishes: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    def fitting(self, fit: Fit) -> list[str]:
        """The names of those that grant all wishes just so; ValueError for no fit of `FITS`."""
        one_of("fit", fit, FITS)
        return [one.system for one in self.candidates if one.fit(self.wishes) == fit]

    @property
    def _in_short(self) -> dict[str, str]:
        """How a wish may be granted → by whom."""
        return {MEANS[fit]: ", ".join(self.fitting(fit)) or "nobody" for fit in FITS}

    def __repr__(self) -> str:
        lines = [item(means, names).strip() for means, names in self._in_short.items()]
        for one in self.candidates:
            lines += ["", one.system, *(item(wish, one.answers[wish]) for wish in self.wishes)]
            lines.append(item("Source", f"{one.source}; {one.state}"))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            [one.system, *(one.answers[w] for w in self.wishes), one] for one in self.candidates
        ]
        caption = "; ".join(f"{means}: {names}" for means, names in self._in_short.items())
        return render("facts.html", caption=caption, rows=[["", *self.wishes, "Source"], *rows])


def choose(*wishes: str) -> Choice:
    """All candidates, in the order of how they grant these wishes.

    Raises ValueError for no wish, and for one that is none of WISHES.
    """
    known = ", ".join(map(repr, WISHES))
    if not wishes:
        raise ValueError(f"choose by at least one wish; there are: {known}")
    for wish in wishes:
        if not isinstance(wish, str) or wish not in WISHES:
            raise ValueError(f"there is no wish {wish!r}; there are: {known}")
    return Choice(wishes, tuple(sorted(_ALL, key=lambda one: FITS.index(one.fit(wishes)))))


_FACTS = tomllib.loads((files("course_lib") / "candidates.toml").read_text(encoding="utf-8"))
WISHES: dict[str, str] = _FACTS["wishes"]
"""A wish → the question that it answers with yes."""
_ALL = tuple(
    Candidate(
        answers={wish: row[wish] for wish in WISHES},
        **{name: str(row[name]) for name in ("system", "source", "link", "checked")},
    )
    for row in _FACTS["candidate"]
)
