"""The glossary says each word once, and the README's table says it in the same words."""

from __future__ import annotations

import re

import pytest

from tests.lesson import NOTEBOOKS, ROOT
from tests.prose import markdown_of

PROSE = markdown_of(NOTEBOOKS / "glossary.ipynb")
ENTRIES = [
    (word, lines.strip().split("\n")[0])
    for word, lines in re.findall(r"^### (.+)\n((?:.+\n?)*)", PROSE, re.MULTILINE)
]


def in_short(definition: str) -> str:
    """As it stands in a table: without a full stop, and with a small letter where that is none."""
    return re.sub(r"^[A-Z](?=[a-z])", lambda found: found[0].lower(), definition.rstrip("."))


def readme_rows() -> list[tuple[str, str]]:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Words\n")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text.partition("\n## ")[0], re.MULTILINE)
    return [row for row in rows if not set(row[0]) <= {"-"}][1:]


def test_each_word_is_explained_once_in_a_sentence() -> None:
    """No heading without a sentence below it, and no word twice."""
    words = [word for word, _ in ENTRIES]
    assert len(words) == len(set(words)) == PROSE.count("\n### ") > 80
    assert [word for word, line in ENTRIES if not line.endswith(".")] == []


@pytest.mark.parametrize("row", readme_rows(), ids=lambda row: row[0])
def test_the_readme_says_a_word_as_the_glossary_does(row: tuple[str, str]) -> None:
    """The table is an excerpt: the word, and the first sentence on it."""
    assert row in [(word, in_short(definition)) for word, definition in ENTRIES]


def test_the_readme_has_the_words_that_code_is_written_with() -> None:
    """So that who contributes finds them without opening a notebook."""
    assert len(readme_rows()) > 30
