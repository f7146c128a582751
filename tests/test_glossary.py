"""The glossary says each word once, and the README's table says it in the same words."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from tests.lesson import NOTEBOOKS, ROOT, Lesson, course
from tests.prose import anchor, links, markdown_of

PROSE = markdown_of(NOTEBOOKS / "glossary.ipynb")
ENTRIES = [
    (word, lines.strip().split("\n")[0])
    for word, lines in re.findall(r"^### (.+)\n((?:.+\n?)*)", PROSE, re.MULTILINE)
]


def in_short(definition: str) -> str:
    """As it stands in a table: without a full stop, and with a small letter where that is none."""
    return re.sub(r"^[A-Z](?=[a-z ])", lambda found: found[0].lower(), definition.rstrip("."))


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


# As prose writes the words that a reader has to look up first, or may take for something else.
TO_BE_LINKED = {
    "ack timeout": r"\back timeout",
    "backlog": r"\bbacklog",
    "blocked": r"\*blocked\*",
    "bulkhead": r"\bbulkhead",
    "circuit breaker": r"\bcircuit breaker",
    "compensation": r"\bcompensation",
    "coroutine": r"\bcoroutine",
    "dead-letter queue": r"\bDLQ|\bdead-letter queue",
    "fan-out": r"\b[Ff]an-out",
    "fencing token": r"\bfencing",
    "hash": r"\bhash\b",
    "head-of-line blocking": r"\bhead-of-line",
    "heartbeat": r"\bheartbeat",
    "idempotency key": r"\bidempotency key",
    "outbox": r"\boutbox",
    "p99": r"\bp99\b",
    "partition": r"\bpartition",
    "prefetch": r"\bprefetch",
    "run": r"`run`",
    "saga": r"\bsaga",
    "semaphore": r"[Ss]emaphore",
    "standard error": r"\bstandard error",
    "task": r"\*tasks?\*|\[task",
    "TaskGroup": r"\bTaskGroup",
    "webhook": r"\b[Ww]ebhook",
    "σ": r"σ",
}
ELSEWHERE = re.compile(r"^\|.*$|\[[^\]]*\]\((?!glossary)[^)]*\)|\]\([^)]*\)", re.MULTILINE)


@pytest.mark.parametrize("word", TO_BE_LINKED)
def test_a_word_is_linked_where_a_lesson_first_uses_it(word: str) -> None:
    """In the first of the lessons that has it, to its heading in the glossary."""
    assert word in dict(ENTRIES)
    using = [one for one in course() if one.kind == "lesson" and says(one, TO_BE_LINKED[word])]
    if using:
        targets = {unquote(target) for _, cell in using[0].prose for target in links(cell.source)}
        assert f"glossary.ipynb#{anchor(word, notebook=True)}" in targets, using[0].name


def says(lesson: Lesson, pattern: str) -> bool:
    """Whether its own sentences have it: tables and the names of links only point to others."""
    return any(re.search(pattern, ELSEWHERE.sub("", cell.source)) for _, cell in lesson.prose)
