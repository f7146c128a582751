"""What a test can read in a notebook's prose: headings, links, and the numbers it claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
LINKS = (
    re.compile(r"\]\(\s*<?([^)\s>]+)"),
    re.compile(r"^ {0,3}\[[^\]]+\]:\s*(\S+)", re.MULTILINE),
    re.compile(r"<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*[\"']([^\"']*)"),
)
ANCHOR = re.compile(r"<\w+\b[^>]*?\b(?:id|name)\s*=\s*[\"']([^\"']+)")
ELSEWHERE = re.compile(r"(?:https?|mailto|data|attachment):")

# ---- numbers that prose claims ------------------------------------------------------------------
DIGITS = r"(?<![\w.,])[-−]?(?:\d{1,3}(?:[,_\u202f\u00a0]\d{3})+|\d+)(?:\.\d+)?"
NUMBER = DIGITS + r"(?!\w|[.,]\d)"
UNIT = (
    r"(?:ns|µs|μs|ms|s|sec|min|h|d|%|×|x|times|fold|percent|seconds?|minutes?|hours?|days?"
    r"|[kKMG]i?B|bytes?|(?:per|a) (?:second|minute|hour)|requests?|messages?|e-?mails?|tables?"
    r"|orders?|tasks?|events?|calls?|customers?|guests?|users?|jobs?|attempts?|threads?)(?!\w)"
)
JOIN = r"\s*(?:,|–|-|/|…|,?\s(?:to|and|or|against|instead\s+of|not|then))\s*"
MEASURED = re.compile(rf"(?:{NUMBER}{JOIN})*{DIGITS}[\s\u202f\u00a0-]*{UNIT}")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
NAMES = re.compile(
    r"\b(?:Experiment|Section|Notebook|Question|Exercise|Part|Step|Chapter|Module|RFC|HTTP|Python"
    r"|version)s?\s+\d[\d.]*",
    re.IGNORECASE,
)
TIME_NEEDED = re.compile(r"^.*\btime needed\b.*(?:\n\s*.*)?", re.IGNORECASE | re.MULTILINE)
YEAR = re.compile(r"(?:19|20)\d\d")
SOURCE = re.compile(r"https?://|\bSources?:")
SENTENCE_END = re.compile(r"(?<=[.!?])[\s*_]+|\n\s*\n|\n\s*(?:[-*>|]|\d+\.)\s|</?\w+[^>]*>")


def without_code(markdown: str) -> str:
    """The text without fenced blocks and code spans: what stands there is quoted, not said."""
    return CODE_SPAN.sub("code", FENCE.sub("", markdown))


def claimed(markdown: str) -> Iterator[str]:
    """The numbers that a markdown cell claims: multi-digit or decimal, in bold or with a unit.

    A cell that cites a source (a web address, or "Source:") claims none of its own; neither does
    a question, nor code, nor a name ("Experiment 1.1"), nor a year, nor the time that is needed.
    """
    if SOURCE.search(markdown):
        return
    text = re.sub(r"\]\([^)]*\)", "]", without_code(markdown))
    text = NAMES.sub(" ", TIME_NEEDED.sub("", text))
    for sentence in SENTENCE_END.split(text):
        if sentence.rstrip(" *_").endswith("?"):
            continue
        bold = [n for part in BOLD.findall(sentence) for n in re.findall(NUMBER, part)]
        measured = MEASURED.finditer(sentence.replace("**", ""))
        said = [number for number in bold if not YEAR.fullmatch(number)]
        said += [number for part in measured for number in re.findall(DIGITS, part[0])]
        yield from dict.fromkeys(n for n in said if len(re.findall(r"\d", n)) > 1)


def value(number: str) -> Decimal:
    """3,000 and 3_000 are 3000, and 66.0 is 66; 0.5 s stays 0.5 and is not 500 ms."""
    return Decimal(re.sub(r"[,_\u202f\u00a0]", "", number).replace("−", "-")).normalize()


def values(texts: Iterable[str]) -> set[Decimal]:
    """Every number in these texts, with and without its sign and its thousands' commas."""
    found = set()
    for text in texts:
        whole = re.findall(r"\d{1,3}(?:[,_\u202f\u00a0]\d{3})+(?:\.\d+)?", text)
        found |= {value(number) for number in whole + re.findall(r"\d+\.\d+|\d+", text)}
    return found | {-number for number in found}


# ---- links --------------------------------------------------------------------------------------
def links(markdown: str) -> list[str]:
    """Targets of links and pictures, in Markdown or HTML."""
    text = without_code(markdown)
    return [target for pattern in LINKS for target in pattern.findall(text)]


def markdown_of(path: Path) -> str:
    """The prose of a notebook or a Markdown file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    notebook: NotebookNode = nbformat.reads(text, as_version=4)
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def anchors(markdown: str, *, notebook: bool) -> list[str]:
    """What a link's #part can name: JupyterLab and GitHub make it from a heading differently."""
    titles = [title for _, title in HEADING.findall(FENCE.sub("", markdown))]
    return [*ANCHOR.findall(markdown), *(anchor(title, notebook=notebook) for title in titles)]


def anchor(title: str, *, notebook: bool) -> str:
    """The #part of a link to the heading with this title."""
    title = re.sub(r"[*`]|\]\([^)]*\)|\[|<[^>]+>", "", title)
    if notebook:
        return title.replace(" ", "-")
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def broken_links(markdown: str, file: Path, root: Path) -> Iterator[str]:
    """Sentences on the relative links of `file` that lead nowhere, or out of the folder `root`."""
    for target in links(markdown):
        if ELSEWHERE.match(target):
            continue
        name, _, part = unquote(target).partition("#")
        found = (file.parent / name).resolve() if name else file
        if not found.is_relative_to(root):
            yield f"the link {target} leads out of the repository"
        elif name and not found.exists():
            yield f"the link {target} leads to no file"
        elif part and found.suffix in (".md", ".ipynb"):
            text = markdown_of(found) if name else markdown
            named = anchors(text, notebook=found.suffix == ".ipynb").count(part)
            if named != 1:
                count = f"{named} headings" if named else "no heading"
                yield f"the link {target} leads to {count} of {found.name}"
