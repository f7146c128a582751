"""What no student may see before grading, and the search for it in all that students get.

    found = search({"a.ipynb": content, …}, secrets(bank, course))

Secrets are the feedback of every choice, the questions of the pool that no quiz asks, hidden tests,
reference solutions and the orders of lines that work; keys are found where something sets an answer
to them and in the hashes of such lines. The search sees through JSON, zip, gzip, zlib (so into
pictures), base64, hex, HTML, percent signs, text spelled backwards and rot13, and through all of
them twice. It does not see what somebody encrypted: that a bundle depends on no key at all is shown
by a test, which makes it from two banks with other keys and compares the bytes.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import gzip
import hashlib
import html
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from course_lib.quiz import Question, read_bank

FEWEST_LETTERS = 24  # of a secret: a shorter text could stand in a lesson by chance
PIECE = 12  # letters; a secret of two pieces less one has one, wherever they are cut
LINES = 4  # in a row, of code: `try: return await op()` and its like stand elsewhere too
DEEPEST = 3  # an archive inside base64 inside a notebook
LARGEST = 8_000_000  # bytes that are unpacked from one place
HIDDEN = re.compile(
    r"^[ \t]*#+ ?BEGIN (HIDDEN TESTS|SOLUTION)[^\n]*\n(.*?)^[ \t]*#+ ?END \1", re.M | re.S
)
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){10,}")
PACKED = re.compile(r"[A-Za-z0-9+/]{400,}")  # a picture's base64, no text: looked into by itself
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
SETS = re.compile(r"""answer_(\d+)\\?["']?\]?\s*(?:==?|:)\s*\(?\\?["']([A-F])\\?["']""")
ORDERS = Path(__file__).parents[1] / "grading" / "line_orders.py"
DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")


@dataclass(frozen=True, slots=True)
class Secret:
    """A text, and what it is, in words that do not repeat it."""

    what: str
    text: str


def secrets(bank: Path, course: Path) -> list[Secret]:
    """All that the bank, and the sources of the course's assignments, must keep to themselves."""
    notebooks = sorted((course / "source").rglob("*.ipynb"))
    shown = "".join(_folded(text) for path in notebooks for text in _sources(path))
    found = [
        secret for question in read_bank(bank) for secret in _of_question(question, bank, shown)
    ]
    for path in notebooks:
        for text in _sources(path):
            for kind, block in HIDDEN.findall(text):
                found += _of_code(f"{kind.lower()} of {path.name}", block)
    return [*found, *_of_code("orders of lines that work", ORDERS.read_text(encoding="utf-8"))]


def _of_question(question: Question, bank: Path, shown: str) -> Iterator[Secret]:
    where = f"question {question.id} of {bank.name}"
    for letter, choice in zip(question.letters, question.choices, strict=True):
        yield Secret(f"the feedback of choice {letter} of {where}", choice.feedback)
    if not question.graded and _folded(question.stem) not in shown:
        yield Secret(f"the stem of {where}", question.stem)


def _of_code(what: str, text: str) -> Iterator[Secret]:
    """Each few lines in a row, without imports, which stand everywhere."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("import ", "from ", "#"))]
    for first in range(max(1, len(lines) - LINES + 1)):
        yield Secret(f"the {what}", "\n".join(lines[first : first + LINES]))


def _sources(path: Path) -> list[str]:
    cells = json.loads(path.read_bytes())["cells"]
    return ["".join(cell["source"]) for cell in cells]


def search(
    found: Mapping[str, bytes],
    told: Sequence[Secret],
    keys: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """A sentence for each secret that some file tells, with the file; empty if all is well.

    `found` is name → bytes. `keys` is the name of an assignment → its right letters, in order.
    """
    needles = _index(told)
    digests = {digest: what for name in keys or {} for digest, what in _hashes((keys or {})[name])}
    leaked: dict[str, None] = {}
    for name, content in found.items():
        for view in views(content):
            leaked |= dict.fromkeys(f"{name}: {what}" for what in _told(view, needles))
            runs = re.findall(r"[0-9a-f]{32,}", view.lower())
            leaked |= {f"{name}: {digests[run]}": None for run in runs if run in digests}
            leaked |= dict.fromkeys(f"{name}: {what}" for what in _set(name, view, keys or {}))
    return list(leaked)


def _index(told: Sequence[Secret]) -> dict[str, dict[str, str]]:
    """Each piece that a secret shows, wherever a grid of pieces is laid over it → text and what.

    So a text is cut into pieces once, instead of being searched for each of a thousand secrets.
    """
    index: dict[str, dict[str, str]] = defaultdict(dict)
    for secret in reversed(told):
        needle = _folded(secret.text)
        if len(needle) >= FEWEST_LETTERS:
            for start in range(PIECE):
                index[needle[start : start + PIECE]][needle] = secret.what
    return index


def _told(view: str, needles: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    text = _folded(PACKED.sub(" ", view))
    for form in (text, text[::-1], codecs.encode(text, "rot13")):
        pieces = {form[start : start + PIECE] for start in range(0, len(form), PIECE)}
        for piece in pieces & needles.keys():
            yield from (what for needle, what in needles[piece].items() if needle in form)


def _set(name: str, view: str, keys: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Where an assignment's file sets more than one answer to its key: one may be an example."""
    for assignment, letters in keys.items():
        if assignment in name.split("/"):
            right = {
                int(number)
                for number, letter in SETS.findall(view)
                if 0 < int(number) <= len(letters) and letters[int(number) - 1] == letter
            }
            if len(right) > 1:
                yield f"the keys of {len(right)} questions of {assignment}"


