"""Where the course is that a command is about: here, further up, or around course_lib itself.

An installed course_lib has no course around it, and in a checkout one may stand in quizzes/.
"""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path, PurePath

AROUND = Path(__file__).resolve().parents[2]
"""Of a checkout the top; of an installed course_lib the folder of all packages."""
HARMLESS = re.compile(r"[\w./\\:~-]+")
"""Letters, digits and signs that no terminal takes for anything else."""


def whole_course() -> Path:
    """The folder with start.py and notebooks/; the folder one stands in where there is none."""
    here = Path.cwd()
    return next((place for place in (here, *here.parents, AROUND) if _is_course(place)), here)


def ask_course(parser: ArgumentParser) -> None:
    """Let a command be told its course: `asked.course` is nbgrader's root, a Path."""
    words = "nbgrader's root; else this folder if it is one, or quizzes/ of the course"
    parser.add_argument("--course", type=_course_root, default="", metavar="FOLDER", help=words)


def a_name(said: str) -> str:
    """A name on a command line, which is none where a shell's variable was empty."""
    if said.strip():
        return said
    raise ArgumentTypeError("there is a name to be given, and none stands here")


def assignments_of(course: Path) -> list[str]:
    """Names of all assignments that a course has, released or not."""
    return sorted(path.name for path in (course / "source").glob("*") if path.is_dir())


def meant(said: str, known: Iterable[str]) -> str:
    """A question that follows a sentence about an unknown name; empty if none is like it."""
    small = {name.lower(): name for name in known}
    found = get_close_matches(said.removesuffix(".ipynb").strip("/").lower(), small, 1)
    return f" Did you mean {small[found[0]]}?" if found else ""


def quoted(path: PurePath) -> str:
    """The path as it is typed into a terminal: in quotes, unless none of its signs needs them."""
    said = str(path)
    if HARMLESS.fullmatch(said):
        return said
    # Windows knows double quotes alone, and a shell still reads these four between them.
    return f'"{said}"' if set('"$`!').isdisjoint(said) else shlex.quote(said)


def _course_root(said: str) -> Path:
    if said and Path(said).is_dir():
        return Path(said)
    if said:
        raise ArgumentTypeError(f"there is no folder {said}; name nbgrader's root")
    here = Path.cwd()
    found = here if (here / "source").is_dir() else whole_course() / "quizzes"
    if found.is_dir():
        return found
    raise ArgumentTypeError(
        f"there is no course in {here}; go into its folder, the one with start.py, "
        "or name nbgrader's root: --course FOLDER"
    )


def _is_course(place: Path) -> bool:
    return (place / "start.py").is_file() and (place / "notebooks").is_dir()
