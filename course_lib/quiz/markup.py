"""The little Markdown that a question may use: read once, and shown in many ways.

    pieces("a `b` *c*")    # [("", "a "), ("code", "b"), ("", " "), ("em", "c")], for a widget
    inline("a `b` *c*")    # "a <code>b</code> <em>c</em>", for pages, GIFT and QTI
    markdown("a_b *c*")    # "a\\_b *c*", for a notebook
    list(faults("**a**"))  # what is more than that, in words

Code spans and emphasis are all; every other sign is itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import escape

# A code span; or emphasis, which begins and ends where a word could, as in CommonMark.
MARKED = re.compile(r"(`[^`]+`|(?<![\w*])\*(?=[^\s*`])[^*`]*(?<=\S)\*(?![\w*]))")
TAKEN = re.compile(r"([\\`*<>\[\]_~$&#|])")  # by Markdown or formulas, wherever they stand
STARTS_LIST = re.compile(r"^(\d*)([-+.)])")
NBGRADERS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
"""What nbgrader cuts out between BEGIN and END, wherever a line of a notebook says so."""


def pieces(text: str) -> list[tuple[str, str]]:
    """The text cut into (element, words): "code", "em", or "" for what is neither."""
    found = []
    for number, part in enumerate(MARKED.split(text)):
        if number % 2:
            found.append(("em" if part.startswith("*") else "code", part[1:-1]))
        elif part:
            found.append(("", part))
    return found


def inline(text: str) -> str:
    """Code spans and emphasis as elements, all else escaped, for the content of an element."""
    return "".join(
        f"<{name}>{escape(words, quote=False)}</{name}>" if name else escape(words, quote=False)
        for name, words in pieces(text)
    )


def markdown(text: str) -> str:
    """The same in a notebook's Markdown, with no other sign that it or formulas could take."""
    found = "".join(_marked(name, words) for name, words in pieces(text))
    return STARTS_LIST.sub(r"\1\\\2", found)


def _marked(name: str, words: str) -> str:
    if name == "code":
        return f"`{words}`"
    plainly = TAKEN.sub(r"\\\1", words)
    return f"*{plainly}*" if name else plainly


def plain(text: str) -> str:
    """On one line, with single spaces: as a text of a bank is taken."""
    return " ".join(text.split())


def faults(text: str) -> Iterator[str]:
    """What is in a text that some form of a question cannot hold or show, each with the way out."""
    if held := sorted({sign for sign in text if not _can_be_held(sign)}):
        names = ", ".join(f"U+{ord(sign):04X}" for sign in held)
        yield f"holds {names}, which no file of an export can hold; take it out"
    for words in NBGRADERS:
        if f"BEGIN {words}" in text or f"END {words}" in text:
            yield f"holds BEGIN {words} or its END, which nbgrader cuts out; say it in other words"
    if "AUTOTEST" in text:
        yield "holds AUTOTEST, by which nbgrader makes tests; say it in other words"
    yield from _unshown(text)


def _can_be_held(sign: str) -> bool:
    """Whether XML can hold it, and JSON in UTF-8: no control sign, half of a pair, or no sign."""
    return unicodedata.category(sign) not in ("Cc", "Cs") and not (
        0xFDD0 <= ord(sign) <= 0xFDEF or ord(sign) & 0xFFFE == 0xFFFE
    )


def _unshown(text: str) -> Iterator[str]:
    """Markdown that is more than code spans and emphasis, or that is not finished."""
    cut = pieces(text)
    plainly = "".join(words for name, words in cut if not name)
    if "`" in plainly:
        yield "has a ` without a partner, or two in a row; write each piece of code as `code`"
    if any(name == "code" and words != words.strip() for name, words in cut):
        yield "has code that begins or ends with a space; leave that space out"
    if re.search(r"\*\S|\S\*", plainly):
        yield (
            "has a * that neither stands alone nor makes *emphasis* of words without code; "
            "put it in `code`, or a space on either side of it"
        )
    if re.search(r"\]\(", plainly):
        yield "has a link, which is shown nowhere; write the address itself"
    if re.search(r"\\(?:[()\[\]]|begin\b|end\b)|\$\$", plainly):
        yield "has a formula, which is shown nowhere; write it in words or in `code`"
