"""What is done for one student: read, mark, write the graded notebook. Done in a worker process.

The gradebook is not touched here: it has one writer, which gets the outcomes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .form import another_form
from .marks import Mark, marks, unread
from .patience import patiently
from .rebuilt import graded_notebook
from .skeleton import Skeleton
from .submission import (
    SECRET,
    SHORT,
    Submission,
    UnreadableError,
    contents,
    read_submission,
    timestamp_in,
    writable,
)

TO_THE_STUDENT = """\
Nothing of it is marked yet. Open your file once more: if it does not open with all that you wrote,
hand in another copy of it, and tell whoever teaches you."""
"""What follows where a submission cannot be read, for feedback shows the note too."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for all students of an assignment."""

    assignment: str
    submitted: Path
    graded: Path
    """The folders in which each student has one."""
    skeletons: tuple[Skeleton, ...]
    seed: str
    form: str = ""
    """Digest of what is asked: a corrected key makes another one."""
    done: Mapping[str, str] = field(default_factory=dict)
    """Student → digest of what is graded already, and left out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for a student."""

    student: str
    """The name of the folder."""
    timestamp: str = ""
    """What timestamp.txt says, as text."""
    marks: dict[str, tuple[Mark, ...]] = field(default_factory=dict)
    """Of each notebook."""
    comments: dict[str, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)
    looks: dict[str, str] = field(default_factory=dict)
    """Notebook → why somebody should look at it."""
    digest: str = ""
    """Of all that the marks depend on; empty for what could not be read."""
    skipped: bool = False


def grade(task: Task, student: str) -> Outcome:
    """Mark what a student handed in, and write the graded notebooks."""
    outcome, texts = graded_texts(task, student)
    for name, text in texts.items():
        _replace(_file(task, student, name), text)
    if texts:
        _keep_secret(task, student)
    return outcome


def grade_or_tell(task: Task, student: str) -> Outcome:
    """The same, and whatever goes wrong with one submission ends no run: it needs a person."""
    try:
        return grade(task, student)
    except Exception as problem:  # noqa: BLE001  what it is, nobody has thought of
        return lost(task, student, f"grading it ended in {type(problem).__name__}")


def graded_texts(task: Task, student: str) -> tuple[Outcome, dict[str, str]]:
    """The marks, and name → text of each graded notebook; no text for what is graded already."""
    folder = task.submitted / student / task.assignment
    read = {one.name: _read(folder, one.name) for one in task.skeletons}
    timestamp = timestamp_in(folder)
    digest = _digest(task, timestamp, list(read.values()))
    written = all(_file(task, student, name).is_file() for name in read)
    if digest and task.done.get(student) == digest and written:
        return Outcome(student, digest=digest, skipped=True), {}
    outcome = Outcome(student, timestamp, {}, {}, {}, digest)
    texts = {one.name: _graded(one, read[one.name], task.seed, outcome) for one in task.skeletons}
    return outcome, texts


def _graded(skeleton: Skeleton, given: Submission | str, seed: str, outcome: Outcome) -> str:
    """The text of a graded notebook; what came out is put into the outcome."""
    given, found = _marked(skeleton, given, seed)
    note, cells = (given, ()) if isinstance(given, str) else (given.note, given.cells)
    if not isinstance(given, str) and not note:
        note = another_form(skeleton, given)
    if note:
        outcome.looks[skeleton.name] = note
    outcome.comments[skeleton.name] = _comments(skeleton, given)
    # The writer has no use for what feedback is made from.
    outcome.marks[skeleton.name] = tuple(replace(one, answer=None) for one in found)
    told = f"Needs a person: {note}." if note else ""
    told += f"\n{TO_THE_STUDENT}" if isinstance(given, str) else ""
    return graded_notebook(skeleton, cells, found, told)


def lost(task: Task, student: str, why: str) -> Outcome:
    """What is told of a student whose submission ended the process that read it."""
    rows = {one.name: tuple(unread(one, why)) for one in task.skeletons}
    for skeleton in task.skeletons:
        text = graded_notebook(skeleton, (), rows[skeleton.name], f"Needs a person: {why}.")
        _replace(_file(task, student, skeleton.name), text)
    return Outcome(student, marks=rows, looks=dict.fromkeys(rows, why))


def _read(folder: Path, notebook: str) -> Submission | str:
    """The submission, or why there is none."""
    try:
        with patiently():
            return read_submission(folder, notebook)
    except UnreadableError as problem:
        return str(problem)


def _marked(
    skeleton: Skeleton, given: Submission | str, seed: str
) -> tuple[Submission | str, tuple[Mark, ...]]:
    """What was given, or why nobody can mark it, and the marks."""
    if isinstance(given, str):
        return given, tuple(unread(skeleton, given))
    try:
        return given, tuple(marks(skeleton, given, seed))
    except UnreadableError as problem:
        return str(problem), tuple(unread(skeleton, str(problem)))


def _comments(skeleton: Skeleton, given: Submission | str) -> tuple[tuple[str, str | None], ...]:
    """What nbgrader says to cells that nobody has changed, or why nothing could be read."""
    if isinstance(given, str):
        return tuple((name, f"Needs a person: {given}.") for name in skeleton.commented)
    theirs = {name: cell.source for cell in reversed(given.cells) for name in cell.names}
    found = []
    for place in skeleton.places:
        if place.by_hand:
            same = theirs.get(place.name, place.source).strip() == place.source.strip()
            task = place.kept is not None and place.kept.task
            found.append((place.name, "No response." if same and not task else None))
    return tuple(found)


def _file(task: Task, student: str, notebook: str) -> Path:
    return task.graded / student / task.assignment / f"{notebook}.ipynb"


def _keep_secret(task: Task, student: str) -> None:
    """Beside the graded notebook, where nbgrader looks for it when it releases feedback."""
    try:
        secret = contents(task.submitted / student / task.assignment / SECRET, SHORT)
    except UnreadableError:
        return  # of whoever has handed in without nbgrader
    _replace(
        task.graded / student / task.assignment / SECRET,
        writable(secret.decode("utf-8", "replace")),
    )


def _digest(task: Task, timestamp: str, read: Sequence[Submission | str]) -> str:
    about = [task.form, timestamp]
    for one in read:
        if isinstance(one, str):
            return ""
        about.append(one.digest)
    return hashlib.sha256("\n".join(about).encode()).hexdigest()


def _replace(file: Path, text: str) -> None:
    """Write a file so that there is the old one or the new one, whenever this is ended."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8", newline="\n")
    os.replace(new, file)
