"""The pages of the book that say what can be called: names, signatures and their docstrings.

Nothing is imported for it: griffe, which only the site's environment has, reads the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MODULES = (
    "course_lib",
    "course_lib.charts",
    "course_lib.load",
    "course_lib.theory",
    "course_lib.scaling",
    "course_lib.broker",
    "course_lib.resilience",
    "course_lib.storm",
    "course_lib.widgets",
    "course_lib.incidents",
    "course_lib.brokers",
    "course_lib.quiz",
    "course_lib.trace",
)
"""What lessons and labs import from, and what one reads first."""
SECTION = re.compile(r"^(Parameters|Returns|Raises|Yields|Attributes|Notes|References)\n-+$", re.M)
ENTRY = re.compile(r"^(\w[^\n]*)\n((?: {4}\S[^\n]*(?:\n|\Z))+)", re.M)
"""An argument or an error, and below it what is said of it."""


def pages(root: Path) -> dict[str, str]:
    """Name of a page → its text, one for each module."""
    import griffe

    package = griffe.load("course_lib", search_paths=[root], try_relative_path=False)
    return {name: "\n".join(_of_module(_found(package, name))) for name in MODULES}


def _found(package: Any, name: str) -> Any:
    inside = name.removeprefix("course_lib").lstrip(".")
    return package[inside] if inside else package


def _of_module(module: Any) -> Iterator[str]:
    yield f"# `{module.path}`\n\n{_said(module)}\n"
    for name in public(module):
        one = _target(module[name])
        if one is not None and (one.docstring or one.is_function or one.is_class):
            yield from _of(one, name, "##")


def public(module: Any) -> list[str]:
    """The names that a module offers: those of its `__all__`, else what is made in it."""
    if module.exports is not None:
        return [str(name) for name in module.exports]
    return [
        name
        for name, one in module.members.items()
        if not name.startswith("_") and not one.is_alias and (one.is_function or one.is_class)
    ]


def _target(one: Any) -> Any:
    """What a name stands for; None for a constant of several in one line, which griffe misses."""
    from griffe import AliasResolutionError

    try:
        return one.final_target if one.is_alias else one
    except AliasResolutionError:
        return None


def _of(one: Any, name: str, mark: str) -> Iterator[str]:
    yield f"{mark} {name}\n"
    if one.is_function:
        yield f"```python\n{'async ' if 'async' in one.labels else ''}def {one.signature()}\n```\n"
    elif one.is_class:
        yield f"```python\nclass {name}{_arguments(one)}\n```\n"
    yield f"{_said(one)}\n"
    if one.is_class:
        for inner, member in one.members.items():
            if not inner.startswith("_") and not member.is_alias and member.docstring:
                yield from _of(member, f"{name}.{inner}", f"{mark}#")


def _arguments(one: Any) -> str:
    """How one is made, without `self`; nothing where a class does not say."""
    made = one.members.get("__init__")
    text = str(made.signature()) if made is not None and made.is_function else ""
    inside = text.partition("(")[2].rpartition(")")[0]
    return f"({inside.removeprefix('self').removeprefix(', ')})" if text else ""


def _said(one: Any) -> str:
    """The docstring, with what numpydoc underlines and indents as words in bold and a list."""
    text = one.docstring.value if one.docstring else ""
    return ENTRY.sub(_listed, SECTION.sub(r"**\1**\n", text))


def _listed(entry: re.Match[str]) -> str:
    return f"- `{entry[1]}`: {' '.join(entry[2].split())}\n"
