"""Nothing that students get before grading tells a key, a hidden test, a solution or feedback."""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import html
import io
import json
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from course_lib.staff import leaks
from course_lib.staff.leaks import Secret

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
