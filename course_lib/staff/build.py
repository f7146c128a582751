"""Make a quiz from a bank: nbgrader's source notebook, and exports for Moodle, Canvas and others.

  python -m course_lib.staff build                     the graded five, and all else in the bank
  python -m course_lib.staff build --check             write nothing, compare with a fresh build
  python -m course_lib.staff build --draw 5 --seed 3   a different quiz from the pool, for a resit
  python -m course_lib.staff build --bank FILE         from your own file, which nobody else has

In the course, the notebook goes to source/NAME/, and the exports (GIFT for Moodle, QTI 1.2 for
Canvas, QTI 2.1) go to exports/; keep these to yourself, for they hold the right answers. What a
draw chooses depends on the seed alone, and graded questions are never in it.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

from course_lib.quiz import SECTIONS, BankError, Question, read_bank

from .forms.canvas import canvas_bank, canvas_quiz
from .forms.difference import differing, first, pieces
from .forms.gift import gift
from .forms.notebook_file import NotebookError, difference, read
from .forms.qti import qti
from .forms.quiz_notebook import quiz_notebook, text_of
from .grading.asked import BANK
from .place import ask_course

QUIZ, RESIT, POOL = "module_0_quiz", "module_0_resit", "module_0_pool"
SEED = 2  # shuffles the choices of the quiz; never change it while a class is at it
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")  # of an assignment


def main(words: list[str]) -> int:
    """Write the files and say which; 1 for a bank that cannot be used, or a file that differs."""
    parser = argparse.ArgumentParser(
        prog="python -m course_lib.staff build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="write nothing, compare every byte")
    parser.add_argument("--bank", type=Path, help=f"your own bank; else {BANK} of the course")
    parser.add_argument("--draw", type=int, metavar="N", help="draw N questions from the pool")
    parser.add_argument(
        "--seed", type=int, default=SEED, help=f"of the draw, or of the shuffle; {SEED}"
    )
    parser.add_argument("--name", help=f"of the assignment; else {QUIZ}, or {RESIT} for a draw")
    ask_course(parser)
    asked = parser.parse_args(words)
    name = (QUIZ if asked.draw is None else RESIT) if asked.name is None else asked.name
    if not NAME.fullmatch(name):
        parser.error(f"--name {name!r}: take a letter, then letters, digits, _ and -")
    bank = asked.bank or asked.course / BANK
    try:
        files = built(asked.course, bank, name, asked.seed, asked.draw)
    except BankError as problem:
        print(problem, file=sys.stderr)
        return 1
    return compare(asked.course, files) if asked.check else write(asked.course, files)


def built(
    course: Path, bank: Path, name: str, seed: int, draw: int | None = None
) -> dict[Path, bytes]:
    """Path below the course root → what a fresh build writes there.

    The graded questions of the bank, or as many as are to be drawn from its pool. Raises BankError
    when the bank has faults, or too few questions for that.
    """
    questions = read_bank(bank)
    pool = [question for question in questions if not question.graded]
    chosen = [question for question in questions if question.graded]
    if draw is not None:
        chosen = drawn(pool, draw, seed)
    if not chosen:
        raise BankError(
            f"{bank.name}: no question has graded = true; mark those of the quiz, or --draw some"
        )
    files = _quiz(chosen, name, seed, _from_course(course, bank))
    files |= _exports(chosen, name, seed, canvas_quiz)
    if draw is None and pool:
        files |= _exports(pool, POOL if name == QUIZ else f"{name}_pool", seed, canvas_bank)
    return files


def drawn(pool: Sequence[Question], count: int, seed: int) -> list[Question]:
    """So many questions of the pool, from as many sections as can be, in order of the lessons."""
    if not 0 < count <= len(pool):
        raise BankError(
            f"cannot draw {count} questions: the pool has {len(pool)}; take 1 or more of them"
        )
    chance = random.Random(f"draw {seed}")
    sections: dict[str, list[Question]] = defaultdict(list)
    for question in chance.sample(list(pool), len(pool)):
        sections[question.section].append(question)
    taken: list[Question] = []
    while len(taken) < count:
        for section in chance.sample(list(sections), len(sections)):
            if sections[section] and len(taken) < count:
                taken.append(sections[section].pop())
    order = list(SECTIONS)
    return sorted(taken, key=lambda question: order.index(question.section))


def write(course: Path, files: Mapping[Path, bytes]) -> int:
    """Write what is not there yet, and say what was done to each file.

    1, and nothing is written, if a notebook there is no quiz: somebody has written that by hand.
    """
    for path in files:
        if path.suffix == ".ipynb" and (course / path).is_file() and not _is_quiz(course / path):
            print(
                f"{course / path} is no quiz that was built, and nothing was written: take another "
                "name for yours, --name NAME, or move that file away",
                file=sys.stderr,
            )
            return 1
    for path, content in files.items():
        place = course / path
        same = place.is_file() and place.read_bytes() == content
        if not same:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        print(f"{place}: {'same' if same else 'written'}")
    return 0


def _is_quiz(path: Path) -> bool:
    """Whether a cell of the notebook marks the first question."""
    with suppress(NotebookError):
        return any("\nmark(1, In, " in f"\n{cell.source}" for cell in read(path).cells)
    return False


def compare(course: Path, files: Mapping[Path, bytes]) -> int:
    """Say of each file how it differs from a fresh build; 1 if any does."""
    bad = 0
    for path, fresh in files.items():
        place = course / path
        stored = place.read_bytes() if place.is_file() else None
        if stored == fresh:
            print(f"{place}: same")
            continue
        bad = 1
        print(f"{place}: {'missing' if stored is None else 'differs from the bank (-), now (+):'}")
        for line in _difference(path, stored, fresh) if stored is not None else []:
            print(line)
    if bad:
        print("Make them anew with the same words, without --check.")
    return bad


def _difference(path: Path, stored: bytes, fresh: bytes) -> list[str]:
    """Lines that say where two versions of a file differ."""
    if path.suffix == ".zip":
        return _zip_difference(stored, fresh)
    old, new = stored.decode("utf-8", "replace"), fresh.decode()
    if path.suffix == ".ipynb":
        return difference(old, new)
    return differing(*(chain.from_iterable(map(pieces, text.splitlines())) for text in (old, new)))


def _zip_difference(stored: bytes, fresh: bytes) -> list[str]:
    try:
        old, new = _members(stored), _members(fresh)
    except zipfile.BadZipFile:
        return ["  It is no zip file."]
    names = [name for name in sorted(old | new) if old.get(name) != new.get(name)]
    return first([f"{name} differs" for name in names] or ["Only its packing differs."])


def _members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _quiz(questions: Sequence[Question], name: str, seed: int, bank: str) -> dict[Path, bytes]:
    notebook = quiz_notebook(questions, _title(name), seed, bank)
    return {Path("source", name, f"{name}.ipynb"): text_of(notebook).encode()}


def _exports(
    questions: Sequence[Question],
    name: str,
    seed: int,
    canvas: Callable[[Sequence[Question], str, str], bytes],
) -> dict[Path, bytes]:
    shuffled = [question.shuffled(seed) for question in questions]
    return {
        Path("exports", f"{name}.gift.txt"): gift(shuffled, name).encode(),
        Path("exports", f"{name}.canvas.zip"): canvas(shuffled, name, _title(name)),
        Path("exports", f"{name}.qti.zip"): qti(shuffled, name, _title(name)),
    }


def _title(name: str) -> str:
    """ "module_0_quiz" as people write it: "Module 0 quiz"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _from_course(course: Path, bank: Path) -> str:
    """The bank as its marks have to name it: empty for the course's own, which is the default."""
    bank, course = bank.resolve(), course.resolve()
    if bank == course / BANK:
        return ""
    return (bank.relative_to(course) if bank.is_relative_to(course) else bank).as_posix()
