"""The sentences of an incident, from words.toml, which the browser gets as well."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

HOLE = re.compile(r"\{(\w+)\}")


@cache
def words() -> dict[str, dict[str, str]]:
    """All of them: part → name → sentence with names to fill in."""
    text = (files(__package__) / "words.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found


def say(part: str, name: str, **values: object) -> str:
    """A sentence with its names filled in. What is filled in is never read for names itself."""
    return HOLE.sub(lambda hole: str(values[hole[1]]), words()[part][name])
