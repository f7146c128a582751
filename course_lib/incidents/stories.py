"""The incidents: what comes by itself, what is promised, and what is left to you.

The facts are in stories.toml, in order of difficulty.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from .moves import Move, parse
from .rules import SETTINGS, Settings, Value, setting


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised for the minute."""

    kind: str
    """"lost", "twice" (sent), "again" (delivered), "failed", "refused": how many at most; "known",
    "accepted": seconds of the 99th percentile; "workers": how many at most at once; "paid":
    worker-seconds at most."""
    limit: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """E-mails that come by themselves."""

    start: int
    """Milliseconds."""
    mails: int
    every: int
    """Mean milliseconds between two of them."""


@dataclass(frozen=True, slots=True)
class Story:
    """One incident, as it is before anybody moves."""

    name: str
    number: int
    title: str
    about: str
    """What it is about, in the words of its lesson."""
    lesson: str
    """A notebook, such as "05_patterns" or "deeper/overload"."""
    brief: str
    """What you are told when you are called."""
    task: int
    """Mean milliseconds to send an e-mail."""
    traffic: tuple[Traffic, ...]
    script: tuple[Move, ...]
    """What goes wrong by itself."""
    settings: Mapping[str, Value]
    """How the system is set at the start."""
    may: tuple[str, ...]
    """The settings that are yours to change."""
    promises: tuple[Promise, ...]
    hint: str
    win: str
    """Moves that keep all promises."""

    def opened(self, opening: Mapping[str, Any]) -> Settings:
        """All settings at the start, some of them yours.

        Raises ValueError for one that is not yours to change, or for a value that it cannot have.
        """
        for name in opening:
            if name not in self.may:
                known = ", ".join(self.may)
                raise ValueError(
                    f"{name} is not yours to set in the incident {self.name!r}; take one of {known}"
                )
        yours = {name: setting(name, value) for name, value in opening.items()}
        return {**self.settings, **yours}

    def arrivals(self, gaps: list[int]) -> list[int]:
        """When each e-mail is asked for; `gaps` are in thousandths of the mean."""
        found, place = [], 0
        for one in self.traffic:
            time = one.start
            for _ in range(one.mails):
                time += one.every * gaps[place] // 1000
                place += 1
                found.append(time)
        return found


@cache
def _stories() -> dict[str, Story]:
    text = (files(__package__) / "stories.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["story"]
    return {raw["name"]: _story(number, raw) for number, raw in enumerate(listed, 1)}


def _story(number: int, raw: dict[str, Any]) -> Story:
    made = {
        "number": number,
        "traffic": tuple(Traffic(**one) for one in raw["traffic"]),
        "script": tuple(parse(raw["script"])),
        "settings": {name: setting(name, raw["settings"][name]) for name in SETTINGS},
        "may": tuple(raw["may"]),
        "promises": tuple(Promise(**one) for one in raw["promises"]),
    }
    return Story(**{**raw, **made})


def names() -> list[str]:
    """The names of all incidents, the easiest first."""
    return list(_stories())


def story(name: str) -> Story:
    """An incident by its name. Raises ValueError for another one, with all names."""
    if name not in names():
        raise ValueError(
            f"there is no incident {name!r}; take one of {', '.join(map(repr, names()))}"
        )
    return _stories()[name]