def _hashes(letters: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Hexadecimal digests that a check cell could compare an answer with, in likely spellings."""
    for number, letter in enumerate(letters, start=1):
        spelled = [letter, letter.lower(), f"{number}{letter}", f"{number}:{letter}"]
        spelled += [f"answer_{number}{gap}{letter}" for gap in ("", "=", ":", " = ", "_", "-")]
        spelled += [f"answer_{number} = {quote}{letter}{quote}" for quote in "'\""]
        spelled += [f"{quote}{letter}{quote}" for quote in "'\""]
        for text, end, digest in product(spelled, ("", "\n"), DIGESTS):
            made = hashlib.new(digest, (text + end).encode()).hexdigest()
            yield made, f"a hash ({digest}) of the key of question {number}"
    made = "".join(letters)
    for text, digest in product((made, ",".join(letters), str(list(letters))), DIGESTS):
        yield hashlib.new(digest, text.encode()).hexdigest(), f"a hash ({digest}) of all keys"


def views(content: bytes, depth: int = DEEPEST) -> Iterator[str]:
    """All texts that these bytes hold: as they are, and unpacked or decoded in every way known."""
    text = content.decode("utf-8", "replace")
    yield text
    yield from _plainer(text)
    if depth:
        for inner in unpacked(content):
            if _may_tell(inner):
                yield from views(inner, depth - 1)


def _plainer(text: str, rounds: int = 2) -> Iterator[str]:
    """The text with one layer of JSON, HTML or escapes taken away, and with two."""
    for sign, decode in PLAINER.items():
        if rounds and sign in text and (other := decode(text)) != text:
            yield other
            yield from _plainer(other, rounds - 1)


def _from_json(text: str) -> str:
    """All that a text in JSON says, or the text if it is none."""
    try:
        return "\n".join(_strings(json.loads(text)))
    except (ValueError, RecursionError):
        return text


def _strings(value: Any) -> Iterator[str]:
    """All texts in a JSON value, keys too; a list of texts, as notebooks have them, is one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)


def _unescaped(text: str) -> str:
    r"""The text with \u00e9, \xc3\xa9 and \n as the characters that they stand for."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"(?:\\x[0-9a-fA-F]{2})+", _bytes, text)
    return text.replace("\\n", "\n")


def _unquoted(text: str) -> str:
    """The text with %C3%A9 as the character that it stands for."""
    return re.sub(r"(?:%[0-9a-fA-F]{2})+", _bytes, text)


def _bytes(match: re.Match[str]) -> str:
    content = bytes.fromhex(re.sub(r"%|\\x", "", match[0]))
    return content.decode("utf-8", "replace") if len(content) > 1 else content.decode("latin-1")


PLAINER: dict[str, Callable[[str], str]] = {
    '"': _from_json,
    "&": html.unescape,
    "%": _unquoted,
    "\\": _unescaped,
}
"""A sign without which there is nothing to decode → what decodes it."""


def unpacked(content: bytes) -> Iterator[bytes]:
    """What is packed or encoded somewhere in these bytes."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        yield from _members(content)
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as file:
                yield file.read(LARGEST)
        except (OSError, EOFError, zlib.error):
            pass
    for start in ZLIB.finditer(content):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[start.start() :], LARGEST)
    joined = re.sub(rb"(?<=[A-Za-z0-9+/]{60})(?:\\n|\n|\r\n)(?=[A-Za-z0-9+/]{4})", b"", content)
    for match in BASE64.finditer(joined):
        yield from _from_base64(match[0])
    for match in HEX.finditer(content):
        yield binascii.unhexlify(match[0])


def _members(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for about in archive.infolist():
                yield about.filename.encode() + b"\n" + about.comment
                with archive.open(about) as file:
                    yield file.read(LARGEST)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError):
        pass


def _from_base64(run: bytes) -> Iterator[bytes]:
    """The run decoded from each of its first four letters on: something may stand before it."""
    run = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    for first in range(4):
        part = run[first:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        with suppress(binascii.Error):
            yield base64.b64decode(part + b"=" * (-len(part) % 4), validate=True)


def _may_tell(content: bytes) -> bool:
    """Whether it is text, or packed once more; what a wrong guess decodes to is noise."""
    if content[:2] in (b"\x1f\x8b", b"PK", b"\x89P") or ZLIB.match(content):
        return True
    sample = content[:2000]
    text = sum(32 <= byte < 127 or byte in b"\t\r\n" or byte >= 0xC2 for byte in sample)
    return len(sample) >= 12 and text > 0.9 * len(sample)


def _folded(text: str) -> str:
    """Letters and digits alone, small: markup, line breaks and quotes make no difference."""
    return re.sub(r"[\W_]+", "", text.casefold())
