"""What a student handed in: a file that may be anything at all, read as text and never run.

    read_submission(Path("quizzes/submitted/ada/module_0_quiz"), "module_0_quiz").cells

A submission is a regular file of at most LARGEST bytes; no link is followed and no pipe waited for.
What cannot be read is told in a sentence, and never stops the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import combining, normalize

LARGEST = 10_000_000
"""Bytes of a notebook; the quiz itself has under 30,000."""
SHORT = 1_000
"""Bytes of a timestamp.txt, and of whatever else nbgrader lays beside a notebook."""
MOST_OUTPUT = 2_000
"""Characters of a cell's outputs that are kept."""
MOST_FOLDERS = 1_000
"""Folders of a submission that are looked into; an archive may be made to hold millions."""
DEEPEST = 20
"""Folders in each other that are looked into; Python 3.11 cannot walk through a thousand."""
MOST_CELLS = 2_000
MOST_CODE = 1_000_000
"""Characters of all cells of code together."""
MOST_MARKS = 30
"""Accents and the like on one letter; as many as Unicode's Stream-Safe Text Format has."""
SECRET = "submission_secret.txt"
"""nbgrader's file by which a student, and nobody else, finds the feedback in the exchange."""
OF_NBGRADER = ("timestamp.txt", SECRET)
"""What it lays beside a notebook."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TOO_DEEP = (RecursionError, MemoryError)  # what Python's parsers say to ten thousand brackets


class UnreadableError(Exception):
    """A notebook that gives no answers at all; says why, as part of a sentence."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was handed in, in the few things of it that are looked at."""

    kind: str
    """code, markdown or raw."""
    source: str
    names: tuple[str, ...] = ()
    """What it may be known by to the instructor: nbgrader's name of it, then its id."""
    outputs: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A notebook that can be read."""

    cells: tuple[Cell, ...]
    note: str = ""
    """What somebody should look at, as part of a sentence; empty if all is as it should be."""
    digest: str = ""
    """Of the file's bytes: another one is another submission."""

    @property
    def code(self) -> list[str]:
        """The sources of its cells of code, from top to bottom."""
        return [cell.source for cell in self.cells if cell.kind == "code"]


def who_handed_in(submitted: Path, assignment: str) -> list[str]:
    """The names of students' folders with this assignment in them, or that may not be looked into.

    Names that begin with a dot are no student's: macOS and JupyterLab make such folders.
    """
    try:
        names = sorted(os.listdir(submitted))
    except FileNotFoundError:
        return []
    return [n for n in names if not n.startswith(".") and _is_there(submitted / n / assignment)]


def _is_there(path: Path) -> bool:
    """Whether there is anything of this name, or nobody may say so; then a person has to look."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def read_submission(folder: Path, notebook: str) -> Submission:
    """The notebook of this name in a student's folder; UnreadableError says why there is none.

    If there is another one alone, as browsers call a second download, that is taken and told. Where
    none of this name is in the folder itself, those in its folders are looked at.
    """
    for link in (folder.parent, folder):
        if os.path.islink(link):  # Path.is_symlink raises where one may not look
            raise UnreadableError(f"{link.name} is a link, and only files are read")
    name, note = _chosen(folder, f"{notebook}.ipynb")
    content = contents(folder / name)
    return Submission(_cells(content, name), note, hashlib.sha256(content).hexdigest())


def timestamp_in(folder: Path) -> str:
    """What the timestamp.txt of a submission says; nothing if there is none that can be read."""
    try:
        text = contents(folder / "timestamp.txt", SHORT).decode("utf-8-sig", "replace")
    except UnreadableError:
        return ""
    return writable(text.strip())


def contents(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of a regular file; UnreadableError for a link, a pipe, or more bytes than that."""
    # Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise UnreadableError(f"{path.name} is a link, and only files are read")
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError(f"{path.name} is no file, but a folder, a pipe or a device")
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            about = os.fstat(file.fileno())
            if about.st_size > largest or not stat.S_ISREG(about.st_mode):
                raise UnreadableError(
                    f"{path.name} has {about.st_size:,} bytes, and at most {largest:,} are read"
                )
            return file.read(largest)
    except OSError as problem:
        raise UnreadableError(f"{path.name} cannot be read ({problem.strerror})") from None


