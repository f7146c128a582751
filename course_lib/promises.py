"""What ten messaging systems really promise, and what happens to them when a consumer crashes.

    promises()                      # all ten, as a table in a notebook
    promises("queue", "log")        # some patterns only
    [p.system for p in promises() if p.after_crash == "lost"]

The facts are in promises.toml, each system with its source and the day on which that was read.
"""

from __future__ import annotations

import textwrap
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, get_args

from .page import render

AfterCrash = Literal["again", "lost", "either"]
ASPECTS = {
    "pattern": "Pattern",
    "promise": "What it promises",
    "bites": "The default that bites",
    "crash": "The consumer crashes before its ack",
    "sure": "How sure",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One system. Texts mark what was not read in its maker's own text, as promises.toml says."""

    system: str
    pattern: str
    promise: str
    bites: str
    after_crash: AfterCrash
    """What becomes of a message whose consumer crashes after receiving it, before its ack."""
    crash: str
    source: str
    link: str
    version: str
    checked: str
    """The day on which its maker's own text was last read, such as "2026-11-29"."""

    @property
    def sure(self) -> str:
        """How sure we are: where its sentences were seen."""
        ways = {"quoted": "quoted by others", "measured": "measured", "derived": "derived"}
        marked = [words for mark, words in ways.items() if f"({mark})" in self._said]
        return "; ".join(["read in the maker's text", *(f"where marked, {w}" for w in marked)])

    @property
    def state(self) -> str:
        """Of which version that is, and when it was read."""
        return f"version {self.version}; checked on {self.checked}"

    @property
    def _said(self) -> str:
        return f"{self.promise} {self.bites} {self.crash}"

    def __post_init__(self) -> None:
        if self.after_crash not in get_args(AfterCrash):
            raise ValueError(f"{self.system}: after_crash is {self.after_crash!r}, see promises.py")


class Promises(tuple[Promise, ...]):
    """Some systems side by side; shows itself as a table, one system a column."""

    def __repr__(self) -> str:
        return "\n\n".join(_as_text(promise) for promise in self)

    def _repr_html_(self) -> str:
        rows = [["", *(system.system for system in self)]]
        rows += [[title, *(getattr(one, name) for one in self)] for name, title in ASPECTS.items()]
        return render("facts.html", caption="What is promised", rows=[*rows, ["Source", *self]])


def _as_text(promise: Promise) -> str:
    told = {title: getattr(promise, field) for field, title in ASPECTS.items()}
    told["Source"] = f"{promise.source}; {promise.state}"
    return "\n".join([promise.system, *(item(title, text) for title, text in told.items())])


def item(title: str, text: str) -> str:
    """A line of a list, wrapped between words; a word with a hyphen stays whole."""
    return textwrap.fill(
        f"{title}: {text}",
        width=96,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )


def promises(*patterns: str) -> Promises:
    """The systems of these patterns, or all of them.

    Raises ValueError for a pattern that no system has.
    """
    known = sorted({promise.pattern for promise in _ALL})
    for pattern in patterns:
        if pattern not in known:
            raise ValueError(f"there is no pattern {pattern!r}; there are: {', '.join(known)}")
    return Promises(p for p in _ALL if not patterns or p.pattern in patterns)


def _stripped(row: dict[str, Any]) -> dict[str, Any]:
    """The facts of one system as text; the day of reading is a date in TOML."""
    return {name: str(value).strip() for name, value in row.items()}


_FACTS = tomllib.loads((files("course_lib") / "promises.toml").read_text(encoding="utf-8"))
_ALL = tuple(Promise(**_stripped(row)) for row in _FACTS["promise"])
