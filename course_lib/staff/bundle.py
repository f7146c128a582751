"""Everything that students get, in one archive: unpack it and type `python3 start.py`.

What goes in is named here, and nothing else does: the lessons, the students' part of course_lib,
and the released assignments in the folder `assignments`, all or those that are named. The archive
is the same, byte for byte, whenever it is made from the same files.
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from course_lib.page import render
from course_lib.quiz import BankError

from .analysis.question_sheet import SheetError, asked_questions
from .forms import leaks
from .forms.package import member
from .grading.asked import BANK
from .place import a_name, ask_course, assignments_of, meant, quoted, whole_course

TOP = "sync-async-course"  # the folder that unpacking makes
README = "README.md"
"""Of the archive: the course's own as far as it is for students, and where the assignments are."""
SETTINGS = "nbgrader_config.py"
FOR_NBGRADER = """\
\"\"\"Settings of nbgrader's, by which you check an assignment before you hand it in.\"\"\"

c = get_config()
c.KernelManager.transport_encryption = "auto"
"""
"""Without them it warns that there are none, and that others could read what kernels say."""
FOR_STUDENTS_UNTIL = "## What is where\n"
WHOLE_COURSE = re.compile(r"<!-- whole course -->\n.*?<!-- end -->\n", re.DOTALL)
"""Lines of it that stand between two comments, about what the bundle has not got."""
FILES = (
    ".gitignore",
    "LICENSE",
    "LICENSE-CC-BY-4.0.txt",
    "start.py",
    "pyproject.toml",
    "requirements.lock",
    "labs.lock",
    "environment.yml",
)
FOLDERS = {
    "course_lib": (".py", ".toml", ".js", ".css", ".html"),
    "notebooks": (".ipynb", ".png", ".svg", ".csv", ".json", ".txt"),
}
"""Folder → endings of what is taken from it."""
NOT_FOR_STUDENTS = ("course_lib/staff/",)
RELEASE_FIRST = """\
{missing} has not been released: there is no {folder}.{meant}
Make it with:
    python -m course_lib.staff build
    cd {course}
    nbgrader generate_assignment {missing}
or name those that students get: python -m course_lib.staff bundle --assignment module_0_quiz
or leave all of them out: python -m course_lib.staff bundle --lessons-only"""


def main(words: list[str]) -> int:
    """Write the archive and say what is in it; 1 if there is something that must not be."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.staff bundle", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(f"{TOP}.zip"), help="the archive's name")
    ask_course(parser)
    parser.add_argument("--bank", type=Path, help="the graded questions: nothing of them may leak")
    parser.add_argument(
        "--assignment",
        type=a_name,
        action="append",
        default=[],
        metavar="NAME",
        help="this one alone, and not all in source/; repeatable",
    )
    parser.add_argument("--lessons-only", action="store_true", help="leave the assignments out")
    asked = parser.parse_args(words)
    if asked.lessons_only and asked.assignment:
        parser.error("--lessons-only leaves out what --assignment names: take one of them")
    if asked.out.is_dir() or not asked.out.parent.is_dir():
        parser.error(f"--out {asked.out}: name a file in a folder that is there, such as {TOP}.zip")
    try:
        course = None if asked.lessons_only else asked.course
        found = contents(whole_course(), course, asked.assignment)
        banks = [asked.bank] if asked.bank else []
        banks += [path for path in [asked.course / BANK] if path.exists()]
        told = [secret for bank in banks for secret in leaks.secrets(bank, asked.course)]
        keys = {} if asked.lessons_only else keys_of_quizzes(asked.course)
    except (FileNotFoundError, BankError) as problem:
        print(problem, file=sys.stderr)
        return 1
    if told and (leaked := leaks.search(found, told, keys)):
        print("Nothing was written, for it would tell students:", *leaked, sep="\n  ")
        return 1
    write(asked.out, found)
    print(summary(asked.out, found))
    if not told:
        print(f"  There is no {asked.course / BANK}, so nobody searched for its feedback in here.")
    return 0


def contents(root: Path, course: Path | None, only: Sequence[str] = ()) -> dict[str, bytes]:
    """Name inside the archive's folder → bytes; `course` is where the assignments are released.

    Of them those of `only`, or all if it is empty.
    FileNotFoundError says which assignment has not been released, and what to type.
    """
    paths = {name: root / name for name in FILES}
    for folder in FOLDERS:
        paths |= in_folder(root, folder)
    if course:
        for assignment in assignments(course, only):
            here = course / "release" / assignment
            for path in _files(here):
                inside = path.relative_to(here).as_posix()
                paths[f"assignments/{assignment}/{inside}"] = path
    found = {name: path.read_bytes() for name, path in paths.items()}
    found[README] = readme(root, {*found, README}).encode()
    found[SETTINGS] = FOR_NBGRADER.encode()
    return dict(sorted(found.items()))


def in_folder(root: Path, folder: str) -> dict[str, Path]:
    """Of one of FOLDERS what students get: its name in the course → where it is."""
    paths = {
        path.relative_to(root).as_posix(): path for path in _files(root / folder, FOLDERS[folder])
    }
    return {name: path for name, path in paths.items() if not name.startswith(NOT_FOR_STUDENTS)}


def readme(root: Path, names: Collection[str]) -> str:
    """The archive's README: no link in it leads to a file that is not there."""
    text, end, _ = (root / README).read_text(encoding="utf-8").partition(FOR_STUDENTS_UNTIL)
    if not end:
        raise ValueError(f"{README} has no line {FOR_STUDENTS_UNTIL!r}, where staff's part begins")
    text = WHOLE_COURSE.sub("", text)
    if given := sorted({name.split("/")[1] for name in names if name.startswith("assignments/")}):
        text += render("staff/templates/students.md", assignments=given)

    here = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.M)}

    def link(found: re.Match[str]) -> str:
        target, _, heading = found[2].partition("#")
        there = "://" in target or (target in names if target else heading in here)
        return found[0] if there else found[1]

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)", link, text)


