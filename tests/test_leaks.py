"""Nothing that students get before grading tells a key, a hidden test, a solution or feedback."""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import io
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from course_lib.quiz import Choice, Question, read_bank
from course_lib.staff import bundle
from course_lib.staff.forms import leaks
from course_lib.staff.forms.leaks import Secret
from tests.classroom import classroom, done
from tests.conftest import ROOT, in_ci
from tests.synthetic_class import bank

CANARY = "Zyx vut 4711 marked, “words” that the bänk alone says; nobody else."
TOLD = [Secret("the feedback of choice B of question one", CANARY)]
QUIZ = "module_0_quiz"
KEYS = {QUIZ: "BDACB"}


def notebook(**change: Any) -> bytes:
    """A notebook's file with one code cell, changed."""
    cell = nbformat.v4.new_code_cell("answer_1 = ''", id="one")
    raw = nbformat.v4.new_notebook(cells=[cell | change])
    return json.dumps(raw).encode()


def zipped(text: bytes, name: str = "a.txt") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return file.getvalue()


def png(kind: bytes, content: bytes) -> bytes:
    """A picture with one chunk of text."""
    chunk = struct.pack(">I", len(content)) + kind + content
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(kind + content))


def output(text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": "stdout", "text": text}]


WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda text: text.encode(),
    "a comment of a program": lambda text: f"x = 1  # {text}\n".encode(),
    "a cell": lambda text: notebook(source=f"# {text}"),
    "a cell, line by line": lambda text: notebook(
        source=text.replace(" ", "\n# ").splitlines(True)
    ),
    "a cell's metadata": lambda text: notebook(metadata={"nbgrader": {"why": text}}),
    "a stored output": lambda text: notebook(outputs=output(f"Wrong: {text}\n")),
    "HTML": lambda text: html.escape(text).replace("ä", "&#228;").encode(),
    "HTML in an output": lambda text: notebook(
        outputs=output(html.escape(text).replace("u", "&#117;"))
    ),
    "other case, other gaps": lambda text: text.upper().replace(" ", "_").encode(),
    "base64": lambda text: b"key = '" + base64.b64encode(text.encode()) + b"'",
    "base64 after a word": lambda text: b"xyz" + base64.b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes((text + "\n").encode() * 3),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(("ÿþ" + text).encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "escapes of Python": lambda text: repr(text.encode()).replace("Z", "\\x5a").encode(),
    "percent signs": lambda text: urllib.parse.quote(text).encode(),
    "backwards": lambda text: text[::-1].encode(),
    "rot13": lambda text: codecs.encode(text, "rot13").encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zip": lambda text: zipped(text.encode()),
    "the name of a file in a zip": lambda text: zipped(b"", text.replace("/", "") + ".txt"),
    "zlib in the middle": lambda text: b"abc" + zlib.compress(text.encode()) + b"def",
    "text of a picture": lambda text: png(b"iTXt", text.encode()),
    "packed text of a picture": lambda text: png(
        b"zTXt", b"why\0\0" + zlib.compress(text.encode())
    ),
    "a picture of an output": lambda text: notebook(
        outputs=output(
            base64.b64encode(png(b"zTXt", b"a\0\0" + zlib.compress(text.encode()))).decode()
        )
    ),
    "gzip as base64 in a cell": lambda text: notebook(
        source=f"x = '{base64.b64encode(gzip.compress(text.encode())).decode()}'"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_however_it_is_packed(way: str) -> None:
    """Each way to put a text into a file; the sentence says which file tells what."""
    found = {
        "notebooks/a.ipynb": WAYS[way](CANARY),
        "b.txt": WAYS[way]("nothing to tell here, no no"),
    }
    assert leaks.search(found, TOLD) == [f"notebooks/a.ipynb: {TOLD[0].what}"]


KEY_WAYS: dict[str, Callable[[str], str]] = {
    "a check compares": lambda key: "\n".join(
        f"assert answer_{n} == '{k}'" for n, k in enumerate(key, 1)
    ),
    "already answered": lambda key: "\n".join(f'answer_{n} = "{k}"' for n, k in enumerate(key, 1)),
    "a table": lambda key: json.dumps({f"answer_{n}": k for n, k in enumerate(key, 1)}),
    "md5": lambda key: hashlib.md5(f"answer_1 = '{key[0]}'".encode()).hexdigest(),
    "sha1": lambda key: hashlib.sha1(key[1].encode()).hexdigest(),
    "sha256": lambda key: hashlib.sha256(f"2{key[1]}".encode()).hexdigest(),
    "sha512, of all": lambda key: hashlib.sha512(key.encode()).hexdigest().upper(),
}


@pytest.mark.parametrize("way", KEY_WAYS)
def test_a_key_is_found_as_a_letter_and_as_a_hash(way: str) -> None:
    """In a cell of the assignment, plain and packed."""
    source = KEY_WAYS[way](KEYS[QUIZ])
    for content in (
        notebook(source=source),
        notebook(source=base64.b64encode(source.encode()).decode()),
    ):
        found = leaks.search({f"assignments/{QUIZ}/{QUIZ}.ipynb": content}, [], KEYS)
        assert found and "key" in found[0], found


def test_an_example_of_an_answer_is_no_leak() -> None:
    """One line that shows how an answer is written may happen to be right; unanswered cells are
    no keys.
    """
    source = 'Write `answer_1 = "B"`.\nanswer_1 = ""\nanswer_2 = ""'
    assert leaks.search({f"assignments/{QUIZ}/a.ipynb": notebook(source=source)}, TOLD, KEYS) == []


# A whole course in which every secret is marked


PLANTED = {
    "BEGIN HIDDEN TESTS": "hidden tests",
    "BEGIN SOLUTION": "reference solutions",
}


@dataclass(frozen=True)
class Course:
    """A copy of the course with marked secrets, built and released as an instructor does."""

    root: Path
    bundle: dict[str, bytes]
    canaries: dict[str, str]
    """Marked word → where it was planted."""
    keys: dict[str, list[str]]


def word(rng: random.Random, canaries: dict[str, str], what: str) -> str:
    """A new marked word, noted."""
    made = "canary" + "".join(rng.choices("0123456789abcdefghijklmnopqrstuvwxyz", k=24))
    canaries[made] = what
    return made


def marked(question: Question, rng: random.Random, canaries: dict[str, str]) -> Question:
    """The question with marked words for all that is secret, and with a key that chance gave it."""
    key = rng.choice(question.letters)
    choices = tuple(
        Choice(
            text=choice.text,
            feedback=f"Because of {word(rng, canaries, f'feedback {letter} of {question.id}')}.",
            misconception=""
            if letter == key
            else word(rng, canaries, f"misconception {letter} of {question.id}"),
        )
        for letter, choice in zip(question.letters, question.choices, strict=True)
    )
    return replace(question, choices=choices, key=key)


def mark_sources(course: Path, rng: random.Random, canaries: dict[str, str]) -> None:
    """Put a marked word into each hidden test and each solution of what is written by hand."""
    for path in sorted((course / "source").glob("*/*.ipynb")):
        if path.stem == QUIZ:
            continue  # it is built from the bank
        raw = json.loads(path.read_text(encoding="utf-8"))
        for cell in raw["cells"]:
            lines = "".join(cell["source"]).splitlines(keepends=True)
            cell["source"] = "".join(_marked_line(line, path.name, rng, canaries) for line in lines)
        path.write_text(json.dumps(raw), encoding="utf-8")


def _marked_line(line: str, name: str, rng: random.Random, canaries: dict[str, str]) -> str:
    for sign, what in PLANTED.items():
        if sign in line:
            indent = line[: len(line) - len(line.lstrip())]
            return f"{line}{indent}secret = '{word(rng, canaries, f'{what} of {name}')}'\n"
    return line


def copied(source: Path, folder: Path) -> None:
    """What a bundle is made from, but for the quizzes."""
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("course_lib", "notebooks"):
        shutil.copytree(source / name, folder / name, ignore=ignored)
    for name in (*bundle.FILES, bundle.README):
        shutil.copy(source / name, folder)


def made(folder: Path, snapshot: Path, seed: int) -> Course:
    """The course with its secrets marked by the seed: built, generated, bundled."""
    rng, canaries = random.Random(seed), dict[str, str]()
    copied(snapshot, folder)
    with classroom(folder, snapshot / "quizzes") as room:
        questions = read_bank(room.course / "questions.toml")
        text = bank([marked(one, rng, canaries) for one in questions])
        (room.course / "questions.toml").write_text(text, encoding="utf-8")
        mark_sources(room.course, rng, canaries)
        build = [sys.executable, "-m", "course_lib.staff", "build"]
        built = subprocess.run(
            build,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert built.returncode == 0, built.stderr
        for assignment in sorted(path.name for path in (room.course / "source").iterdir()):
            done(room.api.generate_assignment(assignment))
        keys = bundle.keys_of_quizzes(room.course)
        return Course(folder, bundle.contents(folder, room.course), canaries, keys)


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
    """Two courses that differ in nothing but their secrets."""
    snapshot = tmp_path_factory.mktemp("snapshot")
    copied(ROOT, snapshot)
    shutil.copytree(ROOT / "quizzes", snapshot / "quizzes")
    one, two = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    return made(one, snapshot, 1), made(two, snapshot, 2)


def told_by(course: Course) -> list[str]:
    """What the bundle of a course tells, of what was planted there."""
    planted = [Secret(what, canary) for canary, what in course.canaries.items()]
    return leaks.search(course.bundle, planted, course.keys)


@in_ci
@pytest.mark.slow
def test_no_marked_word_and_no_key_is_in_what_students_get(courses: tuple[Course, Course]) -> None:
    """Every byte of every file is searched; and the words were really planted."""
    course = courses[0]
    source = b"".join(p.read_bytes() for p in (course.root / "quizzes").rglob("*") if p.is_file())
    lost = [what for canary, what in course.canaries.items() if canary.encode() not in source]
    assert lost == []
    kinds = {what.split(" of ")[0].split(" ")[0] for what in course.canaries.values()}
    assert kinds == {"feedback", "misconception", "hidden", "reference"}
    assert [len(letters) for letters in course.keys.values()] == [5]
    assert told_by(course) == []


@in_ci
@pytest.mark.slow
def test_what_students_get_depends_on_no_secret(courses: tuple[Course, Course]) -> None:
    """Other keys, feedback, hidden tests and solutions give the same bundle, byte for byte: so
    nothing of them is in it, in whatever form, hashed and encrypted ones too.
    """
    one, two = courses
    assert one.keys != two.keys
    assert one.bundle.keys() == two.bundle.keys()
    assert [name for name in one.bundle if one.bundle[name] != two.bundle[name]] == []


def in_a_cell(content: bytes, text: str) -> bytes:
    raw = json.loads(content)
    raw["cells"][-1]["source"] = f"# {text}"
    return json.dumps(raw).encode()


def in_an_output(content: bytes, text: str) -> bytes:
    raw = json.loads(content)
    code = next(cell for cell in raw["cells"] if cell["cell_type"] == "code")
    code["outputs"] = output(base64.b64encode(text.encode()).decode())
    return json.dumps(raw).encode()


def in_metadata(content: bytes, text: str) -> bytes:
    raw = json.loads(content)
    raw["metadata"]["quiz"] = {"why": text.encode().hex()}
    return json.dumps(raw).encode()


def at_the_end(content: bytes, text: str) -> bytes:
    return content + f"\n# {text}\n".encode()


PLACES: dict[str, tuple[str, Callable[[bytes, str], bytes]]] = {
    "a cell of the quiz": (f"assignments/{QUIZ}/{QUIZ}.ipynb", in_a_cell),
    "an output of the quiz": (f"assignments/{QUIZ}/{QUIZ}.ipynb", in_an_output),
    "metadata of the quiz": (f"assignments/{QUIZ}/{QUIZ}.ipynb", in_metadata),
    "an output of a lesson": ("notebooks/05_patterns.ipynb", in_an_output),
    "the library": ("course_lib/flow.py", at_the_end),
    "start.py": ("start.py", at_the_end),
    "the README": ("README.md", at_the_end),
}


@in_ci
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["feedback", "misconception", "hidden tests", "reference"])
@pytest.mark.parametrize("place", PLACES)
def test_a_planted_leak_is_found(courses: tuple[Course, Course], place: str, kind: str) -> None:
    """One marked word of each kind, put into a file of the real bundle: the gate names the file."""
    name, plant = PLACES[place]
    canary, what = next(item for item in courses[0].canaries.items() if item[1].startswith(kind))
    leaking = {name: plant(courses[0].bundle[name], canary)}
    assert leaks.search(leaking, [Secret(what, canary)], courses[0].keys) == [f"{name}: {what}"]


@in_ci
@pytest.mark.slow
def test_the_real_bank_and_the_real_sources_are_in_no_bundle(tmp_path: Path) -> None:
    """The texts of the real feedback, pool, hidden tests, solutions and orders, in the real
    lessons with their stored outputs, the library with its practice questions, and the release.
    """
    with classroom(tmp_path, ROOT / "quizzes") as room:
        source = room.course / "source"
        for assignment in sorted(path.name for path in source.iterdir() if path.is_dir()):
            done(room.api.generate_assignment(assignment))
        told = leaks.secrets(room.course / "questions.toml", room.course)
        keys = bundle.keys_of_quizzes(room.course)
        found = bundle.contents(ROOT, room.course)
    assert len(told) > 100
    assert leaks.search(found, told, keys) == []


def test_the_orders_of_lines_that_work_are_secrets() -> None:
    """A few rows of their table in a file for students, by whatever way they came there."""
    rows = [line for line in leaks.ORDERS.read_text("utf-8").splitlines() if '": ((' in line]
    quizzes = ROOT / "quizzes"
    told = leaks.secrets(quizzes / "questions.toml", quizzes)
    leaking = {"exercises.py": "\n".join(rows[2:7]).encode()}
    assert leaks.search(leaking, told) == ["exercises.py: the orders of lines that work"]


def test_the_command_refuses_to_write_a_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Feedback in a release: it says which is in which file, not the text, and writes nothing."""
    question = Question(
        id="one",
        section="patterns",
        heading="Acks",
        stem="What now?",
        choices=(
            Choice(text="this", feedback=CANARY),
            Choice(text="that", feedback=CANARY[::-1], misconception="that it is so"),
        ),
        key="A",
    )
    (tmp_path / "questions.toml").write_text(bank([question]), encoding="utf-8")
    for step in ("source", "release"):
        (tmp_path / step / QUIZ).mkdir(parents=True)
        (tmp_path / step / QUIZ / f"{QUIZ}.ipynb").write_bytes(notebook(source=CANARY))
    for name in bundle.FILES:
        (tmp_path / name).touch()
    (tmp_path / bundle.README).write_text(bundle.FOR_STUDENTS_UNTIL)
    monkeypatch.setattr(bundle, "whole_course", lambda: tmp_path)
    out = tmp_path / "out.zip"
    assert bundle.main(["--course", str(tmp_path), "--out", str(out)]) == 1
    said = capsys.readouterr().out
    assert f"assignments/{QUIZ}/{QUIZ}.ipynb: the feedback of choice A of question one" in said
    assert CANARY not in said
    assert not out.exists()