def _chosen(folder: Path, wanted: str) -> tuple[str, str]:
    """The name of the file to read, and a note if it is not the only one, or not called so.

    Names that begin with a dot are no student's: macOS and JupyterLab make such files.
    """
    try:
        there = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as problem:
        raise UnreadableError(f"its folder cannot be read ({problem.strerror})") from None
    names = [name for name in there if _is_notebook(name)]
    second: list[str] = []
    if wanted not in names:
        below = _deeper(folder)
        # Such as `q (1).ipynb`, which may be newer than a q.ipynb in a folder.
        second = [name for name in names if PurePosixPath(wanted).stem.lower() in name.lower()]
        names = [*(n for n in below if _is_called(n, wanted)), *names] if names else below
    called_so = [name for name in names if _is_called(name, wanted)]
    if len(called_so) == 1 and not second:
        [chosen] = called_so
        others = [name for name in names if name != chosen]
        only = f"only {writable(chosen)} was read, and not {_listed(others)}" if others else ""
        return chosen, only
    if len(names) == 1:
        return names[0], f"read from {_listed(names)}, for there is no {wanted}"
    if names:
        raise UnreadableError(
            f"there is no {wanted} in it, but {_listed(names)}, and nobody can say which counts"
        )
    else_there = [name for name in there if name not in OF_NBGRADER]
    but = f", but {_listed(else_there)}" if else_there else ""
    raise UnreadableError(f"there is no {wanted} in it{but}")


def _is_called(path: str, name: str) -> bool:
    return PurePosixPath(path).name == name


def _deeper(folder: Path) -> list[str]:
    """Paths of the notebooks in its folders, where the archive of a student leaves them."""
    found = []
    for place, folders, files in islice(os.walk(folder), MOST_FOLDERS):
        here = Path(place).relative_to(folder)
        deep = len(here.parts) >= DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        found += [(here / name).as_posix() for name in files if _is_notebook(name)]
    return sorted(found)


def _is_notebook(name: str) -> bool:
    return name.lower().endswith(".ipynb") and not name.startswith(".")


def _listed(names: list[str]) -> str:
    shown = ", ".join(writable(name) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _cells(content: bytes, name: str) -> tuple[Cell, ...]:
    """The cells of a notebook, also of an old one; what is no cell is left out."""
    name = writable(name)
    if not content.strip():
        raise UnreadableError(f"{name} is empty")
    try:
        raw = json.loads(content)
    except (ValueError, *TOO_DEEP) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else "too deep"
        raise UnreadableError(f"{name} is no notebook: {writable(reason)[:200]}") from None
    listed = raw.get("cells") if isinstance(raw, dict) else None
    if listed is None and isinstance(raw, dict):  # format 3 and before
        sheets = raw.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        parts = [one.get("cells") for one in sheets if isinstance(one, dict)]
        listed = [cell for part in parts if isinstance(part, list) for cell in part] or None
    if not isinstance(listed, list):
        raise UnreadableError(f"{name} is no notebook: it has no cells")
    if len(listed) > MOST_CELLS:
        raise UnreadableError(
            f"{name} has {len(listed):,} cells, and at most {MOST_CELLS:,} are read"
        )
    found = tuple(_cell(cell) for cell in listed if isinstance(cell, dict))
    if (code := sum(len(cell.source) for cell in found if cell.kind == "code")) > MOST_CODE:
        raise UnreadableError(
            f"{name} has {code:,} characters of code, and at most {MOST_CODE:,} are read"
        )
    return found


def _cell(raw: dict[str, Any]) -> Cell:
    kind = raw.get("cell_type")
    outputs = raw.get("outputs")
    return Cell(
        kind=kind if kind in ("code", "raw") else "markdown",
        source=_text(raw.get("source", raw.get("input"))),
        names=tuple(_names(raw)),
        outputs=tuple(outputs) if isinstance(outputs, list) else (),
    )


def _names(raw: dict[str, Any]) -> Iterator[str]:
    metadata = raw.get("metadata")
    about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    for name in (about.get("grade_id") if isinstance(about, dict) else None, raw.get("id")):
        if isinstance(name, str):
            yield name


def _text(source: Any) -> str:
    """A cell's source, which is a text or a list of its lines."""
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return _with_few_marks(writable(source)) if isinstance(source, str) else ""


def _with_few_marks(text: str) -> str:
    """The text without more marks on a letter than anybody writes: to bring them in order takes
    Python the square of their number, hours for a file of them, in which no alarm is heard.
    """
    return text if text.isascii() else _too_many_marks().sub(r"\1", text)


@cache
def _too_many_marks() -> re.Pattern[str]:
    signs = map(chr, range(0x300, 0x20000))  # in the planes above there are none
    marks = "".join(one for one in signs if combining(normalize("NFKD", one)[0]))
    return re.compile(f"([{marks}]{{{MOST_MARKS}}})[{marks}]+")


def writable(text: str) -> str:
    """The text with a question mark for each half of a character, which no file can hold, and for
    each zero, which no PostgreSQL can.
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def texts(outputs: Iterable[Any]) -> Iterator[str]:
    """What a cell's outputs say in plain text, each at most so long."""
    for output in outputs:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        plain = data.get("text/plain") if isinstance(data, dict) else None
        for said in (output.get("text"), plain, output.get("evalue")):
            parts = said if isinstance(said, list) else [said]
            text = "".join(part for part in parts if isinstance(part, str))[: 2 * MOST_OUTPUT]
            if text:
                yield COLOUR.sub("", writable(text))