def assignments(course: Path, only: Sequence[str] = ()) -> list[str]:
    """Names of these assignments, or of all; FileNotFoundError if one has not been released."""
    all_of_them = assignments_of(course)
    names = sorted(set(only)) or all_of_them or ["module_0_quiz"]
    for name in names:
        folder = course / "release" / name
        if not any(folder.glob("*.ipynb")):
            like = meant(name, all_of_them) if name not in all_of_them else ""
            place = quoted(course)
            said = RELEASE_FIRST.format(missing=name, folder=folder, course=place, meant=like)
            raise FileNotFoundError(said)
    return names


def keys_of_quizzes(course: Path) -> dict[str, list[str]]:
    """Name of each assignment that is a quiz → its right letters, in order."""
    keys = {}
    for name in assignments_of(course):
        with suppress(SheetError):  # exercises ask none
            keys[name] = [one.key for one in asked_questions(course, name)]
    return keys


def _files(folder: Path, endings: tuple[str, ...] | None = None) -> Iterator[Path]:
    """Files below a folder; nothing hidden, and nothing that Python or an editor left there."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "__pycache__")) for part in parts)
        if path.is_file() and not hidden and (endings is None or path.suffix in endings):
            yield path


def write(out: Path, found: dict[str, bytes]) -> None:
    """The archive: names sorted, one date, one set of rights, so that its bytes never differ.

    Renamed into place, so that nobody hands out one that a full disk or Ctrl-C has cut off.
    """
    new = out.with_name(f".{out.name}.new")
    try:
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in sorted(found.items()):
                about = member(f"{TOP}/{name}", 0o755 if name == "start.py" else 0o644)
                archive.writestr(about, content, zipfile.ZIP_DEFLATED)
        new.replace(out)
    finally:
        new.unlink(missing_ok=True)


def summary(out: Path, found: dict[str, bytes]) -> str:
    """What was put in, where, and how large, in lines."""
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for name, content in found.items():
        first, slash, _ = name.partition("/")
        place = first + slash if first != "assignments" else "/".join(name.split("/")[:2]) + "/"
        count[place] += 1
        size[place] += len(content)
    lines = [f"{out}: {len(found)} files, {out.stat().st_size:,} bytes packed, in {TOP}/"]
    width = max(map(len, count))
    for place in sorted(count, key=lambda name: (not name.endswith("/"), name)):
        files = "file " if count[place] == 1 else "files"
        lines.append(f"  {place:{width}}  {count[place]:3} {files}  {size[place]:9,} bytes")
    if not any(name.startswith("assignments/") for name in found):
        lines.append("  no assignments: it holds the lessons only")
    return "\n".join(lines)
